"""Retention sweeps: what a purpose no longer needs is deleted, and the log says under which rule.

An event (`account_closed`, `loan_settled`, …) starts a purpose's clock for a person. When it has run
(PIPL 19, 47(1)), the fields kept for nothing else go. A legal hold defers it; the report says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from jiedun.errors import VaultError
from jiedun.vault import tables
from jiedun.vault.access import Actor
from jiedun.vault.cells import cells
from jiedun.vault.change import held, stop_purposes
from jiedun.vault.database import reading, writing
from jiedun.vault.store import Vault


@dataclass(frozen=True, slots=True)
class Deleted:
    """One person's purposes that ended: since when, under which rule; `deferred` by a hold."""

    subject: bytes
    purposes: tuple[str, ...]
    rules: tuple[str, ...]
    deferred: bool


def happened(
    vault: Vault, subject: bytes, kind: str, at: datetime, actor: Actor, purpose: str = ""
) -> None:
    """Nothing; the event starts the clocks that wait for it, or that of one purpose alone. VaultError
    for one that none does."""
    if kind not in {p.retention.after for p in vault.register.purposes.values()}:
        raise VaultError("no purpose of the register waits for this event", where=kind[:40])
    if purpose:
        kind = f"{kind}:{purpose}"
    vault.log.note("event", actor, {"subject": subject.hex(), "event": kind}, vault.clock())
    event = tables.event
    with writing(vault.data) as link:
        where = (event.c.subject == subject, event.c.kind == kind)
        link.execute(delete(event).where(*where))
        link.execute(insert(event).values(subject=subject, kind=kind, at=at.isoformat()))


def due(vault: Vault, now: datetime) -> list[Deleted]:
    """What a sweep at `now` would delete, nobody's data touched."""
    with reading(vault.data) as link:
        events = link.execute(select(tables.event)).all()
    ended: dict[bytes, list[tuple[str, str]]] = {}
    for row in events:
        at = datetime.fromisoformat(row.at)
        for purpose in vault.register.purposes.values():
            kept = purpose.retention
            if (
                row.kind in (kept.after, f"{kept.after}:{purpose.id}")
                and at + timedelta(days=kept.days) <= now
            ):
                rule = f"{purpose.id}: {kept.days}d after {kept.after}"
                ended.setdefault(bytes(row.subject), []).append((purpose.id, rule))
    found = (_due(vault, subject, some) for subject, some in sorted(ended.items()))
    return [one for one in found if one is not None]


def _due(vault: Vault, subject: bytes, ended: list[tuple[str, str]]) -> Deleted | None:
    with reading(vault.data) as link:
        query = select(tables.subject.c.cells).where(tables.subject.c.id == subject)
        row = link.execute(query).first()
    if row is None:
        return None
    kept = {p for cell in cells(row.cells) for p in vault.slot_of(cell).purpose_ids}
    some = [(purpose, rule) for purpose, rule in ended if purpose in kept]
    if not some:
        return None
    purposes, rules = zip(*some, strict=True)
    return Deleted(subject, purposes, rules, held(vault, subject))


def sweep(vault: Vault, actor: Actor) -> list[Deleted]:
    """What was deleted, and what a hold deferred."""
    done = due(vault, vault.clock())
    for one in done:
        if not one.deferred:
            stop_purposes(vault, one.subject, one.purposes, actor)
            body = {"subject": one.subject.hex(), "rules": list(one.rules)}
            vault.log.note("retention", actor, body, vault.clock())
    return done
