"""What a reader of one file format is given, and what it gives back.

A reader never raises for bad content: it yields what it can read and a `Problem` for the rest,
naming file and place, and never the content itself. It reads `source.open()` as a stream and
keeps constant memory where the format allows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from jiedun.model.evidence import (
    Contact,
    Event,
    LoanFile,
    PartyRow,
    Payment,
    Problem,
    Statement,
)


@dataclass(frozen=True, slots=True)
class Source:
    """One file's bytes. `path` is POSIX, relative to the folder; a member of an archive is
    `archive.zip!/inside/name`. `phone` is the folder name under `phones/`, else None.
    `open` may be called again and gives a binary stream at position 0; `head` is its first 64 KiB.
    """

    path: str
    size: int
    head: bytes
    open: Callable[[], BinaryIO]
    phone: str | None = None

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Declared:
    """A number that the loan form names as a contact person."""

    number: str


@dataclass(frozen=True, slots=True)
class PhonebookEntry:
    """One entry of the phone's own address book."""

    number: str
    name: str


Record = Contact | PartyRow | Payment | LoanFile | Event | Statement | Declared | PhonebookEntry


class Reader(Protocol):
    """One format. `version` changes whenever the records it yields for the same bytes change."""

    name: str
    version: str

    def recognises(self, source: Source) -> bool:
        """Whether this file is of the format, from its head and name alone."""
        ...

    def read(self, source: Source) -> Iterator[Record | Problem]:
        """The records in file order, with problems where they occur."""
        ...
