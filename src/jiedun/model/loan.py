"""A loan as written, in Decimal yuan and local dates. Absent values are None, never guessed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class LenderType(StrEnum):
    """Who lent: decides which cap can apply."""

    BANK = "bank"
    CONSUMER_FINANCE = "consumer_finance"
    MICRO_LOAN = "micro_loan"
    P2P = "p2p"
    PRIVATE = "private"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Instalment:
    """One sum due."""

    no: int
    due: date
    amount: Decimal
    principal: Decimal | None = None  # the part that repays principal, where the contract says it


@dataclass(frozen=True, slots=True)
class Fee:
    """One charge besides interest; `timing` in words says whether it came off the payout."""

    name: str
    amount: Decimal
    timing: str = ""
    payee: str = ""


@dataclass(frozen=True, slots=True)
class Rollover:
    """One paid extension of the due date."""

    no: int
    paid: date
    fee: Decimal
    new_due: date


@dataclass(frozen=True, slots=True)
class Loan:
    """One loan contract; rates are fractions (0.162 = 16.2 %).

    `rate_other` and `penalty_other` are a second plausible reading of the stated rates (15 may be
    15 % or 1500 %). `cost_table` names the charges on the signed cost table; None = not known.
    """

    path: str
    lender: str
    lender_type: LenderType
    signed: date | None
    principal: Decimal | None
    disbursed: Decimal | None
    disbursed_on: date | None
    annual_rate: Decimal | None
    repayment: str = ""
    rate_note: str = ""
    instalments: tuple[Instalment, ...] = ()
    fees: tuple[Fee, ...] = ()
    rollovers: tuple[Rollover, ...] = ()
    penalty_clause: str = ""
    penalty_daily_rate: Decimal | None = None
    penalty_annual_rate: Decimal | None = None
    penalty_per_day: Decimal | None = None
    platform: str = ""
    guarantor: str = ""
    guarantee_kind: str = ""
    guarantee_period: str = ""
    repayment_account: str = ""
    rate_other: Decimal | None = None
    penalty_other: Decimal | None = None
    cost_table: tuple[str, ...] | None = None
