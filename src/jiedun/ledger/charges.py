"""Which charges came off the payout, which go to the lender, which to other companies.

`timing` is read as words; the amount really received decides where it is known.
"""

import re
from decimal import Decimal

from jiedun.ledger.names import same_lender
from jiedun.model.loan import Fee, Loan

ZERO = Decimal(0)
_NOT_DEDUCTED = re.compile(
    r"[未没]有?[^，。；,;]{0,8}扣|不[从在][^，。；,;]{0,8}扣|另付|另行支付|单独支付|自行支付"
)
_DEDUCTED = re.compile(r"扣|砍头|deduct|withh?eld|upfront from", re.IGNORECASE)
_EACH = re.compile(
    r"每[期月周]|按[期月]|各期|逐期|每个月|each|every|monthly|per instal", re.IGNORECASE
)
_WITHIN = re.compile(r"已含|已包含|含在|包含在|计入每期|包括在|included", re.IGNORECASE)
_LATER = re.compile(r"逾期|违约|提前|展期|到期后|结清", re.IGNORECASE)
INSURANCE = re.compile(r"保险|保费|insur", re.IGNORECASE)
GUARANTEE = re.compile(r"担保|保证|增信|guarant", re.IGNORECASE)


def deducted_at_payout(fee: Fee) -> bool:
    """Whether the words of `timing` say that the fee came off the payout."""
    return bool(_DEDUCTED.search(fee.timing)) and not _NOT_DEDUCTED.search(fee.timing)


def each_period(fee: Fee) -> bool:
    """Whether the fee is charged with every instalment."""
    return bool(_EACH.search(fee.timing)) and not deducted_at_payout(fee)


def inside_instalment(fee: Fee) -> bool:
    """Whether the instalments as written already hold the fee."""
    return bool(_WITHIN.search(fee.timing))


def to_lender(loan: Loan, fee: Fee) -> bool:
    """Whether the lender takes the fee itself; an unnamed payee is taken as the lender."""
    return not fee.payee or same_lender(fee.payee, loan.lender)


def contingent(fee: Fee) -> bool:
    """Whether the fee falls due only on lateness, roll-over or early repayment."""
    return bool(_LATER.search(fee.timing)) and not deducted_at_payout(fee)


def deduction(loan: Loan) -> Decimal:
    """Yuan that the paper shows and the borrower did not receive; 0 where not known."""
    if loan.principal is None or loan.disbursed is None:
        return ZERO
    return max(loan.principal - loan.disbursed, ZERO)


def _unpaid_in_advance(loan: Loan, fee: Fee) -> bool:
    return not (
        deducted_at_payout(fee) or each_period(fee) or contingent(fee) or inside_instalment(fee)
    )


def before_terms(loan: Loan, others: bool) -> Decimal:
    """Charges paid beside the payout at the start: the lender's own, with `others` everybody's."""
    fees = [f for f in loan.fees if _unpaid_in_advance(loan, f)]
    return sum((f.amount for f in fees if others or to_lender(loan, f)), ZERO)


def own_extra(loan: Loan) -> Decimal:
    """The lender's own charges on top of every instalment."""
    return _each(loan, own=True)


def charges_of_others(loan: Loan) -> Decimal:
    """Other companies' charges on top of every instalment."""
    return _each(loan, own=False)


def _each(loan: Loan, own: bool) -> Decimal:
    fees = [f for f in loan.fees if each_period(f) and not inside_instalment(f)]
    return sum((f.amount for f in fees if to_lender(loan, f) == own), ZERO)


def deducted_by_others(loan: Loan) -> tuple[Fee, ...]:
    """Fees that came off the payout and that another company is named to take."""
    return tuple(f for f in loan.fees if deducted_at_payout(f) and not to_lender(loan, f))


def insurance_only(loan: Loan) -> bool:
    """Whether the whole deduction is explained by premiums taken by an insurer."""
    premiums = [f for f in deducted_by_others(loan) if INSURANCE.search(f.name + f.payee)]
    gone = sum((f.amount for f in premiums), ZERO)
    return bool(premiums) and gone >= deduction(loan)


def guarantee_on_original(loan: Loan) -> bool:
    """Whether a guarantee charge of a fixed sum recurs in every period."""
    fees = [f for f in loan.fees if GUARANTEE.search(f.name + f.payee)]
    return any(each_period(f) for f in fees) and len(loan.instalments) > 1
