"""Overdue interest of banks and consumer-finance companies on the principal that is overdue.

PBOC notice 251/2003: the overdue rate stands in place of the contract rate, at most 1.5 times it.
The overdue principal is what is left minus what the schedule still allows to be left that day.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Context, Decimal, localcontext
from itertools import groupby, pairwise

from jiedun.ledger.assume import LEFT_OUT, Assumption, Case, percent
from jiedun.ledger.balance import YEAR, Balance, Row
from jiedun.ledger.caps import rule
from jiedun.ledger.cost import growth_of
from jiedun.ledger.facts import PENALTY_BOUND
from jiedun.ledger.sources import cites
from jiedun.ledger.values import Answer
from jiedun.model.finding import Cite
from jiedun.model.loan import Loan
from jiedun.model.money import to_fen
from jiedun.model.text import Words

ZERO = Decimal(0)
_EXACT = Context(prec=50)


def allowed_principal(loan: Loan, received: Decimal) -> list[tuple[date, Decimal]]:
    """From each due day on, the principal that the schedule leaves.

    The parts stated by the contract, else the split of the schedule's own periodic rate, else in
    proportion to the sums due.
    """
    days = _due_days(loan)
    total = sum((one.amount for one in loan.instalments), ZERO)
    growth = growth_of(loan)
    left, rows = received, []
    for on, amount, part in days:
        if part is not None:
            left -= part
        elif growth is not None:
            left = left * growth.get(on, 1) - amount
        else:
            left -= amount * received / total if total else ZERO
        rows.append((on, max(left, ZERO)))
    return [*rows[:-1], (rows[-1][0], ZERO)] if rows else []


def _due_days(loan: Loan) -> list[tuple[date, Decimal, Decimal | None]]:
    """Each due day in order with its sum and, where the contract states it, the principal in it."""
    found = []
    ordered = sorted(loan.instalments, key=lambda i: i.due)
    for on, rows in groupby(ordered, key=lambda i: i.due):
        same = list(rows)
        parts = [one.principal for one in same if one.principal is not None]
        stated = sum(parts, ZERO) if parts else None
        found.append((on, sum((one.amount for one in same), ZERO), stated))
    return found


def overdue_weight(
    rows: Sequence[Row], allowed: Sequence[tuple[date, Decimal]], until: date
) -> Decimal:
    """Yuan x days of overdue principal over a running balance."""
    days = sorted(
        {r.on for r in rows} | {on for on, _ in allowed if rows[0].on <= on <= until} | {until}
    )
    total, at, step = ZERO, 0, 0
    for day, after in pairwise(days):
        while at + 1 < len(rows) and rows[at + 1].on <= day:
            at += 1
        while step < len(allowed) and allowed[step][0] <= day:
            step += 1
        limit = allowed[step - 1][1] if step else rows[0].principal
        total += max(rows[at].principal - limit, ZERO) * (after - day).days
    return total


def with_penalty(case: Case, one: Assumption, balance: Balance, answer: Answer) -> Answer | None:
    """The contract's answer with lawful overdue interest, or None where none is due or bound."""
    stated, late = case.loan.annual_rate, case.cost.penalty_annual
    if (
        case.setting.lender not in PENALTY_BOUND
        or case.default_on is None
        or stated is None
        or late is None
    ):
        return None
    found = rule("penalty_1_3_1_5")
    rate = min(late, stated * (found.number("high") or ZERO))
    with localcontext(_EXACT):
        allowed = allowed_principal(case.loan, case.received)
        weight = overdue_weight(balance.rows, allowed, case.setting.as_of)
        extra = to_fen(weight * max(rate - stated, ZERO) / YEAR)
    words = _in_place(answer.assumption, Words(
        f"逾期本金按罚息利率{percent(rate)}（合同写{percent(late)}，最高为合同利率的1.5倍），多出的部分列为违约金",
        f"overdue principal at {percent(rate)} (the contract says {percent(late)}, at most 1.5 times the contract "
        "rate), the difference standing as penalty",
    ))  # fmt: skip
    return _added(
        answer, extra, rate, words, (*answer.cites, *cites(case.law, found.clauses, one.on))
    )


def _in_place(words: Words, late: Words) -> Words:
    """The contract's words with those of overdue interest where charges are said to be left out."""
    return Words(words.zh.replace(LEFT_OUT.zh, late.zh), words.en.replace(LEFT_OUT.en, late.en))


def _added(
    answer: Answer, extra: Decimal, rate: Decimal, words: Words, cited: tuple[Cite, ...]
) -> Answer:
    """`answer` with overdue interest of `extra`, set off against what was overpaid."""
    covered = min(extra, answer.overpaid)
    return replace(
        answer,
        id=answer.id.replace("contract", "contract_with_penalty", 1),
        assumption=words,
        penalty=extra - covered,
        total=answer.total + extra - covered,
        overpaid=answer.overpaid - covered,
        recoverable=answer.recoverable - covered,
        annual_rate=rate,
        cites=cited,
        more={"overdue_interest": extra},
    )
