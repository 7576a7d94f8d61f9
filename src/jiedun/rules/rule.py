"""A rule as loaded from a pack: frozen, checked, its predicates compiled."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from jiedun.model.finding import Certainty
from jiedun.model.loan import LenderType
from jiedun.model.text import Words
from jiedun.rules.facts import FactTable
from jiedun.rules.language import Predicate


class Outside(StrEnum):
    """What a rule is to somebody whom it does not bind."""

    ADVISORY = "advisory"  # a yardstick, without a clause
    SKIP = "skip"  # nothing


class Kind(StrEnum):
    """What an example shows."""

    VIOLATING = "violating"
    LAWFUL = "lawful"
    BORDERLINE = "borderline"


class Expect(StrEnum):
    """What a rule must say of an example."""

    VIOLATES = "violates"
    LAWFUL = "lawful"
    UNKNOWN = "unknown"
    ADVISORY = "advisory"


@dataclass(frozen=True, slots=True)
class CiteSpec:
    """A clause a rule rests on, from day to day (both included), and whom it binds.

    `binds` is None when the rule's own addressees are meant, and empty when it binds everyone.
    """

    instrument: str
    article: str | None
    paragraph: str | None = None
    item: str | None = None
    from_: date | None = None
    until: date | None = None
    binds: frozenset[LenderType] | None = None


@dataclass(frozen=True, slots=True)
class ExceptionClause:
    """When `when` is true there is no finding. When it is unknown, the finding is at most
    `possible`, unless `presume` is false: then the exception is only listed as considered.
    """

    id: str
    when: Predicate
    words: Words
    presume: bool = True


@dataclass(frozen=True, slots=True)
class Lowering:
    """When `when` is true or unknown, the finding is no surer than `to`."""

    when: Predicate
    to: Certainty
    settle: Words | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One case of a rule's own: facts on a day, the lender's type, and what must come out."""

    name: str
    kind: Kind
    on: date
    facts: dict[str, Any]
    expect: Expect
    lender: LenderType


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `from_` and `until` are the first and last day of the acts it judges."""

    id: str
    version: str
    table: FactTable
    violation: str
    title: Words
    when: Predicate
    explain: Words
    certainty: Certainty
    severity: int
    source: str
    examples: tuple[Example, ...]
    exceptions: tuple[ExceptionClause, ...] = ()
    from_: date | None = None
    until: date | None = None
    binds: frozenset[LenderType] = frozenset()
    outside: Outside = Outside.ADVISORY
    cites: tuple[CiteSpec, ...] = ()
    lowers: tuple[Lowering, ...] = ()
    group: tuple[str, ...] = ()
    context: Predicate | None = None
    settle: tuple[Words, ...] = ()
    channels: tuple[str, ...] = ()
    weighed: bool = False

    @property
    def subject(self) -> str:
        """What the rule judges: contact, loan, app or platform."""
        return self.table.subject

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that decide, sorted."""
        predicates = [self.when, *(e.when for e in self.exceptions), *(x.when for x in self.lowers)]
        return tuple(sorted(frozenset().union(self.group, *(p.facts for p in predicates))))

    def applies_on(self, day: date) -> bool:
        """Whether an act on `day` is judged by this rule."""
        return (self.from_ is None or day >= self.from_) and (
            self.until is None or day <= self.until
        )
