"""A checked case as the report's nouns: timeline, parties, questions, steps."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from jiedun import __version__
from jiedun.case.check import Checked
from jiedun.case.loans import loan_reports
from jiedun.case.next import case_plan, limitation_of
from jiedun.model.evidence import Direction
from jiedun.model.party import Party, Role, Source
from jiedun.model.report import LoanReport, Question, Reached, Report, ReportParty, TimelineRow
from jiedun.model.seen import Person, SeenContact
from jiedun.model.text import Words
from jiedun.people.innocent import is_innocent, phone_names
from jiedun.remedies.plan import report_steps
from jiedun.rules.judge import Unknown

ROLES = {
    Role.DEBTOR: Words("借款人本人", "debtor"),
    Role.LENDER: Words("放贷方", "lender"),
    Role.COLLECTOR: Words("催收方", "collector"),
    Role.GUARANTOR: Words("保证人", "guarantor"),
    Role.EMERGENCY_CONTACT: Words("紧急联系人", "emergency contact"),
    Role.RELATIVE: Words("亲属", "relative"),
    Role.COLLEAGUE: Words("同事", "colleague"),
    Role.FRIEND: Words("朋友", "friend"),
    Role.UNKNOWN: Words("身份不明", "not identified"),
}
_WITHHELD = Words("不显示号码", "withheld number")
_OFTEN = 5


def compose(checked: Checked, saved_as: str = "") -> Report:
    """The report of a checked case; `saved_as` is where it will lie."""
    seen = [*checked.read.contacts, *checked.told.contacts]
    names = {p.number: p.name for p in checked.people.parties.values()}
    return Report(
        case=checked.folder.name,
        as_of=checked.as_of,
        generated_at=checked.at,
        version=__version__,
        files=checked.evidence.files,
        problems=checked.problems,
        parties=tuple(_parties(checked, seen)),
        timeline=tuple(_row(c, names, checked) for c in seen),
        findings=checked.findings,
        loans=_loans(checked) if checked.loans.results else None,
        steps=report_steps(case_plan(checked)),
        questions=tuple(_questions(checked, seen)),
        saved_as=saved_as,
    )


def _loans(checked: Checked) -> tuple[LoanReport, ...]:
    """The loans, each with where limitation stands among its remarks."""
    reports = loan_reports(checked.loans)
    return tuple(
        replace(report, notes=(limitation_of(checked, result).words, *report.notes))
        for report, result in zip(reports, checked.loans.results, strict=True)
    )


def _parties(checked: Checked, seen: list[SeenContact]) -> Iterator[ReportParty]:
    contacts = Counter(c.peer.number for c in seen)
    for party in checked.people.parties.values():
        yield ReportParty(
            number=party.number,
            role=party.role,
            source=party.source,
            name=party.name,
            creditor=party.creditor,
            line=party.line,
            proof=_proof(party),
            contacts=contacts[party.number],
        )


def _proof(party: Party) -> Words:
    if party.source is Source.GIVEN:
        row = Words(f"parties.csv 第{party.line}行", f"parties.csv row {party.line}")
        if party.verified:
            return Words(row.zh + "，备注写明已核实", row.en + ", noted as verified")
        return row
    return Words(f"程序提出，待确认：{party.why}", f"proposed, to be confirmed: {party.why}")


def _row(contact: SeenContact, names: Mapping[str, str], checked: Checked) -> TimelineRow:
    reading = checked.read.readings.get(str(contact.ref))
    return TimelineRow(
        ref=contact.ref,
        at=contact.at,
        channel=contact.channel,
        direction=contact.direction,
        outcome=contact.outcome,
        who=_who(contact.peer, names),
        phone=checked.told.word_of.get(str(contact.ref)) or _who(contact.owner, names),
        number=contact.peer.number or "",
        creditor=contact.peer.creditor,
        text=contact.text,
        duration_s=contact.duration_s,
        reached=_reached(contact),
        marks=tuple((s.start, s.end) for s in reading.spans) if reading else (),
        day_only=contact.day_only,
    )


def _who(person: Person, names: Mapping[str, str]) -> Words:
    if person.number is None and person.role is None:
        return _WITHHELD
    name = names.get(person.number or "", "") or person.number or ""
    if person.role is None:
        return Words(name, name)
    role = ROLES[person.role]
    return Words(f"{name}（{role.zh}）", f"{name} ({role.en})")


def _reached(contact: SeenContact) -> Reached:
    if contact.direction is not Direction.IN or contact.peer.creditor is None:
        return Reached.NOBODY
    if contact.owner.role is Role.DEBTOR:
        return Reached.DEBTOR
    return Reached.GUARANTOR if contact.owner.role is Role.GUARANTOR else Reached.THIRD


def _questions(checked: Checked, seen: list[SeenContact]) -> Iterator[Question]:
    for ask in (*checked.people.questions, *checked.loans.questions):
        yield Question(ask)
    yield from _strangers(seen, phone_names(checked.evidence))
    for unknown in checked.unknown:
        yield Question(_unknown_words(unknown))


def _strangers(seen: list[SeenContact], names: Mapping[str, str]) -> Iterator[Question]:
    """Numbers that nobody named in parties.csv and that called often.

    A number that the phone itself knows by an innocent name (`names`) gets no collector's line.
    """
    calls = Counter(
        c.peer.number
        for c in seen
        if c.peer.number and c.peer.role is None and c.direction is Direction.IN and not c.text
    )
    for number, count in calls.most_common(10):
        if count >= _OFTEN:
            yield _who_calls(number, count, names.get(number, ""))


def _who_calls(number: str, count: int, name: str) -> Question:
    if is_innocent(name):
        return Question(
            Words(
                zh=f"{number} 来电{count}次，手机里叫“{name}”；和这笔借款有关的话，请在 parties.csv 写明是谁",
                en=f"{number} called {count} times; the phone knows it as “{name}”. "
                "If it has to do with this loan, name it in parties.csv",
            )
        )
    return Question(
        ask=Words(
            zh=f"{number} 来电{count}次，不知道是谁；如果是催收，请在 parties.csv 写明",
            en=f"{number} called {count} times and is not named; if a collector, name it in parties.csv",
        ),
        line=f"{number},collector,姓名或机构,代表放贷方名称",
    )


def _unknown_words(unknown: Unknown) -> Words:
    settle_zh = "；".join(w.zh for w in unknown.would_settle) or "补充缺少的事实"
    settle_en = "; ".join(w.en for w in unknown.would_settle) or "supply the missing facts"
    return Words(
        zh=f"有{unknown.count}条记录判断不了是否符合“{unknown.title.zh}”。{settle_zh}",
        en=f"{unknown.count} records could not be decided for “{unknown.title.en}”: {settle_en}",
    )
