"""What one cell of a table says: an instant, a day, a length, a direction, a number, an amount.

Nothing here guesses: a cell that does not say enough gives a `Trouble`. Wall times without an
offset are read as Asia/Shanghai and marked so.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from jiedun.evidence.readers._quick import moment as quick_moment
from jiedun.model.evidence import Direction, Outcome
from jiedun.model.time import SHANGHAI, Moment

YearOf = Callable[[int, int], int | None]  # (month, day) -> year, or None when not known

EARLIEST, LATEST = 1990, 2099
_EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock, the zone is added later


class Trouble(StrEnum):
    """Why a cell does not give a value."""

    EMPTY = "empty"
    UNREADABLE = "unreadable"
    NO_CLOCK = "no-clock"  # a day without a time of day
    NO_YEAR = "no-year"
    IMPLAUSIBLE = "implausible"  # a year outside 1990..2099
    NEGATIVE = "negative"
    DAMAGED = "damaged"  # digits lost by a spreadsheet (1.38E+10)


_ZONE = r"(?P<zone>Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|UTC|GMT)"
_STAMP = re.compile(
    r"(?:(?P<y>\d{4})\s*[-/.年]\s*)?(?P<mo>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*[日号]?"
    r"(?:[\sT,]*(?:星期.|周.)?\s*(?P<half>凌晨|早上|上午|中午|下午|晚上|[AaPp][Mm])?\s*"
    r"(?P<h>\d{1,2})\s*[:：时点]\s*(?P<mi>\d{1,2})\s*(?:[:：分]\s*(?:(?P<s>\d{1,2})(?:\.\d+)?\s*秒?)?)?"
    rf"\s*(?P<after>[AaPp][Mm])?\s*{_ZONE}?)?"
)
_BLANKS = re.compile(r"\s+")
_LONGEST_STAMP = 64
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})[\sT]?(\d{2}):?(\d{2}):?(\d{2})?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def moment(
    text: str, year_of: YearOf | None = None, *, zone_stated: bool = False
) -> Moment | Trouble:
    """The instant that `text` states, cut to the second, or why there is none.

    Reads ISO 8601, slashes, dots, 年月日, missing seconds, 上午/下午, `20261102090500`, spreadsheet
    serial days and Unix seconds or milliseconds. An offset in the text is honoured; otherwise the
    zone is Asia/Shanghai and `zone_assumed` is set unless the file itself states it.
    """
    if len(text) == 19 and text[4] == "-" and text[16] == ":":
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return _slow_moment(text, year_of, zone_stated)
        if at.tzinfo is None and EARLIEST <= at.year <= LATEST:
            return quick_moment(at.replace(tzinfo=SHANGHAI), text, zone_assumed=not zone_stated)
        return _finish(at, text, zone_stated)
    return _slow_moment(text, year_of, zone_stated)


def _finish(at: datetime, raw: str, zone_stated: bool) -> Moment | Trouble:
    if not EARLIEST <= at.year <= LATEST:
        return Trouble.IMPLAUSIBLE
    if at.tzinfo is None:
        return Moment(at.replace(tzinfo=SHANGHAI), raw, not zone_stated)
    return Moment(at, raw)


def _slow_moment(raw: str, year_of: YearOf | None, zone_stated: bool) -> Moment | Trouble:
    text = unicodedata.normalize("NFKC", raw).strip()
    if text in ("", "-", "--"):
        return Trouble.EMPTY
    try:
        at = _from_digits(text) or _from_stamp(text, year_of)
    except (ValueError, OverflowError):
        return Trouble.UNREADABLE
    return at if isinstance(at, Trouble) else _finish(at, raw, zone_stated)


def _from_digits(text: str) -> datetime | Trouble | None:
    if match := _COMPACT.fullmatch(text):
        return datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
    if not _NUMBER.fullmatch(text):
        return None
    whole = text.split(".")[0]
    if len(whole) == 5:
        return serial_moment(float(text)) if "." in text else Trouble.NO_CLOCK
    if len(whole) in (10, 13):
        return datetime.fromtimestamp(int(whole[:10]), UTC)
    return Trouble.UNREADABLE


def serial_moment(days: float) -> datetime:
    """The wall time of a spreadsheet's serial day (1900 system), to the nearest second."""
    return _EXCEL_ZERO + timedelta(seconds=round(days * 86400))


def _stamp(text: str) -> re.Match[str] | None:
    """`text` matched as a date; runs of blanks count as one, so that no text takes long to refuse."""
    tight = _BLANKS.sub(" ", text)
    return _STAMP.fullmatch(tight) if len(tight) <= _LONGEST_STAMP else None


def _from_stamp(text: str, year_of: YearOf | None) -> datetime | Trouble:
    match = _stamp(text)
    if match is None:
        return Trouble.UNREADABLE
    if match["h"] is None:
        return Trouble.NO_CLOCK
    month, day = int(match["mo"]), int(match["d"])
    year = int(match["y"]) if match["y"] else (year_of(month, day) if year_of else None)
    if year is None:
        return Trouble.NO_YEAR
    hour = _hour(int(match["h"]), match["half"] or match["after"] or "")
    if hour is None:
        return Trouble.UNREADABLE
    at = datetime(year, month, day, hour, int(match["mi"]), int(match["s"] or 0))  # noqa: DTZ001
    return at.replace(tzinfo=_zone(match["zone"])) if match["zone"] else at


def _hour(hour: int, half: str) -> int | None:
    word = half.lower()
    if word in ("pm", "下午", "晚上", "中午"):
        if hour == 12:
            return None if word == "晚上" else 12  # 晚上12点 is the end of the day: which day?
        return hour + 12 if hour < 12 and not (word == "中午" and hour >= 11) else hour
    if word in ("am", "上午", "凌晨", "早上") and hour == 12:
        return 12 if word == "上午" else 0
    return hour


def _zone(text: str) -> timezone:
    signed = text.upper().removeprefix("UTC").removeprefix("GMT")
    if signed in ("", "Z"):
        return UTC
    digits = signed[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    span = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-span if signed[0] == "-" else span)


def day(text: str) -> date | Trouble:
    """The local day that `text` states (a time of day in it is allowed), or why there is none."""
    clean = unicodedata.normalize("NFKC", text).strip()
    if clean in ("", "-", "--"):
        return Trouble.EMPTY
    if re.fullmatch(r"\d{8}", clean):
        clean = f"{clean[:4]}-{clean[4:6]}-{clean[6:]}"
    if re.fullmatch(r"\d{5}", clean):
        return serial_moment(float(clean)).date()
    match = _stamp(clean)
    if match is None or match["h"] is not None:
        at = moment(clean)
        return at if isinstance(at, Trouble) else at.local.date()
    if match["y"] is None:
        return Trouble.NO_YEAR
    try:
        found = date(int(match["y"]), int(match["mo"]), int(match["d"]))
    except ValueError:
        return Trouble.UNREADABLE
    return found if EARLIEST <= found.year <= LATEST else Trouble.IMPLAUSIBLE


_SPOKEN = re.compile(
    r"(?:(\d+)(?:小时|个小时|时|h|hr|hours?))?(?:(\d+)(?:分钟|分|m|min|minutes?|'))?"
    r"(?:(\d+)(?:\.\d+)?(?:秒钟|秒|s|sec|seconds?|\"|''))?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{1,2})")


@lru_cache(maxsize=8192)
def seconds(text: str) -> int | Trouble:
    """The length in seconds that `text` states: `67`, `1分7秒`, `1小时2分3秒`, `00:01:07`, `1:07`."""
    clean = "".join(unicodedata.normalize("NFKC", text).split())
    if clean in ("", "-", "--"):
        return Trouble.EMPTY
    if clean[0] in "-−":
        return Trouble.NEGATIVE
    if len(clean) > 20:
        return Trouble.UNREADABLE
    if _NUMBER.fullmatch(clean):
        return int(clean.split(".")[0])
    match = _CLOCK.fullmatch(clean) or _SPOKEN.fullmatch(clean)
    if match is None:
        return Trouble.UNREADABLE
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest


_IN, _OUT, _NONE = Direction.IN, Direction.OUT, Direction.NONE
_WORDS: dict[tuple[Direction, Outcome], str] = {
    (_IN, Outcome.ANSWERED): "incoming answered received 1 已接 已接来电 已接通 接听 已接听",
    (_IN, Outcome.UNKNOWN): "in inbound 来电 呼入 被叫 打入 接入 被叫通话 被叫呼入",
    (_IN, Outcome.MISSED): "missed no-answer noanswer voicemail 3 4 未接 未接来电 未接听 未接通 漏接",
    (_IN, Outcome.REJECTED): "rejected refused declined blocked 5 6 拒接 已拒接 拒绝 已拒绝 拒听 拦截 已拦截",
    (_OUT, Outcome.UNKNOWN): "outgoing out outbound dialed dialled 2 呼出 拨出 去电 主叫 已拨 已拨电话 打出 主叫通话",
    (_NONE, Outcome.FORWARDED): "forwarded forward divert diverted 呼转 呼叫转移 前转 呼叫前转",
}  # fmt: skip
_DIRECTIONS = {word: key for key, words in _WORDS.items() for word in words.split()}


@lru_cache(maxsize=1024)
def direction(text: str) -> tuple[Direction, Outcome] | None:
    """Direction and outcome that a call's direction word states, or None for an unknown word.

    The outcome is `UNKNOWN` for a word that leaves it to the length (`被叫`, `outgoing`).
    """
    clean = "".join(unicodedata.normalize("NFKC", text).lower().split()).replace("_", "-")
    found = _DIRECTIONS.get(clean)
    if found is None and "呼转" in clean:
        return _DIRECTIONS["呼转"]
    return found


_RECEIVED = "接收 接受 收 收到 接收短信 被叫 下行 点对点接收 mt received in incoming"
_SENT = "发送 发 发出 发送短信 主叫 上行 点对点发送 mo sent out outgoing"
_MESSAGE_WORDS = {
    word: toward for toward, words in ((_IN, _RECEIVED), (_OUT, _SENT)) for word in words.split()
}


@lru_cache(maxsize=1024)
def message_direction(text: str) -> Direction | None:
    """Direction that a message list's word names, or None for an unknown word."""
    clean = "".join(unicodedata.normalize("NFKC", text).lower().split())
    return _MESSAGE_WORDS.get(clean)


_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")


def number(text: str) -> tuple[str, bool]:
    """A number cell as written, freed of what spreadsheets add, and whether digits were lost.

    `="170…"`, a leading apostrophe, a trailing tab and `.0` go; `1.7000005121E+10` still holds all
    digits and is written out; `1.7E+10` does not, and is marked as damaged.
    """
    clean = text.strip()
    if clean.isdigit():
        return clean, False
    if clean.startswith('="') and clean.endswith('"'):
        clean = clean[2:-1].strip()
    clean = clean.lstrip("'")
    if clean.endswith(".0") and clean[:-2].isdigit():
        return clean[:-2], False
    if "e" not in clean and "E" not in clean:
        return clean, False
    match = _SCIENTIFIC.fullmatch(clean)
    if match is None:
        return clean, False
    digits = match[1] + (match[2] or "")
    return (digits, False) if len(digits) == int(match[3]) + 1 else (clean, True)


_AMOUNT = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d{1,15})(\.\d{1,4})?")


def amount(text: str) -> Decimal | Trouble:
    """The yuan that `text` states: `1,452.50`, `￥99`, `-200元`, `(200.00)` = minus 200."""
    clean = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    for mark in ("¥", "RMB", "CNY", "人民币", "元"):
        clean = clean.replace(mark, "")
    if clean in ("", "-", "--"):
        return Trouble.EMPTY
    if clean.startswith("(") and clean.endswith(")"):
        clean = "-" + clean[1:-1]
    match = _AMOUNT.fullmatch(clean.replace("−", "-"))
    if match is None:
        return Trouble.UNREADABLE
    return Decimal(match[1] + match[2].replace(",", "") + (match[3] or ""))
