"""Rows of facts judged by rules: findings with the clause of that day, and what stays unknown."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from jiedun.model.evidence import ItemRef
from jiedun.model.finding import Finding
from jiedun.model.loan import LenderType
from jiedun.model.text import Words
from jiedun.rules._finding import Accused, finding
from jiedun.rules._grade import Grader, excused, settles
from jiedun.rules.language import select
from jiedun.rules.rule import Rule
from jiedun.rules.standing import LENDER_SETTLE, CiteFn, Standing, standing

SHOWN_REFS = 20

LenderTypeOf = Callable[[str | None], LenderType]


@dataclass(frozen=True, slots=True)
class Row:
    """The facts of one item: `at` its aware instant, `on` its local day, `ref` where it stands.

    A fact that `facts` does not hold is null. `creditor` (a fact) names the lender's side.
    """

    ref: ItemRef
    at: datetime
    on: date
    facts: Mapping[str, Any]
    subject: str = "contact"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Rows that a rule could not decide for want of the same facts.

    `missing` names the facts, sorted (`lender_type` when it hangs on whom the rule binds); `count`
    is of rows, `items` the first twenty in time order.
    """

    rule: str
    rule_version: str
    violation: str
    title: Words
    missing: tuple[str, ...]
    would_settle: tuple[Words, ...]
    count: int
    items: tuple[ItemRef, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Findings in time order, then by rule; unknowns in the order of the rules."""

    findings: tuple[Finding, ...]
    unknown: tuple[Unknown, ...]


@dataclass(slots=True)
class _Bench:
    """The rows in time order, and what many rules ask of them."""

    rows: Sequence[Row]
    lender_type_of: LenderTypeOf
    cite: CiteFn
    facts: list[Mapping[str, Any]] = field(init=False)
    lenders: dict[str | None, LenderType] = field(default_factory=dict)
    windows: dict[Hashable, list[int]] = field(default_factory=dict)
    keys: dict[tuple[str, ...], list[Hashable]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = [row.facts for row in self.rows]

    def window(self, rule: Rule) -> list[int]:
        """The rows of the rule's subject on the days it judges."""
        key = (rule.subject, rule.from_, rule.until)
        if key not in self.windows:
            self.windows[key] = [
                i
                for i, row in enumerate(self.rows)
                if row.subject == rule.subject and rule.applies_on(row.on)
            ]
        return self.windows[key]

    def groups(self, names: tuple[str, ...]) -> list[Hashable]:
        """For each row the values of the facts `names`."""
        if names not in self.keys:
            self.keys[names] = [tuple(map(facts.get, names)) for facts in self.facts]
        return self.keys[names]

    def lender(self, index: int) -> LenderType:
        """The type of the lender on whose side the row is."""
        creditor = self.facts[index].get("creditor")
        if creditor not in self.lenders:
            self.lenders[creditor] = self.lender_type_of(creditor)
        return self.lenders[creditor]


class _Trial:
    """One rule before one bench."""

    def __init__(self, rule: Rule, bench: _Bench) -> None:
        self.rule = rule
        self.bench = bench
        self.grader = Grader(rule)
        self.groups = bench.groups(rule.group)
        self.standings: dict[tuple[LenderType, date], Standing] = {}
        self.undecided: dict[frozenset[str], list[int]] = {}

    def run(self) -> tuple[list[Finding], list[Unknown]]:
        hits, doubts = select(self.rule.when, self.bench.facts, self.bench.window(self.rule))
        groups: dict[Hashable, list[Accused]] = {}
        for index in hits:
            self.accuse(index, groups)
        for index in doubts:
            self.doubt(index)
        context = self.context(groups)
        found = [
            finding(self.rule, accused, context.get(self.groups[accused[0].index], ()))
            for accused in groups.values()
        ]
        return found, [self.unknown(*entry) for entry in self.undecided.items()]

    def standing(self, index: int) -> Standing:
        key = (self.bench.lender(index), self.bench.rows[index].on)
        if key not in self.standings:
            self.standings[key] = standing(self.rule, *key, self.bench.cite)
        return self.standings[key]

    def accuse(self, index: int, groups: dict[Hashable, list[Accused]]) -> None:
        facts, row = self.bench.facts[index], self.bench.rows[index]
        held = self.standing(index)
        if held.applies is False or excused(self.rule, facts):
            return
        if held.applies is None:
            self.undecided.setdefault(frozenset({"lender_type"}), []).append(index)
            return
        accused = Accused(
            index, row.ref, row.at, row.on, facts, held, self.grader.grade(facts, held)
        )
        key = (self.groups[index], _regime(held)) if self.rule.group else index
        groups.setdefault(key, []).append(accused)

    def doubt(self, index: int) -> None:
        facts = self.bench.facts[index]
        if self.standing(index).applies is False or excused(self.rule, facts):
            return
        self.undecided.setdefault(self.rule.when.missing(facts), []).append(index)

    def context(self, groups: Mapping[Hashable, list[Accused]]) -> dict[Hashable, list[ItemRef]]:
        """Further rows of the groups with a finding, which the rule lists and does not accuse."""
        if self.rule.context is None or not groups:
            return {}
        accused = {item.index for items in groups.values() for item in items}
        wanted: dict[Hashable, list[ItemRef]] = {
            self.groups[items[0].index]: [] for items in groups.values()
        }
        also, _ = select(self.rule.context, self.bench.facts, self.bench.window(self.rule))
        for index in also:
            refs = wanted.get(self.groups[index])
            if refs is not None and index not in accused:
                refs.append(self.bench.rows[index].ref)
        return wanted

    def unknown(self, missing: frozenset[str], indices: list[int]) -> Unknown:
        said = settles(missing, self.rule.table)
        if missing == {"lender_type"}:
            said = (LENDER_SETTLE,)
        return Unknown(
            rule=self.rule.id,
            rule_version=self.rule.version,
            violation=self.rule.violation,
            title=self.rule.title,
            missing=tuple(sorted(missing)),
            would_settle=said,
            count=len(indices),
            items=tuple(self.bench.rows[i].ref for i in indices[:SHOWN_REFS]),
        )


def _regime(held: Standing) -> Hashable:
    """What must be the same within one finding: force, clauses in force, and whether they hang."""
    clauses = tuple((c.instrument, c.article, c.paragraph, c.item) for c in held.cites)
    return held.force, clauses, held.open


def judge(
    rules: Sequence[Rule], rows: Sequence[Row], *, lender_type_of: LenderTypeOf, cite: CiteFn
) -> Judgement:
    """The findings and unknowns of `rules` over `rows`.

    `lender_type_of` is asked once for each creditor (None where it is not known). `cite` gives what
    may be cited for an act of a day; a finding is split where the clauses in force change.
    """
    bench = _Bench(sorted(rows, key=lambda row: (row.at, row.ref)), lender_type_of, cite)
    findings: list[Finding] = []
    unknown: list[Unknown] = []
    for rule in rules:
        found, undecided = _Trial(rule, bench).run()
        findings += found
        unknown += undecided
    findings.sort(key=lambda f: (f.occurred_at, f.rule, f.items[0]))
    return Judgement(tuple(findings), tuple(unknown))
