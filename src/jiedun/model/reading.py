"""One text and what a reader says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Label(StrEnum):
    """What a message does; definitions in docs/reading.md."""

    THREAT_VIOLENCE = "threat_violence"
    THREAT_EXPOSURE = "threat_exposure"
    THREAT_HARASSMENT = "threat_harassment"
    FALSE_LEGAL = "false_legal"
    IMPERSONATION = "impersonation"
    INDUCE_BORROWING = "induce_borrowing"
    ABUSE = "abuse"
    DEBT_DISCLOSURE = "debt_disclosure"
    THIRD_PARTY_PRESSURE = "third_party_pressure"
    PI_DISCLOSURE = "pi_disclosure"
    PRIVATE_PAYMENT = "private_payment"
    IDENTIFIES_SELF = "identifies_self"
    LOAN_MARKETING = "loan_marketing"
    CREDIT_REPAIR_SCAM = "credit_repair_scam"


@dataclass(frozen=True, slots=True)
class Message:
    """One text with who got it: `recipient` is debtor, third_party or guarantor."""

    id: str
    text: str
    channel: str = "sms"
    recipient: str = "debtor"


@dataclass(frozen=True, slots=True)
class LabelSpan:
    """The words that decided, as offsets into the original text, end exclusive."""

    label: Label
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Labels at two operating points; `probable` is a subset of `possible`."""

    id: str
    possible: frozenset[Label] = frozenset()
    probable: frozenset[Label] = frozenset()
    scores: Mapping[Label, float] = field(default_factory=dict)
    spans: tuple[LabelSpan, ...] = ()
