"""`jiedun check`: everything at once for one folder, reading it and changing nothing in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from jiedun import law, people
from jiedun.case import loans as case_loans
from jiedun.case.loans import Loans
from jiedun.case.same_calls import without_repeats
from jiedun.case.seen import Read, ReadFn, lists_of, see
from jiedun.case.told import Told, name_the_word, told
from jiedun.evidence.gather import Progress, gather
from jiedun.model.evidence import Contact, Direction, Evidence, Problem
from jiedun.model.finding import Finding
from jiedun.model.loan import LenderType
from jiedun.people import People
from jiedun.reading import talk
from jiedun.rules.contact_facts import contact_rows
from jiedun.rules.judge import Judgement, Unknown, judge
from jiedun.rules.pack import of_subject, rulebook

_REMARKS = ("link-inside", "xml-repaired", "future-dates", "time-day-only")
"""Codes of problems that lost nothing."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One folder checked; nothing written yet."""

    folder: Path
    as_of: date
    at: datetime
    evidence: Evidence
    people: People
    read: Read
    told: Told
    loans: Loans
    findings: tuple[Finding, ...]
    unknown: tuple[Unknown, ...]
    not_kept: tuple[Problem, ...] = ()

    @property
    def partly(self) -> bool:
        """Whether some input could not be read or kept."""
        return any(p.code not in _REMARKS for p in self.problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that could not be read, understood or kept, in that order."""
        return (
            *self.evidence.problems,
            *self.people.problems,
            *self.loans.problems,
            *self.not_kept,
        )

    @property
    def lender_types(self) -> frozenset[LenderType]:
        """The types of lender in the case."""
        return frozenset(r.loan.lender_type for r in self.loans.results)


def check(
    folder: Path,
    *,
    as_of: date,
    at: datetime,
    read: ReadFn,
    progress: Progress | None = None,
) -> Checked:
    """Everything found in `folder` as of a local date; `at` is the aware instant of the check."""
    evidence = gather(folder, progress=progress)
    who = people.resolve(
        evidence,
        collects=_collecting(evidence.contacts),
        signatures=_signatures(evidence.contacts),
    )
    evidence = replace(evidence, contacts=_counted(evidence.contacts, who, as_of))
    contacts = see(evidence.contacts, who, read, lists_of(evidence, who))
    words = told(evidence.events, evidence.statements, who, read)
    loans = case_loans.examine(evidence, as_of)
    judgement = _judge(contacts, words, loans)
    findings = name_the_word(judgement.findings, words)
    return Checked(
        folder=folder,
        as_of=as_of,
        at=at,
        evidence=evidence,
        people=who,
        read=contacts,
        told=words,
        loans=loans,
        findings=_in_order(findings),
        unknown=judgement.unknown,
    )


def _judge(contacts: Read, words: Told, loans: Loans) -> Judgement:
    rules = rulebook()
    rows = contact_rows((*contacts.contacts, *words.contacts))
    of_contacts = judge(
        of_subject(rules, "contact"), rows, lender_type_of=loans.lender_type, cite=law.cite
    )
    of_loans = case_loans.judge_loans(loans)
    return Judgement(
        of_contacts.findings + of_loans.findings, of_contacts.unknown + of_loans.unknown
    )


def _counted(contacts: Sequence[Contact], who: People, as_of: date) -> tuple[Contact, ...]:
    """Contacts up to the local day `as_of`, each once, whatever number of files records it."""

    def owner_of(label: str | None) -> str | None:
        owner = who.owner(label)
        return owner.number if owner else None

    return tuple(
        contact
        for contact in without_repeats(contacts, owner_of)
        if contact.moment.local.date() <= as_of
    )


def _in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda f: (f.occurred_at, f.rule, f.id)))


def _collecting(contacts: Sequence[Contact]) -> Mapping[str, int]:
    """How many incoming texts of a number read like collecting a debt."""
    texts = [c for c in contacts if c.direction is Direction.IN and c.text]
    counts: dict[str, int] = {}
    for contact, plain in zip(texts, talk.plain([c.text for c in texts]), strict=True):
        number = people.canonical(contact.peer_raw)
        if number and talk.demands_money(plain):
            counts[number] = counts.get(number, 0) + 1
    return counts


def _signatures(contacts: Sequence[Contact]) -> Mapping[str, str]:
    """The 【signature】 that a number's incoming texts bear, where it is always the same."""
    found: dict[str, set[str]] = {}
    for contact in contacts:
        if contact.direction is Direction.IN and contact.text:
            number = people.canonical(contact.peer_raw)
            signature = talk.signature(contact.text)
            if number and signature:
                found.setdefault(number, set()).add(signature)
    return {number: names.pop() for number, names in found.items() if len(names) == 1}
