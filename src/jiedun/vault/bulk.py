"""Bulk reads: asked for by one person, approved by another, for stated subjects, fields and purpose.

An approval covers one purpose, one set of fields and at most so many subjects, until a time; it is
used up subject by subject. Every subject read is a line of its own in the access log.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from jiedun.errors import VaultError
from jiedun.vault import tables
from jiedun.vault.access import Actor, Shown
from jiedun.vault.database import reading, writing
from jiedun.vault.store import Vault


@dataclass(frozen=True, slots=True)
class Terms:
    """What a bulk read may do: purpose, fields, how many subjects, and why it is needed."""

    purpose: str
    fields: tuple[str, ...]
    most: int
    why: str


def ask(vault: Vault, wanted: Terms, actor: Actor, valid: timedelta = timedelta(hours=8)) -> str:
    """The id of a request that waits for a second person. VaultError for unknown names."""
    vault.register.purpose(wanted.purpose)
    for name in wanted.fields:
        vault.register.field(name)
    number, now = vault.random(16).hex(), vault.clock()
    spelled = {"purpose": wanted.purpose, "fields": list(wanted.fields), "most": wanted.most}
    vault.log.note("bulk.asked", actor, {"id": number, **spelled, "why": wanted.why}, now)
    row = {
        "id": number,
        "asked_by": actor.name,
        "approved_by": None,
        "terms": json.dumps(spelled),
        "until": (now + valid).isoformat(),
        "used": 0,
    }
    with writing(vault.data) as link:
        link.execute(insert(tables.approval).values(row))
    return number


def approve(vault: Vault, number: str, actor: Actor) -> None:
    """Nothing; the request may be used. VaultError where the same person asked for it, or there
    is none that waits."""
    approval = tables.approval
    with writing(vault.data) as link:
        row = link.execute(select(approval).where(approval.c.id == number)).first()
        if row is None or row.approved_by is not None:
            raise VaultError("no bulk read of that number waits for approval")
        if row.asked_by == actor.name:
            raise VaultError("a bulk read needs a second person's approval")
        vault.log.note("bulk.approved", actor, {"id": number}, vault.clock())
        link.execute(update(approval).where(approval.c.id == number).values(approved_by=actor.name))


def read_many(
    vault: Vault, number: str, subjects: Sequence[bytes], actor: Actor
) -> list[dict[str, Shown]]:
    """The answers in order, each written down before it was opened. VaultError where the approval
    is missing, another person's, spent or over; nothing is read then."""
    agreed = _spend(vault, number, len(subjects), actor)
    purpose = vault.register.purpose(agreed.purpose)
    under = {"approval": number}
    return [vault.answer(one, agreed.fields, purpose, actor, under) for one in subjects]


def terms(vault: Vault, number: str) -> Terms:
    """What an approval asked for; VaultError where there is none of that number."""
    approval = tables.approval
    with reading(vault.data) as link:
        row = link.execute(select(approval).where(approval.c.id == number)).first()
    if row is None:
        raise VaultError("no bulk read of that number was asked for")
    raw = json.loads(row.terms)
    return Terms(raw["purpose"], tuple(raw["fields"]), raw["most"], "")


def _spend(vault: Vault, number: str, count: int, actor: Actor) -> Terms:
    approval = tables.approval
    with writing(vault.data) as link:
        query = select(approval).where(approval.c.id == number).with_for_update()
        row = link.execute(query).first()
        if row is None or row.approved_by is None or row.asked_by != actor.name:
            raise VaultError("this person has no approval for this bulk read")
        last = vault.log.head.at  # a clock turned back gives no approval a second life
        now = vault.clock() if last is None else max(vault.clock(), last)
        if now > datetime.fromisoformat(row.until):
            raise VaultError("the approval has run out", next_step="ask again")
        raw = json.loads(row.terms)
        agreed = Terms(raw["purpose"], tuple(raw["fields"]), raw["most"], "")
        if row.used + count > agreed.most:
            raise VaultError("the approval covers fewer people", next_step="ask for more")
        link.execute(update(approval).where(approval.c.id == number).values(used=row.used + count))
    return agreed
