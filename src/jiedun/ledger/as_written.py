"""The contract's own arithmetic, for contrast: instalments filled oldest first, then late charges.

Payments fill instalments before late charges. A daily rate runs on the unpaid part of each due
instalment; a fixed sum a day runs while anything is overdue. A paid roll-over moves the due day
and repays nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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
    """Days and sums due, those of the last day moved by the roll-overs that were bought."""
    due = [(i.due, i.amount) for i in sorted(loan.instalments, key=lambda i: (i.due, i.no))]
    if not due or not loan.rollovers:
        return due
    last = due[-1][0]
    moved = max(last, *(step.new_due for step in loan.rollovers))
    return [(moved if on == last else on, amount) for on, amount in due]


class _Walk:
    """The contract's books, moved from day to day."""

    __slots__ = ("at", "beyond", "days", "due", "late", "left", "loan", "on", "passed", "penalty")

    def __init__(self, loan: Loan, due: Sequence[tuple[date, Decimal]], start: date) -> None:
        self.loan = loan
        self.due = due
        self.left = [amount for _, amount in due]
        self.on = start
        self.at = self.passed = self.days = 0
        self.late = self.penalty = self.beyond = ZERO

    def move(self, on: date) -> None:
        """Late charges up to `on`; sums due before or on it are due from then on."""
        while self.passed < len(self.due) and self.due[self.passed][0] <= on:
            day = self.due[self.passed][0]
            self._accrue(day)
            self.late += self.left[self.passed]
            self.passed += 1
        self._accrue(on)

    def _accrue(self, on: date) -> None:
        days = (on - self.on).days
        if days <= 0:
            return
        self.on = on
        if self.late:
            self.days += days
            self.penalty += _charge(self.loan, self.late, days)

    def pay(self, money: Decimal) -> None:
        """Fill the oldest sum first, due or not."""
        while money and self.at < len(self.left):
            part = min(self.left[self.at], money)
            self.left[self.at] -= part
            money -= part
            if self.at < self.passed:
                self.late -= part
            self.at += not self.left[self.at]
        self.beyond += money

    @property
    def whole(self) -> Decimal:
        """Everything still asked for, due or not, with late charges."""
        return sum(self.left[self.at :], ZERO) + to_fen(self.penalty)


def _charge(loan: Loan, late: Decimal, days: int) -> Decimal:
    """The late charge of `days` on what is overdue: a rate of it, or a sum a day."""
    if loan.penalty_daily_rate is not None:
        return late * loan.penalty_daily_rate * days
    if loan.penalty_annual_rate is not None:
        return late * loan.penalty_annual_rate * days / 365
    return (loan.penalty_per_day or ZERO) * days


def _own_payments(loan: Loan, counted: Sequence[Counted]) -> tuple[list[Payment], Decimal]:
    rolled = rollover_payments(loan, counted)
    bought = {id(p) for p in rolled}
    return [c.payment for c in counted if id(c.payment) not in bought], sum(
        (p.amount for p in rolled), ZERO
    )


def _walk(
    loan: Loan, payments: Sequence[Payment], as_of: date
) -> tuple[_Walk, list[tuple[date, Decimal]]]:
    """The books on `as_of`, and what was asked for in all after each change."""
    due = schedule(loan)
    days = {on for on, _ in due} | {p.on for p in payments} | {as_of}
    days |= {loan.disbursed_on or loan.signed or min(days)}
    walk = _Walk(loan, due, min(days))
    series = []
    at = 0
    for on in sorted(day for day in days if day <= as_of):
        walk.move(on)
        while at < len(payments) and payments[at].on <= on:
            walk.pay(payments[at].amount)
            at += 1
        series.append((on, walk.whole))
    return walk, series


def asked_over_time(
    loan: Loan, counted: Sequence[Counted], as_of: date
) -> list[tuple[date, Decimal]]:
    """What the letter still asks for, due or not, after each day on which something changed."""
    payments, _ = _own_payments(loan, counted)
    return _walk(loan, payments, as_of)[1] if loan.instalments else []


def letter(loan: Loan, counted: Sequence[Counted], as_of: date) -> Letter:
    """What the contract's letter asks on `as_of`."""
    payments, rolled = _own_payments(loan, counted)
    walk, _ = _walk(loan, payments, as_of)
    rows = list(zip(walk.due, walk.left, strict=True))
    late = [(on, left) for (on, _), left in rows if on < as_of and left]
    paid = sum((p.amount for p in payments if p.on <= as_of), ZERO)
    return Letter(
        face=sum((amount for _, amount in walk.due), ZERO),
        n_overdue=len({on for on, _ in late}),
        overdue=sum((left for _, left in late), ZERO),
        not_yet_due=sum((left for (on, _), left in rows if on >= as_of), ZERO),
        penalty=to_fen(walk.penalty),
        credited=paid - walk.beyond,
        rolled=rolled,
        days_overdue=walk.days,
        first_overdue=min((on for on, _ in late), default=None),
        beyond=walk.beyond,
    )


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
