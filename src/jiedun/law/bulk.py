"""Many look-ups: JSON lines in, JSON lines out, one answer a line, a bad line named and passed by."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from jiedun.errors import BadValue, JiedunError, LawError
from jiedun.law.clauses import Clause, clause
from jiedun.law.renumbering import Reference

_encode = json.JSONEncoder(ensure_ascii=False).encode
_EMPTY = dict.fromkeys(
    ("in_force", "text", "in_force_from", "in_force_to", "successor", "predecessor")
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One line out, without its newline; `ok` False where the line in could not be answered."""

    line: str
    ok: bool


def answers(lines: Iterable[bytes], today: date) -> Iterator[Answer]:
    """The answer to each non-empty line `{id,instrument,article|null,on}`, in order.

    `on` left out or null means `today`. A line that is not such an object, or names what is not
    registered, gives `{id,…null,error}` where `error` names its number.
    """
    for number, raw in enumerate(lines, start=1):
        if raw.strip():
            yield _answer(raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw, number, today)


def as_json(found: Clause) -> dict[str, Any]:
    """The clause as the fields of an answer: dates in ISO, references as objects."""
    return {
        "in_force": found.in_force,
        "text": found.text,
        "in_force_from": found.in_force_from.isoformat() if found.in_force_from else None,
        "in_force_to": found.in_force_to.isoformat() if found.in_force_to else None,
        "successor": _reference(found.successor),
        "predecessor": _reference(found.predecessor),
    }


def _answer(raw: bytes, number: int, today: date) -> Answer:
    asked: object = None
    try:
        asked = json.loads(raw.decode("utf-8"))
        found = _look_up(asked, today)
    except (ValueError, RecursionError, BadValue, LawError) as error:
        told = f"line {number}: {_reason(error)}"
        return Answer(_encode({"id": _id(asked), **_EMPTY, "error": told}), False)
    return Answer(_encode({"id": _id(asked), **as_json(found)}), True)


def _reason(error: Exception) -> str:
    if isinstance(error, JiedunError):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return "不是 UTF-8 / not UTF-8"
    return "不是 JSON / not JSON"


def _look_up(asked: object, today: date) -> Clause:
    if not isinstance(asked, dict):
        raise BadValue("应是一个对象 / an object is wanted", why="{id,instrument,article,on}")
    act, article = asked.get("instrument"), asked.get("article")
    if isinstance(article, int) and not isinstance(article, bool):
        article = str(article)
    if not isinstance(act, str) or not isinstance(article, str | None):
        raise BadValue("instrument 或 article 不是文字 / instrument or article is not text")
    return clause(act, article or None, _day(asked.get("on"), today))


def _day(value: object, today: date) -> date:
    if value is None:
        return today
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise BadValue("on 不是日期 / on is not a date", why="YYYY-MM-DD") from None


def _id(asked: object) -> object:
    return asked.get("id") if isinstance(asked, dict) else None


def _reference(reference: Reference | None) -> dict[str, str | None] | None:
    return {"instrument": reference[0], "article": reference[1]} if reference else None
