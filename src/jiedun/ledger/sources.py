"""What the ledger asks of the law: the LPR of a day and a clause as in force that day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, cast

import jiedun.law
from jiedun.errors import LawError
from jiedun.model.finding import Cite, Force
from jiedun.model.text import Words


class Lpr(Protocol):
    """A loan prime rate; percent a year."""

    @property
    def published(self) -> date:
        """The day of publication."""

    @property
    def one_year(self) -> Decimal:
        """The one-year rate in percent."""

    @property
    def on_publication_day(self) -> bool:
        """Whether the day asked about is the day of publication."""


class Law(Protocol):
    """The look-ups of the law room; `lpr` raises `LawError` when the rate is not loaded."""

    def lpr(self, on: date) -> Lpr:
        """The LPR in force on `on`."""

    def cite(
        self,
        instrument_id: str,
        article: str | None,
        on: date,
        *,
        paragraph: str | None = None,
        item: str | None = None,
    ) -> Cite | None:
        """The clause as in force on `on`, or None where it was not or is not held."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause named in the ledger's data; `title` and `force` serve where its text is not held."""

    instrument: str
    article: str | None
    paragraph: str | None = None
    item: str | None = None
    title: Words | None = None
    force: Force = Force.JUDICIAL_INTERPRETATION


def default_law() -> Law:
    """The law room itself."""
    return cast(Law, jiedun.law)


def cite(law: Law, clause: Clause, on: date) -> Cite | None:
    """The clause on `on`; unverified and without a quote where the text is not held but known.

    None where a held text was not in force that day: a clause is never cited before its time.
    """
    found = _held(law, clause, on)
    if found is not None or clause.title is None:
        return found
    return Cite(
        instrument=clause.instrument,
        article=clause.article,
        force=clause.force,
        in_force_from=None,
        quote=None,
        verified=False,
        title=clause.title,
        paragraph=clause.paragraph,
        item=clause.item,
    )


def _held(law: Law, clause: Clause, on: date) -> Cite | None:
    try:
        return law.cite(
            clause.instrument, clause.article, on, paragraph=clause.paragraph, item=clause.item
        )
    except LawError:
        if clause.title is None:
            raise
        return None


def cites(law: Law, clauses: tuple[Clause, ...], on: date) -> tuple[Cite, ...]:
    """Every clause of `clauses` that was in force on `on`, in order."""
    return tuple(c for c in (cite(law, clause, on) for clause in clauses) if c is not None)
