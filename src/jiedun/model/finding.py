"""A finding: which rule, which clause that day, which evidence, how sure, what would settle it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from jiedun.model.evidence import ItemRef
from jiedun.model.text import Words


class Force(StrEnum):
    """What kind of norm a rule rests on, strongest first."""

    CRIMINAL_LAW = "criminal_law"
    LAW = "law"
    REGULATION = "regulation"
    JUDICIAL_INTERPRETATION = "judicial_interpretation"
    JUDICIAL_POLICY = "judicial_policy"
    STANDARD = "standard"
    SELF_DISCIPLINE = "self_discipline"
    ADVISORY = "advisory"

    @property
    def rank(self) -> int:
        """Place in the order, 0 strongest."""
        return list(Force).index(self)


class Certainty(StrEnum):
    """How sure: `certain` = times, counts and given roles decide; words or proposals: less."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"

    @property
    def rank(self) -> int:
        """Place in the order, 0 surest."""
        return list(Certainty).index(self)


@dataclass(frozen=True, slots=True)
class Cite:
    """One clause: `quote` is verbatim, or None where the text of that day is not held (待核实)."""

    instrument: str
    article: str | None
    force: Force
    in_force_from: date | None
    quote: str | None
    verified: bool
    title: Words
    paragraph: str | None = None
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found; `items` are the rows it accuses, `facts` hold what decided it.

    `weighed`: whether the conduct falls under the clause is for an authority to weigh; the
    finding may then only be called suspected (涉嫌), however certain its facts are.
    """

    id: str
    rule: str
    rule_version: str
    violation: str
    title: Words
    force: Force
    certainty: Certainty
    occurred_at: datetime
    items: tuple[ItemRef, ...]
    cites: tuple[Cite, ...]
    explanation: Words
    would_settle: tuple[Words, ...] = ()
    creditor: str | None = None
    severity: int = 1
    facts: Mapping[str, Any] = field(default_factory=dict)
    exceptions: tuple[Words, ...] = ()
    channels: tuple[str, ...] = ()
    weighed: bool = False

    @property
    def day_only(self) -> bool:
        """Whether only the day of `occurred_at` is known, on somebody's word."""
        return self.facts.get("day_only") is True
