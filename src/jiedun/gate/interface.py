"""What a lender asks before a contact, what the gate answers, and what is reported back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from jiedun.model.evidence import Channel
from jiedun.model.finding import Cite, Force
from jiedun.model.loan import LenderType
from jiedun.model.party import Role
from jiedun.model.text import Words


class Kind(StrEnum):
    """What kind of contact is planned; `attempt` is a dial that may become either kind of call."""

    ATTEMPT = "attempt"
    NOTIFICATION = "notification"
    INTERACTIVE = "interactive"
    MESSAGE = "message"
    VISIT = "visit"


class Status(StrEnum):
    """The answer. `no_rule_forbids` is no statement that the contact is lawful."""

    NO_RULE_FORBIDS = "no_rule_forbids"
    DELAY = "delay"
    FORBID = "forbid"


class Effect(StrEnum):
    """What a reason does to the answer."""

    FORBID = "forbid"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Override:
    """A named person who takes responsibility for a contact that a rule forbids, and why."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Request:
    """One contact about to be made.

    `at` is the planned instant (aware), `zone` the IANA zone of the contacted person. `debtor` may
    be left out when the debtor is the person contacted. `agreed_hours` is the window (from, to) of
    local time agreed with the debtor, if any. Facts that are not known are None, and forbid where a
    rule hangs on them. No field is kept in clear by the store.
    """

    id: str
    creditor: str
    debt: str
    person: str
    role: Role
    channel: Channel
    number: str
    kind: Kind
    at: datetime
    zone: str = "Asia/Shanghai"
    debtor: str | None = None
    agency: str = ""
    caller: str = ""
    lender_type: LenderType = LenderType.UNKNOWN
    agreed_hours: tuple[time, time] | None = None
    words: str | None = None
    debtor_reachable: bool | None = None
    refusal_on_file: bool | None = False
    declared: bool | None = None
    in_phonebook: bool | None = None
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that weighed on the answer, or a state of the gate that did.

    `code` is stable: a rule's id, `unknown:<rule>`, or a word of `jiedun.gate.codes`. `missing`
    names the facts that were not known.
    """

    code: str
    effect: Effect
    words: Words
    force: Force = Force.ADVISORY
    rule_version: str = ""
    cites: tuple[Cite, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reservation:
    """A contact that may be made until `expires`; it counts until its outcome is reported."""

    id: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one request, and everything it rests on.

    `counters` hold the values with this contact included; `not_before` is the earliest lawful
    moment of a `delay`. `logged` is False only where the store could not be written, and then
    the status is `forbid`. `may_proceed` is also True where a named person overrode the answer.
    """

    id: str
    request_id: str
    status: Status
    at: datetime
    local_date: date
    reasons: tuple[Reason, ...]
    counters: Mapping[str, int]
    rules_version: str
    reservation: Reservation | None = None
    not_before: datetime | None = None
    override: Override | None = None
    logged: bool = True

    @property
    def may_proceed(self) -> bool:
        """Whether the contact may be made now."""
        return self.reservation is not None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the reasons that forbid."""
        return tuple(r.code for r in self.reasons if r.effect is Effect.FORBID)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a reserved contact. `at` is the instant of the report's event (aware)."""

    reservation_id: str
    at: datetime
    connected: bool
    seconds: int | None = None
    refused_contact: bool = False
    wrong_person: bool = False
    made: bool = True
    """False when the contact was not made after all: the reservation is given back."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a report did: `repeated` when the same report was there already, `late` when the
    reservation had expired before it."""

    reservation_id: str
    repeated: bool = False
    late: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)
