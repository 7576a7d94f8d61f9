"""What a plan is made from, and what it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from jiedun.law import Channel
from jiedun.model.finding import Cite, Finding
from jiedun.model.loan import LenderType
from jiedun.model.text import Words

SITUATIONS = ("collection", "impersonated", "exposed-card", "closed-platform")


@dataclass(frozen=True, slots=True)
class Filed:
    """One complaint, report or suit handed in: where, when, its number, what came back."""

    channel: str
    on: date
    number: str = ""
    accepted: date | None = None
    answered: date | None = None
    answer: str = ""
    creditor: str | None = None


@dataclass(frozen=True, slots=True)
class CourtPaper:
    """A paper of a court that the person received; `kind` is payment_order or complaint_copy."""

    kind: str
    received: date


@dataclass(frozen=True, slots=True)
class Limit:
    """Limitation of one loan as the ledger sees it: `until` its last computed day, `since` its start."""

    creditor: str
    since: date
    until: date
    cite: Cite | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """The case as the plan sees it.

    `lender_types` maps a creditor's side to its type; `have` names the kinds of evidence held
    (ids of `data/needs.yaml`); `kind` is one of `SITUATIONS`.
    """

    as_of: date
    findings: tuple[Finding, ...] = ()
    lender_types: Mapping[str, LenderType] = field(default_factory=dict)
    filed: tuple[Filed, ...] = ()
    court_papers: tuple[CourtPaper, ...] = ()
    have: frozenset[str] = frozenset()
    kind: str = "collection"
    limits: tuple[Limit, ...] = ()

    @property
    def barred(self) -> bool:
        """Whether limitation of some loan has or may have run: a promise could revive it."""
        return any(limit.until < self.as_of for limit in self.limits)


@dataclass(frozen=True, slots=True)
class Need:
    """One kind of evidence that an office asks for, and whether the folder holds it."""

    id: str
    ask: Words
    have: bool


@dataclass(frozen=True, slots=True)
class Due:
    """One date to keep: `on` is a local date; `to_confirm` = to be confirmed with the office.

    `mine` tells whose date it is: the person's own, or the day by which an office must act.
    """

    id: str
    what: Words
    on: date
    counted_from: date
    mine: bool
    basis: Words
    to_confirm: bool
    cite: Cite | None = None
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One thing to do; `because` names the findings' titles that call for it."""

    id: str
    title: Words
    detail: Words
    urgent: bool = False
    clock: Words | None = None
    channel: Channel | None = None
    because: tuple[Words, ...] = ()
    letters: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a channel fits one creditor's case: True, False, or None = depends on what is open."""

    channel: Channel
    creditor: str | None
    fits: bool | None
    why: Words
    violations: tuple[Words, ...] = ()
    needs: tuple[Need, ...] = ()
    letters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caution:
    """What never to say, whom never to pay, what never to do; `cite` where a clause says why."""

    id: str
    kind: str
    text: Words
    why: Words
    cite: Cite | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of one case."""

    as_of: date
    kind: str
    steps: tuple[PlanStep, ...]
    dues: tuple[Due, ...]
    fits: tuple[Fit, ...]
    cautions: tuple[Caution, ...]
    filed: tuple[Filed, ...] = ()
