"""One planned contact weighed: counters, rules, and the earliest moment at which none forbids."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from sys import maxsize
from typing import NamedTuple

from jiedun.gate.facts import Facts, moment, set_time
from jiedun.gate.interface import Effect, Reason, Request, Status
from jiedun.gate.judge import Bench, Hit, reason
from jiedun.gate.state import Debtor
from jiedun.gate.tally import CounterPlan
from jiedun.model.loan import LenderType

LOOK_AHEAD_DAYS = 8
_MORNING = time(8)
_TRIED_ENDS = 16


class Weighed(NamedTuple):
    """What the rules say: the answer, why, the counters with this contact, the moment to wait for."""

    status: Status
    reasons: tuple[Reason, ...]
    counters: dict[str, int]
    counting: tuple[int, ...]
    not_before: datetime | None = None


class Scales:
    """Weighs planned contacts by one set of rules and counters."""

    def __init__(self, bench: Bench, plan: CounterPlan) -> None:
        self.bench = bench
        self.plan = plan

    def weigh(self, request: Request, facts: Facts, lender: LenderType, debtor: Debtor) -> Weighed:
        """The answer for `facts`, which gain the counters' values."""
        facts["seq"] = maxsize
        counting = self.plan.counting(facts, open_outcome=True)
        counters = debtor.tally.planned(facts, counting)
        facts.update(counters)
        hits = self.bench.hits(facts, lender)
        if not hits:
            return Weighed(Status.NO_RULE_FORBIDS, (), counters, counting)
        reasons = tuple(reason(hit) for hit in hits)
        forbidding = [hit for hit in hits if hit.effect is Effect.FORBID]
        if not forbidding:
            return Weighed(Status.NO_RULE_FORBIDS, reasons, counters, counting)
        wait = self._wait(request, facts, lender, debtor, forbidding)
        status = Status.FORBID if wait is None else Status.DELAY
        return Weighed(status, reasons, counters, counting, wait)

    def _wait(
        self,
        request: Request,
        facts: Facts,
        lender: LenderType,
        debtor: Debtor,
        hits: Sequence[Hit],
    ) -> datetime | None:
        """The earliest later moment at which no rule forbids, where waiting alone can help."""
        if not all(self.bench.curable(hit) for hit in hits):
            return None
        for instant in sorted({*self._moments(request, facts, debtor)}):
            if instant > facts["instant"] and self._free(request, facts, lender, debtor, instant):
                return datetime.fromtimestamp(instant, UTC).astimezone(request.at.tzinfo)
        return None

    def _free(
        self, request: Request, facts: Facts, lender: LenderType, debtor: Debtor, instant: int
    ) -> bool:
        later = dict(facts)
        set_time(later, request, instant)
        counting = self.plan.counting(later, open_outcome=True)
        later.update(debtor.tally.planned(later, counting))
        return not any(h.effect is Effect.FORBID for h in self.bench.hits(later, lender))

    def _moments(self, request: Request, facts: Facts, debtor: Debtor) -> Iterator[int]:
        """Moments at which something changes: mornings, agreed hours, the ends of windows."""
        day: date = facts["local_date"]
        for ahead in range(LOOK_AHEAD_DAYS + 1):
            then = day + timedelta(days=ahead)
            yield moment(then, time(0), request.zone)
            yield moment(then, _MORNING, request.zone)
            if request.agreed_hours is not None:
                yield moment(then, request.agreed_hours[0], request.zone)
        for place, counter in enumerate(self.plan.counters):
            if counter.within is not None and not counter.before:
                entries = debtor.tally.entries_of(facts, place)[-_TRIED_ENDS:]
                yield from (entry[0] + counter.within + 1 for entry in entries)
