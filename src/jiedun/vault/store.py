"""The vault: puts subjects' fields away encrypted, and answers reads by purpose.

Each subject has a data key of its own, wrapped by the keyring's key-encryption key and kept in a
database apart from the data. A write first commits the key, then the data: killed in between, a
key without data is left, which `sweep` takes away; never data without a key. Every change of a
subject seals all its fields under a new data key and destroys the old one, so that older copies of
a cell do not open.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from jiedun.errors import VaultError
from jiedun.vault import tables
from jiedun.vault.access import (
    ABSENT,
    FIND,
    AccessLog,
    Actor,
    Asked,
    Decision,
    Grant,
    Limits,
    Shown,
    decide,
)
from jiedun.vault.cells import Cell, Slot, binding, cells
from jiedun.vault.ciphers import unseal
from jiedun.vault.consent import Ledger
from jiedun.vault.database import add_rows, connect, fetch, reading, writing
from jiedun.vault.fields import HIDDEN, decode, mask
from jiedun.vault.keyring import Keyring, Use
from jiedun.vault.register import Purpose, Register
from jiedun.vault.sealing import (
    Plan,
    Random,
    Sealed,
    Tag,
    key_context,
    plan,
    seal_rows,
    tag,
    tag_rows,
)

BATCH = 4000
SUBJECT = 16
Clock = Callable[[], datetime]
Plans = dict[tuple[str, ...], Plan]
Group = tuple[list[bytes], list[tuple[str, ...]]]  # subjects, and their values

_SUBJECT = "SELECT version, cells, restricted FROM subject WHERE id = ?"
_KEY = 'SELECT kek, box FROM "key" WHERE subject = ? AND version = ?'
_FIND = "SELECT subject FROM blind WHERE field = ? AND tag IN (%s)"


@dataclass(frozen=True, slots=True)
class Places:
    """Where a vault lies: databases as SQLite files or `postgresql://` URLs; the access log; and
    the log of the consent ledger's heads, on another machine's disk if it is to bind owners."""

    data: Path | str
    keys: Path | str
    log: Path
    heads: Path

    @classmethod
    def below(cls, folder: Path) -> "Places":
        """The places of a vault that lies in one folder."""
        outside = folder / "outside"
        return cls(
            folder / "data.db", folder / "keys.db", folder / "access.log", outside / "heads.log"
        )


def grouped(
    ids: Sequence[bytes], rows: Sequence[Mapping[str, str]]
) -> dict[tuple[str, ...], Group]:
    """The subjects and their values by the names of the fields, in order."""
    groups: dict[tuple[str, ...], Group] = {}
    for subject, row in zip(ids, rows, strict=True):
        subjects, values = groups.setdefault(tuple(row), ([], []))
        subjects.append(subject)
        values.append(tuple(row.values()))
    return groups


class Vault:
    """An open vault. Made by `open_vault`; holds its two logs alone until closed."""

    def __init__(
        self,
        data: Engine,
        keys: Engine,
        ring: Keyring,
        register: Register,
        log: AccessLog,
        ledger: Ledger,
        clock: Clock,
        random: Random = os.urandom,
    ) -> None:
        self.data = data
        self.keys = keys
        self.ring = ring
        self.register = register
        self.log = log
        self.ledger = ledger
        self.clock = clock
        self.random = random

    def __enter__(self) -> "Vault":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing; logs and connections are free."""
        self.ledger.close()
        self.log.close()
        self.data.dispose()
        self.keys.dispose()

    # putting away

    def put(self, values: Mapping[str, str], purposes: Iterable[str], actor: Actor) -> bytes:
        """The new subject's id, 16 bytes, its fields on the disk. Errors as for `put_many`."""
        return self.put_many([values], purposes, actor)[0]

    def put_many(
        self, rows: Iterable[Mapping[str, str]], purposes: Iterable[str], actor: Actor
    ) -> list[bytes]:
        """The new subjects' ids in order, `BATCH` a transaction. VaultError for a field that no
        purpose among `purposes` needs; BadValue for a value that is not text: that batch and all
        after it are not kept, those before it are."""
        wanted, done = tuple(purposes), list[bytes]()
        plans: Plans = {}
        stream = iter(rows)
        while batch := list(islice(stream, BATCH)):
            done += self._put_batch(batch, wanted, plans, actor)
        return done

    def _put_batch(
        self,
        rows: Sequence[Mapping[str, str]],
        purposes: Sequence[str],
        plans: Plans,
        actor: Actor,
    ) -> list[bytes]:
        ids = self.new_ids(len(rows))
        groups = grouped(ids, rows)
        for names in set(groups) - set(plans):
            plans[names] = plan(self.register, [self.register.slot(n, purposes) for n in names])
        with writing(self.data) as data:
            self.ring.refresh()
            self._keep(data, *self._seal_groups(groups, plans))
            digest = hashlib.sha256(b"".join(ids)).hexdigest()
            body = {"subjects": len(ids), "ids": digest, "purposes": list(purposes)}
            self.log.note("put", actor, body, self.clock())  # before the data are committed
        return ids

    def _seal_groups(
        self, groups: Mapping[tuple[str, ...], Group], plans: Plans
    ) -> tuple[list[Sealed], list[Tag]]:
        seals, tags = list[Sealed](), list[Tag]()
        for names, (subjects, values) in groups.items():
            seals += seal_rows(self.ring, plans[names], 1, subjects, values, self.random)
            tags += tag_rows(self.ring, plans[names], subjects, values)
        return seals, tags

    def _keep(self, data: Connection, seals: Sequence[Sealed], tags: Sequence[Tag]) -> None:
        """Commits the keys, then adds the data to the open transaction."""
        with writing(self.keys) as keys:
            boxes = [(subject, kek, box) for subject, kek, box, _ in seals]
            add_rows(keys, tables.key, boxes, {"version": 1})
        records = [(subject, raw) for subject, _, _, raw in seals]
        add_rows(data, tables.subject, records, {"version": 1, "restricted": None})
        add_rows(data, tables.blind, sorted(tags))

    def new_ids(self, count: int) -> list[bytes]:
        """Ids of 16 bytes: milliseconds since 1970 in 6 bytes, then 10 random bytes."""
        front = int(self.clock().timestamp() * 1000).to_bytes(6, "big")
        pool = self.random(10 * count)
        return [front + pool[i : i + 10] for i in range(0, 10 * count, 10)]

    def seal(self, subject: bytes, version: int, chosen: Plan, values: Sequence[str]) -> Sealed:
        """The values sealed under a new data key, and that key wrapped."""
        return seal_rows(self.ring, chosen, version, [subject], [values], self.random)[0]

    def tags(self, subject: bytes, chosen: Plan, values: Sequence[str]) -> list[Tag]:
        """The rows of the blind index for these values, under the active index key."""
        return tag_rows(self.ring, chosen, [subject], [values])

    # reading

    def read(
        self, subject: bytes, fields: Sequence[str], purpose: str, actor: Actor
    ) -> dict[str, Shown]:
        """The fields as this purpose and actor may see them, after the access was written down.

        VaultError for an unknown purpose, field or subject, an erased subject, a pace exceeded, or
        a value that was tampered with; ProofError for a forged consent.
        """
        wanted = self.register.purpose(purpose)
        for name in fields:
            self.register.field(name)
        self.log.pace(actor, self.clock())
        return self.answer(subject, fields, wanted, actor, {})

    def answer(
        self,
        subject: bytes,
        fields: Sequence[str],
        purpose: Purpose,
        actor: Actor,
        under: Mapping[str, str],
    ) -> dict[str, Shown]:
        """The same without counting the pace; `under` goes into the log's line."""
        with reading(self.data) as link:
            row = _subject(link, subject)
            consents = self.ledger.standing_in(link, subject, purpose.id)
        asked = Asked(self.register, purpose, actor.role, consents, row.restricted is not None)
        kept = {self.register.field_numbers[c.field].id: c for c in cells(row.cells)}
        decided = {name: self._decide(asked, name, kept.get(name)) for name in fields}
        body = {
            "subject": subject.hex(),
            "purpose": purpose.id,
            "fields": {name: d.grant.value for name, d in decided.items()},
            **under,
        }
        self.log.read(actor, body, self.clock())
        return self._open(subject, row.version, kept, decided)

    def _decide(self, asked: Asked, name: str, cell: Cell | None) -> Decision:
        if cell is None:
            return ABSENT
        numbers = self.register.purpose_numbers
        return decide(asked, name, [numbers[n].id for n in cell.purposes if n in numbers])

    def _open(
        self,
        subject: bytes,
        version: int,
        kept: Mapping[str, Cell],
        decided: Mapping[str, Decision],
    ) -> dict[str, Shown]:
        opened = {Grant.CLEAR, Grant.MASKED}
        wanted = [name for name, d in decided.items() if d.grant in opened]
        values = self.values(subject, version, [kept[name] for name in wanted]) if wanted else {}
        shown = {}
        for name, decision in decided.items():
            value = None if decision.grant is Grant.ABSENT else HIDDEN
            if decision.grant is Grant.CLEAR:
                value = values[name]
            elif decision.grant is Grant.MASKED:
                value = mask(self.register.field(name), values[name])
            shown[name] = Shown(decision, value)
        return shown

    def values(self, subject: bytes, version: int, some: Iterable[Cell]) -> dict[str, str]:
        """The plain values of these cells by field. For this room's own use: nothing is logged.
        VaultError where the subject was erased or a cell does not open."""
        aead = self.ring.profile.aead(self.data_key(subject, version))
        found = {}
        for cell in some:
            slot = self.slot_of(cell)
            raw = unseal(aead, cell.box, binding(slot) + subject, f"field {slot.field_id}")
            found[slot.field_id] = decode(raw)
        return found

    def data_key(self, subject: bytes, version: int) -> bytes:
        """The subject's data key; VaultError where it was destroyed."""
        with reading(self.keys) as link:
            rows = fetch(link, _KEY, subject, version)
        if not rows:
            raise gone()
        return self.ring.unwrap(rows[0][0], bytes(rows[0][1]), key_context(subject, version))

    def slot_of(self, cell: Cell) -> Slot:
        """The slot of a cell read back; VaultError where the register no longer knows it."""
        try:
            field = self.register.field_numbers[cell.field]
            purposes = tuple(self.register.purpose_numbers[n].id for n in cell.purposes)
        except KeyError:
            raise VaultError(
                "a value is kept for a field or purpose that the register no longer has",
                next_step="put the row back into the register: numbers are never reused",
            ) from None
        return Slot(cell.field, field.id, cell.purposes, purposes)

    def find(self, field: str, value: str, purpose: str, actor: Actor) -> list[bytes]:
        """The subjects whose field equals the value in normal form, after the look-up was written
        down. VaultError where the field is not indexed, or the purpose or role may not use it."""
        known, wanted = self.register.field(field), self.register.purpose(purpose)
        if not known.indexed or field not in wanted.fields or actor.role not in wanted.roles:
            self.log.note("refused", actor, {"reason": "find", "field": field}, self.clock())
            raise VaultError(
                "this look-up is not allowed", where=field, why="by index, purpose or role"
            )
        self.log.pace(actor, self.clock())
        keys = [named.id for named in self.ring.live(Use.INDEX)]
        tags = [tag(self.ring.mac(key), known, value) for key in keys]
        statement = _FIND % ", ".join("?" * len(tags))
        with reading(self.data) as link:
            rows = fetch(link, statement, known.number, *tags)
        found = sorted({bytes(subject) for (subject,) in rows})
        body = {"field": field, "purpose": purpose, "found": len(found)}
        self.log.read(actor, body, self.clock(), FIND)
        return found


class Kept(NamedTuple):
    """A subject's row."""

    version: int
    cells: bytes
    restricted: str | None


def _subject(link: Connection, subject: bytes) -> Kept:
    rows = fetch(link, _SUBJECT, subject)
    if not rows:
        raise gone()
    version, raw, restricted = rows[0]
    return Kept(version, bytes(raw), restricted)


def gone() -> VaultError:
    """What is said of a subject that was never here or was erased; the two are not told apart."""
    return VaultError("no such person is kept here, or their data were erased")


def open_vault(
    places: Places,
    ring: Keyring,
    register: Register,
    *,
    clock: Clock,
    limits: Limits | None = None,
    random: Random = os.urandom,
) -> Vault:
    """The vault at these places, made where absent; both logs and the consent ledger are checked
    from their first line. ProofError where one is not whole, VaultError where a database refuses.
    """
    for path in (places.data, places.keys, places.log, places.heads):
        if isinstance(path, Path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as undo:
        data, keys = connect(places.data), connect(places.keys)
        undo.callback(data.dispose)
        undo.callback(keys.dispose)
        tables.create(data, keys)
        log = AccessLog.open(places.log, clock=clock, limits=limits)
        undo.callback(log.close)
        mac = ring.mac(ring.active(Use.LEDGER).id)
        ledger = Ledger.open(data, mac, places.heads, clock=clock)
        undo.pop_all()
    return Vault(data, keys, ring, register, log, ledger, clock, random)
