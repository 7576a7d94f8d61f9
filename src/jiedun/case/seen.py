"""Contacts with both ends resolved and their words read."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from jiedun.model.evidence import Contact, Direction, Evidence
from jiedun.model.party import Party, Role, Source
from jiedun.model.reading import Label, Message, Reading
from jiedun.model.seen import Person, SeenContact, Talk
from jiedun.people import People, canonical
from jiedun.reading import talk

_NAMED = (Role.EMERGENCY_CONTACT, Role.GUARANTOR)
_NUMBER = re.compile(r"\+?\d[\d -]{5,}\d")
_IDENTIFIES = re.compile(r"\d{15,}|身份证|住址|地址|家住|租住|住在|照片|卡号|银行卡|号楼|单元|栋")
_SPOUSE = re.compile(r"(?<![的])(?:妻子|丈夫|配偶|老公|老婆|爱人)(?!的)")
_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
_EVEN = 0.5
_ANSWER_WITHIN = timedelta(days=2)
ReadFn = Callable[[Sequence[Message]], Sequence[Reading]]


@dataclass(frozen=True, slots=True)
class Read:
    """Contacts as seen, and the reading of every message that was read, by item id."""

    contacts: tuple[SeenContact, ...]
    readings: Mapping[str, Reading]


@dataclass(frozen=True, slots=True)
class Lists:
    """Numbers in the debtor's address book and numbers declared as contact persons.

    `whole` is True when the address book itself was exported; without it, only the names that
    calls and messages carry are known, so that absence proves nothing.
    """

    phonebook: frozenset[str]
    whole: bool
    declared: frozenset[str]
    spouses: frozenset[str] = frozenset()

    def mark(self, owner: Person) -> Person:
        """`owner` with what the lists say of its number."""
        if owner.number is None:
            return owner
        listed = owner.number in self.phonebook
        return replace(
            owner,
            spouse=owner.number in self.spouses,
            in_phonebook=listed if listed or self.whole else None,
            declared=owner.number in self.declared if self.declared else None,
        )


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the list, the debtor's among them, and whose number bears which."""

    all: tuple[str, ...]
    debtor: tuple[str, ...]
    of_number: Mapping[str, str]
    creditors: frozenset[str]

    @classmethod
    def of(cls, people: People) -> "Names":
        """The names in parties.csv of two characters or more."""
        parties = [p for p in people.parties.values() if len(p.name) > 1]
        return cls(
            tuple({p.name for p in parties}),
            tuple({p.name for p in parties if p.role is Role.DEBTOR}),
            {p.number: p.name for p in parties},
            frozenset(p.number for p in people.parties.values() if p.creditor is not None),
        )

    def mentions_debtor(self, text: str) -> bool:
        """Whether `text` holds the debtor's name, or the given name of two characters alone."""
        return any(name in text or (len(name) > 2 and name[-2:] in text) for name in self.debtor)

    def only_own_numbers(self, text: str) -> bool:
        """Whether the only identifying data in `text` are numbers of a creditor's side."""
        if _IDENTIFIES.search(text):
            return False
        numbers = [canonical(run) for run in _NUMBER.findall(text)]
        return bool(numbers) and all(number in self.creditors for number in numbers)

    def own_business(self, owner: str | None, text: str, plain: talk.Plain) -> bool:
        """Whether a message is about the receiver's own account with the sender: a one-time code,
        or words to the receiver by name that speak of nobody else."""
        if self.mentions_debtor(text) or talk.speaks_of_another(plain):
            return False
        name = self.of_number.get(owner or "", "")
        return talk.is_code(plain) or (bool(name) and name in text)


def lists_of(evidence: Evidence, people: People) -> Lists:
    """The address book and the declared contact persons, by canonical number."""
    own = {c.peer_raw for c in evidence.contacts if c.phone is None and _is_name(c.peer_name)} | {
        number for number, _ in evidence.phonebook
    }
    named = set(evidence.declared) | {
        p.number for p in people.parties.values() if p.role in _NAMED and p.line is not None
    }
    spouses = {r.number for r in evidence.parties if _SPOUSE.search(f"{r.name} {r.note}")}
    return Lists(_canonical(own), bool(evidence.phonebook), _canonical(named), _canonical(spouses))


def _canonical(numbers: Iterable[str]) -> frozenset[str]:
    return frozenset(n for n in map(canonical, numbers) if n is not None)


def _is_name(name: str) -> bool:
    return bool(name.strip()) and name.strip() not in ("(Unknown)", "null", "未知")


def see(contacts: Sequence[Contact], people: People, read: ReadFn, lists: Lists) -> Read:
    """Every contact with its people and, for words that could be a collector's, what they say."""
    seen = _resolve(contacts, people, lists)
    asked = [_message(c) for c in seen if _could_collect(c)]
    readings = {r.id: r for r in read(asked)}
    plain = talk.plain([c.text for c in seen])
    names = Names.of(people)
    worded = [
        _with_words(c, said, readings.get(str(c.ref)), names)
        for c, said in zip(seen, plain, strict=True)
    ]
    return Read(tuple(_answers(worded)), readings)


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


def levels_of(reading: Reading) -> dict[Label, int]:
    """2 for what the reader is sure of, 1 for what it holds possible with at least even odds."""
    return {
        label: 2 if label in reading.probable else 1
        for label in reading.possible
        if label in reading.probable or reading.scores.get(label, 1.0) >= _EVEN
    }


def recipient(owner: Person) -> str:
    """Who got a message, in the reader's words: debtor, guarantor or third_party."""
    if owner.role is Role.DEBTOR:
        return "debtor"
    return "guarantor" if owner.role is Role.GUARANTOR else "third_party"


def _resolve(contacts: Sequence[Contact], people: People, lists: Lists) -> list[SeenContact]:
    """Every contact with both ends as persons; each owner and each number is looked up once."""
    owners: dict[str | None, Person] = {}
    peers: dict[str, Person] = {}
    for contact in contacts:
        if contact.phone not in owners:
            owner = people.owner(contact.phone)
            number = owner.number if owner else contact.phone
            owners[contact.phone] = lists.mark(person(owner, number))
        if contact.peer_raw not in peers:
            peer = canonical(contact.peer_raw)
            peers[contact.peer_raw] = person(people.of(peer) if peer else None, peer)
    return [_seen(c, owners[c.phone], peers[c.peer_raw]) for c in contacts]


def _seen(contact: Contact, owner: Person, peer: Person) -> SeenContact:
    return SeenContact(
        ref=contact.ref,
        at=contact.moment.at,
        channel=contact.channel,
        direction=contact.direction,
        outcome=contact.outcome,
        owner=owner,
        peer=peer,
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


def _answers(contacts: list[SeenContact]) -> list[SeenContact]:
    """`contacts`, the first words of a number after it was asked who it is marked as the answer."""
    asked: dict[tuple[str | None, str | None], datetime] = {}
    marked = list(contacts)
    for i in sorted(range(len(contacts)), key=lambda i: (contacts[i].at, i)):
        contact = contacts[i]
        key = (contact.owner.number, contact.peer.number)
        if contact.talk.asks_identity:
            asked[key] = contact.at
        elif (
            contact.text
            and contact.direction is Direction.IN
            and contact.at - asked.pop(key, _LONG_AGO) <= _ANSWER_WITHIN
        ):
            marked[i] = replace(contact, talk=replace(contact.talk, answers_question=True))
    return marked


def _with_words(
    contact: SeenContact, plain: talk.Plain, reading: Reading | None, names: "Names"
) -> SeenContact:
    if not contact.text:
        return contact
    if contact.direction is Direction.OUT:
        said = Talk(
            asks_identity=talk.asks_identity(plain),
            refuses_contact=talk.refuses_contact(plain),
        )
        return replace(contact, talk=said)
    if reading is None:
        return contact
    levels = levels_of(reading)
    if names.only_own_numbers(contact.text):
        levels.pop(Label.PI_DISCLOSURE, None)
    said = Talk(
        refuses_identity=talk.refuses_identity(plain),
        is_notice=talk.is_notice(plain),
        is_advert=talk.is_advert(plain),
        names_somebody="【" in contact.text or any(name in contact.text for name in names.all),
        mentions_debtor=names.mentions_debtor(contact.text) or talk.speaks_of_another(plain),
        own_business=names.own_business(contact.owner.number, contact.text, plain),
    )
    return replace(contact, levels=levels, talk=said)
