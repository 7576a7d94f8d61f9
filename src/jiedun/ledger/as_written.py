"""The contract's own arithmetic, for contrast: instalments filled oldest first, then late charges.

Payments fill instalments before late charges. A daily rate runs on the unpaid part of each due
instalment; a fixed sum a day runs while anything is overdue. A paid roll-over moves the due day
and repays nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jiedun.ledger.cost import penalty_annual
from jiedun.ledger.values import Counted
from jiedun.model.evidence import Payment
from jiedun.model.loan import Loan
from jiedun.model.money import to_fen

ZERO = Decimal(0)
ROLLOVER_DAYS = 3


@dataclass(frozen=True, slots=True)
class Letter:
    """What the contract's letter asks on a day; yuan, unrounded penalty rounded to the fen."""

    face: Decimal
    n_overdue: int
    overdue: Decimal
    not_yet_due: Decimal
    penalty: Decimal
    credited: Decimal
    rolled: Decimal
    days_overdue: int
    first_overdue: date | None
    beyond: Decimal

    @property
    def total(self) -> Decimal:
        """Overdue sums and late charges, without what is not yet due."""
        return self.overdue + self.penalty

    @property
    def whole(self) -> Decimal:
        """Everything still asked for, due or not."""
        return self.total + self.not_yet_due


def rollover_payments(loan: Loan, counted: Sequence[Counted]) -> tuple[Payment, ...]:
    """The payments that bought an extension: its sum, within three days of its day."""
    left = [c.payment for c in counted]
    found = []
    for step in loan.rollovers:
        near = [
            p
            for p in left
            if p.amount == step.fee and abs((p.on - step.paid).days) <= ROLLOVER_DAYS
        ]
        if near:
            best = min(near, key=lambda p: abs((p.on - step.paid).days))
            left.remove(best)
            found.append(best)
    return tuple(found)


def schedule(loan: Loan) -> list[tuple[date, Decimal]]:
    """Days and sums due, the last moved by the roll-overs that were bought."""
    due = [(i.due, i.amount) for i in sorted(loan.instalments, key=lambda i: (i.due, i.no))]
    if due and loan.rollovers:
        last = max(step.new_due for step in loan.rollovers)
        due[-1] = (max(due[-1][0], last), due[-1][1])
    return due


def _fill(
    due: Sequence[tuple[date, Decimal]], payments: Sequence[Payment], as_of: date
) -> tuple[list[list[tuple[date, Decimal]]], Decimal]:
    """For each sum due the steps `(from this day, unpaid)`, and what was paid beyond them all."""
    steps = [[(on, amount)] for on, amount in due]
    at, beyond = 0, ZERO
    for payment in payments:
        if payment.on > as_of:
            break
        money = payment.amount
        while money and at < len(steps):
            left = steps[at][-1][1]
            part = min(left, money)
            steps[at].append((max(payment.on, due[at][0]), left - part))
            money -= part
            at += left == part
        beyond += money
    return steps, beyond


def _unpaid_days(steps: Sequence[tuple[date, Decimal]], as_of: date) -> Decimal:
    """Yuan x days unpaid after the due day up to `as_of`."""
    ends = [on for on, _ in steps[1:]] + [as_of]
    return sum(
        (
            left * max((min(end, as_of) - on).days, 0)
            for (on, left), end in zip(steps, ends, strict=True)
        ),
        ZERO,
    )


def _late_days(steps: Sequence[Sequence[tuple[date, Decimal]]], as_of: date) -> int:
    """Days on which anything was overdue."""
    spans = []
    for one in steps:
        until = one[-1][0] if one[-1][1] == 0 else as_of
        if one[0][0] < min(until, as_of):
            spans.append((one[0][0], min(until, as_of)))
    total, reached = 0, date.min
    for since, until in sorted(spans):
        total += max((until - max(since, reached)).days, 0)
        reached = max(reached, until)
    return total


def letter(loan: Loan, counted: Sequence[Counted], as_of: date) -> Letter:
    """What the contract's letter asks on `as_of`."""
    due = schedule(loan)
    rolled = rollover_payments(loan, counted)
    bought = {id(p) for p in rolled}
    payments = [c.payment for c in counted if id(c.payment) not in bought]
    steps, beyond = _fill(due, payments, as_of)
    late = [one for one in steps if one[0][0] < as_of and one[-1][1] > 0]
    days = _late_days(steps, as_of)
    return Letter(
        face=sum((amount for _, amount in due), ZERO),
        n_overdue=len(late),
        overdue=sum((one[-1][1] for one in late), ZERO),
        not_yet_due=sum((one[-1][1] for one in steps if one[0][0] >= as_of), ZERO),
        penalty=to_fen(_penalty(loan, steps, as_of, days)),
        credited=sum((p.amount for p in payments if p.on <= as_of), ZERO) - beyond,
        rolled=sum((p.amount for p in rolled), ZERO),
        days_overdue=days,
        first_overdue=min((one[0][0] for one in late), default=None),
        beyond=beyond,
    )


def _penalty(
    loan: Loan, steps: Sequence[Sequence[tuple[date, Decimal]]], as_of: date, days: int
) -> Decimal:
    if loan.penalty_daily_rate is None and loan.penalty_per_day is not None:
        return loan.penalty_per_day * days
    weight = sum((_unpaid_days(one, as_of) for one in steps), ZERO)
    if loan.penalty_daily_rate is not None:
        return weight * loan.penalty_daily_rate
    return weight * (penalty_annual(loan) or ZERO) / 365


def first_default(loan: Loan, counted: Sequence[Counted], as_of: date) -> date | None:
    """The first due day that passed without being paid in full by that day, or None."""
    paid, money = sorted((c.payment.on, c.payment.amount) for c in counted), ZERO
    asked, at = ZERO, 0
    for on, amount in schedule(loan):
        if on >= as_of:
            return None
        asked += amount
        while at < len(paid) and paid[at][0] <= on:
            money += paid[at][1]
            at += 1
        if money < asked:
            return on
    return None
