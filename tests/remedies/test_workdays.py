"""Days counted: holidays, make-up days, years without a notice, ends of months."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedun.remedies.workdays import (
    after_days,
    after_months,
    after_workdays,
    is_workday,
    years_held,
)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday to Monday
        (date(2025, 9, 30), 1, date(2025, 10, 9)),  # the long holiday of 2025
        (date(2025, 10, 9), 2, date(2025, 10, 11)),  # Saturday 11 October 2025 was worked
        (date(2025, 1, 24), 2, date(2025, 1, 27)),  # Sunday 26 January 2025 was worked
    ],
)
def test_working_days_follow_the_notice(start: date, count: int, end: date) -> None:
    counted = after_workdays(start, count)
    assert (counted.on, counted.confirmed) == (end, True)


def test_year_not_published_is_marked() -> None:
    last = years_held()[1]
    counted = after_workdays(date(last, 12, 31), 5)
    assert not counted.confirmed
    assert is_workday(date(last + 1, 3, 3)) is None


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
    ],
)
def test_months_end_on_the_day_or_the_last(start: date, months: int, end: date) -> None:
    assert after_months(start, months) == end


@given(st.dates(date(2005, 1, 1), date(2026, 6, 1)), st.integers(1, 60))
def test_nth_working_day_has_n_working_days_before_it(start: date, count: int) -> None:
    end = after_workdays(start, count).on
    days = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(bool(is_workday(day)) for day in days) == count
    assert is_workday(end)
    assert after_days(start, count) <= end
