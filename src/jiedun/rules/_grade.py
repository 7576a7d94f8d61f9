"""How sure one accused row is, and what would settle the doubt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jiedun.model.finding import Certainty
from jiedun.model.text import Words
from jiedun.rules._standing import LENDER_SETTLE, Standing
from jiedun.rules.facts import FactTable
from jiedun.rules.rule import Rule

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


def grade(rule: Rule, facts: Mapping[str, Any], held: Standing) -> Grade:
    """The grade of a row that the rule accuses and no exception excuses."""
    levels, settle = [rule.certainty], list[Words]()
    unruled = _weigh_exceptions(rule, facts, levels, settle)
    _weigh_lowers(rule, facts, levels, settle)
    if facts.get("role_given") is False:
        levels.append(Certainty.POSSIBLE)
        settle.append(_role_words(rule.table, facts))
    if held.hangs_on_lender:
        levels.append(Certainty.POSSIBLE)
    if held.open:
        settle.append(LENDER_SETTLE)
    certainty = max(levels, key=lambda level: level.rank)
    if certainty is not Certainty.CERTAIN:
        settle.extend(rule.settle)
    return Grade(certainty, tuple(settle), unruled)


def _weigh_exceptions(
    rule: Rule, facts: Mapping[str, Any], levels: list[Certainty], settle: list[Words]
) -> frozenset[str]:
    unruled = [clause for clause in rule.exceptions if clause.when.truth(facts) is None]
    for clause in unruled:
        settle.extend(settles(clause.when.missing(facts), rule.table))
        if clause.presume:
            levels.append(Certainty.POSSIBLE)
    return frozenset(clause.id for clause in unruled)


def _weigh_lowers(
    rule: Rule, facts: Mapping[str, Any], levels: list[Certainty], settle: list[Words]
) -> None:
    for lowering in rule.lowers:
        met = lowering.when.truth(facts)
        if met is False:
            continue
        levels.append(lowering.to)
        if lowering.settle is not None:
            settle.append(lowering.settle)
        if met is None:
            settle.extend(settles(lowering.when.missing(facts), rule.table))


def _role_words(table: FactTable, facts: Mapping[str, Any]) -> Words:
    fact = table.facts.get("role_given")
    said = fact.settle if fact is not None and fact.settle is not None else _ROLE_SETTLE
    line = facts.get("role_line")
    return Words(f"{said.zh}：{line}", f"{said.en}: {line}") if line else said
