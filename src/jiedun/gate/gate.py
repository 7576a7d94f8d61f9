"""The gate: decisions, reports and overrides, committed in groups before they are answered.

One thread decides for all that wait and commits once; an answer is given only after its line of the
log is on the disk.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import orjson

from jiedun.chain.log import GENESIS, checked, spell_encoded
from jiedun.errors import BadValue, ProofError
from jiedun.gate import codes
from jiedun.gate.ask import Asked, Desk
from jiedun.gate.commit import Committer
from jiedun.gate.facts import Pseudonyms, ReadFn, read_words
from jiedun.gate.group import Group, Work
from jiedun.gate.interface import Decision, Outcome, Recorded, Request, Reservation, Status
from jiedun.gate.judge import Bench
from jiedun.gate.rules import GateRules
from jiedun.gate.settle import (
    Settler,
    no_reservation,
    not_written,
    report_text,
    reported_before,
    told,
)
from jiedun.gate.spell import decision_in, decision_out, dumps, line_body, planned_out, salts
from jiedun.gate.state import RESERVED, Debtors, Held
from jiedun.gate.store import GateStore
from jiedun.gate.tally import CounterPlan, Tally
from jiedun.gate.tx import Row, Tx
from jiedun.gate.weigh import Scales, Weighed
from jiedun.model.loan import LenderType

BATCH = 256
RESERVED_FOR = timedelta(minutes=15)
MAX_PAST, MAX_AHEAD = timedelta(minutes=5), timedelta(days=8)
_ID = re.compile(r"R-([0-9a-f]{4,8})-([0-9]{1,18})")

Clock = Callable[[], datetime]


class Gate:
    """Decides contacts by `rules` over `store`; may be called from many threads.

    `lender_types` says what kind of lender each creditor is, where the request does not. `clock`
    gives the aware instant now, `salt` the salt of log lines. Reservations end after `reserved_for`.
    """

    def __init__(
        self,
        rules: GateRules,
        store: GateStore,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        reading: ReadFn = read_words,
        lender_types: Mapping[str, LenderType] | None = None,
        reserved_for: timedelta = RESERVED_FOR,
        salt: Callable[[], bytes] | None = None,
    ) -> None:
        self.rules = rules
        self.store = store
        self.bench = Bench(rules)
        self.plan = CounterPlan(rules.counters, self.bench.sure)
        self.scales = Scales(self.bench, self.plan)
        self.names = Pseudonyms(store.key)
        self.desk = Desk(self.scales, self.names, reading, lender_types or {})
        self._clock = clock
        self._reserved_for = reserved_for
        self._salt = salt or salts()
        self._debtors = Debtors(self.plan)
        self._settler = Settler(self.plan, self._debtors)
        self._committer = Committer(store.session, self._debtors)
        self._group = Group(self._committer.commit, BATCH, store.linger_s)

    # asking -------------------------------------------------------------------------------------

    def decide(self, request: Request) -> Decision:
        """The answer to `request`, on the disk before it is given; the same id gives the same answer.

        BadValue where a field cannot be what it is, or the id was used for another request.
        """
        decision: Decision = self._group.wait(self._decision(self.desk.ready(request)))
        return decision

    def decide_then(self, asked: Asked, done: Callable[[Work], object]) -> None:
        """Nothing; `done` is called by the committing thread once the answer is on the disk, and
        `done`'s work gives it by `outcome()`. `asked` comes from `desk.ready`."""
        work = self._decision(asked)
        work.done = done
        self._group.submit(work)

    def chain_of(self, debtor: str) -> int:
        """The chain a debtor's lines stand on, by the debtor's keyed pseudonym."""
        return int(debtor[:8], 16) % self.store.chains

    def _decision(self, asked: Asked) -> Work:
        return Work(
            chain=self.chain_of(asked.debtor),
            do=lambda tx: self._decide(tx, asked),
            failed=lambda: self._closed(asked),
            request=asked.request.id,
            debtor=asked.debtor,
            since=asked.facts["instant"] - self.plan.horizon,
        )

    def _decide(self, tx: Tx, asked: Asked) -> Decision:
        before = tx.decided(asked.request.id)
        if before is not None:
            return self._again(before, asked)
        now, chain = self._clock(), self.chain_of(asked.debtor)
        since = asked.facts["instant"] - self.plan.horizon
        debtor = self._debtors.get(tx, asked.debtor, chain, since, int(now.timestamp()))
        weighed = self._weigh(asked, debtor.tally, now)
        seq = tx.ends[chain][0] + 1
        decision = self._decided(asked, weighed, now, f"{chain:04x}-{seq}")
        held = self._keep(tx, asked, decision, weighed, chain)
        if held is not None and decision.reservation is not None:
            debtor.put(decision.reservation.id, held)
        return decision

    def _weigh(self, asked: Asked, tally: Tally, now: datetime) -> Weighed:
        weighed = self.scales.weigh(asked.planned, tally)
        found = list(asked.codes)
        if not now - MAX_PAST <= asked.request.at <= now + MAX_AHEAD:
            found.append(codes.CLOCK_SKEW)
        if not found:
            return weighed
        reasons = (*weighed.reasons, *map(codes.own_reason, found))
        return Weighed(Status.FORBID, reasons, weighed.counters, weighed.counting)

    def _decided(self, asked: Asked, weighed: Weighed, now: datetime, place: str) -> Decision:
        free, override = weighed.status is Status.NO_RULE_FORBIDS, asked.request.override
        reserved = None
        if free or override is not None:
            ends = max(now, asked.request.at.astimezone(UTC)) + self._reserved_for
            reserved = Reservation(f"R-{place}", ends)
        return Decision(
            id=f"D-{place}",
            request_id=asked.request.id,
            status=weighed.status,
            at=now,
            local_date=asked.facts["local_date"],
            reasons=weighed.reasons,
            counters=weighed.counters,
            rules_version=self.rules.version,
            reservation=reserved,
            not_before=weighed.not_before,
            override=None if free else override,
        )

    def _keep(
        self, tx: Tx, asked: Asked, decision: Decision, weighed: Weighed, chain: int
    ) -> Held | None:
        """The contact that now counts, if it may be made; decision, line and contact are written."""
        facts = asked.facts
        facts["seq"] = tx.ends[chain][0] + 1
        spelled = planned_out(asked.planned.profile.unusual, facts)
        body = line_body(decision_out(decision), spelled)
        line = self._append(tx, chain, "decision", body, decision.at)
        tx.decisions[asked.request.id] = {
            "request": asked.request.id, "chain": chain, "n": facts["seq"],
            "digest": asked.digest, "line": line,
        }  # fmt: skip
        if decision.reservation is None:
            return None
        held = Held(
            self.plan.asked(facts), weighed.counting, int(decision.reservation.expires.timestamp())
        )
        name = decision.reservation.id
        tx.add(self._settler.contact(name, asked.debtor, RESERVED, held, spelled))
        return held

    def _append(self, tx: Tx, chain: int, kind: str, body: bytes, at: datetime) -> bytes:
        n, head = tx.ends[chain]
        line, hashed = spell_encoded(kind, body, at, prev=head, seq=n + 1, salt=self._salt())
        tx.append(chain, line, hashed)
        return line

    def _again(self, row: Row, asked: Asked) -> Decision:
        if row["digest"] != asked.digest:
            raise BadValue(
                "the request id was used for another request",
                why="an id names one request for ever",
                next_step="give the new request an id of its own",
            )
        return self.read(row)

    def read(self, row: Row) -> Decision:
        """The decision in a row of the store, from its line of the log."""
        return decision_in(orjson.loads(row["line"])["body"], self.plan.names)

    def _closed(self, asked: Asked) -> Decision:
        """The answer when nothing can be kept: forbidden, and said so."""
        return Decision(
            id="",
            request_id=asked.request.id,
            status=Status.FORBID,
            at=self._clock(),
            local_date=asked.facts["local_date"],
            reasons=(codes.own_reason(codes.STORE_UNAVAILABLE),),
            counters={},
            rules_version=self.rules.version,
            logged=False,
        )

    # reporting ----------------------------------------------------------------------------------

    def report(self, outcome: Outcome) -> Recorded:
        """What the report did; it changes the next answer. The same report twice does nothing more.

        BadValue for a reservation that is not there, or a report that contradicts an earlier one;
        ProofError when it cannot be written: report again.
        """
        recorded: Recorded = self._group.wait(self._outcome(outcome))
        return recorded

    def report_then(self, outcome: Outcome, done: Callable[[Work], object]) -> None:
        """As `decide_then`, for a report; BadValue at once where it cannot be one."""
        work = self._outcome(outcome)
        work.done = done
        self._group.submit(work)

    def _outcome(self, outcome: Outcome) -> Work:
        found = _ID.fullmatch(outcome.reservation_id)
        if found is None or int(found[1], 16) >= self.store.chains:
            raise no_reservation()
        if outcome.at.tzinfo is None or not 0 <= (outcome.seconds or 0) <= 86_400:
            raise BadValue("a report needs an instant with a zone, and seconds from 0 to 86400")
        chain = int(found[1], 16)
        return Work(
            chain,
            lambda tx: self._report(tx, chain, outcome),
            not_written,
            contact=outcome.reservation_id,
        )

    def _report(self, tx: Tx, chain: int, outcome: Outcome) -> Recorded:
        row, report = tx.contact(outcome.reservation_id), report_text(outcome)
        before = reported_before(row, outcome, report)
        if before is not None or row is None:
            return before or not_written()
        now = self._clock()
        late = int(now.timestamp()) >= row["expires"]
        body = {"contact": outcome.reservation_id, "late": late, **told(outcome)}
        self._append(tx, chain, "outcome", dumps(body), now)
        return self._settler.settle(tx, chain, row, outcome, report, now)

    def now(self) -> datetime:
        """The gate's clock."""
        return self._clock()

    # looking ------------------------------------------------------------------------------------

    def explain(self, decision_or_request: str) -> Decision | None:
        """The decision with this id, or for the request with this id; None where there is none."""
        row = self.store.decision(decision_or_request)
        return None if row is None else self.read(row)

    def verify(self) -> int:
        """The number of lines in all chains, each checked; ProofError at the first break."""
        total = 0
        for chain, n, head in self.store.ends():
            seq, hashed = 0, GENESIS
            for entry in checked(self.store.lines(chain), f"chain {chain}"):
                seq, hashed = entry.seq, entry.hash
            total += seq
            if (seq, hashed) != (n, head):
                raise ProofError("a chain does not end where its head says", where=f"chain {chain}")
        return total

    def close(self) -> None:
        """Nothing; what waits is committed, then the store is closed."""
        self._group.close()
        self._committer.close()
        self.store.close()
