"""Contacts with both ends resolved and their words read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from jiedun.model.evidence import Contact, Direction
from jiedun.model.party import Party, Role, Source
from jiedun.model.reading import Message, Reading
from jiedun.model.seen import Person, SeenContact, Talk
from jiedun.people import People, canonical
from jiedun.reading import talk

ReadFn = Callable[[Sequence[Message]], Sequence[Reading]]


@dataclass(frozen=True, slots=True)
class Read:
    """Contacts as seen, and the reading of every message that was read, by item id."""

    contacts: tuple[SeenContact, ...]
    readings: Mapping[str, Reading]


def see(contacts: Sequence[Contact], people: People, read: ReadFn) -> Read:
    """Every contact with its people and, for words that could be a collector's, what they say."""
    seen = [_resolve(contact, people) for contact in contacts]
    asked = [_message(c) for c in seen if _could_collect(c)]
    readings = {r.id: r for r in read(asked)}
    return Read(tuple(_with_words(c, readings.get(str(c.ref))) for c in seen), readings)


def person(party: Party | None, number: str | None) -> Person:
    """One end of a contact from what is known of its number."""
    if party is None:
        return Person(number)
    return Person(
        number,
        role=party.role,
        creditor=party.creditor,
        given=party.source is Source.GIVEN,
        verified=party.verified,
    )


def recipient(owner: Person) -> str:
    """Who got a message, in the reader's words: debtor, guarantor or third_party."""
    if owner.role is Role.DEBTOR:
        return "debtor"
    return "guarantor" if owner.role is Role.GUARANTOR else "third_party"


def _resolve(contact: Contact, people: People) -> SeenContact:
    owner = people.owner(contact.phone)
    number = canonical(contact.peer_raw)
    return SeenContact(
        ref=contact.ref,
        at=contact.moment.at,
        channel=contact.channel,
        direction=contact.direction,
        outcome=contact.outcome,
        owner=person(owner, owner.number if owner else contact.phone),
        peer=person(people.of(number) if number else None, number),
        text=contact.text,
        duration_s=contact.duration_s,
    )


def _could_collect(contact: SeenContact) -> bool:
    if not contact.text or contact.direction is not Direction.IN:
        return False
    peer = contact.peer
    unknown = peer.role in (None, Role.UNKNOWN) and not peer.verified
    return peer.creditor is not None or unknown


def _message(contact: SeenContact) -> Message:
    return Message(str(contact.ref), contact.text, contact.channel.value, recipient(contact.owner))


def _with_words(contact: SeenContact, reading: Reading | None) -> SeenContact:
    if not contact.text:
        return contact
    if contact.direction is Direction.OUT:
        said = Talk(
            asks_identity=talk.asks_identity(contact.text),
            refuses_contact=talk.refuses_contact(contact.text),
        )
        return replace(contact, talk=said)
    if reading is None:
        return contact
    levels = {label: 2 if label in reading.probable else 1 for label in reading.possible}
    said = Talk(
        refuses_identity=talk.refuses_identity(contact.text),
        is_notice=talk.is_notice(contact.text),
    )
    return replace(contact, levels=levels, talk=said)
