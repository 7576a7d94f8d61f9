"""The gate: decisions, reports and overrides, committed in groups before they are answered.

Callers that wait at the same time share one transaction: whoever comes first decides for all that
wait. An answer is given only after its line of the log is on the disk.
"""

import json
import os
import re
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from jiedun.chain.log import GENESIS, checked, spell
from jiedun.errors import BadValue, JiedunError, ProofError
from jiedun.gate import codes
from jiedun.gate.check import check_request
from jiedun.gate.facts import Facts, Pseudonyms, ReadFn, planned, read_words, refusal
from jiedun.gate.interface import (
    Decision,
    Outcome,
    Recorded,
    Request,
    Reservation,
    Status,
)
from jiedun.gate.judge import Bench
from jiedun.gate.rules import GateRules
from jiedun.gate.spell import (
    decision_in,
    decision_out,
    dumps,
    facts_in,
    facts_out,
    request_digest,
)
from jiedun.gate.state import REFUSAL, RELEASED, RESERVED, SETTLED, Debtor, Debtors, Held
from jiedun.gate.store import GateStore, Row, Tx
from jiedun.gate.tally import CounterPlan
from jiedun.gate.weigh import Scales, Weighed
from jiedun.model.loan import LenderType
from jiedun.model.party import Role

BATCH = 256
RESERVED_FOR = timedelta(minutes=15)
MAX_PAST, MAX_AHEAD = timedelta(minutes=5), timedelta(days=8)
_ID = re.compile(r"R-([0-9a-f]{4,8})-([0-9]{1,18})")

Clock = Callable[[], datetime]


@dataclass(slots=True)
class _Work:
    """Something a caller waits for. `do` runs inside the transaction."""

    chain: int
    do: Callable[[Tx, Mapping[str, Row]], Any]
    failed: Callable[[], Any]
    request: str | None = None
    debtor: str | None = None
    since: int = 0
    result: Any = None
    error: Exception | None = None
    done: bool = False
    woken: Event = field(default_factory=Event)


@dataclass(slots=True)
class _Asked:
    """A request made ready outside the transaction."""

    request: Request
    debtor: str
    facts: Facts
    lender: LenderType
    digest: str
    codes: list[str] = field(default_factory=list)


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
        salt: Callable[[], bytes] = lambda: os.urandom(16),
    ) -> None:
        self.rules = rules
        self.store = store
        self.bench = Bench(rules)
        self.plan = CounterPlan(rules.counters, self.bench.sure)
        self.scales = Scales(self.bench, self.plan)
        self.debtors = Debtors(self.plan)
        self.names = Pseudonyms(store.key)
        self._clock = clock
        self._reading = reading
        self._types = dict(lender_types or {})
        self._reserved_for = reserved_for
        self._salt = salt
        self._counted = frozenset(self.plan.names)
        self._waiting: deque[_Work] = deque()
        self._turn = Lock()
        self._seen: dict[int, int] = {}

    # asking -------------------------------------------------------------------------------------

    def decide(self, request: Request) -> Decision:
        """The answer to `request`, on the disk before it is given; the same id gives the same answer.

        BadValue where a field cannot be what it is, or the id was used for another request.
        """
        check_request(request)
        asked = self._ask(request)
        work = _Work(
            chain=self.chain_of(asked.debtor),
            do=lambda tx, known: self._decide(tx, known, asked),
            failed=lambda: self._closed(asked),
            request=request.id,
            debtor=asked.debtor,
            since=asked.facts["instant"] - self.plan.horizon,
        )
        decision: Decision = self._submit(work)
        return decision

    def chain_of(self, debtor: str) -> int:
        """The chain a debtor's lines stand on, by the debtor's keyed pseudonym."""
        return int(debtor[:8], 16) % self.store.chains

    def _ask(self, request: Request) -> _Asked:
        debtor, found = request.debtor, []
        if debtor is None:
            debtor = request.person if request.role is Role.DEBTOR else f"debt {request.debt}"
            if request.role is not Role.DEBTOR:
                found.append(codes.UNKNOWN_DEBTOR)
        name = self.names.of(f"{request.creditor}\x1f{debtor}")
        try:
            facts = planned(request, self.names.of, name, self._reading)
        except (JiedunError, OSError, ValueError, RuntimeError):
            found.append(codes.READER_UNAVAILABLE)
            silent = planned(_without_words(request), self.names.of, name, self._reading)
            facts = silent
        lender = request.lender_type
        if lender is LenderType.UNKNOWN:
            lender = self._types.get(request.creditor, lender)
        return _Asked(request, name, facts, lender, request_digest(request, self.names), found)

    def _decide(self, tx: Tx, known: Mapping[str, Row], asked: _Asked) -> Decision:
        request, now = asked.request, self._clock()
        before = known.get(request.id) or _in_batch(tx, request.id)
        if before is not None:
            return self._again(before, asked)
        chain = self.chain_of(asked.debtor)
        seq = tx.heads[chain][0] + 1
        since = asked.facts["instant"] - self.plan.horizon
        debtor = self.debtors.get(tx, asked.debtor, chain, since, int(now.timestamp()))
        weighed = self._weigh(asked, debtor, now)
        proceeds = weighed.status is Status.NO_RULE_FORBIDS or request.override is not None
        reserved = (
            Reservation(f"R-{chain:04x}-{seq}", self._expiry(asked, now)) if proceeds else None
        )
        decision = Decision(
            id=f"D-{chain:04x}-{seq}",
            request_id=request.id,
            status=weighed.status,
            at=now,
            local_date=asked.facts["local_date"],
            reasons=weighed.reasons,
            counters=weighed.counters,
            rules_version=self.rules.version,
            reservation=reserved,
            not_before=weighed.not_before,
            override=None if weighed.status is Status.NO_RULE_FORBIDS else request.override,
        )
        held = self._keep(tx, asked, decision, weighed, seq)
        if held is not None and decision.reservation is not None:
            debtor.put(decision.reservation.id, held)
        return decision

    def _weigh(self, asked: _Asked, debtor: Debtor, now: datetime) -> Weighed:
        request = asked.request
        weighed = self.scales.weigh(request, asked.facts, asked.lender, debtor)
        found = list(asked.codes)
        if not now - MAX_PAST <= request.at <= now + MAX_AHEAD:
            found.append(codes.CLOCK_SKEW)
        if not found:
            return weighed
        reasons = (*weighed.reasons, *map(codes.own_reason, found))
        return Weighed(Status.FORBID, reasons, weighed.counters, weighed.counting)

    def _expiry(self, asked: _Asked, now: datetime) -> datetime:
        return max(now, asked.request.at.astimezone(UTC)) + self._reserved_for

    def _keep(
        self, tx: Tx, asked: _Asked, decision: Decision, weighed: Weighed, seq: int
    ) -> Held | None:
        """The contact that now counts, if it may be made; decision, line and contact are written."""
        asked.facts["seq"] = seq
        facts = {k: v for k, v in asked.facts.items() if k not in self._counted}
        told, spelled = decision_out(decision), facts_out(facts)
        chain = self.chain_of(asked.debtor)
        self._append(tx, chain, "decision", {"facts": spelled, **told}, decision.at)
        tx.decisions.append(
            {
                "request": asked.request.id,
                "id": decision.id,
                "digest": asked.digest,
                "body": dumps(told),
            }
        )
        if decision.reservation is None:
            return None
        expires = int(decision.reservation.expires.timestamp())
        held = Held(facts, weighed.counting, expires)
        self._contact(tx, decision.reservation.id, asked.debtor, RESERVED, held, dumps(spelled))
        return held

    def _contact(
        self, tx: Tx, contact: str, debtor: str, state: str, held: Held, facts: str
    ) -> None:
        tx.contacts[contact] = {
            "id": contact, "debtor": debtor, "instant": held.facts["instant"],
            "seq": held.facts["seq"], "state": state, "expires": held.expires,
            "lasting": not self.plan.lasting.isdisjoint(held.places),
            "facts": facts, "report": None,
        }  # fmt: skip

    def _append(self, tx: Tx, chain: int, kind: str, body: Mapping[str, Any], at: datetime) -> None:
        n, head = tx.heads[chain]
        line, hashed = spell(kind, body, at, prev=head, seq=n + 1, salt=self._salt())
        tx.lines.append({"chain": chain, "n": n + 1, "line": line})
        tx.heads[chain] = (n + 1, hashed)
        tx.moved.add(chain)

    def _again(self, row: Row, asked: _Asked) -> Decision:
        if row["digest"] != asked.digest:
            raise BadValue(
                "the request id was used for another request",
                why="an id names one request for ever",
                next_step="give the new request an id of its own",
            )
        return self.read(row)

    def read(self, row: Row) -> Decision:
        """The decision in a row of the store."""
        return decision_in(json.loads(row["body"]), self.plan.names)

    def _closed(self, asked: _Asked) -> Decision:
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
        found = _ID.fullmatch(outcome.reservation_id)
        if found is None or int(found[1], 16) >= self.store.chains:
            raise _no_reservation()
        if outcome.at.tzinfo is None or not 0 <= (outcome.seconds or 0) <= 86_400:
            raise BadValue("a report needs an instant with a zone, and seconds from 0 to 86400")
        chain = int(found[1], 16)
        work = _Work(chain, lambda tx, _: self._report(tx, chain, outcome), _not_written)
        recorded: Recorded = self._submit(work)
        return recorded

    def _report(self, tx: Tx, chain: int, outcome: Outcome) -> Recorded:
        row = tx.contact(outcome.reservation_id)
        if row is None or row["state"] == REFUSAL:
            raise _no_reservation()
        told = dumps(_told(outcome))
        if row["report"] is not None:
            if row["report"] != told:
                raise BadValue(
                    "this reservation has another report already",
                    where=outcome.reservation_id,
                    next_step="correct it in the audit; the gate keeps the first",
                )
            return Recorded(outcome.reservation_id, repeated=True)
        now = self._clock()
        late = int(now.timestamp()) >= row["expires"]
        facts = facts_in(row["facts"])
        facts.update(
            connected=outcome.connected,
            duration_s=outcome.seconds,
            wrong_person=outcome.wrong_person,
        )
        body = {"contact": outcome.reservation_id, "late": late, **_told(outcome)}
        self._append(tx, chain, "outcome", body, now)
        return self._settle(tx, chain, row, facts, outcome, told, late, now)

    def _settle(
        self, tx: Tx, chain: int, row: Row, facts: Facts, outcome: Outcome, told: str, late: bool,
        now: datetime,
    ) -> Recorded:  # fmt: skip
        contact = outcome.reservation_id
        since = facts["instant"] - self.plan.horizon
        debtor = self.debtors.get(tx, row["debtor"], chain, since, int(now.timestamp()))
        debtor.drop(contact)
        if not outcome.made:
            tx.change(contact, RELEASED, dumps(facts_out(facts)), told, False)
            return Recorded(contact, late=late)
        places = self.plan.counting(facts, open_outcome=False)
        debtor.put(contact, Held(facts, places, None))
        lasting = not self.plan.lasting.isdisjoint(places)
        tx.change(contact, SETTLED, dumps(facts_out(facts)), told, lasting)
        if outcome.refused_contact:
            self._refused(tx, chain, row["debtor"], facts, outcome, now)
        values = debtor.tally.settled(facts, places)
        return Recorded(contact, late=late, facts={**facts, **values})

    def _refused(
        self, tx: Tx, chain: int, debtor: str, facts: Facts, outcome: Outcome, now: datetime
    ) -> None:
        """Keeps the refusal as a contact of its own: the person's word to that side."""
        told = refusal(facts, int(outcome.at.timestamp()), "Asia/Shanghai")
        told["seq"] = seq = tx.heads[chain][0]
        held = Held(told, self.plan.counting(told, open_outcome=False), None)
        contact = f"E-{chain:04x}-{seq}"
        self._contact(tx, contact, debtor, REFUSAL, held, dumps(facts_out(told)))
        since = facts["instant"] - self.plan.horizon
        self.debtors.get(tx, debtor, chain, since, int(now.timestamp())).put(contact, held)

    # committing ---------------------------------------------------------------------------------

    def _submit(self, work: _Work) -> Any:
        """The result of `work`. Whoever finds nobody committing commits for all that wait, and then
        wakes the first who came too late."""
        self._waiting.append(work)
        while not work.done:
            if not self._turn.acquire(blocking=False):
                work.woken.wait()
                work.woken.clear()
                continue
            try:
                if not work.done:
                    self._commit(self._taken())
            finally:
                self._turn.release()
                self._wake_next()
        if work.error is not None:
            raise work.error
        return work.result

    def _taken(self) -> list[_Work]:
        return [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]

    def _wake_next(self) -> None:
        with suppress(IndexError):
            self._waiting[0].woken.set()

    def _commit(self, batch: list[_Work]) -> None:
        chains = {work.chain for work in batch}
        try:
            with self.store.transaction() as tx:
                self._run(tx, batch, chains)
        except (SQLAlchemyError, OSError):
            self._forget(chains)
            for work in batch:
                work.error = None
                try:
                    work.result = work.failed()
                except JiedunError as error:
                    work.error = error
        except Exception as error:
            self._forget(chains)
            for work in batch:
                work.error = error
        else:
            self._seen.update((chain, tx.heads[chain][0]) for chain in chains)
        finally:
            for work in batch:
                work.done = True
                work.woken.set()

    def _run(self, tx: Tx, batch: list[_Work], chains: set[int]) -> None:
        tx.lock(chains)
        for chain in chains:
            if self._seen.get(chain) != tx.heads[chain][0]:
                self.debtors.forget_chain(chain)
        asked = [work.request for work in batch if work.request is not None]
        known = tx.known(asked) if asked else {}
        wanted = {work.debtor: work.since for work in batch if work.debtor is not None}
        self.debtors.prepare(tx, wanted)
        for work in batch:
            try:
                work.result = work.do(tx, known)
            except JiedunError as error:
                work.error = error

    def _forget(self, chains: set[int]) -> None:
        for chain in chains:
            self._seen.pop(chain, None)
            self.debtors.forget_chain(chain)

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
        """Nothing; the store is closed."""
        self.store.close()


def _in_batch(tx: Tx, request: str) -> Row | None:
    return next((row for row in tx.decisions if row["request"] == request), None)


def _without_words(request: Request) -> Request:
    return replace(request, words=None)


def _told(outcome: Outcome) -> dict[str, Any]:
    return {
        "at": outcome.at.astimezone(UTC).isoformat(), "connected": outcome.connected,
        "made": outcome.made, "refused_contact": outcome.refused_contact,
        "seconds": outcome.seconds, "wrong_person": outcome.wrong_person,
    }  # fmt: skip


def _no_reservation() -> BadValue:
    return BadValue(
        "no such reservation", next_step="report with the id that the decision's reservation bears"
    )


def _not_written() -> Recorded:
    raise ProofError("the report cannot be written now", next_step="send the same report again")
