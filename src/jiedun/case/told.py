"""What no device recorded: events.csv and signed statements, always on somebody's word.

An event or statement becomes a contact marked `on_word`; findings from it are at most `possible`
and say whose word they rest on.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jiedun.case.account import Act, act_in, denies
from jiedun.case.clock_words import on_day
from jiedun.case.one_visit import Item, merge
from jiedun.case.seen import ReadFn, levels_of, person, recipient
from jiedun.model.evidence import Channel, Direction, Event, ItemRef, Outcome, Statement
from jiedun.model.finding import Finding
from jiedun.model.party import Party, Role
from jiedun.model.reading import Message, Reading
from jiedun.model.seen import Person, SeenContact
from jiedun.model.text import Words
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
_SENTENCE = re.compile(r"[^。！？!?\n]+")
_ENOUGH = 4
"""Characters below which what was said is not read."""
_NO_CLOCK = Words("（时间不详，只知道日期）", " (time not stated, only the day)")


@dataclass(frozen=True, slots=True)
class Told:
    """Contacts on somebody's word; `word_of` names, by item id, whose word it is.

    `day_only` holds the item ids of which only the day is known.
    """

    contacts: tuple[SeenContact, ...]
    word_of: Mapping[str, Words]

    @property
    def day_only(self) -> frozenset[str]:
        """Item ids whose clock is not known."""
        return frozenset(str(c.ref) for c in self.contacts if c.day_only)


def told(
    events: Sequence[Event], statements: Sequence[Statement], people: People, read: ReadFn
) -> Told:
    """Events and statements as contacts on somebody's word."""
    items = [
        *(_from_event(event, people) for event in events),
        *(item for statement in statements for item in _from_statement(statement, people)),
    ]
    merged = merge([item for item in items if item is not None])
    contacts = _read_words(merged, read)
    return Told(
        tuple(contacts),
        {str(item.contact.ref): item.word_of for item in merged},
    )


def name_the_word(findings: Sequence[Finding], told: Told) -> tuple[Finding, ...]:
    """`findings`, those on somebody's word saying whose."""
    return tuple(_named(f, told) for f in findings)


def _named(finding: Finding, told: Told) -> Finding:
    words = [told.word_of[str(ref)] for ref in finding.items if str(ref) in told.word_of]
    if not words:
        return finding
    day_only = {"day_only": True} if str(finding.items[0]) in told.day_only else {}
    zh, en = "；".join(w.zh for w in words), "; ".join(w.en for w in words)
    return replace(
        finding,
        facts={**finding.facts, "word_of": Words(zh, en), **day_only},
        explanation=Words(
            zh=f"{finding.explanation.zh}这一条依据的是{zh}，没有设备记录。",
            en=f"{finding.explanation.en} This rests on {en}; no device recorded it.",
        ),
    )


def _proof(event: Event, lang: str) -> str:
    if not event.proof_file:
        return "（没有附证明文件）" if lang == "zh" else " (no proof attached)"
    return f"，附 {event.proof_file}" if lang == "zh" else f", with {event.proof_file}"


def _read_words(items: Sequence[Item], read: ReadFn) -> Iterator[SeenContact]:
    """The contacts with what was said in them read; a bare act (上门) says nothing."""
    asked = [
        Message(str(c.ref), item.said, c.channel.value, recipient(c.owner))
        for item in items
        if len(item.said) >= _ENOUGH and (c := item.contact)
    ]
    readings: dict[str, Reading] = {r.id: r for r in read(asked)}
    for item in items:
        reading = readings.get(str(item.contact.ref))
        levels = dict.fromkeys(levels_of(reading), 1) if reading else {}
        yield replace(item.contact, levels=levels)


def _from_event(event: Event, people: People) -> Item | None:
    channel = _KINDS.get(event.kind.strip().lower())
    side = _named_side(event.who, people)
    day_only = event.moment is None
    at = event.moment.at if event.moment else on_day(event.day) if event.day else None
    if channel is None or side is None or at is None or denies(event.what):
        return None
    debtor = people.owner(None)
    public = channel is Channel.POSTER or event.kind in ("group", "group_chat", "群聊")
    owner = (
        Person(None, Role.UNKNOWN) if public else person(debtor, debtor.number if debtor else None)
    )
    contact = _contact(event.ref, Act(channel, side, at, day_only, event.what), owner, event.what)
    return Item(
        contact,
        _word(
            contact,
            "借款人自己在 events.csv 的记录" + _proof(event, "zh"),
            "the borrower's own entry in events.csv" + _proof(event, "en"),
        ),
        event.what,
    )


def _word(contact: SeenContact, zh: str, en: str) -> Words:
    if not contact.day_only:
        return Words(zh, en)
    return Words(zh + _NO_CLOCK.zh, en + _NO_CLOCK.en)


def _contact(ref: ItemRef, act: Act, owner: Person, text: str) -> SeenContact:
    return SeenContact(
        ref=ref,
        at=act.at,
        channel=act.channel,
        direction=Direction.IN,
        outcome=Outcome.UNKNOWN,
        owner=owner,
        peer=person(act.party, act.party.number),
        text=text,
        on_word=True,
        day_only=act.day_only,
    )


def _named_side(text: str, people: People) -> Party | None:
    """The one party of a creditor's side that `text` names by number or name, if exactly one."""
    sides = [p for p in people.parties.values() if p.creditor is not None]
    digits = {canonical(run) for run in re.findall(r"\+?\d[\d\- ]{5,}\d", text)}
    hits = [p for p in sides if p.number in digits or (len(p.name) >= 2 and p.name in text)]
    creditors = {p.creditor for p in hits}
    return hits[0] if len(creditors) == 1 else None


def _from_statement(statement: Statement, people: People) -> Iterator[Item]:
    label = statement.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    speaker = people.owner(label)
    if speaker is not None and speaker.creditor is not None:
        return
    owner = person(speaker, speaker.number if speaker else None)
    for n, line in enumerate(statement.text.splitlines(), start=1):
        for sentence in _SENTENCE.findall(line):
            act = act_in(sentence, speaker, people)
            if act is None:
                continue
            contact = _contact(ItemRef(statement.path, n), act, owner, sentence.strip())
            yield Item(
                contact,
                _word(
                    contact,
                    f"{statement.path} 里的签字说明",
                    f"the signed account in {statement.path}",
                ),
                act.said,
            )
