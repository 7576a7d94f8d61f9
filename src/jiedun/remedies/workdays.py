"""Days counted: calendar days, months, and working days with make-up days.

Working days come from `chinese_calendar`, which holds the yearly notices of the State Council on
holidays and make-up days. A year it does not hold is counted Monday to Friday and says so.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache


@dataclass(frozen=True, slots=True)
class Counted:
    """The last day of a period; `confirmed` False where a year's holidays are not published yet."""

    on: date
    confirmed: bool = True


def after_days(start: date, days: int) -> date:
    """The last day of a period of `days`; the first day is not counted (Civil Code 201)."""
    return start + timedelta(days=days)


def after_months(start: date, months: int) -> date:
    """The same day of a later month, or that month's last day (Civil Code 202)."""
    year, month = divmod(start.month - 1 + months, 12)
    last = calendar.monthrange(start.year + year, month + 1)[1]
    return date(start.year + year, month + 1, min(start.day, last))


def after_workdays(start: date, count: int) -> Counted:
    """The `count`-th working day after `start`."""
    day, left, confirmed = start, count, True
    while left > 0:
        day += timedelta(days=1)
        works = is_workday(day)
        confirmed = confirmed and works is not None
        left -= day.weekday() < 5 if works is None else works
    return Counted(day, confirmed)


def is_workday(day: date) -> bool | None:
    """Whether `day` is worked in mainland China; None where that year's notice is not held."""
    import chinese_calendar

    first, last = years_held()
    return bool(chinese_calendar.is_workday(day)) if first <= day.year <= last else None


@cache
def years_held() -> tuple[int, int]:
    """First and last year whose holidays are held."""
    from chinese_calendar import constants

    years = {day.year for day in constants.holidays}
    return min(years), max(years)
