"""The running balance: simple interest on the daily balance, actual days / 365, exact.

A payment pays costs, then accrued interest, then principal (Civil Code article 561); interest
never bears interest, and nothing bears interest once the debt is overpaid. Interest is kept to
24 decimals and nothing is rounded before the last figure. Amounts are Decimal yuan; days are
counted from one date to the next.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from jiedun.model.evidence import ItemRef
from jiedun.model.money import to_fen

ZERO = Decimal(0)
YEAR = Decimal(365)
GRAIN = Decimal("1E-24")  # interest is kept to this grain, so that sums after it are exact
_EXACT = Context(prec=50)


@dataclass(frozen=True, slots=True)
class Segment:
    """From `since` on, interest accrues at `rate` a year.

    `tolerated` >= rate: what above `rate` was paid of one's own will stays paid, unpaid it is not
    owed (the 24-36 % band of the 2015 private-lending text, article 31).
    """

    since: date
    rate: Decimal
    tolerated: Decimal | None = None


class Paid(NamedTuple):
    """One payment as the balance sees it."""

    on: date
    amount: Decimal
    ref: ItemRef | None = None


class Row(NamedTuple):
    """One step, unrounded. `kind`: open, payment, rate, cost or close."""

    kind: str
    on: date
    days: int
    rate: Decimal
    interest: Decimal
    payment: Decimal
    costs: Decimal
    principal: Decimal
    unpaid: Decimal
    over: Decimal
    ref: ItemRef | None


@dataclass(frozen=True, slots=True)
class Balance:
    """Where a running balance ends, unrounded, and the steps that led there."""

    principal: Decimal
    interest: Decimal
    costs: Decimal
    overpaid: Decimal
    paid: Decimal
    cleared_on: date | None
    rows: tuple[Row, ...]


class _State:
    """The mutable middle of one run."""

    __slots__ = ("band", "costs", "on", "over", "principal", "segment", "unpaid")

    def __init__(self, principal: Decimal, segment: Segment) -> None:
        self.on = segment.since
        self.segment = segment
        self.principal = principal
        self.unpaid = self.band = self.costs = self.over = ZERO

    def accrue(self, on: date) -> tuple[int, Decimal]:
        """Days and interest since the last step; moves the day forward."""
        days = (on - self.on).days
        self.on = on
        if not days or not self.principal:
            return days, ZERO
        weight = self.principal * days
        grown = (weight * self.segment.rate / YEAR).quantize(GRAIN)
        self.unpaid += grown
        if self.segment.tolerated is not None:
            rest = self.segment.tolerated - self.segment.rate
            self.band += (weight * rest / YEAR).quantize(GRAIN)
        return days, grown

    def enter(self, segment: Segment) -> None:
        """A new rate holds from here; where no band is tolerated, none is kept either."""
        self.segment = segment
        if segment.tolerated is None:
            self.band = ZERO

    def pay(self, amount: Decimal) -> None:
        """Costs, then interest, then the tolerated band, then principal, then beyond the debt."""
        if self.costs:
            part = min(self.costs, amount)
            self.costs -= part
            amount -= part
        part = self.unpaid if self.unpaid < amount else amount
        self.unpaid -= part
        amount -= part
        if self.band:
            part = min(self.band, amount)
            self.band -= part
            amount -= part
        part = self.principal if self.principal < amount else amount
        self.principal -= part
        self.over += amount - part

    def row(self, kind: str, days: int, grown: Decimal, paid: Decimal, ref: ItemRef | None) -> Row:
        return Row(kind, self.on, days, self.segment.rate, grown, paid, self.costs,
                   self.principal, self.unpaid, self.over, ref)  # fmt: skip


def run(
    principal: Decimal,
    segments: Sequence[Segment],
    payments: Iterable[Paid],
    until: date,
    costs: Iterable[Paid] = (),
) -> Balance:
    """The balance on `until` of `principal` lent on the first segment's day.

    `segments` in date order; `payments` and `costs` in any order, those after `until` left out,
    those before the first day taken on the first day. `until` before the first day = first day.
    """
    with localcontext(_EXACT):
        return _run(principal, segments, payments, max(until, segments[0].since), costs)


def _events(
    segments: Sequence[Segment], payments: Iterable[Paid], until: date, costs: Iterable[Paid]
) -> list[tuple[date, int, Segment | Paid]]:
    start = segments[0].since
    events: list[tuple[date, int, Segment | Paid]] = [(s.since, 0, s) for s in segments[1:]]
    events += [(max(c.on, start), 1, c) for c in costs]
    events += [(max(p.on, start), 2, p) for p in payments]
    events = [event for event in events if event[0] <= until]
    events.sort(key=lambda event: event[:2])
    return events


def _run(
    principal: Decimal,
    segments: Sequence[Segment],
    payments: Iterable[Paid],
    until: date,
    costs: Iterable[Paid],
) -> Balance:
    state = _State(principal, segments[0])
    rows = [state.row("open", 0, ZERO, ZERO, None)]
    paid, cleared = ZERO, None
    for on, order, event in _events(segments, payments, until, costs):
        days, grown = state.accrue(on)
        if isinstance(event, Segment):
            rows.append(state.row("rate", days, grown, ZERO, None))
            state.enter(event)
            continue
        if order == 1:
            state.costs += event.amount
            rows.append(state.row("cost", days, grown, ZERO, event.ref))
            continue
        state.pay(event.amount)
        paid += event.amount
        if cleared is None and not (state.principal or state.unpaid or state.costs):
            cleared = on
        rows.append(state.row("payment", days, grown, event.amount, event.ref))
    days, grown = state.accrue(until)
    rows.append(state.row("close", days, grown, ZERO, None))
    return Balance(
        state.principal, state.unpaid, state.costs, state.over, paid, cleared, tuple(rows)
    )


def simple_interest(principal: Decimal, rate: Decimal, days: int) -> Decimal:
    """`principal` x `rate` x `days` / 365 in yuan, rounded half up to the fen."""
    with localcontext(_EXACT):
        return to_fen(principal * rate * days / YEAR)
