"""Article numbers in every common spelling, as the one spelling the data uses: `23`, `293-1`."""

import re
from unicodedata import normalize

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMBER = r"(\d{1,4}|[零〇一二两三四五六七八九十百千]{1,9})"
_ARTICLE = re.compile(rf"第?\s*{_NUMBER}\s*条?\s*(?:[之\-–—_]\s*{_NUMBER}\s*条?)?")


def chinese_number(text: str) -> int | None:
    """The value of a Chinese numeral below 10,000 (`二百九十三` → 293), None if it is none."""
    total, digit = 0, 0
    for char in text:
        if char in _DIGITS:
            digit = digit * 10 + _DIGITS[char] if total == 0 and digit else _DIGITS[char]
        elif char in _UNITS:
            total, digit = total + (digit or 1) * _UNITS[char], 0
        else:
            return None
    return total + digit if text else None


def article_number(text: str) -> str | None:
    """`293-1` for `293-1`, `第293条之一`, `第二百九十三条之一`, full width too; None if not a number."""
    match = _ARTICLE.fullmatch(normalize("NFKC", text).strip())
    if match is None:
        return None
    parts = [_value(part) for part in match.groups() if part]
    if any(part is None or part < 1 for part in parts):
        return None
    return "-".join(map(str, parts))


def article_order(article: str) -> tuple[int, int]:
    """A sort key that puts `293` before `293-1` before `294`."""
    head, _, tail = article.partition("-")
    return int(head), int(tail or 0)


def _value(text: str) -> int | None:
    return int(text) if text.isdecimal() else chinese_number(text)
