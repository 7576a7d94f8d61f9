"""If nothing is paid, or a suit comes: civil liability by month, threats without basis, the record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from jiedun.ledger.balance import simple_interest
from jiedun.ledger.sources import Clause, Law, cites, default_law
from jiedun.ledger.sums import delay_interest
from jiedun.ledger.values import Answer, LoanResult
from jiedun.model.finding import Cite
from jiedun.model.money import to_fen
from jiedun.model.text import Words

ZERO = Decimal(0)
JUDGMENT_AFTER = 6  # months; an assumption of the picture, not a forecast
PERFORM_DAYS = 10  # the time to perform that the picture assumes


@dataclass(frozen=True, slots=True)
class Month:
    """Lawful liability after so many months without payment, in yuan.

    `court_fee` is what losing the suit would cost (to be confirmed); `delay` is the extra of
    0.0175 % a day after the time to perform a judgment, 0 before.
    """

    months: int
    on: date
    principal: Decimal
    interest: Decimal
    court_fee: Decimal
    delay: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Threat:
    """One threat: what does not suffice, and which facts would really give a basis."""

    id: str
    threat: Words
    not_enough: Words
    would_need: Words
    cites: tuple[Cite, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A statement with its clauses."""

    words: Words
    cites: tuple[Cite, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """The civil picture; `basis` is the answer it rests on, None where nothing may be concluded."""

    basis: str | None
    months: tuple[Month, ...]
    threats: tuple[Threat, ...]
    after_judgment: tuple[Said, ...]
    credit_record: tuple[Said, ...]
    notes: tuple[Words, ...]


@cache
def _data() -> Mapping[str, Any]:
    text = files("jiedun.ledger").joinpath("data/threats.yaml").read_text("utf-8")
    data: Mapping[str, Any] = yaml.safe_load(text)
    return data


def _words(entry: Mapping[str, str]) -> Words:
    return Words(entry["zh"], entry["en"])


def _cited(entries: Sequence[Mapping[str, Any]], law: Law, on: date) -> tuple[Cite, ...]:
    return cites(law, tuple(Clause(e["instrument"], e["article"]) for e in entries), on)


def court_fee(amount: Decimal) -> Decimal:
    """The fee of a property case at first instance in yuan; from memory, to be confirmed."""
    table = _data()["court_fee"]
    if amount <= table["flat_up_to"]:
        return Decimal(table["flat"])
    fee = Decimal(table["flat"])
    for low, high, share in table["bands"]:
        top = amount if high is None else min(amount, Decimal(high))
        fee += max(top - low, ZERO) * Decimal(str(share))
    return to_fen(fee)


def month_later(on: date, months: int) -> date:
    """The same day `months` later, or the last day of a shorter month."""
    at = on.year * 12 + on.month - 1 + months
    year, month = divmod(at, 12)
    for day in range(on.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, on.day)


def rate_now(result: LoanResult, answer: Answer) -> Decimal:
    """The yearly rate at which an answer's balance runs on its last day."""
    ledger = result.ledger(answer.id)
    return ledger.lines[-1].rate if ledger else ZERO


def _month(result: LoanResult, answer: Answer, months: int, judgment: int) -> Month:
    on = month_later(result.as_of, months)
    days = (on - result.as_of).days
    interest = answer.interest + simple_interest(answer.principal, rate_now(result, answer), days)
    fee = court_fee(answer.total) if months >= judgment and answer.total else ZERO
    perform = month_later(result.as_of, judgment) + timedelta(days=PERFORM_DAYS)
    late = max((on - perform).days, 0) if months >= judgment else 0
    delay = delay_interest(answer.principal + fee, late)
    return Month(
        months,
        on,
        answer.principal,
        interest,
        fee,
        delay,
        answer.principal + interest + fee + delay,
    )


_NOTES = (
    Words("不还钱是民事责任：继续还、按上限以内付利息；单纯还不上不是犯罪",
          "not paying is a civil matter: pay on, with interest within the cap; being unable to pay is no crime"),
    Words(f"表里假定 {JUDGMENT_AFTER} 个月后判决、判后 {PERFORM_DAYS} 天内履行；时间和诉讼费都要向法院确认［待核实］",
          f"the table assumes a judgment after {JUDGMENT_AFTER} months and {PERFORM_DAYS} days to perform; days "
          "and court fee are to be confirmed with the court"),
    Words("迟延履行金以判决本金（是否含对方垫付的诉讼费有争议）为基数，不含一般利息",
          "the extra for delay runs on the judgment debt without ordinary interest (court fees in it: disputed)"),
)  # fmt: skip


def civil_outlook(
    result: LoanResult,
    *,
    months: Sequence[int] = (0, 1, 3, 6, 12, 24),
    judgment_after: int = JUDGMENT_AFTER,
    law: Law | None = None,
) -> Outlook:
    """What civil liability can look like month by month, and what threats are worth."""
    law = law or default_law()
    on, data = result.as_of, _data()
    answer = result.answer(result.main) if result.main else None
    rows = (
        tuple(_month(result, answer, n, judgment_after) for n in months)
        if answer and answer.total
        else ()
    )
    threats = tuple(
        Threat(
            t["id"],
            _words(t["threat"]),
            _words(t["not_enough"]),
            _words(t["would_need"]),
            _cited(t["cites"], law, on),
        )
        for t in data["threats"]
    )
    after, record = (
        tuple(Said(_words(s), _cited(s["cites"], law, on)) for s in data[name])
        for name in ("after_judgment", "credit_record")
    )
    return Outlook(result.main, rows, threats, after, record, _NOTES)
