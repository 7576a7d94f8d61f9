"""Changing and ending what is kept: correction, purposes taken away, erasure, rotation, sweeping.

A change seals the whole subject under a new data key: (1) the new key is committed, (2) the data,
(3) the old key is destroyed. Erasure destroys the keys first: from then on nothing opens, whatever
copies of the data are about. Killed anywhere in between, `sweep` finishes the work.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from jiedun.errors import VaultError
from jiedun.vault import tables
from jiedun.vault.access import Actor
from jiedun.vault.cells import Slot, cells
from jiedun.vault.ciphers import NONCE
from jiedun.vault.database import add_rows, reading, settle, writing
from jiedun.vault.keyring import Use
from jiedun.vault.sealing import key_context, plan, tag
from jiedun.vault.store import Vault, gone

Values = dict[str, tuple[Slot, str]]
Change = Callable[[Values], Values]


@dataclass(frozen=True, slots=True)
class Erased:
    """What erasing one subject took away: keys destroyed, rows of the index, rows of data."""

    subject: bytes
    keys: int
    tags: int
    rows: int


def correct(vault: Vault, subject: bytes, values: Mapping[str, str], actor: Actor) -> None:
    """Nothing; fields that are kept have the new values, under their purposes (PIPL 46).
    VaultError for a field that is not kept: collecting more is another act."""

    def change(kept: Values) -> Values:
        if missing := [name for name in values if name not in kept]:
            raise VaultError("a field to correct is not kept", where=missing[0])
        return {n: (slot, values.get(n, old)) for n, (slot, old) in kept.items()}

    rewrite(vault, subject, change, "correct", {"fields": sorted(values)}, actor)


def keep_for(
    vault: Vault, subject: bytes, values: Mapping[str, str], purposes: Iterable[str], actor: Actor
) -> None:
    """Nothing; fields are kept for these purposes besides those they are kept for already; a
    field already kept takes the new value. VaultError where no purpose needs a field."""
    wanted = tuple(purposes)

    def change(kept: Values) -> Values:
        new = dict(kept)
        for name, value in values.items():
            before = kept[name][0].purpose_ids if name in kept else ()
            new[name] = (vault.register.slot(name, (*before, *wanted)), value)
        return new

    body = {"fields": sorted(values), "purposes": list(wanted)}
    rewrite(vault, subject, change, "keep", body, actor)


def stop_purposes(vault: Vault, subject: bytes, purposes: Iterable[str], actor: Actor) -> None:
    """Nothing; no field is kept for these purposes any more; one kept for nothing else is gone
    (PIPL 47(1)). Where nothing is left the subject is erased. VaultError under a legal hold."""
    ended = set(purposes)
    with reading(vault.data) as link:
        _refuse_held(link, subject, vault.clock())

    def change(kept: Values) -> Values:
        new: Values = {}
        for name, (slot, value) in kept.items():
            left = [p for p in slot.purpose_ids if p not in ended]
            if left:
                new[name] = (vault.register.slot(name, left), value)
        return new

    rewrite(vault, subject, change, "stop", {"purposes": sorted(ended)}, actor)


def rewrite(
    vault: Vault,
    subject: bytes,
    change: Change,
    kind: str,
    body: Mapping[str, Any],
    actor: Actor,
) -> None:
    """Nothing; what `change` makes of the kept values is sealed under a new data key. Written to
    the log first. VaultError where the subject is gone or under a hold that forbids it."""
    vault.log.note(kind, actor, {"subject": subject.hex(), **body}, vault.clock())
    with writing(vault.data) as data:
        row = _locked(data, subject)
        kept = _values(vault, subject, row)
        new = change(kept)
        if not new:
            _drop(vault, data, subject, kept)
            return
        version = row.version + 1
        chosen = plan(vault.register, [slot for slot, _ in new.values()])
        values = [value for _, value in new.values()]
        vault.ring.refresh()
        _, kek, box, raw = vault.seal(subject, version, chosen, values)
        with writing(vault.keys) as keys:
            _clear(keys, subject, keep=row.version)
            add_rows(keys, tables.key, [(subject, version, kek, box)])
        _untag(vault, data, subject, kept)
        add_rows(data, tables.blind, vault.tags(subject, chosen, values))
        where = (tables.subject.c.id == subject, tables.subject.c.version == row.version)
        done = data.execute(update(tables.subject).where(*where).values(version=version, cells=raw))
        if done.rowcount != 1:
            raise VaultError("another change came first", next_step="run this again")
    with writing(vault.keys) as keys:
        _clear(keys, subject, keep=version)
    settle(vault.keys)


def erase(vault: Vault, subject: bytes, actor: Actor, why: str) -> Erased:
    """What was taken away. The data key is destroyed first. VaultError under a legal hold, or
    where the subject is gone already."""
    with writing(vault.data) as data:
        row = _locked(data, subject)
        _refuse_held(data, subject, vault.clock())
        vault.log.note("erase", actor, {"subject": subject.hex(), "why": why}, vault.clock())
        done = _drop(vault, data, subject, _values(vault, subject, row))
    settle(vault.keys)
    settle(vault.data)
    return done


def held(vault: Vault, subject: bytes) -> bool:
    """Whether a legal hold is on the person's data."""
    with reading(vault.data) as link:
        return _holds(link, subject, vault.clock())


def _holds(link: Connection, subject: bytes, now: datetime) -> bool:
    rows = link.execute(select(tables.hold.c.until).where(tables.hold.c.subject == subject))
    return any(r.until is None or datetime.fromisoformat(r.until) > now for r in rows)


def _refuse_held(link: Connection, subject: bytes, now: datetime) -> None:
    if _holds(link, subject, now):
        raise VaultError(
            "this person's data are under a legal hold",
            why="PIPL 47(2): kept by law, everything but keeping them safe stops",
            next_step="restrict them instead; erase when the hold has ended",
        )


def restrict(vault: Vault, subject: bytes, why: str | None, actor: Actor) -> None:
    """Nothing; from now on values are kept and shown to nobody (PIPL 47(2)); None lifts it."""
    vault.log.note("restrict", actor, {"subject": subject.hex(), "why": why}, vault.clock())
    with writing(vault.data) as data:
        _locked(data, subject)
        where = tables.subject.c.id == subject
        short = None if why is None else why[:40]
        data.execute(update(tables.subject).where(where).values(restricted=short))


def _locked(data: Connection, subject: bytes) -> Any:
    query = select(tables.subject).where(tables.subject.c.id == subject).with_for_update()
    row = data.execute(query).first()
    if row is None:
        raise gone()
    return row


def _values(vault: Vault, subject: bytes, row: Any) -> Values:
    kept = cells(row.cells)
    slots = {slot.field_id: slot for slot in map(vault.slot_of, kept)}
    plain = vault.values(subject, row.version, kept)
    return {name: (slots[name], value) for name, value in plain.items()}


def _drop(vault: Vault, data: Connection, subject: bytes, kept: Values) -> Erased:
    with writing(vault.keys) as keys:
        destroyed = _clear(keys, subject, keep=None)
    tags = _untag(vault, data, subject, kept)
    gone_rows = data.execute(delete(tables.subject).where(tables.subject.c.id == subject))
    data.execute(delete(tables.event).where(tables.event.c.subject == subject))
    return Erased(subject, destroyed, tags, gone_rows.rowcount)


def _clear(keys: Connection, subject: bytes, keep: int | None) -> int:
    """The number of data keys destroyed. Overwritten first, so that no later free page, dead row
    or log of the database's next write holds the wrapped key where it was."""
    others = [tables.key.c.subject == subject]
    if keep is not None:
        others.append(tables.key.c.version != keep)
    boxes = keys.execute(select(func.length(tables.key.c.box)).where(*others)).scalars().all()
    if boxes:
        blank = bytes(max(boxes))
        keys.execute(update(tables.key).where(*others).values(box=blank))
        keys.execute(delete(tables.key).where(*others))
    return len(boxes)


def _untag(vault: Vault, data: Connection, subject: bytes, kept: Values) -> int:
    count = 0
    for name, (_, value) in kept.items():
        field = vault.register.field(name)
        if not field.indexed:
            continue
        tags = [tag(vault.ring.mac(key.id), field, value) for key in vault.ring.live(Use.INDEX)]
        where = (tables.blind.c.tag.in_(tags), tables.blind.c.subject == subject)
        count += data.execute(delete(tables.blind).where(*where)).rowcount
    return count


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep took away: keys without data, and rows of data and index without a key."""

    keys: int
    rows: int
    tags: int


def sweep(vault: Vault) -> Swept:
    """What was left by work that was killed halfway, now gone. Keeps other writers out meanwhile;
    run it when a process died, or every night."""
    subject, key = tables.subject, tables.key
    with writing(vault.data, alone=True) as data, writing(vault.keys) as keys:
        versions = {
            bytes(r.id): r.version for r in data.execute(select(subject.c.id, subject.c.version))
        }
        held = {
            (bytes(r.subject), r.version)
            for r in keys.execute(select(key.c.subject, key.c.version))
        }
        stale = [(s, v) for s, v in held if versions.get(s) != v]
        for one, version in stale:
            keys.execute(delete(key).where(key.c.subject == one, key.c.version == version))
        lost = [s for s, v in versions.items() if (s, v) not in held]
        for one in lost:
            data.execute(delete(subject).where(subject.c.id == one))
        loose = tables.blind.c.subject.not_in(select(subject.c.id))
        tags = data.execute(delete(tables.blind).where(loose)).rowcount
    settle(vault.keys)
    return Swept(len(stale), len(lost), tags)


# rotation


def rotate_kek(vault: Vault, actor: Actor, batch: int = 1000) -> int:
    """The number of data keys wrapped anew under a new key-encryption key; the old ones are
    destroyed. Reads and writes go on meanwhile; killed halfway, running it again finishes."""
    if len(vault.ring.live(Use.KEK)) == 1:
        vault.ring.rotate(Use.KEK, vault.clock())
    vault.log.note("rotate", actor, {"use": "kek", "to": vault.ring.kek}, vault.clock())
    done = 0
    while moved := _rewrap(vault, batch):
        done += moved
    _retire(vault, Use.KEK)
    settle(vault.keys)
    return done


def _rewrap(vault: Vault, batch: int) -> int:
    key, active = tables.key, vault.ring.kek
    with writing(vault.keys) as keys:
        query = select(key).where(key.c.kek != active).limit(batch).with_for_update()
        rows = keys.execute(query).all()
        changed = []
        for row in rows:
            context = key_context(bytes(row.subject), row.version)
            data_key = vault.ring.unwrap(row.kek, row.box, context)
            kek, box = vault.ring.wrap(data_key, context, vault.random(NONCE))
            changed.append({"of": row.subject, "v": row.version, "kek": kek, "box": box})
        if changed:
            where = (key.c.subject == bindparam("of"), key.c.version == bindparam("v"))
            keys.execute(update(key).where(*where), changed)
    return len(rows)


def _retire(vault: Vault, use: Use) -> None:
    """Destroys retiring keys of that use that nothing is under any more; writers are kept out."""
    with writing(vault.data, alone=True) as data, writing(vault.keys) as keys:
        for named in vault.ring.live(use)[1:]:
            if use is Use.KEK:
                query = select(tables.key.c.subject).where(tables.key.c.kek == named.id)
                used = keys.execute(query.limit(1)).first()
            else:
                query = select(tables.blind.c.subject).where(tables.blind.c.key == named.number)
                used = data.execute(query.limit(1)).first()
            if used is None:
                vault.ring.destroy(named.id)


def rotate_index(vault: Vault, actor: Actor, batch: int = 500) -> int:
    """The number of subjects whose index rows were made anew under a new index key; the old key is
    destroyed. Look-ups ask under both keys meanwhile."""
    if len(vault.ring.live(Use.INDEX)) == 1:
        vault.ring.rotate(Use.INDEX, vault.clock())
    vault.log.note("rotate", actor, {"use": "index"}, vault.clock())
    done = 0
    while moved := _reindex(vault, batch):
        done += moved
    _retire(vault, Use.INDEX)
    return done


def _reindex(vault: Vault, batch: int) -> int:
    active = vault.ring.active(Use.INDEX).number
    with writing(vault.data, alone=True) as data:
        query = select(tables.blind.c.subject).where(tables.blind.c.key != active)
        subjects = data.execute(query.distinct().limit(batch)).scalars().all()
        for raw in subjects:
            subject = bytes(raw)
            kept = _values(vault, subject, _locked(data, subject))
            _untag(vault, data, subject, kept)
            chosen = plan(vault.register, [slot for slot, _ in kept.values()])
            values = [value for _, value in kept.values()]
            add_rows(data, tables.blind, vault.tags(subject, chosen, values))
    return len(subjects)
