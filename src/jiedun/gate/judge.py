"""One planned contact before every rule: what forbids it, what is only a note, what is unknown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from jiedun import law
from jiedun.gate.facts import MAYBE_NULL
from jiedun.gate.interface import Effect, Reason
from jiedun.gate.rules import GateRules
from jiedun.model.finding import Force
from jiedun.model.loan import LenderType
from jiedun.model.text import Words
from jiedun.rules.cuts import cuts
from jiedun.rules.explain import fill
from jiedun.rules.rule import Rule
from jiedun.rules.standing import Standing, standing
from jiedun.rules.together import TogetherFn, together

_OPEN = frozenset({"connected"})
"""Facts of a call that only its outcome tells; both are weighed."""

_CLOCK = frozenset({"second_of_day", "local_date", "in_agreed_hours"})


@dataclass(frozen=True)
class _Standing:
    """The rules that say something to one type of lender on one day, compiled together."""

    rules: tuple[Rule, ...]
    held: tuple[Standing, ...]
    all: TogetherFn
    open: TogetherFn | None
    open_places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that holds (`missing` empty) or cannot be decided."""

    rule: Rule
    held: Standing
    effect: Effect
    missing: frozenset[str]
    other_outcome: bool
    """Whether it holds only if the call goes the other way than the facts say."""


class Bench:
    """Judges planned contacts by one set of rules. Thread-safe once a day's rules are compiled."""

    def __init__(self, rules: GateRules) -> None:
        self.rules = rules
        self._days: dict[tuple[LenderType, date], _Standing] = {}
        self._compiled: dict[tuple[int, ...], tuple[TogetherFn, TogetherFn | None]] = {}

    @cached_property
    def waits(self) -> frozenset[str]:
        """The facts that waiting changes: the clock, and counters of a day or a window."""
        counters = self.rules.counters
        return _CLOCK | {c.name for c in counters if c.within is not None or "local_date" in c.per}

    @cached_property
    def sure(self) -> frozenset[str]:
        """The facts that are never null on a planned contact."""
        return frozenset(self.rules.table.facts) - MAYBE_NULL

    def hits(self, facts: Mapping[str, Any], lender: LenderType) -> list[Hit]:
        """The rules that hold or cannot be decided, under any outcome of a call; `facts` hold the
        counters."""
        day = self._day(lender, facts["local_date"])
        found = self._found(day, *day.all(facts), facts, False)
        if day.open is None or facts["channel"] != "call":
            return found
        other = {**facts, "connected": not facts["connected"]}
        places = day.open_places
        true, unknown = day.open(other)
        more = self._found(
            day, [places[i] for i in true], [places[i] for i in unknown], other, True
        )
        seen = {hit.rule.id for hit in found}
        return found + [hit for hit in more if hit.rule.id not in seen]

    def cuts(self, lender: LenderType, day: date) -> Mapping[str, tuple[int, ...] | None]:
        """For each fact the rules of that day ask for, where their answers can change."""
        rules = self._day(lender, day).rules
        return cuts([rule.when for rule in rules] + [e.when for r in rules for e in r.exceptions])

    def _day(self, lender: LenderType, day: date) -> _Standing:
        found = self._days.get((lender, day))
        if found is None:
            if len(self._days) > 4096:
                self._days.clear()
            found = self._days[lender, day] = self._compile(lender, day)
        return found

    def _compile(self, lender: LenderType, day: date) -> _Standing:
        places, held = [], []
        for place, rule in enumerate(self.rules.rules):
            stands = standing(rule, lender, day, law.cite) if rule.applies_on(day) else None
            if stands is not None and stands.applies is not False:
                places.append(place)
                held.append(stands)
        rules = tuple(self.rules.rules[place] for place in places)
        open_places = tuple(i for i, rule in enumerate(rules) if rule.when.facts & _OPEN)
        key = tuple(places)
        if key not in self._compiled:
            predicates = [rule.when for rule in rules]
            some = [predicates[i] for i in open_places]
            self._compiled[key] = (
                together(predicates, self.sure),
                together(some, self.sure) if some else None,
            )
        return _Standing(rules, tuple(held), *self._compiled[key], open_places)

    def _found(
        self,
        day: _Standing,
        true: Sequence[int],
        unknown: Sequence[int],
        facts: Mapping[str, Any],
        other: bool,
    ) -> list[Hit]:
        found = []
        for place in sorted({*true, *unknown}):
            rule, held = day.rules[place], day.held[place]
            missing = frozenset() if place in true else rule.when.missing(facts)
            if any(clause.when.truth(facts) is True for clause in rule.exceptions):
                continue
            found.append(Hit(rule, held, self._effect(rule, held), missing, other))
        return found

    def _effect(self, rule: Rule, held: Standing) -> Effect:
        """Rules with a clause in force for this lender forbid, and house rules; while the lender's
        type is open, so does a rule that would forbid some; the rest is a note."""
        forbids = (
            rule.id in self.rules.house
            or held.force is not Force.ADVISORY
            or held.applies is None
            or held.open
        )
        return Effect.FORBID if forbids else Effect.NOTE

    def curable(self, hit: Hit) -> bool:
        """Whether waiting alone could make the rule say nothing."""
        return not hit.missing and bool(hit.rule.when.facts & self.waits)


@dataclass(frozen=True, slots=True)
class Telling:
    """A reason whose words name what was counted: `of(facts)` puts them in."""

    hit: Hit
    reason: Reason

    def of(self, facts: Mapping[str, Any]) -> Reason:
        """The reason in words, on the facts of the contact with its counters."""
        r = self.reason
        return Reason(
            r.code, r.effect, _words(self.hit, facts), r.force, r.rule_version, r.cites, r.missing
        )


def telling(hit: Hit) -> Telling | Reason:
    """The hit with the clauses in force on the day of the contact; whole where no number is told."""
    missing = set(hit.missing)
    if hit.held.applies is None or hit.held.hangs_on_lender:
        missing.add("lender_type")
    found = Reason(
        code=f"unknown:{hit.rule.id}" if missing else hit.rule.id,
        effect=hit.effect,
        words=_undecided(hit.rule.title) if missing else hit.rule.title,
        force=hit.held.force,
        rule_version=hit.rule.version,
        cites=hit.held.cites,
        missing=tuple(sorted(missing)),
    )
    return found if missing else Telling(hit, found)


def _undecided(title: Words) -> Words:
    """A title is a claim; of what is not known none is made."""
    return Words(f"缺少事实，不能判断：{title.zh}", f"Not decided for want of facts: {title.en}")


def _words(hit: Hit, facts: Mapping[str, Any]) -> Words:
    """The rule's own words; the side is not named, since its name is kept as a pseudonym."""
    shown, rule = _shown(facts, hit.other_outcome), hit.rule
    shown["creditor"] = "本机构"
    zh = fill(rule.explain.zh, shown, rule.table, "zh")
    shown["creditor"] = "this lender"
    en = fill(rule.explain.en, shown, rule.table, "en")
    return Words(f"若这样联系：{zh}", f"If made: {en}")


def _shown(facts: Mapping[str, Any], other_outcome: bool) -> dict[str, Any]:
    minutes, seconds = divmod(facts["second_of_day"], 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours:02}:{minutes:02}:{seconds:02}"
    day = facts["local_date"].isoformat()
    shown = {
        **facts, "date": day, "time": clock, "last_date": day, "last_time": clock,
        "count": 1, "context_count": 0, "total": facts.get("connected_today") or 1,
    }  # fmt: skip
    if other_outcome:
        shown["connected"] = not facts["connected"]
    return shown
