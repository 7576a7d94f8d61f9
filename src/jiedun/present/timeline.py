"""The timeline folded so that it can be read: days with findings in full, the rest as counts.

Shown in full: every row that a finding names, and on the same day what the same creditor's side
did besides and the row before and after. Everything else is counted; the full list is the CSV.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jiedun.model.evidence import ItemRef
from jiedun.model.finding import Finding
from jiedun.model.report import Reached, Report, TimelineRow
from jiedun.model.time import SHANGHAI

MOST_LINES = 1_500
_MOST_A_DAY = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One row in full with the findings that name it."""

    row: TimelineRow
    notes: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day with findings. `loose` are findings of the day that name no row of the timeline;
    `hidden` counts the rows left out, `hidden_notes` those among them that findings name."""

    on: date
    lines: tuple[Line, ...]
    loose: tuple[Finding, ...]
    hidden: int
    hidden_notes: int

    @property
    def violations(self) -> frozenset[str]:
        """The violation ids found on this day, in rows shown or loose."""
        noted = {f.violation for line in self.lines for f in line.notes}
        return frozenset(noted | {f.violation for f in self.loose})


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days in a row without a finding: how many contacts, and how many by creditors' sides."""

    first: date
    last: date
    rows: int
    creditor_rows: int


def local_day(row: TimelineRow) -> date:
    """The row's date on the wall clock of Asia/Shanghai."""
    return row.at.astimezone(SHANGHAI).date()


def notes_by_row(findings: Iterable[Finding]) -> dict[ItemRef, tuple[Finding, ...]]:
    """The findings that name each row, strongest force first."""
    found: dict[ItemRef, list[Finding]] = defaultdict(list)
    for finding in findings:
        for item in dict.fromkeys(finding.items):
            found[item].append(finding)
    return {
        ref: tuple(sorted(some, key=lambda f: (f.force.rank, f.certainty.rank, f.id)))
        for ref, some in found.items()
    }


def fold(report: Report) -> tuple[Day | Stretch, ...]:
    """The report's timeline in order of time, folded."""
    notes = notes_by_row(report.findings)
    rows = _rows_by_day(report.timeline)
    loose = _loose_by_day(report, notes)
    noted = {on for on, some in rows.items() if any(r.ref in notes for r in some)} | set(loose)
    share = _MOST_A_DAY if not noted else max(3, min(_MOST_A_DAY, MOST_LINES // len(noted)))
    folded: list[Day | Stretch] = []
    quiet: list[date] = []
    for on in sorted(rows.keys() | loose.keys()):
        if on not in noted:
            quiet.append(on)
            continue
        if quiet:
            folded.append(_stretch(quiet, rows))
            quiet = []
        folded.append(_day(on, rows.get(on, ()), notes, tuple(loose.get(on, ())), share))
    if quiet:
        folded.append(_stretch(quiet, rows))
    return tuple(folded)


def _rows_by_day(timeline: Iterable[TimelineRow]) -> Mapping[date, Sequence[TimelineRow]]:
    days: dict[date, list[TimelineRow]] = defaultdict(list)
    for row in sorted(timeline, key=lambda r: (r.at, r.ref)):
        days[local_day(row)].append(row)
    return days


def _loose_by_day(
    report: Report, notes: Mapping[ItemRef, tuple[Finding, ...]]
) -> Mapping[date, Sequence[Finding]]:
    shown = {row.ref for row in report.timeline} & notes.keys()
    days: dict[date, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        if shown.isdisjoint(finding.items):
            days[finding.occurred_at.astimezone(SHANGHAI).date()].append(finding)
    return days


def _stretch(days: Sequence[date], rows: Mapping[date, Sequence[TimelineRow]]) -> Stretch:
    some = [row for on in days for row in rows[on]]
    placed = sum(row.reached is not Reached.NOBODY for row in some)
    return Stretch(days[0], days[-1], len(some), placed)


def _day(
    on: date,
    rows: Sequence[TimelineRow],
    notes: Mapping[ItemRef, tuple[Finding, ...]],
    loose: tuple[Finding, ...],
    share: int,
) -> Day:
    named = [n for n, row in enumerate(rows) if row.ref in notes]
    wanted = named[:share] + _around(rows, named)
    kept = sorted(list(dict.fromkeys(wanted))[:share])
    lines = tuple(Line(rows[n], notes.get(rows[n].ref, ())) for n in kept)
    missing = len(named) - sum(bool(line.notes) for line in lines)
    return Day(on, lines, loose, len(rows) - len(lines), missing)


def _around(rows: Sequence[TimelineRow], named: Sequence[int]) -> list[int]:
    sides = {rows[n].creditor for n in named} - {None}
    same_side = [n for n, row in enumerate(rows) if row.creditor in sides]
    beside = [n + step for n in named for step in (-1, 1) if 0 <= n + step < len(rows)]
    return same_side + beside
