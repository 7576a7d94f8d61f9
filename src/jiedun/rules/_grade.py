"""How sure one accused row is, and what would settle the doubt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jiedun.model.finding import Certainty
from jiedun.model.text import Words
from jiedun.rules.facts import FactTable
from jiedun.rules.language import Predicate
from jiedun.rules.rule import Rule
from jiedun.rules.standing import LENDER_SETTLE, Standing

RANK = {level: level.rank for level in Certainty}

_ROLE_SETTLE = Words(
    zh="在 parties.csv 写明这个号码是谁、代表哪家出借方",
    en="a row of parties.csv saying who has this number and for which lender",
)


@dataclass(frozen=True, slots=True)
class Grade:
    """How sure one row is.

    `said`: what the rule and its lowerings leave; `doubt`: `possible` where a proposed role, an
    exception not ruled out or the lender's type weighs on the row, else `certain`. `settle`: what
    would settle it. `unruled`: the ids of exceptions not ruled out.
    """

    said: Certainty
    doubt: Certainty = Certainty.CERTAIN
    settle: tuple[Words, ...] = ()
    unruled: frozenset[str] = frozenset()

    @property
    def certainty(self) -> Certainty:
        """How sure the row is, all told."""
        return max(self.said, self.doubt, key=RANK.__getitem__)


def together(grades: Iterable[Grade]) -> Certainty:
    """How sure a finding over several rows is: what is said of the surest row, and no surer than
    the doubts that weigh on any row.
    """
    found = list(grades)
    said = min((grade.said for grade in found), key=RANK.__getitem__)
    return max([said, *(grade.doubt for grade in found)], key=RANK.__getitem__)


def excused(rule: Rule, facts: Mapping[str, Any]) -> bool:
    """Whether an exception of the rule holds for the row."""
    return any(clause.when.truth(facts) is True for clause in rule.exceptions)


def settles(names: Iterable[str], table: FactTable) -> tuple[Words, ...]:
    """What would make the facts `names` known, in the order of their names."""
    found = (table.facts[name].settle for name in sorted(names) if name in table.facts)
    return tuple(dict.fromkeys(words for words in found if words is not None))


@dataclass(frozen=True, slots=True)
class _Doubts:
    """What a grade hangs on: the null facts of each exception (None where it is not met) and of each
    lowering (None where it does not apply), the row proposed for a role, and the lender's type.
    """

    exceptions: tuple[frozenset[str] | None, ...]
    lowers: tuple[frozenset[str] | None, ...]
    role: str | None
    hangs: bool
    open: bool


class Grader:
    """Grades the rows one rule accuses; rows with the same doubts get the same `Grade`."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._known: dict[_Doubts, Grade] = {}

    def grade(self, facts: Mapping[str, Any], held: Standing) -> Grade:
        """The grade of a row that no exception excuses."""
        doubts = _Doubts(
            tuple(_missing(clause.when, facts) for clause in self.rule.exceptions),
            tuple(_missing(lowering.when, facts) for lowering in self.rule.lowers),
            (facts.get("role_line") or "") if facts.get("role_given") is False else None,
            held.hangs_on_lender,
            held.open,
        )
        if doubts not in self._known:
            self._known[doubts] = _weigh(self.rule, doubts)
        return self._known[doubts]


def _missing(when: Predicate, facts: Mapping[str, Any]) -> frozenset[str] | None:
    """None where `when` is false, else the facts that make it unknown (none when it is true)."""
    return None if when.truth(facts) is False else when.missing(facts)


def _weigh(rule: Rule, doubts: _Doubts) -> Grade:
    settle: list[Words] = []
    said = _weigh_lowers(rule, doubts, settle)
    unruled = [
        (clause, missing)
        for clause, missing in zip(rule.exceptions, doubts.exceptions, strict=True)
        if missing is not None
    ]
    for _, missing in unruled:
        settle.extend(settles(missing, rule.table))
    settle.extend([_role_words(rule.table, doubts.role)] if doubts.role is not None else [])
    settle.extend([LENDER_SETTLE] if doubts.open else [])
    presumed = any(clause.presume for clause, _ in unruled)
    doubted = presumed or doubts.hangs or doubts.role is not None
    doubt = Certainty.POSSIBLE if doubted else Certainty.CERTAIN
    if doubted or said is not Certainty.CERTAIN:
        settle.extend(rule.settle)
    ids = frozenset(clause.id for clause, _ in unruled)
    return Grade(said, doubt, tuple(dict.fromkeys(settle)), ids)


def _weigh_lowers(rule: Rule, doubts: _Doubts, settle: list[Words]) -> Certainty:
    levels = [rule.certainty]
    for lowering, missing in zip(rule.lowers, doubts.lowers, strict=True):
        if missing is not None:
            levels.append(lowering.to)
            settle.extend([lowering.settle] if lowering.settle else [])
            settle.extend(settles(missing, rule.table))
    return max(levels, key=RANK.__getitem__)


def _role_words(table: FactTable, line: str) -> Words:
    fact = table.facts.get("role_given")
    said = fact.settle if fact is not None and fact.settle is not None else _ROLE_SETTLE
    return Words(f"{said.zh}：{line}", f"{said.en}: {line}") if line else said
