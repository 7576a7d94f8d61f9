"""What no device recorded: events.csv and signed statements, always on somebody's word.

An event or statement becomes a contact marked `on_word`; findings from it are at most `possible`
and say whose word they rest on.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from jiedun.case.seen import ReadFn, levels_of, person, recipient
from jiedun.model.evidence import Channel, Direction, Event, ItemRef, Outcome, Statement
from jiedun.model.finding import Finding
from jiedun.model.party import Party, Role
from jiedun.model.reading import Message, Reading
from jiedun.model.seen import Person, SeenContact
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI
from jiedun.people import People, canonical

_KINDS = {
    "visit": Channel.VISIT,
    "poster": Channel.POSTER,
    "chat": Channel.CHAT,
    "group": Channel.CHAT,
    "group_chat": Channel.CHAT,
    "call": Channel.CALL,
    "上门": Channel.VISIT,
    "外访": Channel.VISIT,
    "张贴": Channel.POSTER,
    "海报": Channel.POSTER,
    "群聊": Channel.CHAT,
    "通话": Channel.CALL,
    "电话": Channel.CALL,
}
_DATE = re.compile(r"(\d{4})\s*[年\-/.]\s*(\d{1,2})\s*[月\-/.]\s*(\d{1,2})\s*日?")
_CLOCK = re.compile(r"(上午|下午|晚上|凌晨)?\s*(\d{1,2})\s*[:：时点]\s*(\d{1,2})?")
_SENTENCE = re.compile(r"[^。！？!?\n]+")
_SPOKEN = (Channel.CALL, Channel.CHAT, Channel.POSTER)


@dataclass(frozen=True, slots=True)
class Told:
    """Contacts on somebody's word; `word_of` names, by item id, whose word it is."""

    contacts: tuple[SeenContact, ...]
    word_of: Mapping[str, Words]


def told(
    events: Sequence[Event], statements: Sequence[Statement], people: People, read: ReadFn
) -> Told:
    """Events and statements as contacts on somebody's word."""
    contacts: list[SeenContact] = []
    word_of: dict[str, Words] = {}
    for event in events:
        contact = _from_event(event, people)
        if contact is not None:
            contacts.append(contact)
            word_of[str(event.ref)] = Words(
                zh="借款人自己在 events.csv 的记录" + _proof(event, "zh"),
                en="the borrower's own entry in events.csv" + _proof(event, "en"),
            )
    for statement in statements:
        for contact in _from_statement(statement, people):
            contacts.append(contact)
            word_of[str(contact.ref)] = Words(
                zh=f"{statement.path} 里的签字说明", en=f"the signed account in {statement.path}"
            )
    return Told(tuple(_read_words(contacts, read)), word_of)


def name_the_word(findings: Sequence[Finding], told: Told) -> tuple[Finding, ...]:
    """`findings`, those on somebody's word saying whose."""
    return tuple(_named(f, told) for f in findings)


def _named(finding: Finding, told: Told) -> Finding:
    words = [told.word_of[str(ref)] for ref in finding.items if str(ref) in told.word_of]
    if not words:
        return finding
    zh, en = "；".join(w.zh for w in words), "; ".join(w.en for w in words)
    return replace(
        finding,
        facts={**finding.facts, "word_of": Words(zh, en)},
        explanation=Words(
            zh=f"{finding.explanation.zh}这一条依据的是{zh}，没有设备记录。",
            en=f"{finding.explanation.en} This rests on {en}; no device recorded it.",
        ),
    )


def _proof(event: Event, lang: str) -> str:
    if not event.proof_file:
        return "（没有附证明文件）" if lang == "zh" else " (no proof attached)"
    return f"，附 {event.proof_file}" if lang == "zh" else f", with {event.proof_file}"


def _read_words(contacts: Sequence[SeenContact], read: ReadFn) -> Iterator[SeenContact]:
    spoken = [c for c in contacts if c.text and c.channel in _SPOKEN]
    asked = [Message(str(c.ref), c.text, c.channel.value, recipient(c.owner)) for c in spoken]
    readings: dict[str, Reading] = {r.id: r for r in read(asked)}
    for contact in contacts:
        reading = readings.get(str(contact.ref))
        levels = dict.fromkeys(levels_of(reading), 1) if reading else {}
        yield replace(contact, levels=levels)


def _from_event(event: Event, people: People) -> SeenContact | None:
    channel = _KINDS.get(event.kind.strip().lower())
    side = _named_side(event.who, people)
    if channel is None or side is None or event.moment is None:
        return None
    debtor = people.owner(None)
    public = channel is Channel.POSTER or event.kind in ("group", "group_chat", "群聊")
    owner = (
        Person(None, Role.UNKNOWN) if public else person(debtor, debtor.number if debtor else None)
    )
    return _contact(event.ref, event.moment.at, channel, owner, side, event.what)


def _contact(
    ref: ItemRef, at: datetime, channel: Channel, owner: Person, side: Party, text: str
) -> SeenContact:
    return SeenContact(
        ref=ref,
        at=at,
        channel=channel,
        direction=Direction.IN,
        outcome=Outcome.UNKNOWN,
        owner=owner,
        peer=person(side, side.number),
        text=text,
        on_word=True,
    )


def _named_side(text: str, people: People) -> Party | None:
    """The one party of a creditor's side that `text` names by number or name, if exactly one."""
    sides = [p for p in people.parties.values() if p.creditor is not None]
    digits = {canonical(run) for run in re.findall(r"\+?\d[\d\- ]{5,}\d", text)}
    hits = [p for p in sides if p.number in digits or (len(p.name) >= 2 and p.name in text)]
    creditors = {p.creditor for p in hits}
    return hits[0] if len(creditors) == 1 else None


def _from_statement(statement: Statement, people: People) -> Iterator[SeenContact]:
    owner = _speaker(statement.path, people)
    for n, line in enumerate(statement.text.splitlines(), start=1):
        for sentence in _SENTENCE.findall(line):
            day = _DATE.search(sentence)
            side = _named_side(sentence, people)
            if day is None or side is None:
                continue
            at = _moment(day, sentence[day.end() :])
            if at is not None:
                ref = ItemRef(statement.path, n)
                channel = (
                    Channel.CALL if re.search(r"电话|打过|来电|致电", sentence) else Channel.VISIT
                )
                yield _contact(ref, at, channel, owner, side, sentence.strip())


def _speaker(path: str, people: People) -> Person:
    label = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    party = people.owner(label)
    return person(party, party.number if party else None)


def _moment(day: re.Match[str], rest: str) -> datetime | None:
    year, month, date = (int(group) for group in day.groups())
    clock = _CLOCK.match(rest.strip("，, "))
    hour, minute = 12, 0
    if clock:
        hour, minute = int(clock[2]), int(clock[3] or 0)
        if clock[1] in ("下午", "晚上") and hour < 12:
            hour += 12
    try:
        return datetime(year, month, date, hour, minute, tzinfo=SHANGHAI)
    except ValueError:
        return None
