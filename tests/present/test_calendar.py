"""Counting for the calendar: hours at the second, sides apart, far dates left out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from jiedun.model.evidence import Channel
from jiedun.model.report import Reached, Report, TimelineRow
from jiedun.present.calendar import Calendar, count_contacts

Make = Callable[..., TimelineRow]


def _count(base: Report, *rows: TimelineRow) -> Calendar:
    found = count_contacts(replace(base, timeline=rows))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("time", "early", "evening", "night"),
    [
        ("07:59:59", 1, 0, 0),
        ("08:00:00", 0, 0, 0),
        ("20:59:59", 0, 0, 0),
        ("21:00:00", 0, 1, 0),
        ("21:59:59", 0, 1, 0),
        ("22:00:00", 0, 0, 1),
        ("23:59:59", 0, 0, 1),
        ("00:00:00", 1, 0, 0),
    ],
)
def test_limits_at_the_second(
    sample_report: Report, make_sms: Make, time: str, early: int, evening: int, night: int
) -> None:
    found = _count(sample_report, make_sms(1, f"2026-03-02 {time}", "在吗"))
    assert (found.early, found.evening, found.night) == (early, evening, night)


def test_only_contacts_of_creditors_sides_are_counted(
    sample_report: Report, make_sms: Make
) -> None:
    own = make_sms(1, "2026-03-02 10:00:00", "你好", reached=Reached.NOBODY)
    assert count_contacts(replace(sample_report, timeline=(own,))) is None
    third = make_sms(2, "2026-03-02 10:00:00", "你好", reached=Reached.THIRD)
    found = _count(sample_report, own, third)
    assert (found.total, found.third) == (1, 1)
    assert [(c.total, c.third) for c in found.cells] == [(1, 1)]


def test_busiest_counts_calls_of_one_side_to_the_borrower(
    sample_report: Report, make_sms: Make
) -> None:
    def ring(n: int, side: str, reached: Reached = Reached.DEBTOR) -> TimelineRow:
        at = f"2026-03-02 1{n}:00:00"
        return make_sms(n, at, "", channel=Channel.CALL, creditor=side, reached=reached)

    rows = [
        ring(1, "甲"),
        ring(2, "甲"),
        ring(3, "乙"),
        ring(4, "乙"),
        ring(5, "甲", Reached.THIRD),
    ]
    found = _count(sample_report, *rows, make_sms(6, "2026-03-02 16:00:00", "短信", creditor="甲"))
    assert found.busiest == ((0, 2),)
    assert found.days_over == 0
    over = _count(sample_report, *(ring(n, "甲") for n in range(1, 5)))
    assert over.days_over == 1


@pytest.mark.parametrize(
    ("last", "unit", "columns"),
    [
        ("2026-03-02", "day", 1),
        ("2025-10-01", "day", 153),
        ("2025-08-15", "day", 200),
        ("2025-08-14", "week", 30),
        ("2023-05-01", "week", 149),
    ],
)
def test_columns_grow_coarser(
    sample_report: Report, make_sms: Make, last: str, unit: str, columns: int
) -> None:
    rows = make_sms(1, "2026-03-02 10:00:00", "在吗"), make_sms(2, f"{last} 10:00:00", "在吗")
    found = _count(sample_report, *rows)
    assert (found.unit, found.columns) == (unit, columns)
    assert found.start(0) <= date.fromisoformat(last)


def test_far_dates_are_left_out_and_counted(sample_report: Report, make_sms: Make) -> None:
    rows = [
        make_sms(n, f"{year}-03-02 10:00:00", "在吗") for n, year in enumerate((1601, 2026, 2100))
    ]
    found = _count(sample_report, *rows)
    assert (found.total, found.left_out) == (1, 2)


def test_only_far_dates_are_drawn_where_they_are(sample_report: Report, make_sms: Make) -> None:
    rows = [
        make_sms(n, f"{year}-03-02 10:00:00", "在吗") for n, year in enumerate((1601, 2010, 2011))
    ]
    found = _count(sample_report, *rows)
    assert (found.total, found.left_out) == (2, 1)
