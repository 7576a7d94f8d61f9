"""The facts of one planned contact, under the names the rules of the case door use.

Local date and second are those of the contacted person's zone. Names of people, numbers and
debts are keyed pseudonyms: equal values stay equal, and the store holds nothing in clear.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from jiedun.gate.interface import Kind, Request
from jiedun.model.evidence import Channel
from jiedun.model.party import Role
from jiedun.model.reading import Label, Message, Reading
from jiedun.reading import conduct, talk
from jiedun.rules.contact_facts import says_about_debt

ReadFn = Callable[[Message], Reading]
Facts = dict[str, Any]

CALLS = (Kind.ATTEMPT, Kind.NOTIFICATION, Kind.INTERACTIVE)
_WHO = ("to_debtor", "to_guarantor", "to_contact_person", "to_third_person")
MAYBE_NULL = frozenset(
    {"in_phonebook", "declared", "debtor_reachable", "refusal_on_file", "duration_s", *_WHO}
)
"""The facts of a planned contact that may be unknown; every other one is always known."""

_THIRD = (Role.RELATIVE, Role.COLLEAGUE, Role.FRIEND)
_LABELS = {label: f"says_{label.value}" for label in Label}
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_SHANGHAI_AHEAD_S = 8 * 3600
_NO_SUMMER_TIME_SINCE = 684_900_000  # 1991-09-15, Asia/Shanghai
_RECIPIENT = {Role.DEBTOR: "debtor", Role.GUARANTOR: "guarantor"}


class Pseudonyms:
    """Keyed names: `of(text)` is 32 hex digits of HMAC-SHA-256; without the key nothing is told.

    The key is hashed once (RFC 2104, key of at most 64 bytes), and short texts are hashed without
    letting other threads go first, as `hmac.digest` would at each call.
    """

    def __init__(self, key: bytes) -> None:
        padded = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(b ^ 0x36 for b in padded))
        self._outer = hashlib.sha256(bytes(b ^ 0x5C for b in padded))
        self.of = lru_cache(maxsize=1 << 16)(self._of)

    def _of(self, text: str) -> str:
        return self._hmac(text.encode("utf-8", "surrogatepass")).digest()[:16].hex()

    def digest(self, data: bytes) -> str:
        """64 hex digits over longer data."""
        return self._hmac(data).hexdigest()

    def _hmac(self, data: bytes) -> "hashlib._Hash":
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(data)
        outer.update(inner.digest())
        return outer


def read_words(message: Message) -> Reading:
    """What the words do, by the reader that a case is read with."""
    return conduct.read([message], tier="deep", spans=False)[0]


def local(instant: int, zone: str) -> tuple[date, int]:
    """The local date and the second of the local day of an instant (epoch seconds)."""
    if zone == "Asia/Shanghai" and instant >= _NO_SUMMER_TIME_SINCE:
        days, second = divmod(instant + _SHANGHAI_AHEAD_S, 86_400)
        return _day(days), second
    at = datetime.fromtimestamp(instant, ZoneInfo(zone))
    return at.date(), at.hour * 3600 + at.minute * 60 + at.second


@lru_cache(maxsize=4096)
def _day(days: int) -> date:
    return date.fromordinal(_EPOCH_DAY + days)


def moment(day: date, second: int, zone: str) -> int:
    """The instant (epoch seconds) at which the local clock shows so many seconds of a day."""
    if zone == "Asia/Shanghai":
        instant = (day.toordinal() - _EPOCH_DAY) * 86_400 + second - _SHANGHAI_AHEAD_S
        if instant >= _NO_SUMMER_TIME_SINCE:
            return instant
    hours, rest = divmod(second, 3600)
    clock = time(hours, rest // 60, rest % 60)
    return int(datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).timestamp())


@lru_cache(maxsize=256)
def _fixed(role: Role, channel: Channel, kind: Kind) -> Mapping[str, Any]:
    """What follows from role, channel and kind alone, and the facts of words nobody has said."""
    facts: Facts = dict.fromkeys(_LABELS.values(), 0)
    facts.update(
        channel=channel.value, kind=kind.value, incoming=True, outgoing=False, by_creditor=True,
        connected=True, duration_s=None, has_text=False, on_word=False, about_debt=True,
        is_notice=False, asks_identity=False, refuses_identity=False, refuses_contact=False,
        to_debtor=role is Role.DEBTOR, to_guarantor=role is Role.GUARANTOR,
        to_contact_person=role is Role.EMERGENCY_CONTACT, to_third_person=role in _THIRD,
        role_given=True, sender_open=False, sender_doubted=False, answers_question=False,
        names_somebody=True, mentions_debtor=True, owner_is_spouse=False, wrong_person=False,
    )  # fmt: skip
    if role is Role.UNKNOWN:
        facts.update(dict.fromkeys(_WHO))
    return facts


StillKey = tuple[Any, ...]


def still_key(request: Request, said: Facts | None) -> StillKey:
    """What decides every fact of a planned contact but its names, its time and its counters."""
    return (
        request.role, request.channel, request.kind, request.debtor_reachable,
        request.refusal_on_file, request.declared, request.in_phonebook,
        request.agreed_hours is not None, tuple(said.values()) if said else None,
    )  # fmt: skip


def still(request: Request, said: Facts | None) -> Facts:
    """The facts of a planned contact that `still_key` decides."""
    facts = dict(_fixed(request.role, request.channel, request.kind))
    facts["debtor_reachable"] = request.debtor_reachable
    facts["refusal_on_file"] = request.refusal_on_file
    facts["declared"] = request.declared
    facts["in_phonebook"] = request.in_phonebook
    facts["hours_agreed"] = request.agreed_hours is not None
    return {**facts, **(said or {})}


def moving(facts: Facts, request: Request, name: Callable[[str], str], debtor: str) -> Facts:
    """`facts` with the names and the time of one contact put in."""
    creditor = name(request.creditor)
    facts["creditor"] = creditor
    facts["debtor"] = debtor
    facts["debt"] = name(request.debt)
    facts["owner"] = name(request.person)
    facts["dialled"] = name(request.number)
    facts["peer"] = name(request.caller) if request.caller else creditor
    set_time(facts, request, int(request.at.timestamp()))
    return facts


def planned(request: Request, name: Callable[[str], str], debtor: str, reading: ReadFn) -> Facts:
    """The facts of a planned contact except order and counters.

    `connected` is True here; the gate weighs the other outcome too. `debtor` is the pseudonym the
    counters are kept under.
    """
    said = said_by(request, reading)
    return moving(still(request, said), request, name, debtor)


def set_time(facts: Facts, request: Request, instant: int) -> None:
    """Nothing; `facts` are those of the same contact at another instant."""
    facts["instant"] = instant
    facts["local_date"], second = local(instant, request.zone)
    facts["second_of_day"] = second
    facts["in_agreed_hours"] = request.agreed_hours is not None and _inside(
        request.agreed_hours, second
    )


def second_of(clock: time) -> int:
    """The second of the day that a clock time is."""
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def _inside(hours: tuple[time, time], second: int) -> bool:
    first, last = map(second_of, hours)
    if first <= last:
        return first <= second < last
    return second >= first or second < last


def said_by(request: Request, reading: ReadFn) -> Facts | None:
    """What the words to be said do, always in the same order of facts; None without words."""
    if not request.words:
        return None
    recipient = _RECIPIENT.get(request.role, "third_party")
    read = reading(Message(request.id, request.words, request.channel.value, recipient))
    levels = {label: 2 if label in read.probable else 1 for label in read.possible}
    plain = talk.plain([request.words])[0]
    facts: Facts = {fact: levels.get(label, 0) for label, fact in _LABELS.items()}
    facts["has_text"] = True
    facts["about_debt"] = says_about_debt(levels, request.channel)
    facts["is_notice"] = talk.is_notice(plain)
    facts["asks_identity"] = talk.asks_identity(plain)
    facts["refuses_identity"] = talk.refuses_identity(plain)
    facts["refuses_contact"] = talk.refuses_contact(plain)
    return facts


def refusal(facts: Facts, instant: int, zone: str) -> Facts:
    """The facts of a person's refusal, told during the contact with `facts`."""
    day, second = local(instant, zone)
    return {
        **facts, "instant": instant, "local_date": day, "second_of_day": second,
        "incoming": False, "outgoing": True, "by_creditor": False, "refuses_contact": True,
        "connected": True, "wrong_person": False, "duration_s": None,
    }  # fmt: skip


def plain() -> Mapping[str, Any]:
    """The facts of a plain interactive call to the debtor that nobody has said a word in."""
    return _PLAIN


def unlike_plain(facts: Facts) -> Facts:
    """Those of `facts` that are not as in a plain call to the debtor."""
    return {k: v for k, v in facts.items() if k not in _PLAIN or _PLAIN[k] != v}


MOVING = (
    "creditor",
    "debtor",
    "debt",
    "owner",
    "dialled",
    "peer",
    "instant",
    "second_of_day",
    "seq",
)
"""The facts that are each contact's own, beside its local date."""

_PLAIN: Mapping[str, Any] = {
    **_fixed(Role.DEBTOR, Channel.CALL, Kind.INTERACTIVE),
    "debtor_reachable": None, "refusal_on_file": False, "declared": None, "in_phonebook": None,
    "hours_agreed": False, "in_agreed_hours": False,
}  # fmt: skip
