"""How sure one accused row is, and what would settle the doubt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jiedun.model.finding import Certainty
from jiedun.model.text import Words
from jiedun.rules._standing import LENDER_SETTLE, Standing
from jiedun.rules.facts import FactTable
from jiedun.rules.language import Predicate
from jiedun.rules.rule import Rule

RANK = {level: level.rank for level in Certainty}

_ROLE_SETTLE = Words(
    zh="在 parties.csv 写明这个号码是谁、代表哪家出借方",
    en="a row of parties.csv saying who has this number and for which lender",
)


@dataclass(frozen=True, slots=True)
class Grade:
    """The certainty of one row, what would settle it, and the ids of exceptions not ruled out."""

    certainty: Certainty
    settle: tuple[Words, ...] = ()
    unruled: frozenset[str] = frozenset()


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
    levels, settle = [rule.certainty], list[Words]()
    for clause, missing in zip(rule.exceptions, doubts.exceptions, strict=True):
        settle.extend(settles(missing or (), rule.table))
        if missing is not None and clause.presume:
            levels.append(Certainty.POSSIBLE)
    for lowering, missing in zip(rule.lowers, doubts.lowers, strict=True):
        if missing is not None:
            levels.append(lowering.to)
            settle.extend([lowering.settle] if lowering.settle else [])
            settle.extend(settles(missing, rule.table))
    if doubts.role is not None:
        levels.append(Certainty.POSSIBLE)
        settle.append(_role_words(rule.table, doubts.role))
    levels.extend([Certainty.POSSIBLE] if doubts.hangs else [])
    settle.extend([LENDER_SETTLE] if doubts.open else [])
    certainty = max(levels, key=RANK.__getitem__)
    settle.extend(rule.settle if certainty is not Certainty.CERTAIN else [])
    unruled = [
        clause.id
        for clause, missing in zip(rule.exceptions, doubts.exceptions, strict=True)
        if missing is not None
    ]
    return Grade(certainty, tuple(dict.fromkeys(settle)), frozenset(unruled))


def _role_words(table: FactTable, line: str) -> Words:
    fact = table.facts.get("role_given")
    said = fact.settle if fact is not None and fact.settle is not None else _ROLE_SETTLE
    return Words(f"{said.zh}：{line}", f"{said.en}: {line}") if line else said
