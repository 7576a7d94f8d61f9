"""What is known of each debtor: the rows that count and the reservations that are open."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jiedun.gate.facts import Facts
from jiedun.gate.spell import facts_in
from jiedun.gate.tally import CounterPlan, Tally
from jiedun.gate.tx import Row, Tx

RESERVED, SETTLED, RELEASED, REFUSAL = "reserved", "settled", "released", "refusal"
KEPT_DEBTORS = 50_000


@dataclass(slots=True)
class Held:
    """A contact that counts: the facts counters ask for, the counters that count it, when a
    reservation ends."""

    facts: Facts
    places: Sequence[int]
    expires: int | None


@dataclass(slots=True)
class Debtor:
    """One debtor of one creditor's side, from `since` on."""

    chain: int
    since: int
    plan: CounterPlan
    held: dict[str, Held] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)
    counted: Tally | None = None

    @property
    def tally(self) -> Tally:
        """The counters over what is held; most debtors are asked about once, so it is made late."""
        if self.counted is None:
            if not self.held:
                return self.plan.empty
            self.counted = Tally(self.plan)
            for held in self.held.values():
                self.counted.add(held.facts, held.places)
        return self.counted

    def put(self, contact: str, held: Held) -> None:
        """Nothing; the contact counts, in place of what it counted before."""
        self.drop(contact)
        self.held[contact] = held
        if self.counted is not None:
            self.counted.add(held.facts, held.places)
        if held.expires is not None:
            self.open[contact] = held.expires

    def drop(self, contact: str) -> None:
        """Nothing; the contact counts no more."""
        held = self.held.pop(contact, None)
        self.open.pop(contact, None)
        if held is not None and self.counted is not None:
            self.counted.remove(held.facts, held.places)

    def expire(self, now: int) -> None:
        """Nothing; reservations that ended by `now` count no more."""
        for contact in [c for c, end in self.open.items() if end <= now]:
            self.drop(contact)


class Debtors:
    """The debtors this process has seen last; the rest are read from the store when asked for."""

    def __init__(self, plan: CounterPlan) -> None:
        self.plan = plan
        self._kept: OrderedDict[str, Debtor] = OrderedDict()
        self._on: dict[int, set[str]] = {}

    def get(self, tx: Tx, debtor: str, chain: int, since: int, now: int) -> Debtor:
        """The debtor's state, with rows from `since` on at least."""
        found = self._kept.get(debtor)
        if found is None or found.since > since:
            found = self._load(tx, debtor, chain, since, now)
        self._kept.move_to_end(debtor)
        if found.open:
            found.expire(now)
        return found

    def missing(self, wanted: Mapping[str, int]) -> dict[str, int]:
        """Those of `wanted` (debtor: since) that must be read from the store."""
        kept = self._kept
        return {d: s for d, s in wanted.items() if (k := kept.get(d)) is None or k.since > s}

    def _load(self, tx: Tx, debtor: str, chain: int, since: int, now: int) -> Debtor:
        self._forget(debtor)
        found = Debtor(chain, since, self.plan)
        for row in tx.rows_of(debtor, since):
            self._put(found, row, now)
        self._kept[debtor] = found
        self._on.setdefault(chain, set()).add(debtor)
        while len(self._kept) > KEPT_DEBTORS:
            self._forget(next(iter(self._kept)))
        return found

    def _put(self, debtor: Debtor, row: Row, now: int) -> None:
        reserved = row["state"] == RESERVED
        if row["state"] == RELEASED or (reserved and row["expires"] <= now):
            return
        facts = facts_in(row["facts"])
        places = self.plan.counting(facts, open_outcome=reserved)
        debtor.put(
            row["id"], Held(self.plan.asked(facts), places, row["expires"] if reserved else None)
        )

    def _forget(self, debtor: str) -> None:
        found = self._kept.pop(debtor, None)
        if found is not None:
            self._on.get(found.chain, set()).discard(debtor)

    def forget_chain(self, chain: int) -> None:
        """Nothing; every debtor on the chain is read again when asked for."""
        for debtor in self._on.pop(chain, ()):
            self._kept.pop(debtor, None)
