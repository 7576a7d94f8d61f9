"""Before borrowing: what to look up and where, and what a contract's numbers warn of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jiedun import law
from jiedun.model.text import Words
from jiedun.remedies._data import table, words
from jiedun.remedies.letters.numerals import clause_name


@dataclass(frozen=True, slots=True)
class Check:
    """One look-up; `to_confirm` where the place rests on memory."""

    title: Words
    where: Words
    say: Words
    to_confirm: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """One warning; `shows` are the numbers that show it, `basis` the clause, if one is cited."""

    id: str
    title: Words
    why: Words
    shows: str
    basis: str


def before(trades: frozenset[str], on: date) -> tuple[Check, ...]:
    """The look-ups for a lender whose name claims these trades; all of them where it claims none."""
    found = []
    for row in table("before")["checks"]:
        if not row["trades"] or not trades or trades & set(row["trades"]):
            doubt = row["confidence"] != "high"
            found.append(Check(words(row["title"]), words(row["where"]), words(row["say"]), doubt))
    return tuple(found)


def questions() -> tuple[Words, ...]:
    """What to ask oneself before signing."""
    return tuple(words(row) for row in table("before")["ask_yourself"])


def list_means(found: bool) -> Words:
    """What it means to be, or not to be, on an official list."""
    return words(table("before")["list_means"]["found" if found else "absent"])


def sign(ident: str, on: date, shows: str) -> Sign:
    """The warning of this id as of a day."""
    row: Mapping[str, Any] = next(r for r in table("before")["signs"] if r["id"] == ident)
    spec = row.get("cite")
    cite = law.cite(spec["instrument"], spec["article"], on) if spec else None
    basis = clause_name(cite, "zh") if cite else ""
    return Sign(ident, words(row["title"]), words(row["why"]), shows, basis)
