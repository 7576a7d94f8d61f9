"""Folding: days with findings in full, the rest counted, nothing uncounted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from jiedun.model.evidence import ItemRef
from jiedun.model.finding import Finding, Force
from jiedun.model.report import Reached, Report, TimelineRow
from jiedun.present.timeline import MOST_LINES, Day, Stretch, fold, notes_by_row


def test_every_row_is_shown_or_counted(sample_report: Report, large_report: Report) -> None:
    for report in (sample_report, large_report):
        blocks = fold(report)
        shown = sum(len(b.lines) + b.hidden for b in blocks if isinstance(b, Day))
        counted = sum(b.rows for b in blocks if isinstance(b, Stretch))
        assert shown + counted == len(report.timeline)


def test_days_come_in_order(sample_report: Report) -> None:
    days = [b.on if isinstance(b, Day) else b.first for b in fold(sample_report)]
    assert days == sorted(days)


def test_quiet_days_become_one_line(sample_report: Report) -> None:
    last = fold(sample_report)[-1]
    assert last == Stretch(date(2026, 3, 5), date(2026, 4, 24), 43, 34)


def test_the_calls_before_the_fourth_stand_beside_it(sample_report: Report) -> None:
    day = next(b for b in fold(sample_report) if isinstance(b, Day) and b.on == date(2026, 3, 2))
    assert [str(line.row.ref) for line in day.lines] == [
        "calls.csv#1", "calls.csv#2", "calls.csv#3", "calls.csv#4", "calls.csv#5",
        "sms.xml#1", "sms.xml#2", "sms.xml#3",
    ]  # fmt: skip
    assert [f.id for f in day.lines[3].notes] == ["f-5"]
    assert day.hidden == 0


def test_a_finding_without_a_row_stands_on_its_day(sample_report: Report) -> None:
    first = fold(sample_report)[0]
    assert isinstance(first, Day)
    assert first.on == date(2026, 1, 10)
    assert [f.id for f in first.loose] == ["f-7"]
    assert first.violations == {"interest_in_advance"}


def test_notes_are_strongest_first(sample_report: Report) -> None:
    notes = notes_by_row(sample_report.findings)[ItemRef("sms.xml", 1)]
    assert [f.force for f in notes] == [Force.LAW, Force.STANDARD]


def test_an_hour_before_midnight_utc_is_the_next_day_in_beijing(
    make_sms: Callable[..., TimelineRow],
    make_finding: Callable[..., Finding],
    sample_report: Report,
) -> None:
    row = make_sms(1, "2026-03-03 00:30:00", "在吗")
    moved = replace(row, at=row.at.astimezone(tz=None), reached=Reached.DEBTOR)
    found = make_finding("f", "abuse", Force.LAW, "2026-03-03 00:30:00", items=(row.ref,))
    (day,) = fold(replace(sample_report, timeline=(moved,), findings=(found,)))
    assert isinstance(day, Day)
    assert day.on == date(2026, 3, 3)


def test_lines_are_capped_and_the_rest_counted(
    large_report: Report, make_finding: Callable[..., Finding]
) -> None:
    refs = tuple(row.ref for row in large_report.timeline)
    every = tuple(
        make_finding(f"f{n}", "abuse", Force.LAW, str(row.at)[:19], items=(row.ref,))
        for n, row in enumerate(large_report.timeline)
    )
    days = [b for b in fold(replace(large_report, findings=every)) if isinstance(b, Day)]
    lines = sum(len(day.lines) for day in days)
    assert lines <= MOST_LINES
    assert lines + sum(day.hidden_notes for day in days) == len(refs)
