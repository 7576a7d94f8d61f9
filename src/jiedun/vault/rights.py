"""Requests of a person under PIPL 15 and 44-50 as state machines.

received → identity (asked for) → open → done | refused; a request may be withdrawn by the person
until then. The law sets no number of days ("及时", PIPL 45, 46, 50): the clock here is the house's
own, shown as practice and never as law. One open request of a kind a person; a second one gets the
first back. Refusing needs a reason (PIPL 50).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from jiedun.errors import BadValue, VaultError
from jiedun.model.text import Words
from jiedun.vault import tables
from jiedun.vault.access import Actor
from jiedun.vault.cells import cells
from jiedun.vault.change import correct, erase, held, restrict, stop_purposes
from jiedun.vault.consent_acts import withdraw_all
from jiedun.vault.database import reading, writing
from jiedun.vault.fields import fits
from jiedun.vault.store import Vault


class Kind(StrEnum):
    """What a person asks for."""

    COPY = "copy"
    CORRECTION = "correction"
    DELETION = "deletion"
    WITHDRAWAL = "withdrawal"
    EXPLANATION = "explanation"


ARTICLE = {
    Kind.COPY: "45",
    Kind.CORRECTION: "46",
    Kind.DELETION: "47",
    Kind.WITHDRAWAL: "15",
    Kind.EXPLANATION: "48",
}


class State(StrEnum):
    """Where a request stands; the last three are final."""

    RECEIVED = "received"
    IDENTITY = "identity"
    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    DROPPED = "dropped"


_NEXT = {
    State.RECEIVED: {State.IDENTITY, State.OPEN, State.REFUSED, State.DROPPED},
    State.IDENTITY: {State.OPEN, State.REFUSED, State.DROPPED},
    State.OPEN: {State.DONE, State.REFUSED, State.DROPPED},
}
FINAL = frozenset({State.DONE, State.REFUSED, State.DROPPED})
HOUSE_DAYS = 15
CLOCK = Words(
    "法律只要求“及时”（个人信息保护法第四十五、四十六、五十条），没有规定天数；"
    f"{HOUSE_DAYS}日是内部时限，不是法定期限。",
    "The law says 'promptly' (PIPL 45, 46, 50) and sets no number of days; "
    f"{HOUSE_DAYS} days is a house limit, not a legal one.",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One change of state: when, to what, by whom, with what note (never a value)."""

    at: datetime
    state: State
    actor: str
    note: str


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its steps; `due` is the house limit."""

    id: str
    subject: bytes
    kind: Kind
    steps: tuple[Step, ...]

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.steps[-1].state

    @property
    def due(self) -> datetime:
        """When the house limit ends; time spent waiting for proof of identity counts too."""
        return self.steps[0].at + timedelta(days=HOUSE_DAYS)

    def overdue(self, now: datetime) -> bool:
        """Whether the house limit has passed without an end."""
        return self.state not in FINAL and now > self.due


def receive(vault: Vault, subject: bytes, kind: Kind, actor: Actor) -> Request:
    """The request, new or the one of this kind that is open already."""
    with writing(vault.data, alone=True) as link:
        query = select(tables.request).where(
            tables.request.c.subject == subject,
            tables.request.c.kind == kind.value,
            tables.request.c.open == 1,
        )
        row = link.execute(query).first()
        if row is not None:
            return _request(row)
        first = Step(vault.clock(), State.RECEIVED, actor.name, "")
        made = Request(vault.random(16).hex(), subject, kind, (first,))
        link.execute(insert(tables.request).values(_row(made)))
    body = {"id": made.id, "subject": subject.hex(), "kind": kind.value}
    vault.log.note("request", actor, body, vault.clock())
    return made


def load(vault: Vault, number: str) -> Request:
    """The request of that id; VaultError where there is none."""
    with reading(vault.data) as link:
        return _load(link, number)


def still_open(vault: Vault) -> list[Request]:
    """The requests without an end, the one due first in front."""
    with reading(vault.data) as link:
        rows = link.execute(select(tables.request).where(tables.request.c.open == 1)).all()
    return sorted(map(_request, rows), key=lambda r: r.due)


def step(vault: Vault, number: str, to: State, actor: Actor, note: str = "") -> Request:
    """The request after one step. VaultError where that step is not open to it, where identity was
    not checked before work begins (a note says how), or where a refusal has no reason."""
    if to is State.DONE:
        raise VaultError("a request is done by doing it", next_step="use `fulfil`")
    return _step(vault, number, to, actor, note)


def _step(vault: Vault, number: str, to: State, actor: Actor, note: str) -> Request:
    with writing(vault.data, alone=True) as link:
        made = _moved(_load(link, number), Step(vault.clock(), to, actor.name, note))
        where = tables.request.c.id == number
        link.execute(update(tables.request).where(where).values(_row(made)))
    body = {"id": number, "state": to.value, "note": note}
    vault.log.note("request", actor, body, vault.clock())
    return made


def _moved(request: Request, new: Step) -> Request:
    if new.state not in _NEXT.get(request.state, set()):
        raise VaultError(
            f"a request that is {request.state} does not become {new.state}", where=request.id
        )
    if new.state in (State.REFUSED, State.OPEN) and not new.note.strip():
        what = (
            "a refusal needs its reason"
            if new.state is State.REFUSED
            else "how was identity checked?"
        )
        raise VaultError(what, where=request.id, why="PIPL 50")
    return Request(request.id, request.subject, request.kind, (*request.steps, new))


def fulfil(
    vault: Vault, number: str, actor: Actor, values: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """What was done, for the answer to the person, and the request is done.

    copy: the person's data, machine-readable; correction: `values` are kept instead; deletion: what
    was destroyed; withdrawal: the purposes that rested on consent have ended; explanation: how the
    data are handled. VaultError where it is not open; nothing is done then. Under a legal hold a
    deletion restricts instead, and says so (PIPL 47(2)).
    """
    request = load(vault, number)
    if request.state is not State.OPEN:
        raise VaultError(f"a request that is {request.state} is not carried out", where=number)
    done = _DO[request.kind](vault, request, actor, dict(values or {}))
    _step(vault, number, State.DONE, actor, str(done.get("note", "")))
    return done


def _copy(vault: Vault, request: Request, actor: Actor, _: object) -> Mapping[str, Any]:
    subject = request.subject
    with reading(vault.data) as link:
        query = select(tables.subject).where(tables.subject.c.id == subject)
        row = link.execute(query).first()
    if row is None:
        raise VaultError("nothing is kept about this person any more", where=request.id)
    kept = cells(row.cells)
    slots = [vault.slot_of(cell) for cell in kept]
    body = {"subject": subject.hex(), "purpose": "request", "request": request.id}
    names = {slot.field_id: "clear" for slot in slots}
    vault.log.read(actor, {**body, "fields": names}, vault.clock())
    values = vault.values(subject, row.version, kept)
    return {
        "schema": "jiedun.copy/1",
        "at": vault.clock().isoformat(),
        "fields": [
            {
                "field": slot.field_id,
                "title": vault.register.field(slot.field_id).title.zh,
                "value": values[slot.field_id],
                "purposes": list(slot.purpose_ids),
            }
            for slot in slots
        ],
    }


def _correction(
    vault: Vault, request: Request, actor: Actor, values: Mapping[str, str]
) -> Mapping[str, Any]:
    if not values:
        raise VaultError("nothing to correct was given", where=request.id)
    for name, value in values.items():
        if not isinstance(value, str) or not fits(vault.register.field(name).kind, value):
            raise BadValue("the form or the check digit is wrong", where=name)
    correct(vault, request.subject, values, actor)
    return {"note": "corrected: " + ", ".join(sorted(values))}


def place_hold(
    vault: Vault, subject: bytes, why: str, actor: Actor, until: datetime | None = None
) -> str:
    """The id of a new hold: until it is lifted or over, nothing of this person is deleted."""
    number = vault.random(16).hex()
    body = {"id": number, "subject": subject.hex(), "why": why}
    vault.log.note("hold", actor, body, vault.clock())
    row = {
        "id": number,
        "subject": subject,
        "why": why,
        "until": until.isoformat() if until else None,
    }
    with writing(vault.data) as link:
        link.execute(insert(tables.hold).values(row))
    return number


def lift_hold(vault: Vault, number: str, actor: Actor) -> None:
    """Nothing; the hold is gone."""
    vault.log.note("hold.lifted", actor, {"id": number}, vault.clock())
    with writing(vault.data) as link:
        link.execute(tables.hold.delete().where(tables.hold.c.id == number))


def _deletion(vault: Vault, request: Request, actor: Actor, _: object) -> Mapping[str, Any]:
    if held(vault, request.subject):
        restrict(vault, request.subject, "legal hold", actor)
        return {"restricted": True, "note": "restricted: a legal hold stands (PIPL 47(2))"}
    gone = erase(vault, request.subject, actor, f"request {request.id}")
    return {
        "restricted": False,
        "keys_destroyed": gone.keys,
        "index_rows_gone": gone.tags,
        "rows_gone": gone.rows,
        "note": f"erased: {gone.keys} key, {gone.tags} index rows, {gone.rows} row",
        "backups": "backups of the data hold no keys; backups of the keys taken before this moment "
        "still open them and must be let go: list them",
    }


def _withdrawal(vault: Vault, request: Request, actor: Actor, _: object) -> Mapping[str, Any]:
    ended = [p.id for p in vault.register.purposes.values() if p.basis == "consent"]
    withdraw_all(vault, request.subject, request.id, actor)
    if held(vault, request.subject):
        restrict(vault, request.subject, "legal hold", actor)
        return {"ended": [], "note": "restricted: a legal hold stands (PIPL 47(2))"}
    stop_purposes(vault, request.subject, ended, actor)
    return {"ended": ended, "note": "ended: " + ", ".join(ended)}


def _explanation(vault: Vault, request: Request, actor: Actor, _: object) -> Mapping[str, Any]:
    from jiedun.vault.notice import build

    return {"text": build(vault.register), "note": "explained"}


_DO = {
    Kind.COPY: _copy,
    Kind.CORRECTION: _correction,
    Kind.DELETION: _deletion,
    Kind.WITHDRAWAL: _withdrawal,
    Kind.EXPLANATION: _explanation,
}


def _load(link: Connection, number: str) -> Request:
    row = link.execute(select(tables.request).where(tables.request.c.id == number)).first()
    if row is None:
        raise VaultError("no such request")
    return _request(row)


def _request(row: Any) -> Request:
    steps = tuple(
        Step(datetime.fromisoformat(s["at"]), State(s["state"]), s["actor"], s["note"])
        for s in json.loads(row.steps)
    )
    return Request(row.id, bytes(row.subject), Kind(row.kind), steps)


def _row(request: Request) -> dict[str, Any]:
    steps = [
        {"at": s.at.isoformat(), "state": s.state.value, "actor": s.actor, "note": s.note}
        for s in request.steps
    ]
    return {
        "id": request.id,
        "subject": request.subject,
        "kind": request.kind.value,
        "state": request.state.value,
        "open": None if request.state in FINAL else 1,
        "steps": json.dumps(steps, ensure_ascii=False),
    }
