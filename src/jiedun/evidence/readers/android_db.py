"""Android's own databases: `mmssms.db`, `calllog.db`, `contacts2.db`.

The database is copied to a temporary file and opened read-only, so that SQLite never writes beside
the evidence; a write-ahead log lying next to it is not applied. Rows are numbered from 1 in the
order of `_id`: messages `#n`, MMS `#mmsn`, calls `#n` (`#calln` where messages share the file).
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from jiedun.evidence.interface import PhonebookEntry, Record, Source
from jiedun.evidence.problems import problem
from jiedun.evidence.readers._records import Maker, drain, known
from jiedun.model.evidence import Channel, Problem

_MAGIC = b"SQLite format 3\x00"
_NAMES = ("mmssms", "calllog", "contacts2", "sms.db", "calls.db")
_TABLES = (
    b"CREATE TABLE sms ",
    b"CREATE TABLE sms(",
    b"CREATE TABLE calls ",
    b"CREATE TABLE calls(",
)
_PHONES = """
    SELECT data.data1 AS number, raw_contacts.display_name AS name
    FROM data
    JOIN mimetypes ON mimetypes._id = data.mimetype_id
    JOIN raw_contacts ON raw_contacts._id = data.raw_contact_id
    WHERE mimetypes.mimetype = 'vnd.android.cursor.item/phone_v2'
    ORDER BY data._id
"""
_FROM = 137
_MOST_STEPS = 200_000_000

Row = Callable[[str], str | None]


class AndroidDatabase:
    """Reader of the telephony and contacts providers' SQLite files."""

    name = "android-db"
    version = "1"

    def recognises(self, source: Source) -> bool:
        """Whether it is SQLite with a provider's name or tables."""
        if not source.head.startswith(_MAGIC):
            return False
        name = source.name.lower()
        return any(n in name for n in _NAMES) or any(t in source.head for t in _TABLES)

    def read(self, source: Source) -> Iterator[Record | Problem]:
        """Messages, MMS, calls, then contacts; a damaged database gives what precedes the damage."""
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy.db"
            with source.open() as stream, copy.open("wb") as out:
                shutil.copyfileobj(stream, out)
            try:
                with closing(_opened(copy)) as database:
                    yield from _all(database, source)
            except (sqlite3.Error, OverflowError, UnicodeDecodeError):
                yield problem(source.path, "database")


def _opened(copy: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)
    database.row_factory = sqlite3.Row
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    database.set_progress_handler(lambda: 1, _MOST_STEPS)
    return database


def _all(database: sqlite3.Connection, source: Source) -> Iterator[Record | Problem]:
    tables = {
        row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
    }
    made: list[Record | Problem] = []
    maker = Maker(source.path, source.phone, made.append)
    if "sms" in tables:
        for n, row in _rows(database, "SELECT * FROM sms ORDER BY _id"):
            ref = maker.ref("", n)
            contact = maker.message(ref, Channel.SMS, row, text=row("body") or "")
            yield from drain(made)
            if contact is not None:
                yield contact
    if {"pdu", "part", "addr"} <= tables:
        yield from _mms(database, maker, made)
    if "calls" in tables:
        yield from _calls(database, maker, made, "call" if "sms" in tables else "")
    if {"data", "mimetypes", "raw_contacts"} <= tables:
        for _, row in _rows(database, _PHONES):
            if row("number"):
                yield PhonebookEntry(row("number") or "", row("name") or "")


def _rows(database: sqlite3.Connection, query: str, *values: object) -> Iterator[tuple[int, Row]]:
    for n, row in enumerate(database.execute(query, values), 1):
        yield n, {key: _text(row[key]) for key in row.keys()}.get  # noqa: SIM118 - sqlite3.Row


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return None if value is None else str(value)


def _mms(
    database: sqlite3.Connection, maker: Maker, made: list[Record | Problem]
) -> Iterator[Record | Problem]:
    for n, row in _rows(database, "SELECT * FROM pdu ORDER BY _id"):
        parts = _rows(
            database,
            "SELECT text FROM part WHERE mid = ? AND ct LIKE 'text/%' AND text NOT NULL ORDER BY seq, _id",
            row("_id"),
        )
        words = [row("sub") or "", *(part("text") or "" for _, part in parts)]
        incoming = row("msg_box") == "1"
        contact = maker.message(
            maker.ref("mms", n),
            Channel.MMS,
            row,
            box="msg_box",
            text="\n".join(word for word in words if word),
            peer=_peer(database, row("_id"), incoming=incoming),
        )
        yield from drain(made)
        if contact is not None:
            yield contact


def _peer(database: sqlite3.Connection, message: str | None, *, incoming: bool) -> str:
    """The sender of an incoming MMS; the receivers of any other, joined by `~`."""
    query = "SELECT address FROM addr WHERE msg_id = ? AND (type = ?) = ? ORDER BY _id"
    found = (known(row("address")) for _, row in _rows(database, query, message, _FROM, incoming))
    return "~".join(a for a in found if a and a != "insert-address-token")


def _calls(
    database: sqlite3.Connection, maker: Maker, made: list[Record | Problem], kind: str
) -> Iterator[Record | Problem]:
    for n, row in _rows(database, "SELECT *, name AS contact_name FROM calls ORDER BY _id"):
        contact = maker.call(maker.ref(kind, n), row)
        yield from drain(made)
        if contact is not None:
            yield contact
