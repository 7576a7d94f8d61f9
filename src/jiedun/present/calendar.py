"""Contacts placed by creditors' sides, counted by day and hour for the calendar chart.

Up to 200 days one column is a day; up to 200 weeks a week; beyond, a month. Where dates lie
further apart, the last four years before the report's day are drawn (before the last contact, if
none is nearer); `left_out` counts the rest.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jiedun.model.evidence import Channel
from jiedun.model.report import Reached, Report
from jiedun.model.time import SHANGHAI

_WIDEST = 200
_FOUR_YEARS = timedelta(days=1461)
_UNITS = {"day": 1, "week": 7, "month": 28}


@dataclass(frozen=True, slots=True)
class Cell:
    """Contacts in one column and hour: `total`, and how many of them to third persons."""

    column: int
    hour: int
    total: int
    third: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """The counts. `busiest` holds per column the most calls that one creditor's side placed to
    the borrower on one day; `early`, `evening`, `night` count contacts before 08:00, from 21:00
    to 22:00 and from 22:00; `third` those to third persons."""

    unit: str
    first: date
    columns: int
    cells: tuple[Cell, ...]
    busiest: tuple[tuple[int, int], ...]
    total: int
    early: int
    evening: int
    night: int
    third: int
    left_out: int
    days_over: int

    def start(self, column: int) -> date:
        """The first day of a column."""
        return self.first + timedelta(days=column * _UNITS[self.unit])


_Placed = tuple[datetime, Reached, Channel, str]


def count_contacts(report: Report) -> Calendar | None:
    """The calendar of the report's creditor-side contacts; None where there are none."""
    placed = [
        (row.at.astimezone(SHANGHAI), row.reached, row.channel, row.creditor or "")
        for row in report.timeline
        if row.reached is not Reached.NOBODY
    ]
    shown = _within(placed, report.as_of)
    if not shown:
        return None
    days = [at.date() for at, *_ in shown]
    unit = _unit((max(days) - min(days)).days + 1)
    first = min(days) - timedelta(days=min(days).weekday() if unit == "week" else 0)
    return _calendar(shown, first, unit, len(placed) - len(shown))


def _within(placed: Sequence[_Placed], as_of: date) -> Sequence[_Placed]:
    near = [p for p in placed if as_of - _FOUR_YEARS <= p[0].date() <= as_of]
    if near or not placed:
        return near
    last = max(at.date() for at, *_ in placed)
    return [p for p in placed if last - _FOUR_YEARS <= p[0].date()]


def _unit(days: int) -> str:
    return next((unit for unit, n in _UNITS.items() if days <= _WIDEST * n), "month")


def _calendar(shown: Sequence[_Placed], first: date, unit: str, left_out: int) -> Calendar:
    width = _UNITS[unit]
    total: Counter[tuple[int, int]] = Counter()
    third: Counter[tuple[int, int]] = Counter()
    calls: Counter[tuple[date, str]] = Counter()
    for at, reached, channel, side in shown:
        key = (at.date() - first).days // width, at.hour
        total[key] += 1
        third[key] += reached is Reached.THIRD
        calls[at.date(), side] += channel is Channel.CALL and reached is Reached.DEBTOR
    busiest: dict[int, int] = defaultdict(int)
    for (on, _), n in calls.items():
        column = (on - first).days // width
        busiest[column] = max(busiest[column], n)
    hours = Counter(at.hour for at, *_ in shown)
    return Calendar(
        unit=unit,
        first=first,
        columns=1 + max(column for column, _ in total),
        cells=tuple(Cell(c, h, n, third[c, h]) for (c, h), n in sorted(total.items())),
        busiest=tuple(sorted((c, n) for c, n in busiest.items() if n)),
        total=len(shown),
        early=sum(hours[h] for h in range(8)),
        evening=hours[21],
        night=hours[22] + hours[23],
        third=third.total(),
        left_out=left_out,
        days_over=len({on for (on, _), n in calls.items() if n > 3}),
    )
