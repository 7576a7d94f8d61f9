"""Everything known of who is who in one case: parties given, parties proposed, phones' owners."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jiedun.model.evidence import Evidence, PartyRow, Problem
from jiedun.model.party import Party, Source
from jiedun.model.text import Words
from jiedun.people.numbers import canonical
from jiedun.people.owners import owner_of
from jiedun.people.propose import proposals
from jiedun.people.sides import Given, given


@dataclass(frozen=True)
class People:
    """Parties by canonical number; `creditors` holds given sides only, numbers sorted.

    `questions` say which line of parties.csv would settle what is not known.
    """

    parties: Mapping[str, Party]
    creditors: Mapping[str, tuple[str, ...]]
    questions: tuple[Words, ...]
    problems: tuple[Problem, ...]
    rows: tuple[PartyRow, ...] = ()
    _owners: Mapping[str | None, Party | None] = field(default_factory=dict)

    def of(self, number: str) -> Party | None:
        """The party of a number in any writing, given or proposed; None for nobody known."""
        clean = canonical(number)
        return None if clean is None else self.parties.get(clean)

    def owner(self, label: str | None) -> Party | None:
        """The owner of the phone exported under `phones/<label>`; None as label is the debtor's."""
        if label in self._owners:
            return self._owners[label]
        return owner_of(label, self.rows, self._given())[0]

    def _given(self) -> dict[str, Party]:
        return {number: party for number, party in self.parties.items() if party.line is not None}


def resolve(
    evidence: Evidence, *, collects: Mapping[str, int], signatures: Mapping[str, str]
) -> People:
    """Who is who in `evidence`.

    `collects` counts the debt-collecting messages of each number and `signatures` holds its 【】,
    both found by the caller with `jiedun.reading`.
    """
    found = given(evidence.parties)
    owners = _owners(evidence, found)
    parties = dict(found.parties)
    for party, question in proposals(evidence, found.parties, collects, signatures):
        parties[party.number] = party
        found.questions.append(question)
    for owner in owners.values():
        if owner is not None:
            parties.setdefault(owner.number, owner)
    return People(
        parties,
        _creditors(parties),
        tuple(dict.fromkeys(found.questions)),
        tuple(found.problems),
        evidence.parties,
        owners,
    )


def _owners(evidence: Evidence, found: Given) -> dict[str | None, Party | None]:
    labels: dict[str | None, None] = dict.fromkeys(contact.phone for contact in evidence.contacts)
    for entry in evidence.files:
        parts = entry.path.split("/")
        if parts[0] == "phones" and len(parts) > 2:
            labels.setdefault(parts[1])
    owners: dict[str | None, Party | None] = {}
    for label in labels:
        owners[label], question = owner_of(label, evidence.parties, found.parties)
        if question is not None:
            found.questions.append(question)
    return owners


def _creditors(parties: Mapping[str, Party]) -> dict[str, tuple[str, ...]]:
    sides: dict[str, list[str]] = {}
    for party in parties.values():
        if party.creditor is not None and party.source is Source.GIVEN:
            sides.setdefault(party.creditor, []).append(party.number)
    return {creditor: tuple(sorted(numbers)) for creditor, numbers in sides.items()}
