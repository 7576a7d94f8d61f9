"""The register of instruments: what each is, when it was in force, whom it binds, how well known."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

import yaml

from jiedun.errors import LawError
from jiedun.law._data import Once, text_of
from jiedun.model.finding import Force
from jiedun.model.text import Words


@dataclass(frozen=True, slots=True)
class Instrument:
    """One law, rule, standard or pact in the version its id names; dates are local, inclusive.

    `first_in_force`: first day the act existed at all, None where not known.
    `text_from`, `text_to`: days on which the held text is shown to be the one in force.
    `doubtful_from`: from this day it is not known whether it still applies.
    `held`: `full`, `excerpt` or `none`; `verified`: the held text was compared with its source.
    `binds`: lender types and other addressees, or `everyone`; `members`: only these members.
    """

    id: str
    title: Words
    issuer: str
    document_no: str
    promulgated: str
    effective_from: date | None
    effective_to: date | None
    first_in_force: date | None
    text_from: date | None
    text_to: date | None
    doubtful_from: date | None
    superseded_by: str | None
    force: Force
    binds: tuple[str, ...]
    members: str | None
    held: str
    verified: bool
    confidence: str
    source: str
    note: Words | None
    disputed: frozenset[str]

    def in_force(self, on: date) -> bool | None:
        """Whether the instrument applied that day, in whatever text; None where not known."""
        if self.effective_to is not None and on > self.effective_to:
            return False
        if self.first_in_force is not None and on < self.first_in_force:
            return False
        if self.doubtful_from is not None and on >= self.doubtful_from:
            return None
        return True if self.first_in_force is not None and self.effective_from is not None else None

    def binds_lender(self, lender_type: str) -> bool:
        """Whether a lender of this type is among the addressees."""
        return "everyone" in self.binds or lender_type in self.binds


@dataclass(frozen=True, slots=True)
class _Register:
    as_of: date
    by_id: Mapping[str, Instrument]
    drafts: Mapping[str, Words]


def instruments() -> tuple[Instrument, ...]:
    """All instruments, held or not, in the order of the register."""
    return tuple(_register().by_id.values())


def instrument(instrument_id: str) -> Instrument:
    """The instrument of this id; LawError with the nearest ids where there is none."""
    found = _register().by_id.get(instrument_id)
    if found is None:
        raise _unknown(instrument_id)
    return found


def named(text: str, on: date) -> Instrument:
    """The instrument with this id or whole title, the country's name and 《》 left out or not.

    A title without the year in its last bracket stands for all its versions, of which the only one
    in force on `on` is meant. LawError, with the ids that come near, where none or several are.
    """
    if (found := _register().by_id.get(text)) is not None:
        return found
    asked = _plain_title(text)
    titles = {act: _plain_title(act.title.zh) for act in instruments()}
    versioned = _VERSION.search(asked) is not None
    same = [a for a, t in titles.items() if asked == (t if versioned else _VERSION.sub("", t))]
    chosen = same if len(same) < 2 else [act for act in same if act.in_force(on)]
    if len(chosen) == 1:
        return chosen[0]
    near = same or [act for act, title in titles.items() if len(asked) > 1 and asked in title]
    if not near:
        raise _unknown(text)
    raise LawError(
        f"没有一部法规恰好叫这个名字 / no one instrument is called just so: {text[:80]}",
        next_step=f"写编号 / write its id: {', '.join(act.id for act in near[:8])}",
    )


_VERSION = re.compile(r"\((\d{4}[^()]*|试行)\)$")


def _plain_title(text: str) -> str:
    """A title without the country's name, 《》 and blanks, its brackets in one spelling."""
    bare = re.sub(r"[《》\s]", "", text).replace("（", "(").replace("）", ")")
    return bare.removeprefix("中华人民共和国")


def as_of() -> date:
    """The day up to which the register was kept."""
    return _register().as_of


def preceded_by(instrument_id: str) -> str | None:
    """The id of the instrument that this one replaced, None where none is registered."""
    return _predecessors().get(instrument_id)


def _unknown(instrument_id: str) -> LawError:
    register = _register()
    if instrument_id in register.drafts:
        return LawError(
            f"草案不是法律 / a draft is not law: {instrument_id}",
            why=f"{register.drafts[instrument_id].zh}，尚未公布施行 / not in force",
        )
    near = get_close_matches(instrument_id, register.by_id, n=3, cutoff=0.4)
    return LawError(
        f"没有收录这部法规 / no such instrument: {instrument_id[:80]}",
        next_step=f"最接近的 / nearest: {', '.join(near)}" if near else "jiedun law",
    )


def _instrument_of(row: Mapping[str, Any]) -> Instrument:
    start, text_from = row["effective_from"], row.get("text_from", row["effective_from"])
    held = row.get("held", "none")
    return Instrument(
        id=row["id"],
        title=Words(row["title_zh"], row["title_en"]),
        issuer=row.get("issuer", ""),
        document_no=row.get("document_no", ""),
        promulgated=row.get("promulgated", ""),
        effective_from=start,
        effective_to=row.get("effective_to"),
        first_in_force=row.get("first_in_force", start),
        text_from=None if held == "none" or text_from == "never" else text_from,
        text_to=row.get("text_to", row.get("effective_to")),
        doubtful_from=row.get("doubtful_from"),
        superseded_by=row.get("superseded_by"),
        force=Force(row["force"]),
        binds=tuple(row["binds"]),
        members=row.get("members"),
        held=held,
        verified=row.get("verified", False),
        confidence=row["confidence"],
        source=row["source"],
        note=Words(row["note_zh"], row["note"]) if "note" in row else None,
        disputed=frozenset(row.get("disputed", ())),
    )


def _load() -> _Register:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load(text_of("instruments.yaml"), loader)  # noqa: S506 - a safe loader, in C if built
    drafts = {row["id"]: Words(row["title_zh"], row["title_en"]) for row in data["drafts"]}
    by_id = {row["id"]: _instrument_of(row) for row in data["instruments"]}
    return _Register(data["as_of"], by_id, drafts)


_register = Once(_load)
_predecessors: Once[dict[str, str]] = Once(
    lambda: {i.superseded_by: i.id for i in instruments() if i.superseded_by}
)
