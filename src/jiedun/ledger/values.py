"""What the ledger answers with: rates, caps, answers, lines; all frozen, money in Decimal yuan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from jiedun.model.evidence import ItemRef, Payment
from jiedun.model.finding import Cite
from jiedun.model.loan import LenderType, Loan
from jiedun.model.text import Words

FactValue = bool | int | Decimal | str | date | None


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate as a fraction, or None with the reason why there is none."""

    value: Decimal | None
    why_not: Words | None = None


@dataclass(frozen=True, slots=True)
class RateVariant:
    """The cost under another assumption, such as a fee to another company being a condition."""

    id: str
    assumption: Words
    monthly_irr: Rate
    annual_nominal: Rate


@dataclass(frozen=True, slots=True)
class CostOfCredit:
    """What the credit costs a year, on the money received; fractions, six decimals.

    `annual_nominal` is periods a year x periodic IRR; for one single repayment it is the simple
    rate charge / received / days x 365. `pboc_*` are the presentations of PBOC notice 2021 no. 3.
    `regz_apr` is the US nominal rate (Reg Z Appendix J), `eu_apr` the EU effective one with days / 365.
    """

    monthly_irr: Rate
    periodic_irr: Rate
    annual_nominal: Rate
    annual_effective: Rate
    xirr_365: Rate
    pboc_compound: Rate
    pboc_simple: Rate
    regz_apr: Rate
    eu_apr: Rate
    periods_per_year: Decimal | None = None
    stated_annual: Decimal | None = None
    instalment: Decimal | None = None
    total_repay: Decimal | None = None
    total_interest: Decimal | None = None
    penalty_annual: Decimal | None = None
    first_term_days: int | None = None
    first_term_charge: Decimal | None = None
    first_term_simple_annual: Decimal | None = None
    rollover_simple_annual: Decimal | None = None
    variants: tuple[RateVariant, ...] = ()


@dataclass(frozen=True, slots=True)
class Cap:
    """One limit as it binds this loan: `rate` a fraction a year, or None when not computable."""

    id: str
    label: Words
    rate: Decimal | None
    basis: Words
    applies: bool
    on_request: bool
    claims: tuple[str, ...]
    since: date
    until: date | None
    cites: tuple[Cite, ...]
    verified: bool
    upper: Decimal | None = None
    why_not: Words | None = None


class Line(NamedTuple):
    """One line of a running balance, in fen-exact yuan; every column adds up from line to line.

    `interest` is what accrued since the line before. A payment is split without remainder into
    `to_costs`, `to_interest`, `to_principal` and `beyond` (paid beyond the debt).
    """

    on: date
    what: Words
    days: int
    rate: Decimal
    payment: Decimal
    interest: Decimal
    to_costs: Decimal
    to_interest: Decimal
    to_principal: Decimal
    beyond: Decimal
    principal: Decimal
    unpaid_interest: Decimal
    overpaid: Decimal
    ref: ItemRef | None = None
    cites: tuple[Cite, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """The running balance under one assumption."""

    id: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is owed under one assumption, in yuan to the fen.

    `total` = principal + interest + fees + penalty still owed; `overpaid` what was paid beyond the
    debt; `recoverable` the part of it that can be asked back; `interest_total` all interest that
    this assumption allows up to the day. `more` holds figures of one answer only (`as_written`).
    """

    id: str
    assumption: Words
    formula: Words
    principal: Decimal
    interest: Decimal
    fees: Decimal
    penalty: Decimal
    paid: Decimal
    total: Decimal
    overpaid: Decimal
    cites: tuple[Cite, ...] = ()
    annual_rate: Decimal | None = None
    interest_total: Decimal | None = None
    cleared_on: date | None = None
    recoverable: Decimal = Decimal(0)
    contrast_only: bool = False
    more: Mapping[str, Decimal | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counted:
    """A payment credited to this loan; `private` = it went to a collector's own account."""

    payment: Payment
    why: Words
    private: bool = False


@dataclass(frozen=True, slots=True)
class NotCounted:
    """A payment not credited; `unclear` = shown in a variant, because it might belong here."""

    payment: Payment
    code: str
    why: Words
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the balance over time: yuan owed on that day in a series."""

    series: str
    on: date
    owed: Decimal


@dataclass(frozen=True, slots=True)
class Flow:
    """Where part of the money paid went, in yuan."""

    id: str
    label: Words
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ChartData:
    """Data for two pictures: balance as written against as lawful; where each yuan went."""

    balance: tuple[Point, ...] = ()
    went: tuple[Flow, ...] = ()


@dataclass(frozen=True, slots=True)
class Refund:
    """What can be asked back, and on what ground."""

    amount: Decimal
    basis: Words
    answer: str


@dataclass(frozen=True, slots=True)
class LoanResult:
    """Everything the ledger says about one loan.

    `main` is the id of the answer to show first, None where the lender's kind is unknown.
    """

    loan: Loan
    as_of: date
    filed: date | None
    lender_type: LenderType
    rate: CostOfCredit
    caps: tuple[Cap, ...]
    owed: tuple[Answer, ...]
    ledgers: tuple[Ledger, ...]
    facts: Mapping[str, FactValue]
    counted: tuple[Counted, ...]
    not_counted: tuple[NotCounted, ...]
    charts: ChartData
    questions: tuple[Words, ...]
    main: str | None = None
    refund: Refund | None = None

    def ledger(self, ident: str | None) -> Ledger | None:
        """The running balance behind an answer; overdue interest rests on the contract's balance."""
        name = (ident or "").replace("contract_with_penalty", "contract", 1)
        return next((x for x in self.ledgers if x.id == name), None)

    def answer(self, ident: str) -> Answer | None:
        """The answer with this id, or None."""
        return next((a for a in self.owed if a.id == ident), None)
