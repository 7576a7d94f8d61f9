"""What an audit has to count, worked out from the rules once: limits of counters, bits, steps.

A rule that compares a counter with a number cannot tell values below its limit apart. So contacts
whose groups cannot reach a limit are judged with the counter at 0, and are never sorted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from jiedun.gate.rules import GateRules
from jiedun.rules.bounds import lowest, not_false_sql, only_as_null, steps
from jiedun.rules.counters import Counter
from jiedun.rules.language import Predicate
from jiedun.rules.rule import Lowering, Rule

SINGULAR = (
    "instant", "seq", "local_date", "owner", "peer", "dialled", "creditor", "debtor", "debt",
)  # fmt: skip
"""Facts that differ from row to row: rules may ask whether they are known, and nothing else."""

STEPPED = ("second_of_day", "duration_s")
"""Numbers of which only the interval between two steps of the rules matters."""

_MOST_COUNTERS, _MOST_RULES = 31, 62
ASK = 31


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules with what counting needs: `limits` is the least value of each counter that may
    change a verdict (0: any value), `cuts` are the steps of the numbers in `STEPPED`."""

    rules: tuple[Rule, ...]
    counters: tuple[Counter, ...]
    limits: Mapping[str, int]
    cuts: Mapping[str, tuple[int, ...]]

    def counted(self, counter: Counter) -> int:
        """The bit of a contact that counts in `counter`."""
        return 1 << self.counters.index(counter)

    def asking(self, counter: Counter) -> int:
        """The bit of a contact whose verdict may hang on `counter`."""
        return 1 << (self.counters.index(counter) + ASK)

    @property
    def asks(self) -> int:
        """The bits of all askings together."""
        return sum(self.asking(c) for c in self.counters)

    def asked(self, counter: Counter, dialect: str) -> str:
        """When a rule that speaks of `counter` may accuse a contact, or be unable to decide."""
        names = frozenset(c.name for c in self.counters)
        return " OR ".join(
            not_false_sql(rule.when, names, dialect)
            for rule in self.rules
            if any(counter.name in p.facts for p in _predicates(rule))
        )

    def speaks(self, name: str) -> bool:
        """Whether any rule or counter speaks of the fact `name`."""
        rules = any(name in p.facts for rule in self.rules for p in _predicates(rule))
        return rules or any(name in c.of.facts for c in self.counters)

    def places(self) -> tuple[int, ...]:
        """The places of the rules of which any counter decides whether they hold."""
        return tuple(
            place
            for place, rule in enumerate(self.rules)
            if any(self._names(p) for p in (rule.when, *(e.when for e in rule.exceptions)))
        )

    def lowerings(self) -> tuple[Lowering, ...]:
        """The lowerings that speak of any counter."""
        each = (lowering for rule in self.rules for lowering in rule.lowers)
        return tuple(lowering for lowering in each if self._names(lowering.when))

    def _names(self, predicate: Predicate) -> bool:
        return any(counter.name in predicate.facts for counter in self.counters)


def limits(rules: GateRules) -> dict[str, int]:
    """The least value of each counter, in the order of the counters, that may change a verdict of
    any rule, or decides how sure it is; counters that no rule speaks of are left out."""
    found = {}
    for counter in rules.counters:
        each = [lowest(p, counter.name) for r in rules.rules for p in _predicates(r)]
        known = [value for value in each if value is not None]
        if known:
            found[counter.name] = min(known)
    return found


def plan(rules: GateRules) -> Plan | None:
    """The plan, or None where a rule of the house asks for more than can be planned: the audit then
    counts every counter on every contact."""
    counters = tuple(c for c in rules.counters if c.name in limits(rules))
    cuts = {name: _cuts(rules, name) for name in STEPPED}
    if None in cuts.values() or not _plannable(rules, counters):
        return None
    return Plan(
        rules.rules, counters, limits(rules), {name: cut or () for name, cut in cuts.items()}
    )


def _plannable(rules: GateRules, counters: tuple[Counter, ...]) -> bool:
    if len(counters) > _MOST_COUNTERS or len(rules.rules) > _MOST_RULES:
        return False
    names = {counter.name for counter in rules.counters}
    return (
        all("debtor" in counter.per for counter in counters)
        and not any(names & counter.of.facts for counter in counters)
        and all(only_as_null(p, name) for p in _all(rules) for name in SINGULAR)
    )


def _cuts(rules: GateRules, name: str) -> tuple[int, ...] | None:
    each = [steps(predicate, name) for predicate in _all(rules)]
    found: set[int] = set()
    for some in each:
        if some is None:
            return None
        found |= some
    return tuple(sorted(step for step in found if step > 0))


def _all(rules: GateRules) -> Iterator[Predicate]:
    each = (_predicates(rule) for rule in rules.rules)
    return chain(chain.from_iterable(each), (counter.of for counter in rules.counters))


def _predicates(rule: Rule) -> tuple[Predicate, ...]:
    return (rule.when, *(e.when for e in rule.exceptions), *(x.when for x in rule.lowers))
