"""Exports of Chinese collection systems: headings and words as data in `words.yaml`.

A day without a clock is no time: such a row is refused rather than put at midnight. A collector's note
(催收记录) tells of a call in the collector's own words and is never read as what was said; only the
content of messages is. What a word does not settle stays unknown.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from jiedun.audit.sources.interface import name, text

_SPACE = re.compile(r"[\s()（）/_\-:：]+")
_NONE = "CAST(NULL AS VARCHAR)"


@cache
def words() -> dict[str, Any]:
    """The headings and words of `words.yaml`."""
    read: dict[str, Any] = yaml.safe_load(
        files("jiedun.audit.sources").joinpath("words.yaml").read_text("utf-8")
    )
    return read


def found(held: tuple[str, ...]) -> dict[str, str]:
    """What the words know of these headings: our name → heading."""
    plain = {_SPACE.sub("", column).lower(): column for column in reversed(held)}
    known: dict[str, list[str]] = words()["columns"]
    return {
        ours: next(plain[h] for h in headings if h in plain)
        for ours, headings in known.items()
        if any(h in plain for h in headings)
    }


def fits(held: tuple[str, ...]) -> bool:
    """Whether the headings are those of a collection system's contact records."""
    ours = found(held)
    return bool({"day", "clock"} & set(ours)) and len(ours) >= 4


def columns(held: tuple[str, ...]) -> dict[str, str]:
    """The audit's columns as expressions over those of the file."""
    ours = found(held)
    cell = {key: _cell(column) for key, column in ours.items()}
    number = cell.get("number", _NONE)
    debtor = f"coalesce({cell.get('debtor', _NONE)}, {_joined(cell)})"
    role = _word("roles", cell.get("relation"), strict=False)
    channel = _channel(cell)
    return {
        "id": cell.get("id", _NONE),
        "at": _instant(cell),
        "creditor": cell.get("creditor", _NONE),
        "lender_type": _word("lenders", cell.get("lender_type") or cell.get("creditor"), strict=False),
        "debtor": debtor,
        "debt": cell.get("debt", _NONE),
        "role": role,
        "person": f"CASE WHEN {role} = 'debtor' THEN {debtor} ELSE "
        f"{debtor} || '/' || coalesce({cell.get('name', _NONE)}, {number}) END",
        "number": number,
        "caller": cell.get("caller", _NONE),
        "channel": channel,
        "connected": _connected(cell),
        "wrong_person": _word("wrong_person", cell.get("outcome"), strict=False),
        "seconds": cell.get("seconds", _NONE),
        "direction": _word("directions", cell.get("direction"), strict=True),
        "agency": cell.get("agency", _NONE),
        "collector": cell.get("collector", _NONE),
        "text": f"CASE WHEN {channel} IN ('sms', 'chat') THEN "
        f"coalesce({cell.get('text', _NONE)}, {cell.get('note', _NONE)}) END",
    }  # fmt: skip


def _cell(column: str) -> str:
    return f"nullif(trim(CAST({name(column)} AS VARCHAR)), '')"


def _joined(cell: dict[str, str]) -> str:
    """The debtor by name and case, where no number of a person or customer is held."""
    if "debtor_name" in cell and "debt" in cell:
        return f"{cell['debtor_name']} || ' ' || {cell['debt']}"
    return cell.get("debt", _NONE)


def _word(kind: str, cell: str | None, *, strict: bool) -> str:
    """The audit's value for a cell; a word that is not known is NULL, or itself where `strict`."""
    if cell is None:
        return _NONE
    whens = " ".join(
        f"WHEN regexp_matches({cell}, {text(pattern)}) THEN {text(value)}"
        for pattern, value in words()[kind]
    )
    return f"CASE {whens} {f'ELSE {cell}' if strict else ''} END"


def _channel(cell: dict[str, str]) -> str:
    """The channel by the word for the way; a number alone, without a way, is a call."""
    alone = f"CASE WHEN {cell['number']} IS NOT NULL THEN 'call' END" if "number" in cell else _NONE
    if "how" not in cell:
        return alone
    return f"coalesce({_word('channels', cell['how'], strict=True)}, {alone})"


def _connected(cell: dict[str, str]) -> str:
    talked = (
        f"CASE WHEN TRY_CAST({cell['seconds']} AS BIGINT) > 0 THEN 'true' END"
        if "seconds" in cell
        else _NONE
    )
    return f"coalesce({talked}, {_word('connected', cell.get('outcome'), strict=False)})"


def _instant(cell: dict[str, str]) -> str:
    """Day and clock as one text; NULL for a day without a clock."""
    clock, day = cell.get("clock", _NONE), cell.get("day", _NONE)
    short = f"regexp_full_match({clock}, '\\d{{1,2}}:\\d{{2}}(:\\d{{2}})?')"
    whole = f"CASE WHEN {short} THEN split_part({day}, ' ', 1) || ' ' || {clock} ELSE coalesce({clock}, {day}) END"
    plain = f"replace(regexp_replace({whole}, '[年月]', '-', 'g'), '日', ' ')"
    return f"regexp_replace({plain}, '  +', ' ', 'g')"
