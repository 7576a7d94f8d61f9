"""The counters of one debtor kept up to date contact by contact.

For a fully reported stream a counter's value on a contact equals what `rules.counters.count` gives
over the whole stream. A planned contact is counted with every reservation that could count, under
any outcome, wherever in time it stands in the same day or window: the worst case.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from jiedun.rules.counters import Counter
from jiedun.rules.together import together

Facts = Mapping[str, Any]
Entry = tuple[int, int, Any]

_NEVER_NULL = frozenset({"creditor"})
"""Facts a counter asks for only to know whether they are there; a lender's rows always have them."""


class CounterPlan:
    """What is the same for every debtor: which counters share a key, and which count a row."""

    def __init__(self, counters: Sequence[Counter], sure: frozenset[str]) -> None:
        self.counters = tuple(counters)
        self.names = tuple(c.name for c in counters)
        self.hits = together([c.of for c in counters], sure)
        keys = [_key(c) for c in counters]
        pers = sorted(set(keys))
        self.keys = [itemgetter(*per) for per in pers]
        self.getters = [(pers.index(key), itemgetter(*key)) for key in keys]
        self.kinds = [(c.name, _all_count(c), c) for c in counters]
        self.lasting = frozenset(i for i, c in enumerate(counters) if _lasting(c))
        self.horizon = max([c.within or 0 for c in counters], default=0) + 2 * 86_400
        self.spoken = frozenset().union(*(c.of.facts for c in counters)) - _NEVER_NULL
        self.needed = frozenset({"instant", "seq"}).union(
            *(key for key in keys), {c.distinct for c in counters if c.distinct}
        )
        self.empty = Tally(self)
        """The tally of whoever has no row; nothing may be added to it."""
        self._decisive = itemgetter(*sorted(self.spoken))
        self._known: dict[tuple[object, bool], tuple[int, ...]] = {}
        self._alone: dict[tuple[int, ...], dict[str, int]] = {}
        self._own: dict[tuple[int, ...], tuple[int, ...]] = {}

    def counting(self, facts: Facts, *, open_outcome: bool) -> tuple[int, ...]:
        """The places of the counters that count the row; under any outcome where it is open."""
        key = (self._decisive(facts), open_outcome)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._counting(facts, open_outcome)
        return found

    def asked(self, facts: Facts) -> dict[str, Any]:
        """Those of a row's facts that a tally asks for."""
        return {name: facts[name] for name in self.needed}

    def _counting(self, facts: Facts, open_outcome: bool) -> tuple[int, ...]:
        places = self.hits(facts)[0]
        if not open_outcome or facts["channel"] != "call":
            return tuple(places)
        other = self.hits({**facts, "connected": not facts["connected"]})[0]
        return tuple(sorted({*places, *other}))

    def own(self, counting: tuple[int, ...]) -> tuple[int, ...]:
        """For each counter 1 where the row itself counts, 0 where not."""
        found = self._own.get(counting)
        if found is None:
            places = range(len(self.counters))
            found = self._own[counting] = tuple([int(place in counting) for place in places])
        return found

    def alone(self, counting: tuple[int, ...]) -> dict[str, int]:
        """The counters' values on a contact that nothing came before; a fresh mapping."""
        found = self._alone.get(counting)
        if found is None:
            found = self._alone[counting] = {
                c.name: int(place in counting and not c.before)
                for place, c in enumerate(self.counters)
            }
        return found.copy()


def _key(counter: Counter) -> tuple[str, ...]:
    """What the rows that count together share; a debtor's pseudonym stands for one creditor only."""
    per = counter.per
    return tuple(f for f in per if f != "creditor") if "debtor" in per else per


def _all_count(counter: Counter) -> bool:
    """Whether the worst case is all there is: no window, no order, no different values."""
    return counter.within is None and not counter.before and counter.distinct is None


def _lasting(counter: Counter) -> bool:
    return counter.within is None and "local_date" not in counter.per


class Tally:
    """The rows of one debtor that count, by counter and key, in (instant, seq) order."""

    __slots__ = ("blank", "filled", "groups", "plan")

    def __init__(self, plan: CounterPlan) -> None:
        self.plan = plan
        self.blank = True
        """Whether no row was ever added."""
        self.groups: list[dict[Any, dict[int, list[Entry]]]] = [{} for _ in plan.keys]
        self.filled: dict[int, tuple[dict[Any, dict[int, list[Entry]]], Callable[[Any], Any]]] = {}
        """Those of the groups that ever had a row, by place, each with what gives a row's key in it."""

    @property
    def entries(self) -> Mapping[tuple[int, Any], Mapping[int, Sequence[Entry]]]:
        """What counts, by group and key, then by the place of the counter."""
        return {(g, k): lists for g, held in enumerate(self.groups) for k, lists in held.items()}

    def add(self, facts: Facts, places: Sequence[int]) -> None:
        """Nothing; the row counts in the counters at `places`."""
        self.blank = False
        for place in places:
            insort(self._list(facts, place), self._entry(facts, place))

    def remove(self, facts: Facts, places: Sequence[int]) -> None:
        """Nothing; the row counts no more."""
        for place in places:
            entries = self._list(facts, place)
            del entries[bisect_left(entries, (facts["instant"], facts["seq"]))]

    def _entry(self, facts: Facts, place: int) -> Entry:
        name = self.plan.counters[place].distinct
        return facts["instant"], facts["seq"], facts[name] if name else None

    def _list(self, facts: Facts, place: int) -> list[Entry]:
        group, getter = self.plan.getters[place]
        held = self.groups[group]
        if not held:
            self.filled[group] = held, self.plan.keys[group]
        return held.setdefault(getter(facts), {}).setdefault(place, [])

    def entries_of(self, facts: Facts, place: int) -> Sequence[Entry]:
        """What the counter at `place` has under the key of `facts`, in order."""
        group, getter = self.plan.getters[place]
        lists = self.groups[group].get(getter(facts))
        return lists.get(place, ()) if lists else ()

    def planned(self, facts: Facts, counting: tuple[int, ...]) -> dict[str, int]:
        """The counters' values on a contact that is not among the rows yet, in the worst case."""
        values = self.plan.alone(counting)
        if self.blank:
            return values
        kinds, own, instant = self.plan.kinds, self.plan.own(counting), facts["instant"]
        for held, getter in self.filled.values():
            lists = held.get(getter(facts))
            if lists is None:
                continue
            for place, entries in lists.items():
                if entries:
                    name, all_count, counter = kinds[place]
                    if all_count:
                        values[name] = len(entries) + own[place]
                    else:
                        mine = facts if own[place] else None
                        values[name] = _worst(counter, entries, instant, mine)
        return values

    def settled(self, facts: Facts, counting: Sequence[int]) -> dict[str, int]:
        """The counters' values on a contact that is among the rows, in exact order."""
        values = {}
        for place, counter in enumerate(self.plan.counters):
            entries = self.entries_of(facts, place)
            values[counter.name] = _exact(counter, entries, facts, place in counting)
        return values


def _from(counter: Counter, entries: Sequence[Entry], instant: int) -> int:
    if counter.within is None:
        return 0
    return bisect_left(entries, (instant - counter.within,))


def _exact(counter: Counter, entries: Sequence[Entry], facts: Facts, own: bool) -> int:
    instant = facts["instant"]
    first = _from(counter, entries, instant)
    if counter.before:
        return bisect_left(entries, (instant,)) - first
    if counter.distinct is not None:
        last = bisect_left(entries, (instant + 1,))
        return len({value for _, _, value in entries[first:last] if value is not None})
    return bisect_left(entries, (instant, facts["seq"])) - first + own


def _worst(counter: Counter, entries: Sequence[Entry], instant: int, own: Facts | None) -> int:
    """As `_exact`, with every row of the same instant and of the same window after it; `own` are the
    contact's facts where it counts itself."""
    first = _from(counter, entries, instant)
    if counter.before:
        return bisect_left(entries, (instant + 1,)) - first
    last = len(entries)
    if counter.within is not None:
        last = bisect_left(entries, (instant + counter.within + 1,))
    if counter.distinct is None:
        return last - first + (own is not None)
    values = {value for _, _, value in entries[first:last] if value is not None}
    return len(values) if own is None else len(values | {own[counter.distinct]})
