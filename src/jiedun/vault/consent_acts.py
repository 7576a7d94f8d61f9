"""Giving and withdrawing consent with what follows: the ledger, and the clock of what rested on it.

A purpose kept until `consent_withdrawn` starts its retention when its consent is withdrawn (PIPL 47(1))
and stops it when consent is given again; other purposes of the person are not touched.
"""

from sqlalchemy import delete, select

from jiedun.vault import tables
from jiedun.vault.access import Actor
from jiedun.vault.consent import Act, Event, Recorded, Scope, given
from jiedun.vault.database import reading, writing
from jiedun.vault.register import Basis
from jiedun.vault.retention import happened
from jiedun.vault.store import Vault, gone

WITHDRAWN = "consent_withdrawn"


def record(vault: Vault, event: Event, actor: Actor) -> Recorded:
    """The event as recorded, after a line in the access log. VaultError where the purpose is unknown,
    where consent is given for somebody who is not kept, or as for `Ledger.record`."""
    purpose, subject = vault.register.purpose(event.purpose), event.subject
    if event.act is Act.GIVE and not known(vault, subject):
        raise gone()
    body = {
        "subject": subject.hex(),
        "act": event.act.value,
        "purpose": purpose.id,
        "scope": event.scope.value,
        "detail": event.detail,
    }
    vault.log.note("consent", actor, body, vault.clock())
    (done,) = vault.ledger.record([event], vault.clock())
    if event.scope is Scope.GENERAL and purpose.retention.after == WITHDRAWN:
        if event.act is Act.WITHDRAW:
            happened(vault, subject, WITHDRAWN, event.at, actor, purpose.id)
        else:
            _unhappen(vault, subject, purpose.id)
    return done


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
        event = Event(
            f"{receipt}-{purpose.number}", subject, purpose.id, Scope.GENERAL, Act.WITHDRAW,
            before.notice, vault.clock(),
        )  # fmt: skip
        record(vault, event, actor)
        ended.append(purpose.id)
    return ended
