"""The year of a carrier's row that states only month and day, taken from what the file says.

Sources, in order: the query period in the preamble or file name (`查询月份：2026年09月`,
`202609`, `2026-09-01至2026-09-30`); a year that stands alone (`2026年通话详单`); rows of the same or
the next month that do state the year; the day of the query, which no row is later than and none
more than a year before. Where they give no single answer there is none: a year is never guessed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cached_property

_MONTH = re.compile(
    r"(?<!\d)(20\d{2})(?:\s{0,9}+[-/.年]\s{0,9}+(1[0-2]|0?[1-9])|(0[1-9]|1[0-2])(?:\d{2})?)(?!\d)"
)
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?=年(?!\s{0,9}+\d)|(?![\d\s]*[-/.年\d]))")
_ASKED = re.compile(
    r"(?:查询|导出|打印|生成|下载|制表|出单)(?:时间|日期)?\s{0,9}+[:：]?\s{0,9}+"
    r"(20\d{2})\s{0,9}+[-/.年]?\s{0,9}+(\d{1,2})\s{0,9}+[-/.月]?\s{0,9}+(\d{1,2})(?:日|\s|\D|$)(?!\s{0,9}+(?:至|到|-|~|—))"
)
_FULL = re.compile(r"(20\d{2})\s{0,9}+[-/.年]\s{0,9}+(\d{1,2})\s{0,9}+[-/.月]")

_Month = tuple[int, int]


class Years:
    """Answers `of(month, day)` for one table from its preamble, file name and other rows."""

    def __init__(self, texts: Sequence[str], times: Callable[[], Iterable[str]]) -> None:
        self._texts = texts
        self._times = times

    def of(self, month: int, day: int) -> int | None:
        """The year of that month and day, or None when nothing in the file settles it."""
        for source in (self._by_period, self._by_lone_year, self._by_rows, self._by_query_day):
            if (year := source(month, day)) is not None:
                return year
        return None

    @cached_property
    def _asked(self) -> date | None:
        for text in self._texts:
            if match := _ASKED.search(text):
                try:
                    return date(*(int(part) for part in match.groups()))
                except ValueError:
                    return None
        return None

    @cached_property
    def _period(self) -> dict[int, int]:
        found: list[_Month] = []
        for text in self._texts:
            for match in _MONTH.finditer(_ASKED.sub(" ", text)):
                found.append((int(match[1]), int(match[2] or match[3])))
        if not found:
            return {}
        first, last = min(found), max(found)
        if (last[0] - first[0]) * 12 + last[1] - first[1] >= 12:
            return {}
        return {month: year for year, month in _between(first, last)}

    def _by_period(self, month: int, day: int) -> int | None:
        return self._period.get(month)

    @cached_property
    def _lone_year(self) -> int | None:
        found = {int(m[1]) for text in self._texts for m in _YEAR.finditer(_ASKED.sub(" ", text))}
        return found.pop() if len(found) == 1 and not self._period else None

    def _by_lone_year(self, month: int, day: int) -> int | None:
        return self._lone_year

    @cached_property
    def _stated(self) -> frozenset[_Month]:
        matches = (_FULL.match(text) for text in self._times())
        return frozenset((int(m[1]), int(m[2])) for m in matches if m)

    def _by_rows(self, month: int, day: int) -> int | None:
        for reach in (0, 1):
            years = {
                year
                for stated, known in self._stated
                for year in (stated - 1, stated, stated + 1)
                if abs((year - stated) * 12 + month - known) <= reach
            }
            if len(years) == 1:
                return years.pop()
        return None

    def _by_query_day(self, month: int, day: int) -> int | None:
        if self._asked is None:
            return None
        same = (month, day) <= (self._asked.month, self._asked.day)
        return self._asked.year if same else self._asked.year - 1


def _between(first: _Month, last: _Month) -> Iterable[_Month]:
    year, month = first
    while (year, month) <= last:
        yield year, month
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
