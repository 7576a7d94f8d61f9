"""The dates of a plan as an RFC 5545 calendar, for the phone's reminders."""

from datetime import datetime, timedelta
from hashlib import sha256

from icalendar import Alarm, Calendar, Event

from jiedun.model.text import Words
from jiedun.remedies.values import Due, Plan

CONFIRM = Words("待与受理机关核实", "to be confirmed with the office")
_MINE = Words("您的期限", "your date")
_THEIRS = Words("对方应办理的日期", "the day by which they should have acted")
_FROM = Words("从{day}起算", "counted from {day}")


def calendar(plan: Plan, at: datetime, lang: str) -> bytes:
    """The calendar file of the plan's dates; `at` is the aware instant it is made."""
    cal = Calendar()
    cal.add("prodid", "-//jiedun//plan//ZH")
    cal.add("version", "2.0")
    for due in plan.dues:
        cal.add_component(_event(due, at, lang))
    return bytes(cal.to_ical())


def _event(due: Due, at: datetime, lang: str) -> Event:
    event = Event()
    event.add("uid", sha256(f"{due.id}|{due.on}|{due.counted_from}".encode()).hexdigest()[:32])
    event.add("dtstamp", at)
    event.add("dtstart", due.on)
    event.add("dtend", due.on + timedelta(days=1))
    mark = f"（{CONFIRM.zh}）" if lang != "en" else f" ({CONFIRM.en})"
    event.add("summary", due.what.of(lang) + (mark if due.to_confirm else ""))
    event.add("description", _about(due, lang))
    if due.mine:
        event.add_component(_alarm(due, lang))
    return event


def _about(due: Due, lang: str) -> str:
    lines = [
        (_MINE if due.mine else _THEIRS).of(lang),
        _FROM.of(lang).format(day=due.counted_from),
        due.basis.of(lang),
        CONFIRM.of(lang) if due.to_confirm else "",
        due.note.of(lang) if due.note else "",
    ]
    return "\n".join(filter(None, lines))


def _alarm(due: Due, lang: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", timedelta(days=-7))
    alarm.add("description", due.what.of(lang))
    return alarm
