"""One planned contact weighed: counters, rules, and the earliest moment at which none forbids.

Rules change their answer only at their cuts (`rules.cuts`), so contacts of one kind, one lender and
one day fall into few cells; all in a cell have the same hits, which are worked out once.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from sys import maxsize
from typing import Any, NamedTuple

from jiedun.errors import RuleError
from jiedun.gate.facts import (
    Facts,
    ReadFn,
    StillKey,
    moment,
    said_by,
    second_of,
    set_time,
    still,
    still_key,
    unlike_plain,
)
from jiedun.gate.interface import Effect, Reason, Request, Status
from jiedun.gate.judge import Bench, Telling, telling
from jiedun.gate.tally import CounterPlan, Tally
from jiedun.model.loan import LenderType

LOOK_AHEAD_DAYS = 8
KEPT_PROFILES, KEPT_DAYS, KEPT_CELLS, KEPT_INSTANTS = 1024, 32, 4096, 64
_MOVING = frozenset({"second_of_day", "in_agreed_hours", "local_date"})


class Weighed(NamedTuple):
    """What the rules say: the answer, why, the counters with this contact, the moment to wait for."""

    status: Status
    reasons: tuple[Reason, ...]
    counters: dict[str, int]
    counting: tuple[int, ...]
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What the rules say of every contact in it."""

    told: tuple[Reason | Telling, ...]
    forbids: bool
    curable: bool


@dataclass(slots=True, eq=False)
class Day:
    """The cells of one kind of contact, lender and local day."""

    seconds: tuple[int, ...]
    counters: tuple[tuple[str, int], ...]
    exact: tuple[str, ...]
    alone: tuple[int, ...]
    cells: dict[tuple[Any, ...], Cell] = field(default_factory=dict)
    instants: dict[tuple[Any, ...], Sequence[int]] = field(default_factory=dict)

    def key(self, facts: Facts, counters: Mapping[str, int] | None) -> tuple[Any, ...]:
        """The cell of a contact; `counters` is None where nothing came before it."""
        second = bisect_right(self.seconds, facts["second_of_day"])
        counted = self.alone if counters is None else _saturated(self.counters, counters)
        exact = tuple([facts.get(name) for name in self.exact]) if self.exact else ()
        return second, facts["in_agreed_hours"], counted, exact


def _saturated(caps: tuple[tuple[str, int], ...], counters: Mapping[str, int]) -> tuple[int, ...]:
    """The counters' values as far as rules tell them apart: beyond the last cut they are alike."""
    return tuple([v if (v := counters[name]) < cap else cap for name, cap in caps])


@dataclass(slots=True, eq=False)
class Profile:
    """What all planned contacts share that differ only in names, time and counters."""

    facts: Facts
    unusual: Facts
    counting: tuple[int, ...]
    alone: Mapping[str, int]
    days: dict[tuple[LenderType, date], Day] = field(default_factory=dict)


@dataclass(slots=True)
class Planned:
    """One planned contact made ready to be weighed."""

    request: Request
    facts: Facts
    profile: Profile
    lender: LenderType


class Scales:
    """Weighs planned contacts by one set of rules and counters."""

    def __init__(self, bench: Bench, plan: CounterPlan) -> None:
        self.bench = bench
        self.plan = plan
        self._profiles: dict[StillKey, Profile] = {}
        self._counters = frozenset(plan.names)
        if plan.spoken & (_MOVING | self._counters):
            raise RuleError("a counter of the gate may not hang on the time or on a counter")

    def profile(self, request: Request, reading: ReadFn) -> Profile:
        """The profile of a request; what the reader raises is raised."""
        said = said_by(request, reading)
        key = still_key(request, said)
        found = self._profiles.get(key)
        if found is None:
            if len(self._profiles) >= KEPT_PROFILES:
                self._profiles.clear()
            facts = still(request, said)
            counting = self.plan.counting(facts, open_outcome=True)
            found = self._profiles[key] = Profile(
                facts, unlike_plain(facts), counting, self.plan.alone(counting)
            )
        return found

    def weigh(self, planned: Planned, tally: Tally) -> Weighed:
        """The answer for a planned contact of the debtor whose counters `tally` keeps."""
        facts, counting = planned.facts, planned.profile.counting
        counters = tally.planned(facts, counting)
        cell = self._cell(planned, facts, counters, tally.blank)
        if not cell.told:
            return Weighed(Status.NO_RULE_FORBIDS, (), counters, counting)
        whole = {**facts, **counters}
        reasons = tuple([t if type(t) is Reason else t.of(whole) for t in cell.told])  # type: ignore[union-attr]
        if not cell.forbids:
            return Weighed(Status.NO_RULE_FORBIDS, reasons, counters, counting)
        wait = self._wait(planned, tally) if cell.curable else None
        status = Status.FORBID if wait is None else Status.DELAY
        return Weighed(status, reasons, counters, counting, wait)

    # cells --------------------------------------------------------------------------------------

    def _cell(
        self, planned: Planned, facts: Facts, counters: Mapping[str, int], alone: bool
    ) -> Cell:
        """The cell of a contact at the instant of `facts`."""
        profile, lender = planned.profile, planned.lender
        day = profile.days.get((lender, facts["local_date"]))
        if day is None:
            day = self._day(profile, lender, facts["local_date"])
        key = day.key(facts, None if alone else counters)
        found = day.cells.get(key)
        if found is None:
            if len(day.cells) >= KEPT_CELLS:
                day.cells.clear()
            found = day.cells[key] = self._judged({**facts, **counters}, lender)
        return found

    def _judged(self, facts: Facts, lender: LenderType) -> Cell:
        facts["seq"] = maxsize
        hits = self.bench.hits(facts, lender)
        forbidding = [hit for hit in hits if hit.effect is Effect.FORBID]
        return Cell(
            tuple(map(telling, hits)), bool(forbidding), all(map(self.bench.curable, forbidding))
        )

    def _day(self, profile: Profile, lender: LenderType, day: date) -> Day:
        if len(profile.days) >= KEPT_DAYS:
            profile.days.clear()
        cuts = self.bench.cuts(lender, day)
        caps = {
            n: maxsize if (at := cuts[n]) is None else at[-1] for n in cuts if n in self._counters
        }
        exact = [n for n in cuts if n not in profile.facts and n not in _MOVING | self._counters]
        seconds = cuts.get("second_of_day", ())
        if seconds is None:
            exact.append("second_of_day")
        found = profile.days[lender, day] = Day(
            seconds or (), tuple(caps.items()), tuple(exact),
            _saturated(tuple(caps.items()), profile.alone),
        )  # fmt: skip
        return found

    # waiting ------------------------------------------------------------------------------------

    def _wait(self, planned: Planned, tally: Tally) -> datetime | None:
        """The earliest later moment at which no rule forbids, where waiting alone can help."""
        later = planned.facts.copy()
        for instant in self._moments(planned, tally):
            set_time(later, planned.request, instant)
            counters = tally.planned(later, planned.profile.counting)
            if not self._cell(planned, later, counters, tally.blank).forbids:
                return datetime.fromtimestamp(instant, UTC).astimezone(planned.request.at.tzinfo)
        return None

    def _moments(self, planned: Planned, tally: Tally) -> Iterator[int]:
        """Later moments at which something can change, in order: the rules' own times of day,
        midnights, agreed hours, the ends of windows."""
        facts, request = planned.facts, planned.request
        now, today = facts["instant"], facts["local_date"]
        ends = self._ends(facts, tally)
        for ahead in range(LOOK_AHEAD_DAYS + 1):
            day = today + timedelta(days=ahead)
            found = self._instants(planned, day)
            if ends:
                last = moment(day, 86_399, request.zone)
                found = sorted({*found, *(end for end in ends if end <= last)})
                ends = [end for end in ends if end > last]
            yield from found[bisect_right(found, now) :]

    def _instants(self, planned: Planned, day: date) -> Sequence[int]:
        """The rules' own times of a day, its midnight and the agreed hours, as instants in order."""
        profile, lender, request = planned.profile, planned.lender, planned.request
        held = profile.days.get((lender, day)) or self._day(profile, lender, day)
        agreed = tuple(map(second_of, request.agreed_hours or ()))
        key = (request.zone, agreed)
        found = held.instants.get(key)
        if found is None:
            if len(held.instants) >= KEPT_INSTANTS:
                held.instants.clear()
            seconds = {0, *(s for s in held.seconds if 0 <= s < 86_400), *agreed}
            found = sorted({moment(day, s, request.zone) for s in seconds})
            held.instants[key] = found
        return found

    def _ends(self, facts: Facts, tally: Tally) -> list[int]:
        """The moments at which a row leaves the window of a counter."""
        found = []
        if not tally.blank:
            for place, counter in enumerate(self.plan.counters):
                if counter.within is not None:
                    late = counter.within + 1
                    found += [entry[0] + late for entry in tally.entries_of(facts, place)]
        return found
