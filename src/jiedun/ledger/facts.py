"""The facts of one loan for the loan rule pack; None = not known, so that a rule says UNKNOWN."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jiedun.ledger.as_written import letter
from jiedun.ledger.caps import LICENSED, PRIVATE, Formation, Setting, lpr_on, rule
from jiedun.ledger.charges import (
    deducted_by_others,
    deduction,
    guarantee_on_original,
    insurance_only,
    to_lender,
)
from jiedun.ledger.payees import Sorted
from jiedun.ledger.sources import Law
from jiedun.ledger.sums import rollover_ceiling
from jiedun.ledger.values import Cap, CostOfCredit, FactValue
from jiedun.model.loan import LenderType, Loan
from jiedun.model.money import to_fen
from jiedun.model.text import Words

PENALTY_BOUND = (LenderType.BANK, LenderType.CONSUMER_FINANCE)
TABLE_FROM = date(2026, 8, 1)
CRIMINAL_LINE = Decimal("0.36")


@dataclass(frozen=True, slots=True)
class Given:
    """What the facts are drawn from."""

    loan: Loan
    law: Law
    cost: CostOfCredit
    setting: Setting
    formed: Formation
    caps: tuple[Cap, ...]
    payments: Sorted
    loans_of_lender: int | None = None


def pct(rate: Decimal | None) -> Decimal | None:
    """A fraction as a percentage with two decimals."""
    return None if rate is None else to_fen(rate * 100)


def binding_cap(given: Given) -> Cap | None:
    """The limit on the whole cost that binds this lender and contract, or None."""
    order = (
        "private_4lpr",
        "private_4lpr_2020",
        "private_24_36_2015",
        "financial_24",
        "micro_24_2025",
    )
    by_id = {cap.id: cap for cap in given.caps if cap.applies}
    return next((by_id[ident] for ident in order if ident in by_id), None)


def facts_of(given: Given) -> dict[str, FactValue]:
    """The facts by name:

    | fact | type | meaning |
    |---|---|---|
    | lender_type | str | bank, consumer_finance, micro_loan, p2p, private, unknown |
    | creditor | str | the lender's name |
    | signed, principal, disbursed | date, Decimal | as written (yuan) |
    | annual_nominal, penalty_annual, cap | Decimal | the same as the percentages below, as fractions |
    | signed_on, disbursed_on, formed_on | date | days; formed_on as Civil Code 679 or signing |
    | assisted_lending | bool | a platform other than the lender is named |
    | formed_natural | bool | between natural persons: formed when the money came |
    | formed_on_publication_day | bool | formed on a day an LPR was published: to be checked |
    | face, received, deducted, lawful_principal | Decimal | yuan |
    | deducted_to_others | Decimal | yuan of the deduction that other companies are named to take |
    | interest_in_advance | bool | received less than the face; None where an insurer took it all |
    | nominal_rate_pct, rate_pct | Decimal | periods x IRR, or simple rate of a single repayment |
    | effective_rate_pct, xirr_pct | Decimal | percent; None where meaningless |
    | stated_rate_pct, contract_rate_pct | Decimal | the rate the lender states |
    | overdue_pct, penalty_annual_pct | Decimal | the late charge a year |
    | rollover_rate_pct | Decimal | simple annual rate of the first roll-over fee |
    | cap_pct, cap_basis, cap_id | Decimal, str | the limit on the whole cost |
    | cap_pct_if_signing_date_used | Decimal | where the other day gives another cap |
    | cap_verified | bool | whether the text of the cap was compared with a source |
    | rate_over_cap | bool | nominal rate above cap_pct (both to two decimals) |
    | stated_within_cap | bool | the stated rate is within the cap |
    | overdue_over_cap | bool | the late charge alone is above cap_pct |
    | over_24 | bool | nominal rate above 24 % (licensed lenders only) |
    | over_micro_guideline | bool | micro-lender's new loan above the guideline's 24 % |
    | over_36 | bool | nominal rate above 36 % (unlicensed lenders only) |
    | penalty_rule_applies | bool | whether the 1.5 x rule binds this lender |
    | penalty_limit_pct | Decimal | 1.5 x the stated rate, where the rule applies |
    | penalty_over_limit | bool | late charge above the limit; False where the rule does not apply |
    | rollovers | int | paid extensions |
    | compound_over_limit | bool | private: asked by the letter is above article 27's ceiling |
    | cost_table_required | bool | a personal loan of a licensed lender from 2026-08-01 |
    | fee_outside_table | bool | a charge is not on the cost table; None where the table is unknown |
    | undisclosed_fees | Decimal | yuan of those charges |
    | guarantee_on_original | bool | a guarantee charge of a fixed sum recurs with every instalment |
    | third_party_fees | Decimal | yuan of charges other companies take |
    | private_transfers, private_transfer_yuan | int, Decimal | payments to collectors' own accounts |
    | payments_counted, total_paid | int, Decimal | payments of this loan |
    | loans_of_lender | int | loans of this lender in the case, None when not told |
    | filed_on, as_of | date | |
    """
    facts: dict[str, FactValue] = {}
    for part in (
        _days,
        _money,
        _rates,
        _cap_facts,
        _penalty,
        _rollover,
        _fee_facts,
        _payment_facts,
    ):
        facts.update(part(given))
    return facts


def _days(given: Given) -> Mapping[str, FactValue]:
    formed = given.formed.on
    found = lpr_on(given.law, formed).lpr if formed else None
    private = given.setting.lender in PRIVATE
    return {
        "creditor": given.loan.lender or None,
        "lender_type": given.setting.lender.value,
        "signed": given.loan.signed,
        "signed_on": given.loan.signed,
        "disbursed_on": given.loan.disbursed_on,
        "formed_on": formed,
        "formed_natural": given.formed.natural,
        "assisted_lending": given.setting.assisted,
        "formed_on_publication_day": found.on_publication_day if found and private else False,
        "filed_on": given.setting.filed,
        "as_of": given.setting.as_of,
    }


def _in_advance(loan: Loan) -> bool | None:
    if loan.principal is None or loan.disbursed is None:
        return None
    if not deduction(loan):
        return False
    return None if insurance_only(loan) else True


def _money(given: Given) -> Mapping[str, FactValue]:
    loan = given.loan
    received = loan.disbursed if loan.disbursed is not None else loan.principal
    return {
        "principal": loan.principal,
        "disbursed": loan.disbursed,
        "face": loan.principal,
        "received": received,
        "deducted": deduction(loan) if loan.principal is not None else None,
        "deducted_to_others": sum((f.amount for f in deducted_by_others(loan)), Decimal(0)),
        "lawful_principal": received,
        "interest_in_advance": _in_advance(loan),
    }


def _rates(given: Given) -> Mapping[str, FactValue]:
    cost = given.cost
    stated = pct(given.loan.annual_rate)
    late = pct(cost.penalty_annual)
    return {
        "annual_nominal": cost.annual_nominal.value,
        "penalty_annual": cost.penalty_annual,
        "rate_pct": pct(cost.annual_nominal.value),
        "nominal_rate_pct": pct(cost.annual_nominal.value),
        "effective_rate_pct": pct(cost.annual_effective.value),
        "xirr_pct": pct(cost.xirr_365.value),
        "stated_rate_pct": stated,
        "contract_rate_pct": stated,
        "overdue_pct": late,
        "penalty_annual_pct": late,
        "rollover_rate_pct": pct(cost.rollover_simple_annual),
    }


def _other_cap(given: Given) -> Decimal | None:
    other = given.formed.other
    if other is None or given.setting.lender not in PRIVATE:
        return None
    found = pct(lpr_on(given.law, other).four_times)
    cap = binding_cap(given)
    return None if cap is None or found == pct(cap.rate) else found


def cap_basis(given: Given) -> Words | None:
    """In words why the cap is what it is, or None where no cap is known."""
    cap = binding_cap(given)
    if cap is None:
        return None
    formed = given.formed.on
    if cap.id.startswith("private_4lpr") and formed:
        found = lpr_on(given.law, formed)
        if found.lpr is None:
            return found.why_not
        when = (
            ("自然人出借，合同自交付时成立", "between natural persons")
            if given.formed.natural
            else ("合同成立", "formed")
        )
        return Words(
            f"{when[0]}（{formed}），当时一年期LPR {found.lpr.one_year}%（{found.lpr.published}公布）×4",
            f"{when[1]} ({formed}), one-year LPR {found.lpr.one_year} % of {found.lpr.published}, x 4",
        )
    return cap.label


def _over(rate: Decimal | None, cap: Decimal | None) -> bool | None:
    return None if rate is None or cap is None else rate > cap


def _cap_facts(given: Given) -> Mapping[str, FactValue]:
    cap, cost = binding_cap(given), given.cost
    lender = given.setting.lender
    limit = pct(cap.rate) if cap else None
    nominal, basis = pct(cost.annual_nominal.value), cap_basis(given)
    licensed, private = lender in LICENSED, lender in PRIVATE
    micro = next((c for c in given.caps if c.id == "micro_24_2025" and c.applies), None)
    unknown = lender is LenderType.UNKNOWN
    return {
        "cap": cap.rate if cap else None,
        "cap_pct": limit,
        "cap_id": cap.id if cap else None,
        "cap_basis": basis.zh if basis else None,
        "cap_verified": cap.verified if cap else None,
        "cap_pct_if_signing_date_used": _other_cap(given),
        "rate_over_cap": _over(nominal, limit),
        "stated_within_cap": _within(given, limit),
        "overdue_over_cap": _over(pct(cost.penalty_annual), limit),
        "over_24": _over(nominal, Decimal(24)) if licensed else (None if unknown else False),
        "over_micro_guideline": _over(nominal, pct(micro.rate))
        if micro
        else (None if unknown else False),
        "over_36": _over(nominal, CRIMINAL_LINE * 100) if private else (None if unknown else False),
    }


def _within(given: Given, limit: Decimal | None) -> bool | None:
    stated = pct(given.loan.annual_rate)
    return None if stated is None or limit is None else stated <= limit


def _penalty(given: Given) -> Mapping[str, FactValue]:
    """The limit of PBOC notice 251/2003: contract rate x 1.5, for the institutions it binds."""
    lender, stated = given.setting.lender, given.loan.annual_rate
    applies = None if lender is LenderType.UNKNOWN else lender in PENALTY_BOUND
    high = rule("penalty_1_3_1_5").number("high") or Decimal("1.5")
    limit = stated * high if applies and stated is not None else None
    late = given.cost.penalty_annual
    over: bool | None = False
    if applies is None or (applies and late is not None and limit is None):
        over = None if late is not None else False
    elif limit is not None and late is not None:
        over = late > limit
    return {
        "penalty_rule_applies": applies,
        "penalty_limit_pct": pct(limit),
        "penalty_over_limit": over,
    }


def _rollover(given: Given) -> Mapping[str, FactValue]:
    loan = given.loan
    over: bool | None = False
    if loan.rollovers and given.setting.lender in PRIVATE:
        over = _compound_over(given)
    elif loan.rollovers and given.setting.lender is LenderType.UNKNOWN:
        over = None
    return {"rollovers": len(loan.rollovers), "compound_over_limit": over}


def _compound_over(given: Given) -> bool | None:
    cap = binding_cap(given)
    start = given.loan.disbursed_on or given.loan.signed
    received = given.loan.disbursed if given.loan.disbursed is not None else given.loan.principal
    if cap is None or cap.rate is None or start is None or received is None:
        return None
    term = (max(r.new_due for r in given.loan.rollovers) - start).days
    asked = letter(given.loan, given.payments.counted, max(r.new_due for r in given.loan.rollovers))
    fees = sum((r.fee for r in given.loan.rollovers), Decimal(0))
    return asked.face + fees > rollover_ceiling(received, cap.rate, term)


def _fee_facts(given: Given) -> Mapping[str, FactValue]:
    loan, formed = given.loan, given.formed.on
    required = formed is not None and formed >= TABLE_FROM and given.setting.lender in LICENSED
    outside: bool | None = False
    hidden = Decimal(0)
    if required and loan.fees:
        outside = None
        if loan.cost_table is not None:
            missing = [
                f for f in loan.fees if not any(f.name and f.name in t for t in loan.cost_table)
            ]
            outside, hidden = bool(missing), sum((f.amount for f in missing), Decimal(0))
    others = [f.amount for f in loan.fees if not to_lender(loan, f)]
    return {
        "cost_table_required": required,
        "fee_outside_table": outside,
        "undisclosed_fees": hidden if outside is not None else None,
        "guarantee_on_original": guarantee_on_original(loan),
        "third_party_fees": sum(others, Decimal(0)),
    }


def _payment_facts(given: Given) -> Mapping[str, FactValue]:
    counted = given.payments.counted
    private = [c.payment.amount for c in counted if c.private]
    return {
        "loans_of_lender": given.loans_of_lender,
        "payments_counted": len(counted),
        "total_paid": sum((c.payment.amount for c in counted), Decimal(0)),
        "private_transfers": len(private),
        "private_transfer_yuan": sum(private, Decimal(0)),
    }
