"""Which limits bind a loan, by lender, day of contract, filing and claim; from `data/caps.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from jiedun.errors import LawError, LedgerError
from jiedun.ledger.names import is_person, same_lender
from jiedun.ledger.sources import Clause, Law, Lpr, cites
from jiedun.ledger.values import Cap
from jiedun.model.finding import Force
from jiedun.model.loan import LenderType, Loan
from jiedun.model.text import Words

TURN = date(2020, 8, 20)
PRIVATE = (LenderType.P2P, LenderType.PRIVATE)
LICENSED = (LenderType.BANK, LenderType.CONSUMER_FINANCE, LenderType.MICRO_LOAN)


@dataclass(frozen=True, slots=True)
class CapRule:
    """One entry of `caps.yaml`; see the head of that file."""

    id: str
    rule: str
    lenders: tuple[str, ...]
    selects: str
    since: date
    until: date | None
    contract_before: date | None
    formula: Mapping[str, Any]
    claims: tuple[str, ...]
    on_request: bool
    verified: str
    label: Words
    basis: Words
    clauses: tuple[Clause, ...]
    needs: str | None = None

    def binds(self, lender: LenderType) -> bool:
        """Whether the rule addresses this kind of lender."""
        return "all" in self.lenders or lender.value in self.lenders

    def in_force(self, on: date) -> bool:
        """Whether the rule holds on `on`."""
        return self.since <= on and (self.until is None or on <= self.until)

    def number(self, key: str) -> Decimal | None:
        """A number of the formula, exactly as written."""
        value = self.formula.get(key)
        return None if value is None else Decimal(str(value))


def _words(entry: Mapping[str, str]) -> Words:
    return Words(entry["zh"], entry["en"])


def _clause(entry: Mapping[str, Any]) -> Clause:
    title = entry.get("title")
    return Clause(
        entry["instrument"],
        entry["article"],
        entry.get("paragraph"),
        entry.get("item"),
        _words(title) if title else None,
        Force(entry.get("force", "judicial_interpretation")),
    )


def _rule(entry: Mapping[str, Any]) -> CapRule:
    return CapRule(
        id=entry["id"],
        rule=entry["rule"],
        lenders=tuple(entry["lenders"]),
        selects=entry["selects"],
        since=entry["from"],
        until=entry["until"],
        contract_before=entry.get("contract_before"),
        formula=entry["formula"],
        claims=tuple(entry["claims"]),
        on_request=entry["on_request"],
        verified=entry["verified"],
        label=_words(entry["label"]),
        basis=_words(entry["basis"]),
        clauses=tuple(_clause(c) for c in entry["cites"]),
        needs=entry.get("needs"),
    )


def read_caps(text: str) -> tuple[CapRule, ...]:
    """The rules in the YAML `text`; raises `LedgerError` naming the entry that is not well formed."""
    entries = yaml.safe_load(text)["caps"]
    rules = []
    for entry in entries:
        try:
            rules.append(_rule(entry))
        except (KeyError, TypeError, ValueError) as error:
            raise LedgerError(
                "a cap is not well formed",
                where=f"caps.yaml#{entry.get('id', '?') if isinstance(entry, dict) else '?'}",
                why=f"{type(error).__name__}: {error}",
                next_step="compare with the head of the file",
            ) from error
    return tuple(rules)


@cache
def load_caps() -> tuple[CapRule, ...]:
    """The project's own caps, read once."""
    return read_caps(files("jiedun.ledger").joinpath("data/caps.yaml").read_text("utf-8"))


def rule(ident: str) -> CapRule:
    """The rule with this id of the project's own caps."""
    return next(r for r in load_caps() if r.id == ident)


def assisted(loan: Loan) -> bool:
    """Whether the loan names a platform that is not the lender itself."""
    return bool(loan.platform.strip()) and not same_lender(loan.platform, loan.lender)


@dataclass(frozen=True, slots=True)
class Formation:
    """The day the contract was formed, and the other day that could count, if it differs."""

    on: date | None
    natural: bool
    other: date | None = None


def formation(loan: Loan) -> Formation:
    """Between natural persons the day the money came (Civil Code 679), else the day of signing."""
    natural = loan.lender_type in PRIVATE and is_person(loan.lender)
    first, second = loan.signed, loan.disbursed_on
    if natural:
        first, second = second, first
    on = first or second
    return Formation(on, natural, second if second != on else None)


@dataclass(frozen=True, slots=True)
class LprOn:
    """The LPR of a day, or None with the reason: it is never extrapolated."""

    on: date
    lpr: Lpr | None
    why_not: Words | None = None

    @property
    def four_times(self) -> Decimal | None:
        """Four times the one-year rate, as a fraction."""
        return None if self.lpr is None else self.lpr.one_year * 4 / 100

    @property
    def once(self) -> Decimal | None:
        """The one-year rate, as a fraction."""
        return None if self.lpr is None else self.lpr.one_year / 100


def lpr_on(law: Law, on: date) -> LprOn:
    """The LPR in force on `on` as the law room holds it."""
    try:
        return LprOn(on, law.lpr(on))
    except LawError:
        return LprOn(
            on,
            None,
            Words(
                f"{on} 的LPR没有载入，不能推算；请到全国银行间同业拆借中心或人民银行网站查当日适用的一年期LPR",
                f"the LPR for {on} is not loaded and is never extrapolated; look up the one-year LPR in force",
            ),
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """The lender and the days on which the choice of rules depends.

    `assisted`: a platform other than the lender brought or runs the loan.
    """

    lender: LenderType
    formed: date | None
    filed: date | None
    as_of: date
    assisted: bool = False

    def day(self, selects: str) -> date | None:
        """The day that decides for a rule of this kind; an unfiled case is filed `as_of`."""
        if selects == "contract":
            return self.formed
        return (self.filed or self.as_of) if selects == "filing" else self.as_of


def _chosen(rule: CapRule, at: Setting) -> bool:
    day = at.day(rule.selects)
    if day is None or not rule.binds(at.lender) or not rule.in_force(day):
        return False
    if rule.needs == "assisted" and not at.assisted:
        return False
    before = rule.contract_before
    return before is None or (at.formed is not None and at.formed < before)


def _rate(
    rule: CapRule, at: Setting, law: Law, contract_rate: Decimal | None
) -> LprOn | Decimal | None:
    kind = rule.formula["kind"]
    if kind == "fixed":
        return rule.number("rate")
    if kind == "lpr_multiple":
        day = at.day(rule.formula["lpr_on"])
        return lpr_on(law, day) if day else None
    if kind == "contract_multiple" and contract_rate is not None:
        return contract_rate * (rule.number("high") or Decimal(0))
    return None


def _cap(rule: CapRule, at: Setting, law: Law, contract_rate: Decimal | None) -> Cap:
    found = _rate(rule, at, law, contract_rate)
    why = None
    if isinstance(found, LprOn):
        why = found.why_not
        found = (
            None if found.lpr is None else found.lpr.one_year * (rule.number("multiple") or 1) / 100
        )
    day = at.day(rule.selects) or at.as_of
    return Cap(
        id=rule.id,
        label=rule.label,
        rate=found,
        basis=rule.basis,
        applies=True,
        on_request=rule.on_request,
        claims=rule.claims,
        since=rule.since,
        until=rule.until,
        cites=cites(law, rule.clauses, day),
        verified=rule.verified == "mirror",
        upper=rule.number("upper"),
        why_not=why,
    )


def caps_for(at: Setting, law: Law, contract_rate: Decimal | None) -> tuple[Cap, ...]:
    """Every limit that binds the loan described by `at`, in the order of the file.

    For an unknown lender the limits of each kind are listed with `applies` False: which one binds
    depends on who lent.
    """
    kinds = [at.lender] if at.lender is not LenderType.UNKNOWN else [*LICENSED, *PRIVATE]
    found: dict[str, Cap] = {}
    for rule in load_caps():
        for kind in kinds:
            here = replace(at, lender=kind)
            if rule.id not in found and _chosen(rule, here):
                cap = _cap(rule, here, law, contract_rate)
                sure = at.lender is not LenderType.UNKNOWN or "all" in rule.lenders
                found[rule.id] = cap if sure else _unsure(cap)
    return tuple(found.values())


def _unsure(cap: Cap) -> Cap:
    return replace(cap, applies=False)
