"""Consent records after ISO/IEC TS 27560:2023, in JSON-LD with terms of the W3C Data Privacy Vocabulary.

One record a person, purpose and thing consented to (the purpose as a whole, or separately a sensitive
field, a recipient, …): header, notice by hash, the processing agreed to, parties, and the events in
order. The vocabulary is `https://w3id.org/dpv#`. The standard's text is not held here: its structure is
followed from the DPV guide to it; the mapping is in docs/vault.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jiedun.vault.consent import CLAUSE, Act, Event, Recorded, Scope
from jiedun.vault.register import Basis, Purpose, Register

_CONTEXT = {"dpv": "https://w3id.org/dpv#", "dct": "http://purl.org/dc/terms/"}
_EVENT = {Act.GIVE: "dpv:ConsentGiven", Act.WITHDRAW: "dpv:ConsentWithdrawn"}
_BASIS = {
    Basis.CONSENT: "dpv:Consent",
    Basis.CONTRACT: "dpv:Contract",
    Basis.LEGAL_DUTY: "dpv:LegalObligation",
}


def records(register: Register, history: Sequence[Recorded]) -> list[dict[str, Any]]:
    """One consent record for each purpose, scope and detail in a person's history, in order of first
    event: withdrawing one separate consent leaves the status of the others."""
    by_thing: dict[tuple[str, Scope, str], list[Recorded]] = {}
    for one in history:
        key = (one.event.purpose, one.event.scope, one.event.detail)
        by_thing.setdefault(key, []).append(one)
    return [_record(register, key[0], events) for key, events in by_thing.items()]


def _record(register: Register, name: str, events: Sequence[Recorded]) -> dict[str, Any]:
    purpose = register.purposes.get(name)
    last = events[-1].event
    return {
        "@context": _CONTEXT,
        "@type": "dpv:ConsentRecord",
        "schema_version": "ISO/IEC TS 27560:2023",
        "record_id": f"urn:jiedun:consent:{events[0].event.receipt}",
        "pii_principal_id": f"urn:jiedun:subject:{last.subject.hex()}",
        "dpv:hasConsentStatus": _EVENT[last.act],
        "pii_processing": {
            "privacy_notice": [f"urn:sha256:{h}" for h in _notices(events)],
            "language": "zh-CN",
            "purposes": [_purpose(register, name, purpose, last)],
        },
        "party_identification": [
            {
                "@type": "dpv:DataController",
                "party_id": "urn:jiedun:handler",
                "party_name": register.handler,
                "party_contact": register.contact,
            }
        ],
        "event": [_event(one) for one in events],
    }


def _notices(events: Sequence[Recorded]) -> list[str]:
    return list(dict.fromkeys(one.event.notice for one in events))


def _purpose(
    register: Register, name: str, purpose: Purpose | None, event: Event
) -> Mapping[str, Any]:
    if purpose is None:
        return {"purpose": name, "note": "no longer in the register"}
    only = event.detail if event.scope is Scope.SENSITIVE and event.detail else None
    fields = [f for f in purpose.fields if only in (None, f)]
    to = event.detail if event.scope in (Scope.PROVIDE, Scope.OVERSEAS) and event.detail else None
    return {
        "purpose": name,
        "dct:title": {"zh": purpose.title.zh, "en": purpose.title.en},
        "lawful_basis": "dpv:Consent" if event.scope != "general" else _BASIS[purpose.basis],
        "pii_information": [
            {
                "pii_type": field,
                "dct:title": register.field(field).title.zh,
                "pii_optional": purpose.optional,
                "sensitive_pii_category": register.field(field).sensitive,
            }
            for field in fields
        ],
        "pii_controllers": ["urn:jiedun:handler"],
        "retention_period": f"P{purpose.retention.days}D",
        "retention_from": purpose.retention.after,
        "recipient_third_parties": [r.name for r in purpose.recipients if to in (None, r.name)],
        "jurisdictions": ["CN"],
        "withdrawal_method": "the same channel as giving",
    }


def _event(one: Recorded) -> dict[str, Any]:
    event = one.event
    return {
        "event_time": event.at.isoformat(),
        "event_type": "dpv:ExplicitlyExpressedConsent"
        if event.scope != "general"
        else "dpv:ExpressedConsent",
        "event_state": _EVENT[event.act],
        "entity_id": f"urn:jiedun:subject:{event.subject.hex()}",
        "scope": event.scope.value,
        "detail": event.detail,
        "clause": f"pipl#{CLAUSE[event.scope]}",
        "receipt": event.receipt,
        "notice": f"urn:sha256:{event.notice}",
        "ledger": {"seq": one.seq, "mac": one.mac},
    }
