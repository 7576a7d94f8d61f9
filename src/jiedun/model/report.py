"""Everything a report shows, worked out already: `present` lays it out and decides nothing.

Times are aware, dates are Asia/Shanghai, money is Decimal yuan, rates are fractions. Evidence
text (`TimelineRow.text`, names, paths) is as read; escaping is the business of `present`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from jiedun.model.evidence import Channel, Direction, FileEntry, ItemRef, Outcome, Problem
from jiedun.model.finding import Cite, Finding
from jiedun.model.party import Role, Source
from jiedun.model.text import Words


class Reached(StrEnum):
    """Whom a creditor's side approached with a contact that it placed itself."""

    NOBODY = "nobody"  # not placed by a creditor's side: own calls, friends, unknown numbers
    DEBTOR = "debtor"
    GUARANTOR = "guarantor"
    THIRD = "third"


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One contact or event. `who` is the other party, `phone` whose phone or word it stands on.

    `creditor` is the side the other number belongs to; `reached` is NOBODY unless that side placed
    the contact. `marks` are (start, end) offsets of the deciding words in `text`, end exclusive.
    `day_only`: only the day of `at` is known, its clock is not shown.
    """

    ref: ItemRef
    at: datetime
    channel: Channel
    direction: Direction
    outcome: Outcome
    who: Words
    phone: Words
    number: str = ""
    creditor: str | None = None
    text: str = ""
    duration_s: int | None = None
    reached: Reached = Reached.NOBODY
    marks: tuple[tuple[int, int], ...] = ()
    day_only: bool = False


@dataclass(frozen=True, slots=True)
class ReportParty:
    """One number: its role, where the role comes from, whose side it is on, what proves it."""

    number: str
    role: Role
    source: Source
    name: str = ""
    creditor: str | None = None
    line: int | None = None
    proof: Words | None = None
    contacts: int = 0


@dataclass(frozen=True, slots=True)
class RateFigure:
    """One rate of a loan as a fraction a year, or None where it cannot be worked out.

    `cap` marks a lawful limit, drawn apart from the rates that are measured against it.
    """

    id: str
    label: Words
    value: Decimal | None
    note: Words | None = None
    cap: bool = False
    cites: tuple[Cite, ...] = ()


@dataclass(frozen=True, slots=True)
class OwedAnswer:
    """What is owed under one assumption; None where a part does not apply or is not computed.

    `contrast` marks the contract's own arithmetic, shown to compare with and never as a debt.
    """

    id: str
    assumption: Words
    principal: Decimal | None = None
    interest: Decimal | None = None
    fees: Decimal | None = None
    penalty: Decimal | None = None
    paid: Decimal | None = None
    total: Decimal | None = None
    overpaid: Decimal | None = None
    formula: Words | None = None
    cites: tuple[Cite, ...] = ()
    contrast: bool = False


@dataclass(frozen=True, slots=True)
class BalancePoint:
    """The balance in yuan at the end of a local date; negative when overpaid."""

    on: date
    balance: Decimal


@dataclass(frozen=True, slots=True)
class BalanceSeries:
    """Balance over time under one assumption; `lawful` is False for the contract's letter."""

    id: str
    label: Words
    lawful: bool
    points: tuple[BalancePoint, ...]


@dataclass(frozen=True, slots=True)
class FlowPart:
    """Yuan that went to one purpose: `principal`, `interest`, `fees`, `penalty`, `overpaid`…"""

    id: str
    label: Words
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Flow:
    """Where the yuan paid went, counted one way (as the lender books it, as the law books it)."""

    id: str
    label: Words
    parts: tuple[FlowPart, ...]


@dataclass(frozen=True, slots=True)
class LoanReport:
    """One loan: rates, answers in the order to show them, charts' data, remarks."""

    title: Words
    path: str
    answers: tuple[OwedAnswer, ...] = ()
    rates: tuple[RateFigure, ...] = ()
    balances: tuple[BalanceSeries, ...] = ()
    flows: tuple[Flow, ...] = ()
    notes: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do next; `due` is a local date, `channel` where it is done."""

    title: Words
    detail: Words
    urgent: bool = False
    due: date | None = None
    channel: Words | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What would settle a doubt; `line` is the row to add to parties.csv, if that is the way."""

    ask: Words
    line: str | None = None
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One case as reported on. `loans` is None where sums were not computed yet.

    `generated_at` is aware; `as_of` is the local day the case is looked at; `saved_as` is where
    the HTML report lies, for the summary on the screen.
    """

    case: str
    as_of: date
    generated_at: datetime
    version: str
    files: tuple[FileEntry, ...] = ()
    problems: tuple[Problem, ...] = ()
    parties: tuple[ReportParty, ...] = ()
    timeline: tuple[TimelineRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    loans: tuple[LoanReport, ...] | None = None
    steps: tuple[Step, ...] = ()
    questions: tuple[Question, ...] = ()
    notices: tuple[Words, ...] = ()
    saved_as: str = ""
