"""Who reads what, for which purpose: the decision, the pace, and the line written before the answer.

Values come back masked unless purpose, consent, class and role all allow more. Each reason has a
stable code. The log names purpose, actor, subject (an opaque id) and fields, never a value.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from jiedun.chain.log import Head, Log, entries
from jiedun.errors import ProofError, VaultError
from jiedun.vault.consent import Recorded, Scope, given
from jiedun.vault.register import Basis, Purpose, Register


@dataclass(frozen=True, slots=True)
class Actor:
    """A named person or system, and the role it acts in."""

    name: str
    role: str


class Grant(StrEnum):
    """How much of a value is shown."""

    CLEAR = "clear"
    MASKED = "masked"
    WITHHELD = "withheld"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Decision:
    """How much, and the code of the reason: `allowed`, `role`, `class`, `purpose`, `consent`,
    `separate_consent`, `restricted`, `absent`."""

    grant: Grant
    reason: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One field as answered: `value` is None only where the field is absent."""

    decision: Decision
    value: str | None = field(repr=False)


ABSENT = Decision(Grant.ABSENT, "absent")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a decision is made from."""

    register: Register
    purpose: Purpose
    role: str
    consents: Mapping[tuple[Scope, str], Recorded]
    restricted: bool


def decide(asked: Asked, name: str, kept_for: Iterable[str]) -> Decision:
    """How much of the field `name`, kept for the purposes `kept_for`, is shown."""
    purpose = asked.purpose
    if asked.restricted:
        return Decision(Grant.WITHHELD, "restricted")
    if name not in purpose.fields or purpose.id not in kept_for:
        return Decision(Grant.WITHHELD, "purpose")
    if purpose.basis is Basis.CONSENT and not given(asked.consents, Scope.GENERAL):
        return Decision(Grant.WITHHELD, "consent")
    if name in purpose.separate_consent and not given(asked.consents, Scope.SENSITIVE, name):
        return Decision(Grant.WITHHELD, "separate_consent")
    ceiling = purpose.roles.get(asked.role)
    if ceiling is None:
        return Decision(Grant.MASKED, "role")
    if asked.register.field(name).grade > ceiling:
        return Decision(Grant.MASKED, "class")
    return Decision(Grant.CLEAR, "allowed")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many reads and look-ups one actor has in a minute and in a day without a second person."""

    per_minute: int = 60
    per_day: int = 1000


READ = "read"
FIND = "find"
_COUNTED = frozenset({READ, FIND})
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class AccessLog:
    """The chained log of accesses, and the pace of each actor counted from it."""

    def __init__(self, log: Log, limits: Limits) -> None:
        self._log = log
        self._limits = limits
        self._reads: dict[str, deque[datetime]] = {}

    @classmethod
    def open(
        cls, path: Path, *, clock: Callable[[], datetime], limits: Limits | None = None
    ) -> "AccessLog":
        """The log, its chain checked from the first line, with the last day's reads counted."""
        log = Log.open(path, clock=clock, wait_s=10.0)
        try:
            kept = cls(log, limits or Limits())
            since = clock() - _DAY
            for entry in entries(path):
                if entry.kind in _COUNTED and entry.body is not None and entry.at > since:
                    kept._count(entry.body, entry.at)
        except BaseException:
            log.close()
            raise
        return kept

    @property
    def head(self) -> Head:
        """The end of the chain: keep it elsewhere, so that a cut log shows."""
        return self._log.head

    @property
    def path(self) -> Path:
        """Where the log lies."""
        return self._log.path

    def _count(self, body: Mapping[str, Any], at: datetime) -> None:
        if "approval" not in body:  # a second person answers for these
            self._reads.setdefault(str(body["actor"]), deque()).append(at)

    def pace(self, actor: Actor, now: datetime) -> None:
        """Nothing; VaultError where this actor has read as many subjects as it may. The clock of
        the log never runs back: a turned-back clock frees nobody."""
        last = self._log.head.at
        at = max(now, last) if last is not None else now
        seen = self._reads.get(actor.name, deque())
        while seen and seen[0] <= at - _DAY:
            seen.popleft()
        most = self._limits.per_minute
        hasty = len(seen) >= most and seen[-most] > at - _MINUTE
        if hasty or len(seen) >= self._limits.per_day:
            self._log.append("refused", {"actor": actor.name, "reason": "pace"}, now)
            raise VaultError(
                "this actor has read as many people's data as one person may",
                why="PIPL 51: access is limited to what the task needs",
                next_step="wait, or ask a second person to approve a bulk read",
            )

    def read(self, actor: Actor, body: Mapping[str, Any], now: datetime, kind: str = READ) -> None:
        """Nothing; the read, or look-up, is on the disk, and counted, before this returns."""
        last = self._log.head.at
        whole = {**body, "actor": actor.name, "role": actor.role}
        self._log.append(kind, whole, now)
        self._count(whole, now if last is None else max(now, last))

    def note(self, kind: str, actor: Actor, body: Mapping[str, Any], now: datetime) -> None:
        """Nothing; an act other than reading one subject is on the disk."""
        self._log.append(kind, {**body, "actor": actor.name, "role": actor.role}, now)

    def close(self) -> None:
        """Nothing; the log is free."""
        self._log.close()


def verify(path: Path, known: Head | None = None) -> Head:
    """The head of a whole log; ProofError where a line was changed, or where it no longer reaches
    or passes through the head `known` that was kept elsewhere."""
    head, met = Head(), known is None or known.count == 0
    for entry in entries(path):
        head = Head(entry.seq, entry.hash, entry.at)
        if known is not None and entry.seq == known.count:
            met = entry.hash == known.hash
    if not met:
        raise ProofError("the log does not hold what its kept head vouches for", where=path.name)
    return head
