"""The consent ledger: append-only, chained under a key, its head kept outside the database.

Each event's MAC is HMAC(ledger key, MAC before ‖ event in canonical spelling): whoever owns the
database but not the keyring can neither alter, insert nor reorder. After every write the head
(count, MAC) is appended to a log elsewhere: rows missing at the end, or an older copy of the
database, show against it. A person's consent is one of `SCOPES`; what stands is the last event.
Sources: PIPL 14, 15, 23, 25, 29, 39.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select

from jiedun.chain import canonical
from jiedun.chain.log import GENESIS, Log, entries
from jiedun.errors import ProofError, VaultError
from jiedun.vault.database import fetch, reading, writing
from jiedun.vault.tables import consent

HEAD = "consent.head"
Mac = Callable[[bytes], bytes]


class Scope(StrEnum):
    """What is consented to; all but the first are separate consents."""

    GENERAL = "general"
    SENSITIVE = "sensitive"
    PROVIDE = "provide"
    PUBLISH = "publish"
    OVERSEAS = "overseas"


class Act(StrEnum):
    """Giving or withdrawing; both take one call with the same arguments."""

    GIVE = "give"
    WITHDRAW = "withdraw"


CLAUSE = {
    Scope.GENERAL: "14",
    Scope.SENSITIVE: "29",
    Scope.PROVIDE: "23",
    Scope.PUBLISH: "25",
    Scope.OVERSEAS: "39",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One act of a person. `receipt` is unique for ever; `notice` the SHA-256 of the text shown;
    `detail` whom or what it concerns (a recipient's name), empty if the whole purpose; `at` aware.
    """

    receipt: str
    subject: bytes
    purpose: str
    scope: Scope
    act: Act
    notice: str
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place in the ledger."""

    seq: int
    event: Event
    mac: str


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """How many events, and the MAC of the last."""

    count: int
    mac: str


_COLUMNS = tuple(column.name for column in consent.columns)
_STANDING = (
    "SELECT " + ", ".join(f'c."{name}"' for name in _COLUMNS) + ", b.mac FROM consent c "  # noqa: S608
    "LEFT JOIN consent b ON b.seq = c.seq - 1 WHERE c.subject = ? AND c.purpose = ? ORDER BY c.seq"
)


def _spelled(seq: int, event: Event) -> bytes:
    record = {**asdict(event), "subject": event.subject.hex(), "at": event.at.isoformat()}
    return canonical.encode({**record, "seq": seq})


class Ledger:
    """The consent ledger of one vault. `heads` is a log outside the database."""

    def __init__(self, data: Engine, mac: Mac, heads: Log, known: LedgerHead) -> None:
        self._data = data
        self._mac = mac
        self._heads = heads
        self._known = known

    @classmethod
    def open(
        cls, data: Engine, mac: Mac, heads: Path, *, clock: Callable[[], datetime]
    ) -> "Ledger":
        """The ledger, checked from the first event to the last against the head kept at `heads`.
        ProofError where it was altered, cut or replaced by an older copy."""
        known = _last_head(heads)
        log = Log.open(heads, clock=clock, wait_s=10.0)
        try:
            ledger = cls(data, mac, log, known)
            found = ledger.verify()
            if found != known:  # killed between the commit and the head: the events stand
                ledger._keep(found, clock())
        except BaseException:
            log.close()
            raise
        return ledger

    def _keep(self, head: LedgerHead, at: datetime) -> None:
        self._heads.append(HEAD, {"count": head.count, "mac": head.mac}, at)
        self._known = head

    def record(self, events: Sequence[Event], now: datetime) -> list[Recorded]:
        """The events as recorded, on the disk with the head moved on. VaultError for an event
        seen before, without a zone, in the future, or older than what it would replace."""
        if not events:
            return []
        with writing(self._data, alone=True) as link:
            head = _tail(link)
            if head.count < self._known.count:
                raise _older(self._known, head)
            done: list[Recorded] = []
            for event in events:
                _admit(link, event, now, [r.event for r in done])
                mac = self._next(head, event)
                head = LedgerHead(head.count + 1, mac)
                done.append(Recorded(head.count, event, mac))
            link.execute(insert(consent), [_row(r) for r in done])
        self._keep(head, now)
        return done

    def _next(self, head: LedgerHead, event: Event) -> str:
        return self._mac(bytes.fromhex(head.mac) + _spelled(head.count + 1, event)).hex()

    def verify(self) -> LedgerHead:
        """The head of a whole ledger that holds everything the outside head vouches for."""
        head = LedgerHead(0, GENESIS)
        with reading(self._data) as link:
            for row in link.execute(select(consent).order_by(consent.c.seq)).mappings():
                found = _recorded(row)
                if found.seq != head.count + 1 or found.mac != self._next(head, found.event):
                    raise ProofError(
                        "the consent ledger was altered",
                        where=f"consent#{head.count + 1}",
                        next_step="compare with a backup; the events before this one are whole",
                    )
                head = LedgerHead(found.seq, found.mac)
                if head.count == self._known.count and head.mac != self._known.mac:
                    raise _older(self._known, head)
        if head.count < self._known.count:
            raise _older(self._known, head)
        return head

    def standing(self, subject: bytes, purpose: str) -> Mapping[tuple[Scope, str], Recorded]:
        """The last event of each scope and detail; ProofError where one of them was forged."""
        with reading(self._data) as link:
            return self.standing_in(link, subject, purpose)

    def standing_in(
        self, link: Connection, subject: bytes, purpose: str
    ) -> Mapping[tuple[Scope, str], Recorded]:
        """The same over a connection in hand."""
        found = {}
        for *row, before in fetch(link, _STANDING, subject, purpose):
            one = _recorded(dict(zip(_COLUMNS, row, strict=True)))
            if one.mac != self._next(LedgerHead(one.seq - 1, before or GENESIS), one.event):
                raise ProofError("the consent ledger was altered", where=f"consent#{one.seq}")
            found[one.event.scope, one.event.detail] = one
        return found

    def history(self, subject: bytes) -> list[Recorded]:
        """Every event of a person in order."""
        query = select(consent).where(consent.c.subject == subject).order_by(consent.c.seq)
        with reading(self._data) as link:
            return [_recorded(row) for row in link.execute(query).mappings()]

    def close(self) -> None:
        """Nothing; the log of heads is free."""
        self._heads.close()


def given(standing: Mapping[tuple[Scope, str], Recorded], scope: Scope, detail: str = "") -> bool:
    """Whether consent of that scope stands; one for the whole purpose covers every detail."""
    exact = standing.get((scope, detail)) or standing.get((scope, ""))
    return exact is not None and exact.event.act is Act.GIVE


def _last_head(path: Path) -> LedgerHead:
    head = LedgerHead(0, GENESIS)
    if not path.exists():
        return head
    for entry in _whole(path):
        if entry.kind == HEAD and entry.body is not None:
            head = LedgerHead(int(entry.body["count"]), str(entry.body["mac"]))
    return head


def _whole(path: Path) -> Sequence[Any]:
    found = []
    try:
        for entry in entries(path):
            found.append(entry)
    except ProofError as error:
        if error.what != "the last line is half written":
            raise
    return found


def _tail(link: Connection) -> LedgerHead:
    query = select(consent.c.seq, consent.c.mac).order_by(consent.c.seq.desc()).limit(1)
    row = link.execute(query).first()
    return LedgerHead(0, GENESIS) if row is None else LedgerHead(row.seq, row.mac)


def _older(known: LedgerHead, found: LedgerHead) -> ProofError:
    return ProofError(
        "the consent ledger holds less than, or other than, its head outside says",
        where="consent",
        why=f"{known.count} events are vouched for, {found.count} are whole",
        next_step="rows were removed or an older copy was put back: compare with a backup",
    )


def _admit(link: Connection, event: Event, now: datetime, batch: Sequence[Event]) -> None:
    if event.at.tzinfo is None or event.at > now:
        raise VaultError("a consent event without a zone, or from the future", where="at")
    if len(event.notice) != 64 or len(event.subject) != 16 or not event.receipt:
        raise VaultError("a consent event lacks its notice's hash, its subject or its receipt")
    seen = select(consent.c.seq).where(consent.c.receipt == event.receipt)
    if link.execute(seen).first() or any(e.receipt == event.receipt for e in batch):
        raise VaultError(
            "this receipt was recorded before",
            why="a consent is not given twice by sending it again",
            next_step="ask the person again and use a new receipt",
        )
    _in_order(link, event, batch)


def _in_order(link: Connection, event: Event, batch: Sequence[Event]) -> None:
    same = select(consent.c.at).where(
        consent.c.subject == event.subject,
        consent.c.purpose == event.purpose,
        consent.c.scope == event.scope.value,
        consent.c.detail == event.detail,
    )
    times = [datetime.fromisoformat(row.at) for row in link.execute(same)]
    key = (event.subject, event.purpose, event.scope, event.detail)
    times += [e.at for e in batch if (e.subject, e.purpose, e.scope, e.detail) == key]
    if times and event.at < max(times):
        raise VaultError(
            "this event is older than the one it would replace",
            why="an old consent was sent again, or a clock runs back",
        )


def _row(one: Recorded) -> dict[str, Any]:
    event = one.event
    return {
        "seq": one.seq,
        "receipt": event.receipt,
        "subject": event.subject,
        "purpose": event.purpose,
        "scope": event.scope.value,
        "act": event.act.value,
        "detail": event.detail,
        "notice": event.notice,
        "at": event.at.isoformat(),
        "mac": one.mac,
    }


def _recorded(row: Mapping[str, Any] | RowMapping) -> Recorded:
    try:
        event = Event(
            receipt=row["receipt"],
            subject=bytes(row["subject"]),
            purpose=row["purpose"],
            scope=Scope(row["scope"]),
            act=Act(row["act"]),
            notice=row["notice"],
            at=datetime.fromisoformat(row["at"]),
            detail=row["detail"],
        )
    except (ValueError, TypeError):
        raise ProofError("the consent ledger was altered", where=f"consent#{row['seq']}") from None
    return Recorded(int(row["seq"]), event, row["mac"])
