"""Giving and withdrawing consent with what follows: the ledger, and the clock of what rested on it.

A purpose kept until `consent_withdrawn` starts its retention when its consent is withdrawn (PIPL 47(1))
and stops it when consent is given again; other purposes of the person are not touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from jiedun.vault import tables
from jiedun.vault.access import Actor
from jiedun.vault.consent import Act, Event, Recorded, Scope, given
from jiedun.vault.database import reading, writing
from jiedun.vault.register import Basis
from jiedun.vault.retention import happened
from jiedun.vault.store import Vault, gone

WITHDRAWN = "consent_withdrawn"


@dataclass(frozen=True, slots=True)
class Given:
    """What a person agrees to, or no longer: a receipt used once, the purpose, scope, field or
    recipient, and the SHA-256 of the notice shown."""

    receipt: str
    purpose: str
    scope: Scope
    detail: str
    notice: str


def record(vault: Vault, subject: bytes, one: Given, act: Act, actor: Actor) -> Recorded:
    """The act as recorded now; as `record_all`."""
    return record_all(vault, subject, [one], act, actor)[0]


def record_all(
    vault: Vault, subject: bytes, some: Sequence[Given], act: Act, actor: Actor
) -> list[Recorded]:
    """The acts as recorded now, all or none, after a line each in the access log. A clock turned back
    keeps nobody from withdrawing: the act then bears the time of the one before it. VaultError where
    a purpose is unknown, where consent is given for somebody who is not kept, or as for
    `Ledger.record`."""
    for one in some:
        vault.register.purpose(one.purpose)
    if act is Act.GIVE and not known(vault, subject):
        raise gone()
    for one in some:
        body = {"subject": subject.hex(), "act": act.value, "purpose": one.purpose}
        body |= {"scope": one.scope.value, "detail": one.detail}
        vault.log.note("consent", actor, body, vault.clock())
    at = max([vault.clock(), *(t for one in some if (t := _last(vault, subject, one)))])
    events = [
        Event(one.receipt, subject, one.purpose, one.scope, act, one.notice, at, one.detail)
        for one in some
    ]
    done = vault.ledger.record(events, at)
    for event in events:
        _follow(vault, event, actor)
    return done


def _last(vault: Vault, subject: bytes, one: Given) -> datetime | None:
    before = vault.ledger.standing(subject, one.purpose).get((one.scope, one.detail))
    return None if before is None else before.event.at


def _follow(vault: Vault, event: Event, actor: Actor) -> None:
    purpose = vault.register.purpose(event.purpose)
    if event.scope is not Scope.GENERAL or purpose.retention.after != WITHDRAWN:
        return
    if event.act is Act.WITHDRAW:
        happened(vault, event.subject, WITHDRAWN, event.at, actor, purpose.id)
    else:
        _unhappen(vault, event.subject, purpose.id)


def known(vault: Vault, subject: bytes) -> bool:
    """Whether anything is kept about the person."""
    query = select(tables.subject.c.id).where(tables.subject.c.id == subject)
    with reading(vault.data) as link:
        return link.execute(query).first() is not None


def _unhappen(vault: Vault, subject: bytes, purpose: str) -> None:
    event = tables.event
    kind = f"{WITHDRAWN}:{purpose}"
    with writing(vault.data) as link:
        link.execute(delete(event).where(event.c.subject == subject, event.c.kind == kind))


def withdraw_all(vault: Vault, subject: bytes, receipt: str, actor: Actor) -> list[str]:
    """The purposes that rest on consent and whose consent stood, now withdrawn in the ledger under
    receipts that begin with `receipt`, with the notice of the consent that they end."""
    ended = []
    for purpose in vault.register.purposes.values():
        if purpose.basis is not Basis.CONSENT:
            continue
        standing = vault.ledger.standing(subject, purpose.id)
        if not given(standing, Scope.GENERAL):
            continue
        before = standing[Scope.GENERAL, ""].event
        one = Given(f"{receipt}-{purpose.number}", purpose.id, Scope.GENERAL, "", before.notice)
        record(vault, subject, one, Act.WITHDRAW, actor)
        ended.append(purpose.id)
    return ended
