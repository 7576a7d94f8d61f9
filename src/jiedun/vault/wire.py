"""What goes over HTTP: reading the fields of a body, and spelling answers.

Field by field: what is not known is refused by its name, and no message repeats content.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from jiedun.errors import BadValue
from jiedun.model.finding import Cite
from jiedun.vault import rights
from jiedun.vault.access import Shown
from jiedun.vault.admit import Taken
from jiedun.vault.collect import Refusal
from jiedun.vault.consent import Scope
from jiedun.vault.consent_acts import Given
from jiedun.vault.provide import LeftOut

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
_LONGEST = 256
_MOST = 10_000


class Body:
    """The fields of one JSON object, each read by its name; BadValue names the first that cannot be."""

    def __init__(self, data: object, known: Sequence[str]) -> None:
        if not isinstance(data, dict):
            refuse("the body", "must be a JSON object")
        if odd := [key for key in data if key not in known]:
            refuse(
                "the body", f"has {len(odd)} fields that are not known; known: {', '.join(known)}"
            )
        self._data: dict[str, Any] = data

    def text(self, name: str, default: str | None = None, most: int = _LONGEST) -> str:
        """A short text, whole UTF-8."""
        value = self._data.get(name, default)
        if not isinstance(value, str) or len(value) > most:
            refuse(name, f"must be a text of at most {most} characters")
        if default is None and not value.strip():
            refuse(name, "must not be empty")
        return _whole(name, value)

    def value(self, name: str) -> str:
        """A text that may hold anything, as values do."""
        value = self._data.get(name)
        if not isinstance(value, str):
            refuse(name, "must be a text")
        return value

    def count(self, name: str) -> int:
        """A whole number from 1 on."""
        value = self._data.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 10**9:
            refuse(name, "must be a whole number from 1 on")
        return value

    def one_of(self, name: str, kind: type[E], default: E | None = None) -> E:
        """One of the kind's values."""
        value = self._data.get(name, default)
        if not isinstance(value, str) or value not in list(kind):
            refuse(name, f"must be one of {', '.join(kind)}")
        return kind(value)

    def texts(self, name: str) -> list[str]:
        """A list of short texts, at least one."""
        value = self._data.get(name)
        if not isinstance(value, list) or not 0 < len(value) <= _MOST:
            refuse(name, f"must be a list of 1 to {_MOST} texts")
        for one in value:
            if not isinstance(one, str) or len(one) > _LONGEST:
                refuse(name, f"must hold texts of at most {_LONGEST} characters")
        return [_whole(name, one) for one in value]

    def values(self, name: str) -> dict[str, Any]:
        """An object of values by field."""
        value = self._data.get(name, {})
        if not isinstance(value, dict) or len(value) > _LONGEST:
            refuse(name, f"must be an object of at most {_LONGEST} fields")
        return value

    def many(self, name: str, read: Callable[[object], T]) -> list[T]:
        """A list, each item read by `read`; empty where it is not given."""
        value = self._data.get(name, [])
        if not isinstance(value, list) or len(value) > _LONGEST:
            refuse(name, f"must be a list of at most {_LONGEST}")
        return [read(one) for one in value]


def refuse(name: str, what: str) -> NoReturn:
    """Never: BadValue for the field of that name."""
    raise BadValue(f"{name} {what}", next_step="see /openapi.json for every field")


def _whole(name: str, value: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        refuse(name, "is not whole text")
    return value


def subject(text: str) -> bytes:
    """The id written as 32 hexadecimal digits; BadValue where it is not."""
    try:
        raw = bytes.fromhex(text) if len(text) == 32 else b""
    except ValueError:
        raw = b""
    if len(raw) != 16:
        raise BadValue("a person's id has 32 hexadecimal digits")
    return raw


def given_in(data: object) -> Given:
    """A consent that comes with data or alone; BadValue where a field cannot be."""
    body = Body(data, ("receipt", "purpose", "scope", "detail", "notice"))
    return Given(
        body.text("receipt", most=64),
        body.text("purpose", most=64),
        body.one_of("scope", Scope, Scope.GENERAL),
        body.text("detail", ""),
        body.text("notice", most=64),
    )


def cite_out(cite: Cite) -> dict[str, Any]:
    """A clause with its words where these are held."""
    return {
        "instrument": cite.instrument,
        "title": {"zh": cite.title.zh, "en": cite.title.en},
        "article": cite.article,
        "quote": cite.quote,
        "verified": cite.verified,
    }


def refusal_out(one: Refusal) -> dict[str, Any]:
    """A field that is not kept, why, and under which clause."""
    return {
        "field": one.field,
        "code": one.code,
        "words": {"zh": one.words.zh, "en": one.words.en},
        "cites": [cite_out(c) for c in one.cites],
    }


def taken_out(taken: Taken) -> dict[str, Any]:
    """What became of a collection: names of fields, never a value."""
    found = taken.found
    return {
        "subject": taken.subject.hex() if taken.subject else None,
        "kept": sorted(found.kept),
        "refused": [refusal_out(r) for r in found.refused],
        "missing": list(found.missing),
        "consent_needed": [list(c) for c in found.consent_needed],
        "service": found.service,
    }


def shown_out(shown: Mapping[str, Shown]) -> dict[str, Any]:
    """The fields as they may be seen, each with its reason."""
    return {
        name: {"value": one.value, "grant": one.decision.grant.value, "reason": one.decision.reason}
        for name, one in shown.items()
    }


def left_out(one: LeftOut) -> dict[str, Any]:
    """A person whose data do not go, and why."""
    return {
        "subject": one.subject.hex(),
        "code": one.code,
        "words": {"zh": one.words.zh, "en": one.words.en},
        "cites": [cite_out(c) for c in one.cites],
    }


def request_out(one: rights.Request) -> dict[str, Any]:
    """A request with its steps, its clause and its house limit."""
    return {
        "id": one.id,
        "subject": one.subject.hex(),
        "kind": one.kind.value,
        "state": one.state.value,
        "clause": f"pipl#{rights.ARTICLE[one.kind]}",
        "house_limit": one.due.isoformat(),
        "clock": {"zh": rights.CLOCK.zh, "en": rights.CLOCK.en},
        "steps": [
            {"at": s.at.isoformat(), "state": s.state.value, "actor": s.actor, "note": s.note}
            for s in one.steps
        ],
    }
