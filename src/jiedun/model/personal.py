"""Personal information found in a text."""

from enum import StrEnum
from typing import NamedTuple


class PersonalType(StrEnum):
    """Kinds of personal information; definitions in docs/reading.md."""

    CN_ID = "CN_ID"
    CN_MOBILE = "CN_MOBILE"
    CN_LANDLINE = "CN_LANDLINE"
    BANK_CARD = "BANK_CARD"
    PASSPORT = "PASSPORT"
    PLATE = "PLATE"
    EMAIL = "EMAIL"
    PERSON = "PERSON"
    ADDRESS = "ADDRESS"
    WECHAT_ID = "WECHAT_ID"
    QQ = "QQ"
    USCC = "USCC"
    IP = "IP"


class Span(NamedTuple):
    """`value == text[start:end]`, code-point offsets, end exclusive; `score` in 0…1.

    A named tuple and no dataclass: an audit makes hundreds of thousands of them a second.
    """

    start: int
    end: int
    type: PersonalType
    value: str
    score: float
