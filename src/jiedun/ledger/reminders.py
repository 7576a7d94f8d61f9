"""Due days as an iCalendar file (RFC 5545) that a telephone's calendar opens; all-day events."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from jiedun.ledger.limitation import Limitation
from jiedun.ledger.values import LoanResult
from jiedun.ledger.ways_out import Proposal
from jiedun.model.text import Words

FOLD = 73


@dataclass(frozen=True, slots=True)
class Reminder:
    """One all-day event with an alarm the day before."""

    on: date
    title: Words
    note: Words


def due_reminders(result: LoanResult) -> tuple[Reminder, ...]:
    """One reminder for each sum of the contract that is not yet due."""
    note = Words("只付到合同写明的账户；依法应还多少，先看借盾的结果",
                 "pay only into the account of the contract; see what is lawfully owed first")  # fmt: skip
    return tuple(
        Reminder(
            i.due, Words(f"第{i.no}期 {i.amount}元到期", f"instalment {i.no}: {i.amount} due"), note
        )
        for i in result.loan.instalments
        if i.due >= result.as_of
    )


def plan_reminders(proposal: Proposal) -> tuple[Reminder, ...]:
    """One reminder for each part of a proposal."""
    return tuple(
        Reminder(
            p.due,
            Words(f"还款方案第{p.no}期 {p.payment}元", f"plan part {p.no}: {p.payment}"),
            proposal.words,
        )
        for p in proposal.parts
    )


def limitation_reminder(state: Limitation) -> tuple[Reminder, ...]:
    """The computed last day of the limitation period, if there is one."""
    if state.until is None:
        return ()
    return (
        Reminder(
            state.until,
            Words("诉讼时效推算届满日", "computed end of the limitation period"),
            state.words,
        ),
    )


def _escape(text: str) -> str:
    for raw, safe in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(raw, safe)
    return text


def _fold(line: str) -> Iterable[str]:
    """Lines of at most 75 octets, never cutting a character (RFC 5545 section 3.1)."""
    part, size = "", 0
    for char in line:
        octets = len(char.encode("utf-8"))
        if size + octets > FOLD:
            yield part
            part, size = " ", 1
        part += char
        size += octets
    yield part


def as_ics(reminders: Sequence[Reminder], made: datetime, lang: str = "zh") -> str:
    """The calendar text, CRLF; `made` is the aware instant written as DTSTAMP."""
    stamp = made.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Jiedun//ledger//ZH", "CALSCALE:GREGORIAN"]
    for one in reminders:
        key = f"{one.on}|{one.title.zh}|{one.note.zh}".encode()
        lines += [
            "BEGIN:VEVENT",
            f"UID:{hashlib.sha256(key).hexdigest()[:32]}@jiedun",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{one.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{one.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escape(one.title.of(lang))}",
            f"DESCRIPTION:{_escape(one.note.of(lang))}",
            "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P1D",
            f"DESCRIPTION:{_escape(one.title.of(lang))}", "END:VALARM", "END:VEVENT",
        ]  # fmt: skip
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _fold(line))
