"""Facts, requests and decisions as JSON, for the store and the log; nothing in clear goes in."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import orjson

from jiedun import law
from jiedun.gate.facts import MOVING, Facts, Pseudonyms, plain, unlike_plain
from jiedun.gate.interface import (
    Decision,
    Effect,
    Override,
    Reason,
    Request,
    Reservation,
    Status,
)
from jiedun.model.finding import Cite, Force
from jiedun.model.text import Words


def dumps(value: Any) -> bytes:
    """Compact JSON in UTF-8 with sorted keys: the one spelling of `jiedun.chain.canonical`."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def facts_out(facts: Facts) -> bytes:
    """The base facts that differ from those of a plain call to the debtor."""
    out = unlike_plain(facts)
    out["local_date"] = facts["local_date"].isoformat()
    return dumps(out)


def planned_out(unusual: Facts, facts: Facts) -> bytes:
    """As `facts_out`, where `unusual` are those of the facts that hang on names and time no more."""
    out = unusual.copy()
    for name in MOVING:
        out[name] = facts[name]
    if facts["in_agreed_hours"]:
        out["in_agreed_hours"] = True
    out["local_date"] = facts["local_date"].isoformat()
    return dumps(out)


def facts_in(text: str) -> Facts:
    """The facts that `facts_out` gave."""
    facts = {**plain(), **orjson.loads(text)}
    facts["local_date"] = date.fromisoformat(facts["local_date"])
    return facts


def request_digest(request: Request, names: Pseudonyms) -> str:
    """A keyed digest over the whole request: the same id must always bring the same request."""
    r, o = request, request.override
    hours = [clock.isoformat() for clock in r.agreed_hours] if r.agreed_hours else None
    told = [
        r.id, r.creditor, r.debt, r.person, r.role, r.channel, r.number, r.kind, r.at.isoformat(),
        r.zone, r.debtor, r.agency, r.caller, r.lender_type, hours, r.words, r.debtor_reachable,
        r.refusal_on_file, r.declared, r.in_phonebook, [o.by, o.reason] if o else None,
    ]  # fmt: skip
    try:
        return names.digest(orjson.dumps(told))
    except TypeError:  # text that is not whole Unicode
        return names.digest(json.dumps(told).encode())


def salts() -> Callable[[], bytes]:
    """A source of random salts for lines, 16 bytes each, drawn many at a time."""
    drawn: list[bytes] = []

    def draw() -> bytes:
        if not drawn:
            data = os.urandom(4096)
            drawn.extend(data[i : i + 16] for i in range(0, len(data), 16))
        return drawn.pop()

    return draw


def line_body(told: Mapping[str, Any], facts: bytes) -> bytes:
    """The body of a decision's line: what was told, and the facts it was judged on."""
    return dumps({**told, "facts": orjson.Fragment(facts)})


def decision_out(decision: Decision) -> dict[str, Any]:
    """A decision ready for JSON; clauses by place, their text is held by `jiedun.law`."""
    r, o = decision.reservation, decision.override
    return {
        "id": decision.id,
        "request_id": decision.request_id,
        "status": decision.status.value,
        "at": decision.at.isoformat(),
        "local_date": decision.local_date.isoformat(),
        "reasons": [_reason_out(reason) for reason in decision.reasons],
        "counters": {k: v for k, v in decision.counters.items() if v},
        "rules_version": decision.rules_version,
        "reservation": None if r is None else {"id": r.id, "expires": r.expires.isoformat()},
        "not_before": decision.not_before.isoformat() if decision.not_before else None,
        "override": None if o is None else {"by": o.by, "reason": o.reason},
    }


def _reason_out(reason: Reason) -> dict[str, Any]:
    cites = [[c.instrument, c.article, c.paragraph, c.item] for c in reason.cites]
    return {
        "code": reason.code,
        "effect": reason.effect.value,
        "zh": reason.words.zh,
        "en": reason.words.en,
        "force": reason.force.value,
        "rule_version": reason.rule_version,
        "cites": cites,
        "missing": list(reason.missing),
    }


def decision_in(data: Mapping[str, Any], counters: tuple[str, ...]) -> Decision:
    """The decision that `decision_out` spelled; `counters` are the names of all counters."""
    day = date.fromisoformat(data["local_date"])
    r, o = data["reservation"], data["override"]
    held = r and Reservation(r["id"], datetime.fromisoformat(r["expires"]))
    return Decision(
        id=data["id"],
        request_id=data["request_id"],
        status=Status(data["status"]),
        at=datetime.fromisoformat(data["at"]),
        local_date=day,
        reasons=tuple(_reason_in(reason, day) for reason in data["reasons"]),
        counters={**dict.fromkeys(counters, 0), **data["counters"]},
        rules_version=data["rules_version"],
        reservation=held,
        not_before=datetime.fromisoformat(data["not_before"]) if data["not_before"] else None,
        override=o and Override(o["by"], o["reason"]),
    )


def _reason_in(data: Mapping[str, Any], day: date) -> Reason:
    found = (law.cite(i, a, day, paragraph=p, item=n) for i, a, p, n in data["cites"])
    cites: tuple[Cite, ...] = tuple(cite for cite in found if cite is not None)
    return Reason(
        code=data["code"],
        effect=Effect(data["effect"]),
        words=Words(data["zh"], data["en"]),
        force=Force(data["force"]),
        rule_version=data["rule_version"],
        cites=cites,
        missing=tuple(data["missing"]),
    )
