"""Contacts from the columns of Android's telephony provider, whatever file carries them.

Direction is taken from `type` / `msg_box` alone. An instant of 1e11 or more is milliseconds,
less is seconds; it is cut to the second. `null` as a value means absent.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from jiedun.evidence.interface import Record
from jiedun.evidence.problems import problem
from jiedun.evidence.readers._quick import OpenContact, OpenMoment, OpenRef
from jiedun.evidence.readers._sms_lane import Fields, unescaped
from jiedun.model.evidence import Channel, Contact, Direction, ItemRef, Outcome, Problem
from jiedun.model.time import Moment

_FIRST = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp())
_END = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
_MILLISECONDS_FROM = 10**11
_NO_TIME = ("0", "", "null")
_MOST_NAMES = 10_000

_SMS = Channel.SMS
_from_timestamp = datetime.fromtimestamp
_IN, _OUT, _NONE = Direction.IN, Direction.OUT, Direction.NONE
_DELIVERED, _UNKNOWN = Outcome.DELIVERED, Outcome.UNKNOWN
_NO_DIRECTION = (_NONE, _UNKNOWN)

MESSAGE_BOXES = {
    "1": (_IN, _DELIVERED),
    "2": (_OUT, _DELIVERED),
    "3": (_NONE, Outcome.DRAFT),
    "4": (_OUT, _UNKNOWN),  # outbox: on its way
    "5": (_OUT, Outcome.FAILED),
    "6": (_OUT, _UNKNOWN),  # queued
}
"""`type` of an SMS, `msg_box` of an MMS."""

CALL_TYPES = {
    "1": (_IN, Outcome.ANSWERED),
    "2": (_OUT, Outcome.ANSWERED),
    "3": (_IN, Outcome.MISSED),
    "4": (_IN, Outcome.MISSED),  # went to voicemail
    "5": (_IN, Outcome.REJECTED),
    "6": (_IN, Outcome.REJECTED),  # blocked by the phone
    "7": (_IN, Outcome.ANSWERED),  # answered on another device
}
"""`type` of a call; ANSWERED holds only where the duration is above 0 s."""


def instant(raw: str) -> datetime | None:
    """The instant in UTC, cut to the second; None outside 1990-2099 or when it is no number."""
    try:
        value = int(raw)
    except ValueError:
        return None
    if value >= _MILLISECONDS_FROM:
        value //= 1000
    return datetime.fromtimestamp(value, UTC) if _FIRST <= value < _END else None


def _moment(raw: str) -> Moment | None:
    """`instant` with its raw text; one function, for it runs twice a message."""
    try:
        value = int(raw)
    except ValueError:
        return None
    second = value // 1000 if value >= _MILLISECONDS_FROM else value
    if not _FIRST <= second < _END:
        return None
    made: Any = OpenMoment()
    made.at = _from_timestamp(second, UTC)
    made.raw = raw
    made.zone_assumed = False
    made.__class__ = Moment
    return made  # type: ignore[no-any-return]


class _Names(dict[str, str]):
    """Values that recur in a file, resolved once each; forgotten when there are too many."""

    def __missing__(self, raw: str) -> str:
        if len(self) > _MOST_NAMES:
            self.clear()
        value = self[raw] = known(unescaped(raw))
        return value


def sent_moment(raw: str | None) -> Moment | None:
    """When the network took the message; None where the phone did not note it (0, null)."""
    return None if not raw or raw in _NO_TIME else _moment(raw)


def known(value: str | None) -> str:
    """The value, or nothing where it is absent, `null` or `(Unknown)`."""
    return "" if value is None or value in ("null", "(Unknown)") else value


class Maker:
    """Builds the contacts of one file; problems of a row go to `tell`."""

    def __init__(self, path: str, phone: str | None, tell: Callable[[Problem], None]) -> None:
        self._path, self._phone, self._tell = path, phone, tell
        self._names = _Names()

    def ref(self, kind: str, n: int) -> ItemRef:
        """The locator of one row."""
        return ItemRef(self._path, n, kind)

    def message(
        self,
        ref: ItemRef,
        channel: Channel,
        row: Callable[[str], str | None],
        *,
        box: str = "type",
        text: str,
        peer: str | None = None,
    ) -> Contact | None:
        """One message; None (and a problem) when its date cannot be used."""
        raw = row("date") or ""
        at = instant(raw)
        if at is None:
            self._refuse(ref)
            return None
        kind = row(box) or ""
        direction, outcome = MESSAGE_BOXES.get(kind) or self._no_direction(ref)
        return Contact(
            ref,
            self._phone,
            channel,
            direction,
            outcome,
            Moment(at, raw),
            known(row("address")) if peer is None else peer,
            known(row("contact_name")),
            kind,
            None,
            text,
            sent_moment(row("date_sent")),
        )

    def rows(
        self,
        kind: str,
        first: int,
        rows: list[Fields],
        add: Callable[[Contact], None],
    ) -> None:
        """SMS from address, date, date_sent, type, body and contact_name as XML writes them.

        They are numbered from `first` on and go to `add`; rows without a usable date to `tell`.
        One loop without calls on purpose: see `_quick`.
        """
        path, phone, names = self._path, self._phone, self._names
        for n, (address, date, sent, box, body, name) in enumerate(rows, first):
            ref: Any = OpenRef()
            ref.path = path
            ref.n = n
            ref.kind = kind
            ref.__class__ = ItemRef
            when = _moment(date)
            if when is None:
                self._refuse(ref)
                continue
            text = unescaped(body) if "&" in body else body
            made: Any = OpenContact()
            made.ref = ref
            made.phone = phone
            made.channel = _SMS
            made.direction, made.outcome = MESSAGE_BOXES.get(box) or self._no_direction(ref)
            made.moment = when
            made.peer_raw = names[address]
            made.peer_name = names[name]
            made.direction_raw = box
            made.duration_s = None
            made.text = "" if text == "null" else text
            made.sent_at = None if sent in _NO_TIME else _moment(sent)
            made.also = ()
            made.__class__ = Contact
            add(made)

    def call(
        self, ref: ItemRef, row: Callable[[str], str | None], moment: Moment | None = None
    ) -> Contact | None:
        """One call; None (and a problem) when its date cannot be used."""
        raw = row("date") or ""
        at = instant(raw) if moment is None else moment.at
        if at is None:
            self._refuse(ref)
            return None
        kind = row("type") or ""
        duration = self._duration(ref, row("duration"))
        direction, outcome = CALL_TYPES.get(kind) or self._no_direction(ref)
        return Contact(
            ref,
            self._phone,
            Channel.CALL,
            direction,
            _by_duration(outcome, duration),
            moment or Moment(at, raw),
            known(row("number")),
            known(row("contact_name")),
            kind,
            duration,
        )

    def _refuse(self, ref: ItemRef) -> None:
        self._tell(problem(self._path, "bad-date", f"{ref.kind}{ref.n}"))

    def _no_direction(self, ref: ItemRef) -> tuple[Direction, Outcome]:
        self._tell(problem(self._path, "unknown-direction", f"{ref.kind}{ref.n}"))
        return _NO_DIRECTION

    def _duration(self, ref: ItemRef, raw: str | None) -> int | None:
        if raw is None or raw in ("", "null"):
            return None
        seconds = _seconds(raw)
        if seconds is None:
            self._tell(problem(self._path, "bad-duration", f"{ref.kind}{ref.n}"))
        return seconds


def _seconds(raw: str) -> int | None:
    """`67` or `[h:]m:ss` in seconds; None for anything else and for more than 2^31."""
    total = 0
    for part in raw.split(":"):
        if not (part.isascii() and part.isdigit() and len(part) <= 10):
            return None
        total = total * 60 + int(part)
    return total if total < 2**31 else None


def _by_duration(outcome: Outcome, duration: int | None) -> Outcome:
    """ANSWERED needs seconds: none noted is unknown, 0 s is a call that nobody took."""
    if outcome is not Outcome.ANSWERED or duration:
        return outcome
    return Outcome.UNKNOWN if duration is None else Outcome.MISSED


def drain(made: list[Record | Problem]) -> Iterator[Record | Problem]:
    """Everything collected so far, which is then forgotten."""
    yield from made
    made.clear()
