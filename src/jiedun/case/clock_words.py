"""Days and clock times in a person's own words: 2026年9月1日晚上12点, 9月3日清晨6点10分, 23:17.

A time that the words do not settle (晚上 alone, 6点 without morning or evening, 8点前) is no time:
the contact is then known by its day only.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jiedun.model.time import SHANGHAI

NOON = 12
"""The hour under which a contact of unknown time is filed; never a fact."""

_DATE = re.compile(
    r"(?<!\d)(\d{4})\s{0,9}+[年\-/.]\s{0,9}+(\d{1,2})\s{0,9}+[月\-/.]\s{0,9}+(\d{1,2})(?!\d)\s{0,9}+[日号]?"
)
_MORNING = ("清晨", "清早", "一早", "早上", "早晨", "上午", "早")
_NOON = ("中午", "正午")
_AFTERNOON = ("下午", "午后", "傍晚")
_EVENING = ("晚上", "晚间", "当晚", "晚")
_NIGHT = ("夜里", "夜间", "夜晚", "深夜", "半夜", "午夜", "后半夜", "凌晨")
_PARTS = sorted((*_MORNING, *_NOON, *_AFTERNOON, *_EVENING, *_NIGHT), key=len, reverse=True)
_PART = "|".join(_PARTS)
_DIGITS = "零〇一二两三四五六七八九"
_CHINESE = rf"[{_DIGITS}十]{{1,3}}"
_CLOCK = re.compile(
    rf"(?P<part>{_PART})?(?:的时候)?\s{{0,9}}+(?:大约|大概|约|差不多)?\s{{0,9}}+"
    rf"(?:(?<!\d)(?P<hour>\d{{1,2}})|(?P<word>(?<![{_DIGITS}十]){_CHINESE}))\s{{0,9}}+"
    r"(?:[:：](?P<colon>\d{2})(?:[:：]\d{2})?(?!\d)"
    rf"|(?P<mark>[时点])(?!前|之前|以前|钱)\s{{0,9}}+(?:(?P<minute>\d{{1,2}}|{_CHINESE})\s{{0,9}}+分"
    r"|(?P<bare>\d{2})(?=许|左右|[，,。、；;\s]|$)|(?P<quarter>半|一刻|三刻))?)"
    r"(?!前|之前|以前)"
)
_QUARTERS = {"半": 30, "一刻": 15, "三刻": 45}


@dataclass(frozen=True, slots=True)
class When:
    """An aware instant of Asia/Shanghai; `day_only` when only its day was told (then 12:00).

    `end` is where the date ends in the text.
    """

    at: datetime
    day_only: bool
    end: int


def on_day(day: date) -> datetime:
    """The instant under which a contact of unknown time on `day` is filed."""
    return datetime(day.year, day.month, day.day, NOON, tzinfo=SHANGHAI)


def when(text: str, before: int | None = None) -> When | None:
    """The first full date in `text` with the clock told for it, None without a date.

    The clock stands between the date and position `before`, so that a time that somebody
    threatens with (今晚10点前不还) is not taken for the time of the contact.
    """
    found = _DATE.search(text)
    if found is None:
        return None
    try:
        day = date(*(int(group) for group in found.groups()))
    except ValueError:
        return None
    match = _CLOCK.search(text, found.end(), len(text) if before is None else before)
    at = _instant(day, match) if match else None
    return When(at or on_day(day), at is None, found.end())


def _instant(day: date, match: re.Match[str]) -> datetime | None:
    hour = int(match["hour"]) if match["hour"] else number(match["word"])
    part = match["part"]
    if hour is None or hour > 24 or (part is None and _is_open(match, hour)):
        return None
    minute = _minute(match)
    if minute is None or minute > 59:
        return None
    days, hour = divmod(_hour(hour, part), 24)
    start = datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)
    return start + timedelta(days=days)


def _is_open(match: re.Match[str], hour: int) -> bool:
    """Whether nothing says if it was morning or evening: 6点, 7:30, 十点; 16时, 6时, 07:30 do."""
    if match["mark"] == "时" or hour == 0 or hour > NOON:
        return False
    return match["hour"] is None or len(match["hour"]) == 1


def _minute(match: re.Match[str]) -> int | None:
    if match["quarter"]:
        return _QUARTERS[match["quarter"]]
    told = match["colon"] or match["minute"] or match["bare"]
    if told is None:
        return 0
    return int(told) if told.isascii() else number(told)


def _hour(hour: int, part: str | None) -> int:
    """Hours from the day's midnight; 24 and more fall on the next day (晚上12点 is its end)."""
    if part is None or hour > NOON:
        return hour
    if part == "凌晨":
        return hour % NOON
    if part in _MORNING:
        return hour
    if part in _NOON:
        return hour if hour >= 10 else hour + NOON
    if part in _AFTERNOON:
        return hour if hour == NOON else hour + NOON
    if hour in (0, NOON):
        return 24
    return hour if hour < _first_evening_hour(part) else hour + NOON


def _first_evening_hour(part: str) -> int:
    return 5 if part in _EVENING else 6


def number(word: str) -> int | None:
    """The number below 100 that Chinese numerals write (十一, 二十三, 两), None for others."""
    tens, ten, ones = word.rpartition("十")
    if len(tens) > 1 or len(ones) > 1:
        return None
    high = _value(tens) if tens else (1 if ten else 0)
    low = _value(ones) if ones else 0
    return None if high is None or low is None else 10 * high + low


def _value(digit: str) -> int | None:
    place = _DIGITS.find(digit)
    return None if place < 0 else max(0, place - 1 - (place >= 4))
