"""What a folder of evidence holds, as read: files, rows in them, and what could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from jiedun.model.text import Words
from jiedun.model.time import Moment


@dataclass(frozen=True, slots=True, order=True)
class ItemRef:
    """One row or element of a file: `<path in the folder>#<n>`, n counted from 1 in file order.

    `n` is a CSV data row or an `<sms>` element. Other elements carry a `kind` before the number
    (`mms`, `call` inside a message file): `sms.xml#mms3`.
    """

    path: str
    n: int
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.path}#{self.kind}{self.n}"


class Channel(StrEnum):
    """How a contact was made."""

    CALL = "call"
    SMS = "sms"
    MMS = "mms"
    CHAT = "chat"
    VISIT = "visit"
    POSTER = "poster"
    OTHER = "other"


class Direction(StrEnum):
    """Seen from the owner of the exported phone."""

    IN = "in"
    OUT = "out"
    NONE = "none"  # forwarded calls, drafts: nobody reached anybody


class Outcome(StrEnum):
    """What became of a contact."""

    ANSWERED = "answered"
    MISSED = "missed"
    REJECTED = "rejected"
    DELIVERED = "delivered"  # a message received or sent
    FAILED = "failed"
    DRAFT = "draft"
    FORWARDED = "forwarded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Contact:
    """One call or message as the exported phone recorded it; nothing interpreted.

    `phone` is the folder name under `phones/`, or None for the debtor's own exports.
    `peer_raw` is the other party's number as written; empty or `-`/`-1` when withheld.
    `also` names the same record in other backups of the same phone.
    """

    ref: ItemRef
    phone: str | None
    channel: Channel
    direction: Direction
    outcome: Outcome
    moment: Moment
    peer_raw: str
    peer_name: str = ""
    direction_raw: str = ""
    duration_s: int | None = None
    text: str = ""
    sent_at: Moment | None = None
    also: tuple[ItemRef, ...] = ()


@dataclass(frozen=True, slots=True)
class PartyRow:
    """One row of parties.csv as written."""

    ref: ItemRef
    number: str
    role: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Payment:
    """One row of payments.csv: yuan paid by the borrower on a local date."""

    ref: ItemRef
    on: date
    amount: Decimal
    payee: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class LoanFile:
    """One loan as written in a JSON file; `data` is the decoded object, numbers as `Decimal`."""

    path: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One row of events.csv: what no phone exports, on somebody's word.

    `day` is the local day where the row states one without a clock; `moment` is None then.
    """

    ref: ItemRef
    moment: Moment | None
    kind: str
    place: str
    who: str
    what: str
    proof_file: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A signed account under `statements/`: its path and, when it is plain text, its words."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the folder: hash of its bytes, what it is, who read it.

    `reader` is None for a file that is kept and not read. `rows` counts records taken from it.
    """

    path: str
    sha256: str
    size: int
    kind: str
    reader: str | None = None
    reader_version: str | None = None
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read: where, what, and what to do; never the content itself."""

    path: str
    at: str | None
    code: str
    message: Words
    next_step: Words | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything read from one folder, in file order."""

    files: tuple[FileEntry, ...] = ()
    contacts: tuple[Contact, ...] = ()
    parties: tuple[PartyRow, ...] = ()
    loans: tuple[LoanFile, ...] = ()
    payments: tuple[Payment, ...] = ()
    events: tuple[Event, ...] = ()
    statements: tuple[Statement, ...] = ()
    declared: tuple[str, ...] = ()  # numbers a loan form names as contacts
    phonebook: tuple[tuple[str, str], ...] = ()  # (number, name) found in the phone's contacts
    problems: tuple[Problem, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)  # path -> sha256
