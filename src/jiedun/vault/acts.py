"""What the service does for each call: a body and the parts of the path in, an answer out.

Every act runs alone: the vault's log and ledger have one writer. `ACTS` is the one list from which
routes, scopes and the OpenAPI description are made.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jiedun.vault import bulk, export, provide, rights
from jiedun.vault.access import Actor
from jiedun.vault.admit import add, take
from jiedun.vault.change import erase
from jiedun.vault.consent import Act
from jiedun.vault.consent_acts import record
from jiedun.vault.store import Vault
from jiedun.vault.wire import (
    Body,
    given_in,
    left_out,
    request_out,
    shown_out,
    subject,
    taken_out,
)


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, with what."""

    actor: Actor
    path: Mapping[str, str]
    body: Mapping[str, Any]


Do = Callable[[Vault, Call], Any]
LARGE = 40 << 20
SMALL = 1 << 20


@dataclass(frozen=True, slots=True)
class Served:
    """One act: method, path, the scope it needs, what it does, the body's fields and longest size."""

    method: str
    path: str
    scope: str
    summary: str
    do: Do
    fields: tuple[str, ...] = ()
    longest: int = SMALL


def _collect(vault: Vault, call: Call) -> Any:
    body = Body(call.body, ("values", "purposes", "consents"))
    values, purposes = body.values("values"), body.texts("purposes")
    return taken_out(take(vault, values, purposes, body.many("consents", given_in), call.actor))


def _add(vault: Vault, call: Call) -> Any:
    body, who = Body(call.body, ("values", "purposes", "consents")), subject(call.path["id"])
    values, purposes = body.values("values"), body.texts("purposes")
    given = body.many("consents", given_in)
    return taken_out(add(vault, who, values, purposes, given, call.actor))


def _consent(act: Act) -> Do:
    def do(vault: Vault, call: Call) -> Any:
        who = subject(call.path["id"])
        done = record(vault, who, given_in(dict(call.body)), act, call.actor)
        return {"seq": done.seq, "mac": done.mac, "act": act.value}

    return do


def _consents(vault: Vault, call: Call) -> Any:
    who = subject(call.path["id"])
    vault.log.note("consents", call.actor, {"subject": who.hex()}, vault.clock())
    return {"records": export.records(vault.register, vault.ledger.history(who))}


def _read(vault: Vault, call: Call) -> Any:
    body = Body(call.body, ("fields", "purpose"))
    who = subject(call.path["id"])
    return {
        "fields": shown_out(vault.read(who, body.texts("fields"), body.text("purpose"), call.actor))
    }


def _find(vault: Vault, call: Call) -> Any:
    body = Body(call.body, ("field", "value", "purpose"))
    found = vault.find(body.text("field"), body.value("value"), body.text("purpose"), call.actor)
    return {"subjects": [one.hex() for one in found]}


def _erase(vault: Vault, call: Call) -> Any:
    done = erase(vault, subject(call.path["id"]), call.actor, Body(call.body, ("why",)).text("why"))
    return {"keys_destroyed": done.keys, "index_rows_gone": done.tags, "rows_gone": done.rows}


def _request(vault: Vault, call: Call) -> Any:
    kind = Body(call.body, ("kind",)).one_of("kind", rights.Kind)
    return request_out(rights.receive(vault, subject(call.path["id"]), kind, call.actor))


def _requests(vault: Vault, _: Call) -> Any:
    now = vault.clock()
    return {
        "requests": [
            {**request_out(r), "overdue": r.overdue(now)} for r in rights.still_open(vault)
        ]
    }


def _request_one(vault: Vault, call: Call) -> Any:
    return request_out(rights.load(vault, call.path["id"]))


def _step(vault: Vault, call: Call) -> Any:
    body = Body(call.body, ("to", "note"))
    to, note = body.one_of("to", rights.State), body.text("note", "", 2000)
    return request_out(rights.step(vault, call.path["id"], to, call.actor, note))


def _fulfil(vault: Vault, call: Call) -> Any:
    values = Body(call.body, ("values",)).values("values")
    return dict(rights.fulfil(vault, call.path["id"], call.actor, values))


def _bulk(vault: Vault, call: Call) -> Any:
    body = Body(call.body, ("purpose", "fields", "most", "why"))
    fields = tuple(body.texts("fields"))
    terms = bulk.Terms(
        body.text("purpose"), fields, body.count("most"), body.text("why", most=2000)
    )
    return {"id": bulk.ask(vault, terms, call.actor)}


def _approve(vault: Vault, call: Call) -> Any:
    Body(call.body, ())
    bulk.approve(vault, call.path["id"], call.actor)
    return {"id": call.path["id"], "approved_by": call.actor.name}


def _bulk_read(vault: Vault, call: Call) -> Any:
    ids = [subject(s) for s in Body(call.body, ("subjects",)).texts("subjects")]
    shown = bulk.read_many(vault, call.path["id"], ids, call.actor)
    return {"rows": [shown_out(one) for one in shown]}


def _provide(vault: Vault, call: Call) -> Any:
    body = Body(call.body, ("subjects", "recipient"))
    ids, to = [subject(s) for s in body.texts("subjects")], body.text("recipient")
    found = provide.provide(vault, call.path["id"], ids, to, call.actor)
    return {"rows": list(found.rows), "left_out": [left_out(one) for one in found.left_out]}


_GIVEN = ("receipt", "purpose", "scope", "detail", "notice")
_ONE = "/v1/subjects/{id}"
ACTS = (
    Served("POST", "/v1/collect", "collect", "Keep what the purposes need and the consents reach",
           _collect, ("values", "purposes", "consents"), LARGE),
    Served("POST", _ONE + "/collect", "collect", "The same about a person who is kept", _add,
           ("values", "purposes", "consents"), LARGE),
    Served("POST", _ONE + "/consents/give", "consent", "Give consent", _consent(Act.GIVE), _GIVEN),
    Served("POST", _ONE + "/consents/withdraw", "consent", "Withdraw it: the same body",
           _consent(Act.WITHDRAW), _GIVEN),
    Served("GET", _ONE + "/consents", "consent", "Records after ISO/IEC TS 27560", _consents),
    Served("POST", _ONE + "/read", "read", "Fields by purpose: masked unless more is allowed",
           _read, ("fields", "purpose")),
    Served("POST", "/v1/find", "find", "Look up by number", _find, ("field", "value", "purpose"),
           LARGE),
    Served("POST", _ONE + "/erase", "erase", "Destroy the person's key, index and data", _erase,
           ("why",)),
    Served("POST", _ONE + "/requests", "rights", "A request of the person", _request, ("kind",)),
    Served("GET", "/v1/requests", "rights", "Requests without an end, the one due first", _requests),
    Served("GET", "/v1/requests/{id}", "rights", "One request", _request_one),
    Served("POST", "/v1/requests/{id}/steps", "rights", "One step on", _step, ("to", "note")),
    Served("POST", "/v1/requests/{id}/fulfil", "rights", "Carry it out", _fulfil, ("values",), LARGE),
    Served("POST", "/v1/bulk", "bulk", "Ask for a bulk read", _bulk,
           ("purpose", "fields", "most", "why")),
    Served("POST", "/v1/bulk/{id}/approve", "approve", "A second person's approval", _approve),
    Served("POST", "/v1/bulk/{id}/read", "bulk", "Read under an approval", _bulk_read, ("subjects",)),
    Served("POST", "/v1/bulk/{id}/provide", "provide", "Rows for a recipient, of those who agreed",
           _provide, ("subjects", "recipient")),
)  # fmt: skip
ACT_FOR = "act_for"
SCOPES = frozenset({act.scope for act in ACTS} | {ACT_FOR})
