"""Dates, sums, rates and sizes as people read them, in either language."""

from datetime import date, datetime
from decimal import Decimal

from jiedun.model.money import to_fen
from jiedun.model.time import SHANGHAI

_WEEKDAYS = ("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
_PER_CENT = Decimal("0.01")


def day(on: date, lang: str) -> str:
    """A date with its weekday: `2026年3月2日 周一`, `Mon 2026-03-02`."""
    if lang == "en":
        return f"{_WEEKDAYS[1][on.weekday()]} {on.isoformat()}"
    return f"{on.year}年{on.month}月{on.day}日 周{_WEEKDAYS[0][on.weekday()]}"


def clock(at: datetime) -> str:
    """The wall clock of Asia/Shanghai: `21:04:09`."""
    return at.astimezone(SHANGHAI).strftime("%H:%M:%S")


def stamp(at: datetime, day_only: bool = False) -> str:
    """Date and wall clock of Asia/Shanghai: `2026-03-02 21:04:09`; the date alone on `day_only`."""
    return at.astimezone(SHANGHAI).isoformat(sep=" ", timespec="seconds")[: 10 if day_only else 19]


def money(amount: Decimal | None) -> str:
    """Yuan with two decimals, `¥1,234.50`; a dash where there is no figure."""
    if amount is None:
        return "—"
    rounded = to_fen(amount)
    return f"{'−' if rounded < 0 else ''}¥{abs(rounded):,.2f}"


def percent(rate: Decimal | None) -> str:
    """A fraction as a percentage with two decimals; a dash where there is no figure."""
    return "—" if rate is None else f"{(rate * 100).quantize(_PER_CENT):,f}%"


def duration(seconds: int | None, lang: str) -> str:
    """A call's length: `1分07秒`, `1 min 07 s`; empty when unknown."""
    if seconds is None:
        return ""
    minutes, rest = divmod(abs(seconds), 60)
    sign = "−" if seconds < 0 else ""
    if lang == "en":
        return f"{sign}{minutes} min {rest:02d} s" if minutes else f"{sign}{rest} s"
    return f"{sign}{minutes}分{rest:02d}秒" if minutes else f"{sign}{rest}秒"


def size(octets: int) -> str:
    """A file's size in the unit that fits: `812 B`, `3.4 MB`."""
    amount = float(octets)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{octets} B"


def count(number: int) -> str:
    """A whole number with thousands parted: `30,000`."""
    return f"{number:,}"
