"""Who is who, and whose side a number is on."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The part a person plays in the case; the words of parties.csv."""

    DEBTOR = "debtor"
    LENDER = "lender"
    COLLECTOR = "collector"
    GUARANTOR = "guarantor"
    EMERGENCY_CONTACT = "emergency_contact"
    RELATIVE = "relative"
    COLLEAGUE = "colleague"
    FRIEND = "friend"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Where a role comes from: a row of parties.csv, or the program's proposal."""

    GIVEN = "given"
    PROPOSED = "proposed"


@dataclass(frozen=True, slots=True)
class Party:
    """One number with its role; `creditor` is the lender's name whose side it is on, if any.

    `line` is the row of parties.csv, or None when proposed; `why` says what a proposal rests on.
    """

    number: str
    role: Role
    source: Source
    name: str = ""
    creditor: str | None = None
    line: int | None = None
    why: str = ""
    verified: bool = False
