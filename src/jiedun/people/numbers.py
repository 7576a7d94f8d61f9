"""One writing for each number, so that two writings of one number meet and two numbers never do.

Canonical forms: mainland mobiles as 11 digits; landlines with area code and leading 0 (any area
code, known or not); service numbers (`95…`, `400…`, `106…`, short codes) as digits; numbers abroad
as `+` and digits; alphanumeric senders in capitals. Prefixes that only say how a call was dialled
go: `+86`, `0086`, `86`, the IP-call prefixes, a 0 before a mobile. They go only where what remains
is a whole number, so that a number which happens to begin with these digits keeps them.
"""

import re
import unicodedata
from functools import lru_cache

_WITHHELD = """
未知 未知号码 未知来电 私密 私密号码 私人号码 隐藏 隐藏号码 无号码 无 无显示 未显示 未显示号码 匿名 匿名号码
保密 保密号码 不显示 不显示号码 空号码 限制 受限号码 unknown (unknown) private privatenumber withheld
restricted anonymous nocallerid unavailable payphone hidden blocked null none n/a na nan
"""
WITHHELD_WORDS = frozenset(_WITHHELD.split())
IP_PREFIXES = (
    "12593", "12520", "17900", "17901", "17908", "17909", "17910", "17911", "17931", "17950",
    "17951", "17960", "17968", "17969", "17990", "17991", "17995", "17996", "10193", "11808",
)  # fmt: skip

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0[1-9]\d{8,10}")
SMS_PORT = re.compile(r"106\d{5,20}")
CALL_CENTRE = re.compile(r"95\d{3,7}")
TOLL = re.compile(r"[48]00\d{7}")
_AREA_WITHOUT_ZERO = re.compile(r"10\d{8}|[2-9]\d{9,10}")
_LOST_DIGITS = re.compile(r"\d(?:\.\d+)?E\+?\d+")
_EXTENSION = re.compile(r"(\+?\d{5,})(?:转|EXT|;EXT=|[,;PX])\d{1,6}")
_PUNCTUATION = re.compile(r"[\s\-‐-―−().·/_]+")
_NOT_SHOWN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x1f]")
_CACHED_LENGTH = 64


def canonical(raw: str) -> str | None:
    """The one writing of a number, or None when it was withheld, absent or destroyed.

    None for '', '-', '--', '-1', '-2', '-3', words such as 未知 or private, zeros only, and
    `1.7E+10` (digits lost in a spreadsheet). Never raises.
    """
    return _cached(raw) if len(raw) <= _CACHED_LENGTH else _canonical(raw)


def _canonical(raw: str) -> str | None:
    text = _NOT_SHOWN.sub("", unicodedata.normalize("NFKC", raw)).strip()
    text = text.upper().removeprefix("TEL:").strip("'\"=,; ")
    if text in ("-1", "-2", "-3") or _LOST_DIGITS.fullmatch(text):
        return None
    bare = _PUNCTUATION.sub("", text)
    if not bare.strip("+") or bare.lower() in WITHHELD_WORDS or text.lower() in WITHHELD_WORDS:
        return None
    if match := _EXTENSION.fullmatch(bare):
        bare = match[1]
    digits = bare.lstrip("+")
    if not (digits.isascii() and digits.isdigit()):
        return " ".join(text.split())  # an alphanumeric sender or a masked number: itself
    if not digits.strip("0"):
        return None
    return _abroad(digits) if bare.startswith("+") else _domestic(digits)


_cached = lru_cache(maxsize=1 << 17)(_canonical)


def _abroad(digits: str) -> str:
    """`digits` stood behind a `+`: of China, of another country, or a service number."""
    if digits.startswith("86"):
        return _of_china(digits[2:]) if len(digits) > 2 else digits
    if digits.startswith("0"):
        return _domestic(digits)
    if _is_service(digits) or not 8 <= len(digits) <= 15:
        return _domestic(digits)
    if MOBILE.fullmatch(digits) and not _is_north_american(digits):
        return digits
    return f"+{digits}"


def _is_service(digits: str) -> bool:
    """Numbers that no country code can begin: +10…, +400 and seven, +800 and seven, +95 and few."""
    return (
        digits.startswith("10")
        or TOLL.fullmatch(digits) is not None
        or (len(digits) <= 8 and CALL_CENTRE.fullmatch(digits) is not None)
    )


def _is_north_american(digits: str) -> bool:
    import phonenumbers

    number = phonenumbers.PhoneNumber(country_code=1, national_number=int(digits[1:]))
    return bool(phonenumbers.is_valid_number(number))


def _of_china(rest: str) -> str:
    """The domestic writing of what followed the country code 86."""
    if rest.startswith("86") and _is_whole(rest[2:]):
        rest = rest[2:]  # +86 86…: an app put the code before one that was there
    if TOLL.fullmatch(rest) or (SMS_PORT.fullmatch(rest) and len(rest) != 10):
        return rest
    if _AREA_WITHOUT_ZERO.fullmatch(rest):
        return f"0{rest}"
    return _domestic(rest)


def _is_whole(rest: str) -> bool:
    """Whether `rest` is a complete number, so that 86 before it can only be the country code."""
    return (
        MOBILE.fullmatch(rest) is not None
        or LANDLINE.fullmatch(rest) is not None
        or TOLL.fullmatch(rest) is not None
        or (len(rest) >= 10 and SMS_PORT.fullmatch(rest) is not None)
        or _AREA_WITHOUT_ZERO.fullmatch(rest) is not None
    )


def _domestic(digits: str) -> str:
    if digits.startswith("00") and len(digits) >= 10 and digits[2] != "0":
        return _abroad(digits[2:])
    if digits.startswith("86") and _is_whole(digits[2:]):
        return _of_china(digits[2:])
    if digits[:2] == "01" and MOBILE.fullmatch(digits[1:]):
        return digits[1:]
    if digits.startswith(IP_PREFIXES) and len(digits) >= 15:
        return _behind_ip_prefix(digits)
    return digits


def _behind_ip_prefix(digits: str) -> str:
    rest = _domestic(digits[5:])
    whole = MOBILE.fullmatch(rest) or LANDLINE.fullmatch(rest)
    return rest if whole else digits
