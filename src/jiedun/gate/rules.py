"""The rules a gate judges by: the contact packs of the project, the gate's own, and house rules.

House rules can only add: they forbid what the law leaves open, and none can take the place of a
rule of the project.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from jiedun import law
from jiedun.errors import Place, RuleError
from jiedun.model.text import Words
from jiedun.rules import counters
from jiedun.rules.contact_facts import contact_counters
from jiedun.rules.counters import Counter
from jiedun.rules.exact_yaml import read_yaml
from jiedun.rules.facts import FactTable
from jiedun.rules.language import Predicate
from jiedun.rules.pack import load_facts, load_packs, of_subject, packs_folder, rulebook
from jiedun.rules.rule import CiteSpec, ExceptionClause, Rule

REPLACED = frozenset({"CN-COL-009", "CN-COL-010"})
"""Rules of the case door that guess what a lender knows; the gate's pack states them exactly."""

_HOURS = "call_outside_hours"
_AGREED = Words("双方约定可以在这个时间联系", "the parties agreed on this time")


@dataclass(frozen=True, slots=True)
class GateRules:
    """What a gate judges by. `house` are the ids of house rules; `version` names all of it."""

    rules: tuple[Rule, ...]
    counters: tuple[Counter, ...]
    table: FactTable
    house: frozenset[str]
    version: str


@cache
def own_folder() -> Path:
    """The folder of the gate's own pack."""
    with as_file(files("jiedun.gate") / "packs") as folder:
        return folder


@cache
def gate_table() -> FactTable:
    """The facts of a contact as a lender knows it: those of the case door and the gate's."""
    base = load_facts(packs_folder() / "facts")["contact"]
    more = FactTable.load(own_folder() / "facts.yaml")
    return FactTable.of("contact", [*base.facts.values(), *more.facts.values()])


@cache
def gate_counters() -> tuple[Counter, ...]:
    """The counters of the case door and the gate's, each within one debtor of one creditor."""
    table = gate_table()
    entries = read_yaml(own_folder() / "counters.yaml")
    own = counters.load(entries, lambda name, of: Predicate.of(of, table, Place("counters", name)))
    return tuple(replace(c, per=("debtor", *c.per)) for c in (*contact_counters(), *own))


def load_rules(house: Iterable[Path] = ()) -> GateRules:
    """The rules of the gate, with the house rules in the files `house`; RuleError names what is
    wrong in them."""
    tables = {"contact": gate_table()}
    own = load_packs([own_folder() / "rules.yaml"], tables, _known)
    kept = [r for r in of_subject(rulebook(), "contact") if r.id not in REPLACED]
    theirs = load_packs(house, tables, _known)
    _check_house(theirs, {r.id for r in (*kept, *own)} | REPLACED)
    rules = tuple(_with_agreement(rule) for rule in (*kept, *own)) + theirs
    ids = frozenset(rule.id for rule in theirs)
    return GateRules(rules, gate_counters(), gate_table(), ids, _version(rules))


def _known(cite: CiteSpec) -> bool:
    numbers = law.article_numbers(law.instrument(cite.instrument).id)
    return cite.article is None or not numbers or law.article_number(cite.article) in numbers


def _check_house(rules: Sequence[Rule], taken: Iterable[str]) -> None:
    for rule in rules:
        if rule.id in set(taken):
            raise RuleError(
                "a house rule may only be stricter",
                where=rule.id,
                why="it bears the id of a rule of the project",
                next_step="give it an id of its own; it then stands beside that rule",
            )


def _with_agreement(rule: Rule) -> Rule:
    """The rule with the exception of agreed hours, where it is about the hours of the default."""
    if rule.violation != _HOURS or "second_of_day" not in rule.when.facts:
        return rule
    when = Predicate.of("hours_agreed AND in_agreed_hours", gate_table())
    return replace(rule, exceptions=(*rule.exceptions, ExceptionClause("agreed", when, _AGREED)))


def _version(rules: Sequence[Rule]) -> str:
    """Sixteen hex digits over what every rule says; the same rules give the same version."""
    lines = [line for rule in rules for line in _lines(rule)]
    lines += [
        f"{c.name} {c.of.text} {c.per} {c.within} {c.before} {c.distinct}" for c in gate_counters()
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _lines(rule: Rule) -> Iterator[str]:
    yield f"{rule.id} {rule.version} {rule.when.text} {rule.from_} {rule.until} {sorted(rule.binds)}"
    yield from (clause.when.text for clause in rule.exceptions)
    for cite in rule.cites:
        binds = None if cite.binds is None else sorted(cite.binds)
        yield f"{cite.instrument} {cite.article} {cite.item} {cite.from_} {cite.until} {binds}"
