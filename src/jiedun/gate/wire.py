"""Requests, decisions and reports as JSON, for HTTP and the command line.

Field by field: what is not known is refused with the field's name, and no message repeats content.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from jiedun.errors import BadValue
from jiedun.gate.interface import Decision, Kind, Outcome, Override, Reason, Recorded, Request
from jiedun.model.evidence import Channel
from jiedun.model.loan import LenderType
from jiedun.model.party import Role

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

REQUEST_FIELDS = (
    "id", "creditor", "debt", "person", "role", "channel", "number", "kind", "at", "zone", "debtor",
    "agency", "caller", "lender_type", "agreed_hours", "words", "debtor_reachable",
    "refusal_on_file", "declared", "in_phonebook", "override",
)  # fmt: skip
OUTCOME_FIELDS = (
    "reservation_id", "at", "connected", "seconds", "refused_contact", "wrong_person", "made",
)  # fmt: skip


def _refuse(name: str, what: str) -> NoReturn:
    raise BadValue(
        f"{name} {what}", next_step="see docs/gate.md, or /openapi.json, for every field"
    )


def _known(data: object, names: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise BadValue("the body must be a JSON object")
    if any(key not in names for key in data):
        raise BadValue(
            "the body has a field that is not known", next_step="see docs/gate.md, or /openapi.json"
        )
    return data


class _Reader:
    """Reads the fields of one object; absent or null gives the default."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    def of(self, name: str, read: Callable[[str, Any], T], default: T | None = None) -> Any:
        value = self.data.get(name)
        return default if value is None else read(name, value)

    def must(self, name: str, read: Callable[[str, Any], T]) -> T:
        if self.data.get(name) is None:
            _refuse(name, "must be given")
        return read(name, self.data[name])


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        _refuse(name, "must be a text")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        _refuse(name, "is not whole text")
    return str(value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        _refuse(name, "must be true or false")
    return value


def _count(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        _refuse(name, "must be a whole number")
    return value


def _instant(name: str, value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(_text(name, value))
    except ValueError:
        _refuse(name, "must be an instant, like 2026-03-02T10:00:00+08:00")
    if at.tzinfo is None:
        _refuse(name, "must have a zone, like +08:00")
    return at


def _one_of(kind: type[E]) -> Callable[[str, Any], E]:
    known = {one.value: one for one in kind}

    def read(name: str, value: Any) -> E:
        if not isinstance(value, str) or value not in known:
            _refuse(name, f"must be one of {', '.join(kind)}")
        return known[value]

    return read


def _hours(name: str, value: Any) -> tuple[time, time]:
    try:
        first, last = (time.fromisoformat(_text(name, part)) for part in value)
    except (TypeError, ValueError):
        _refuse(name, 'must be two times of day, like ["09:00", "20:00"]')
    return first, last


def _override(name: str, value: Any) -> Override:
    if not isinstance(value, dict) or set(value) != {"by", "reason"}:
        _refuse(name, "must have `by` and `reason`")
    return Override(_text(name, value["by"]), _text(name, value["reason"]))


_ROLE, _CHANNEL = _one_of(Role), _one_of(Channel)
_KIND, _LENDER = _one_of(Kind), _one_of(LenderType)


def request_in(body: object) -> Request:
    """The request in a decoded JSON body; BadValue names the first field that cannot be."""
    r = _Reader(_known(body, REQUEST_FIELDS))
    return Request(
        id=r.must("id", _text),
        creditor=r.must("creditor", _text),
        debt=r.must("debt", _text),
        person=r.must("person", _text),
        role=r.must("role", _ROLE),
        channel=r.must("channel", _CHANNEL),
        number=r.must("number", _text),
        kind=r.must("kind", _KIND),
        at=r.must("at", _instant),
        zone=r.of("zone", _text, "Asia/Shanghai"),
        debtor=r.of("debtor", _text),
        agency=r.of("agency", _text, ""),
        caller=r.of("caller", _text, ""),
        lender_type=r.of("lender_type", _LENDER, LenderType.UNKNOWN),
        agreed_hours=r.of("agreed_hours", _hours),
        words=r.of("words", _text),
        debtor_reachable=r.of("debtor_reachable", _flag),
        refusal_on_file=r.of("refusal_on_file", _flag, False),
        declared=r.of("declared", _flag),
        in_phonebook=r.of("in_phonebook", _flag),
        override=r.of("override", _override),
    )


def outcome_in(body: object) -> Outcome:
    """The report in a decoded JSON body; BadValue names the first field that cannot be."""
    r = _Reader(_known(body, OUTCOME_FIELDS))
    return Outcome(
        reservation_id=r.must("reservation_id", _text),
        at=r.must("at", _instant),
        connected=r.must("connected", _flag),
        seconds=r.of("seconds", _count),
        refused_contact=r.of("refused_contact", _flag, False),
        wrong_person=r.of("wrong_person", _flag, False),
        made=r.of("made", _flag, True),
    )


def decision_json(decision: Decision) -> dict[str, Any]:
    """A decision for machines, clauses with their words where these are verified."""
    held = decision.reservation
    return {
        "id": decision.id,
        "request_id": decision.request_id,
        "status": decision.status.value,
        "may_proceed": decision.may_proceed,
        "at": decision.at.isoformat(),
        "local_date": decision.local_date.isoformat(),
        "reasons": [_reason(reason) for reason in decision.reasons],
        "counters": dict(decision.counters),
        "rules_version": decision.rules_version,
        "reservation": held and {"id": held.id, "expires": held.expires.isoformat()},
        "not_before": decision.not_before.isoformat() if decision.not_before else None,
        "override": decision.override
        and {"by": decision.override.by, "reason": decision.override.reason},
        "logged": decision.logged,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "effect": reason.effect.value,
        "words": {"zh": reason.words.zh, "en": reason.words.en},
        "force": reason.force.value,
        "rule_version": reason.rule_version,
        "missing": list(reason.missing),
        "cites": [
            {
                "instrument": c.instrument, "article": c.article, "paragraph": c.paragraph,
                "item": c.item, "quote": c.quote, "verified": c.verified,
                "title": {"zh": c.title.zh, "en": c.title.en},
            }
            for c in reason.cites
        ],
    }  # fmt: skip


def recorded_json(recorded: Recorded) -> dict[str, Any]:
    """What a report did."""
    return {
        "reservation_id": recorded.reservation_id,
        "repeated": recorded.repeated,
        "late": recorded.late,
    }
