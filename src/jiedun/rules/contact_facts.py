"""Facts of contacts: base facts of each row, then the counters, in (instant, seq) order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from jiedun.errors import Place
from jiedun.model.evidence import Channel, Direction, Outcome
from jiedun.model.party import Role
from jiedun.model.reading import Label
from jiedun.model.seen import SeenContact
from jiedun.model.time import SHANGHAI, second_of_day
from jiedun.rules import counters
from jiedun.rules.exact_yaml import read_yaml
from jiedun.rules.judge import Row
from jiedun.rules.language import Predicate
from jiedun.rules.pack import load_facts, packs_folder

_THIRD = (Role.RELATIVE, Role.COLLEAGUE, Role.FRIEND, Role.UNKNOWN)
_SELLING = (Label.LOAN_MARKETING, Label.CREDIT_REPAIR_SCAM)
_COLLECTING = (
    Label.THREAT_VIOLENCE,
    Label.THREAT_EXPOSURE,
    Label.THREAT_HARASSMENT,
    Label.FALSE_LEGAL,
    Label.DEBT_DISCLOSURE,
    Label.THIRD_PARTY_PRESSURE,
    Label.ABUSE,
)


def contact_rows(contacts: Sequence[SeenContact]) -> list[Row]:
    """Rows ready to be judged, in (instant, seq) order; seq is the given order.

    A contact of which only the day is known counts from that day's midnight, so that nothing of
    the day is taken to lie before it, and its second of the day is null.
    """
    order = sorted(range(len(contacts)), key=lambda i: (_counted_at(contacts[i]), i))
    facts = [_base(contacts[i], i) for i in order]
    counters.fill(contact_counters(), facts)
    return [
        Row(ref=contacts[i].ref, at=contacts[i].at, on=f["local_date"], facts=f)
        for i, f in zip(order, facts, strict=True)
    ]


@cache
def contact_counters() -> tuple[counters.Counter, ...]:
    """The counters over contacts, from `packs/counters/contact.yaml`."""
    folder = packs_folder()
    table = load_facts(folder / "facts")["contact"]
    entries = read_yaml(folder / "counters" / "contact.yaml")
    return tuple(
        counters.load(entries, lambda name, of: Predicate.of(of, table, Place("counters", name)))
    )


def _counted_at(contact: SeenContact) -> datetime:
    if not contact.day_only:
        return contact.at
    return contact.at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0)


def _base(contact: SeenContact, seq: int) -> dict[str, Any]:
    local = contact.at.astimezone(SHANGHAI)
    incoming = contact.direction is Direction.IN
    facts: dict[str, Any] = {
        "instant": int(_counted_at(contact).timestamp()),
        "seq": seq,
        "local_date": local.date(),
        "second_of_day": None if contact.day_only else second_of_day(contact.at),
        "channel": contact.channel.value,
        "incoming": incoming,
        "outgoing": contact.direction is Direction.OUT,
        "owner": contact.owner.number,
        "peer": contact.peer.number,
        "creditor": contact.peer.creditor,
        "by_creditor": incoming and _across(contact),
        "connected": _connected(contact),
        "duration_s": contact.duration_s,
        "has_text": bool(contact.text),
        "on_word": contact.on_word,
    }
    facts.update(_roles(contact, incoming))
    facts.update(_words(contact))
    return facts


def _across(contact: SeenContact) -> bool:
    """Whether a creditor's side is at the other end, and not at both."""
    return contact.peer.creditor is not None and contact.owner.creditor is None


def _connected(contact: SeenContact) -> bool | None:
    if contact.outcome is Outcome.UNKNOWN:
        return None
    return contact.outcome in (Outcome.ANSWERED, Outcome.DELIVERED)


def _roles(contact: SeenContact, incoming: bool) -> dict[str, bool | None]:
    role = contact.owner.role
    peer = contact.peer
    open_sender = peer.creditor is None and peer.role in (None, Role.UNKNOWN) and not peer.verified
    return {
        "to_debtor": None if role is None else role is Role.DEBTOR,
        "to_guarantor": None if role is None else role is Role.GUARANTOR,
        "to_contact_person": None if role is None else role is Role.EMERGENCY_CONTACT,
        "to_third_person": None if role is None else role in _THIRD,
        "role_given": contact.owner.given and peer.given,
        "sender_open": incoming and open_sender,
        "sender_doubted": incoming and open_sender and peer.role is Role.UNKNOWN and peer.given,
        "in_phonebook": contact.owner.in_phonebook,
        "declared": contact.owner.declared,
        "owner_is_spouse": contact.owner.spouse,
    }


_SAID = {label: f"says_{label.value}" for label in Label}
_SILENT: dict[str, Any] = dict.fromkeys(_SAID.values(), 0) | {"about_debt": True}


def says_about_debt(levels: Mapping[Label, int], channel: Channel) -> bool:
    """Whether a contact is about a debt: spoken, or its words collect at least as surely as sell."""
    sells = max(levels.get(label, 0) for label in _SELLING)
    collects = max(levels.get(label, 0) for label in _COLLECTING)
    return channel in (Channel.CALL, Channel.VISIT) or sells <= collects


def _words(contact: SeenContact) -> dict[str, Any]:
    levels, talk = contact.levels, contact.talk
    facts = dict(_SILENT)
    if levels:
        facts.update((_SAID[label], level) for label, level in levels.items())
        facts["about_debt"] = says_about_debt(levels, contact.channel)
    idle = talk.is_advert or talk.own_business
    if idle and all(levels.get(label, 0) < 2 for label in _COLLECTING):
        facts["about_debt"] = False
    facts["is_notice"] = talk.is_notice
    facts["asks_identity"] = talk.asks_identity
    facts["refuses_identity"] = talk.refuses_identity
    facts["refuses_contact"] = talk.refuses_contact
    facts["answers_question"] = talk.answers_question
    facts["names_somebody"] = talk.names_somebody
    facts["mentions_debtor"] = talk.mentions_debtor
    return facts
