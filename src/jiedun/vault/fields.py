"""Fields: what kind of value, of which class, how it is masked and how it is looked up.

Classes after JR/T 0171-2020 (recommended industry standard, text not held): C3 authenticates, C2
identifies a person or shows their finances, C1 is for internal use. `sensitive` is PIPL 28.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from jiedun.errors import BadValue
from jiedun.model.text import Words

LONGEST = 16 << 20
HIDDEN = "******"


class Grade(IntEnum):
    """The class of a field."""

    C1 = 1
    C2 = 2
    C3 = 3


class Kind(StrEnum):
    """What a value is; decides masking and the normal form that look-ups compare."""

    TEXT = "text"
    NAME = "name"
    MOBILE = "mobile"
    ID_NUMBER = "id_number"
    BANK_CARD = "bank_card"
    ADDRESS = "address"
    EMAIL = "email"
    DATE = "date"
    MONEY = "money"
    SECRET = "secret"  # noqa: S105 - the name of a kind


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the register. `number` names it in storage and is never reused."""

    id: str
    number: int
    kind: Kind
    grade: Grade
    sensitive: bool
    indexed: bool
    title: Words


_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})\Z")
_DIGITS = frozenset({Kind.MOBILE, Kind.ID_NUMBER, Kind.BANK_CARD})
_JOINTS = re.compile(r"[\s\-()（）.·]+")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}\Z")
_ID = re.compile(r"(?:\d{17}[\dX]|\d{15})\Z")
_CARD = re.compile(r"\d{12,19}\Z")
_MONEY = re.compile(r"-?\d{1,15}(?:\.\d{1,2})?\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def normal(kind: Kind, value: str) -> str:
    """The one spelling under which equal values compare equal; any text has one."""
    if (
        kind in _DIGITS
        and value.isascii()
        and value.isdigit()
        and not value.startswith(("0086", "86"))
    ):
        return value
    text = value if value.isascii() else unicodedata.normalize("NFKC", value)
    text = text.strip()
    if kind is Kind.EMAIL:
        return text.casefold()
    if kind in _DIGITS:
        bare = _JOINTS.sub("", text).upper()
        mobile = _MOBILE.match(bare) if kind is Kind.MOBILE else None
        return mobile[1] if mobile else bare
    return text


def _id_number(bare: str) -> bool:
    if not _ID.match(bare):
        return False
    if len(bare) == 15:
        return True
    total = sum(int(d) * w for d, w in zip(bare[:17], _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == bare[17]


def _luhn(bare: str) -> bool:
    digits = [int(c) for c in reversed(bare)]
    doubled = (sum(divmod(2 * d, 10)) for d in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


_SHAPE: dict[Kind, Callable[[str], bool]] = {
    Kind.MOBILE: lambda v: bool(_MOBILE.match(v)),
    Kind.ID_NUMBER: _id_number,
    Kind.BANK_CARD: lambda v: bool(_CARD.match(v)) and _luhn(v),
    Kind.EMAIL: lambda v: bool(_EMAIL.match(v)),
    Kind.MONEY: lambda v: bool(_MONEY.match(v)),
    Kind.DATE: lambda v: bool(_DATE.match(v)),
}


def fits(kind: Kind, value: str) -> bool:
    """Whether the value has the shape of its kind: length, alphabet and check digits."""
    if not 0 < len(value) <= LONGEST:
        return False
    test = _SHAPE.get(kind)
    return test is None or test(normal(kind, value))


def encode(field: Field, value: object) -> bytes:
    """The bytes that are sealed; lone surrogates survive. BadValue on anything but text, or text
    over 16 MiB; the message names the field, never the value."""
    if not isinstance(value, str):
        raise BadValue("a field takes text only", where=field.id)
    try:
        raw = value.encode()
    except UnicodeEncodeError:
        raw = value.encode("utf-8", "surrogatepass")
    if len(raw) > LONGEST:
        raise BadValue("a value is longer than 16 MiB", where=field.id)
    return raw


def encode_all(fields: Sequence[Field], values: Sequence[str]) -> list[bytes]:
    """The bytes of several values; errors as for `encode`."""
    try:
        raws = list(map(str.encode, values))
        if max(map(len, raws), default=0) <= LONGEST and len(raws) == len(fields):
            return raws
    except (UnicodeEncodeError, TypeError):
        pass
    return [encode(field, value) for field, value in zip(fields, values, strict=True)]


def decode(raw: bytes) -> str:
    """The text that was sealed."""
    return raw.decode("utf-8", "surrogatepass")


def _ends(text: str, front: int, back: int) -> str:
    if len(text) <= front + back:
        return "*" * max(len(text), 3)
    return text[:front] + "*" * (len(text) - front - back) + (text[-back:] if back else "")


def _email(text: str) -> str:
    name, at, domain = text.partition("@")
    return name[:1] + "***" + at + domain if at else HIDDEN


_MASK: dict[Kind, Callable[[str], str]] = {
    Kind.NAME: lambda v: v[:1] + "*" * max(1, min(len(v) - 1, 3)),
    Kind.MOBILE: lambda v: _ends(normal(Kind.MOBILE, v), 3, 4),
    Kind.ID_NUMBER: lambda v: _ends(normal(Kind.ID_NUMBER, v), 1, 1),
    Kind.BANK_CARD: lambda v: _ends(normal(Kind.BANK_CARD, v), 0, 4),
    Kind.ADDRESS: lambda v: v[: min(6, len(v) // 3)] + HIDDEN,
    Kind.EMAIL: _email,
    Kind.DATE: lambda v: v[:4] + "-**-**" if _DATE.match(v) else HIDDEN,
}


def mask(field: Field, value: str) -> str:
    """The value masked for its kind: `138****1234`, `张*`, the last four of a card; wholly hidden
    for class C3 and for kinds without a form."""
    form = _MASK.get(field.kind)
    return HIDDEN if form is None or field.grade is Grade.C3 else form(value)
