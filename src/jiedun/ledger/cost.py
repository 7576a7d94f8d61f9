"""The cost of credit of one loan, on the money received and every charge.

Periodic IRR, nominal (periods a year x IRR) and effective annual rate, XIRR actual/365, the two
presentations of PBOC notice 2021 no. 3 (compound and simple), US Reg Z Appendix J and EU CCD.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from jiedun.ledger import solve
from jiedun.ledger.charges import before_terms, charges_of_others, own_extra
from jiedun.ledger.values import CostOfCredit, Rate, RateVariant
from jiedun.model.loan import Loan
from jiedun.model.text import Words

SIX = Decimal("0.000001")
SHORT_DAYS = 31  # up to here, compounding to a year says nothing
_UNITS = ((7, 1, 52), (14, 1, 26), (15, 1, 24), (30.4, 3, 12), (91, 4, 4), (182, 6, 2), (365, 8, 1))

NOT_GIVEN = Words(
    "缺少到账金额、到账日或还款计划，算不出", "amount received, its date or the schedule is missing"
)
DUE_FIRST = Words(
    "有还款日不晚于放款日，算不出利率，请核对日期",
    "a sum is due on or before the day of payout: no rate; check the dates",
)
NOTHING_LEFT = Words(
    "扣掉放款时的费用后没有到手的钱，算不出利率",
    "nothing is left of the payout after its charges: no rate",
)
NOT_MONTHLY = Words("不是按月还款，没有月利率", "not repaid monthly: no monthly rate")
TOO_SHORT = Words(
    "期限一个月以内的短期借款，折成年复利没有意义",
    "a loan of a month or less: compounding it to a year is meaningless",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Flows of a loan as written: money received on a day, then sums due. Yuan, Decimal."""

    start: date
    received: Decimal
    due: tuple[tuple[date, Decimal], ...]

    @property
    def flows(self) -> list[tuple[date, float]]:
        """Signed flows for a root finder; the borrower receives the first."""
        return [(self.start, float(self.received)), *((d, -float(a)) for d, a in self.due)]


def plan_of(loan: Loan, others: bool = False) -> Plan | None:
    """The flows as written, or None when a needed figure is missing or makes no loan.

    With `others`, charges that go to other companies count as conditions of the loan.
    """
    found = _plan(loan, others)
    return found if isinstance(found, Plan) else None


def _plan(loan: Loan, others: bool = False) -> Plan | Words:
    """The flows as written, or the reason why there are none."""
    start = loan.disbursed_on or loan.signed
    received = loan.disbursed if loan.disbursed is not None else loan.principal
    upfront = before_terms(loan, others)
    extra = own_extra(loan) + (charges_of_others(loan) if others else Decimal(0))
    due = _by_day(loan, extra)
    if start is None or received is None or not due:
        return NOT_GIVEN
    if due[0][0] <= start:
        return DUE_FIRST
    if received <= upfront:
        return NOTHING_LEFT
    return Plan(start, received - upfront, due)


def _by_day(loan: Loan, extra: Decimal) -> tuple[tuple[date, Decimal], ...]:
    """Sums due by day, in order; rows of one day are one payment, so a charge comes once a day.

    Days of nothing before the first and after the last sum are left out.
    """
    sums: dict[date, Decimal] = {}
    for one in sorted(loan.instalments, key=lambda i: i.due):
        sums[one.due] = sums.get(one.due, extra) + one.amount
    days = list(sums.items())
    while days and not days[-1][1]:
        days.pop()
    return tuple(itertools.dropwhile(lambda day: not day[1], days))


def unit_of(plan: Plan) -> Decimal | None:
    """Unit periods a year of a regular schedule, or None when it is irregular or single.

    A first term longer than all periods together makes the schedule irregular: the gap between
    its last instalments is then no rhythm of the loan.
    """
    days = [d for d, _ in plan.due]
    gaps = [(b - a).days for a, b in itertools.pairwise(days)]
    if not gaps or (days[0] - plan.start).days > len(days) * max(gaps):
        return None
    for length, slack, a_year in _UNITS:
        if all(abs(gap - length) <= slack for gap in gaps):
            return Decimal(a_year)
    return Decimal(365) / gaps[0] if len(set(gaps)) == 1 else None


def _rate(value: float | None, why: Words | None = None) -> Rate:
    if value is None:
        return Rate(None, why)
    if value > solve.GREATEST:
        return Rate(None, solve.TOO_GREAT)
    return Rate(Decimal(value).quantize(SIX, ROUND_HALF_UP))


def _unit_times(plan: Plan, a_year: Decimal) -> list[tuple[int, float]]:
    """Whole unit periods and fraction from the advance to each due day (Appendix J(b)(5))."""
    length = 365 / float(a_year)
    first = (plan.due[0][0] - plan.start).days / length
    if abs(first - 1) * length <= 3:
        return [(k, 0.0) for k in range(1, len(plan.due) + 1)]
    whole, part = divmod(first, 1)
    return [(int(whole) + k, part) for k in range(len(plan.due))]


def _periodic(plan: Plan, a_year: Decimal) -> solve.Root:
    amounts = [-float(a) for _, a in plan.due]
    times = _unit_times(plan, a_year)
    if times[0] == (1, 0.0):
        return solve.irr([float(plan.received), *amounts])
    flows = [(0, 0.0, float(plan.received))]
    return solve.unit_period(flows + [(t, f, a) for (t, f), a in zip(times, amounts, strict=True)])


def growth_of(loan: Loan) -> dict[date, Decimal] | None:
    """The factor by which principal grows up to each due day of a regular schedule, or None.

    From the schedule's own periodic rate, unrounded; the first term by its whole length.
    """
    plan = plan_of(loan)
    a_year = unit_of(plan) if plan else None
    if plan is None or a_year is None or _losing(plan):
        return None
    value = _periodic(plan, a_year).value
    if value is None:
        return None
    rate = Decimal(repr(value))
    whole, part = _unit_times(plan, a_year)[0]
    first = (1 + rate) ** whole * (1 + Decimal(repr(part)) * rate)
    return {on: 1 + rate if n else first for n, (on, _) in enumerate(plan.due)}


def _single(plan: Plan) -> tuple[int, Decimal, Decimal]:
    """Days, charge and simple annual rate of a loan repaid once (or of its first term)."""
    on, amount = plan.due[0]
    days = (on - plan.start).days
    charge = amount - plan.received
    rate = charge / plan.received / days * 365
    return days, charge, rate.quantize(SIX, ROUND_HALF_UP)


def _losing(plan: Plan) -> bool:
    return sum((a for _, a in plan.due), Decimal(0)) < plan.received


@dataclass(frozen=True, slots=True)
class _Core:
    periodic: Rate
    nominal: Rate
    effective: Rate
    xirr: Rate
    a_year: Decimal | None


def _core_single(plan: Plan) -> _Core:
    days, _, simple = _single(plan)
    if days <= SHORT_DAYS:
        none = Rate(None, TOO_SHORT)
        return _Core(Rate(None, TOO_SHORT), Rate(simple), none, none, None)
    found = solve.xirr(plan.flows)
    year = _rate(found.value, found.why_not)
    return _Core(Rate(None, NOT_MONTHLY), Rate(simple), year, year, None)


def _core(plan: Plan) -> _Core:
    if _losing(plan):
        none = Rate(None, solve.TOTAL_LOSS)
        return _Core(none, none, none, none, None)
    if len(plan.due) == 1:
        return _core_single(plan)
    core = _core_many(plan)
    if (plan.due[-1][0] - plan.start).days > SHORT_DAYS:
        return core
    none = Rate(None, TOO_SHORT)
    return replace(core, effective=none, xirr=none)


def _core_many(plan: Plan) -> _Core:
    found = solve.xirr(plan.flows)
    year = _rate(found.value, found.why_not)
    a_year = unit_of(plan)
    if a_year is None:
        return _irregular(found, year)
    root = _periodic(plan, a_year)
    if root.value is None:
        none = Rate(None, root.why_not)
        return _Core(none, none, none, year, a_year)
    per = float(a_year)
    effective = _compounded(root.value, per)
    return _Core(_rate(root.value), _rate(root.value * per), _rate(effective), year, a_year)


def _compounded(rate: float, periods: float) -> float:
    """`rate` a period over a year of `periods`; infinite where a float cannot hold it."""
    try:
        return math.expm1(periods * math.log1p(rate))
    except OverflowError:
        return math.inf


def _irregular(found: solve.Root, year: Rate) -> _Core:
    """An uneven schedule: the month of 365/12 days is the unit, derived from the dated flows."""
    if found.value is None:
        none = Rate(None, found.why_not)
        return _Core(none, none, none, none, None)
    monthly = (1 + found.value) ** (1 / 12) - 1
    return _Core(_rate(monthly), _rate(monthly * 12), year, year, Decimal(12))


def _pboc_simple(plan: Plan) -> Rate:
    """Charges / (average principal in use x years): the simple presentation, straight-line use."""
    total = sum((a for _, a in plan.due), Decimal(0))
    days, use = plan.start, Decimal(0)
    left = plan.received
    for on, amount in plan.due:
        use += left * (on - days).days
        left -= amount * plan.received / total
        days = on
    rate = (total - plan.received) * 365 / use
    return Rate(rate.quantize(SIX, ROUND_HALF_UP))


def _variant(loan: Loan) -> tuple[RateVariant, ...]:
    plan = plan_of(loan, others=True)
    if plan is None or plan == plan_of(loan):
        return ()
    core = _core(plan)
    words = Words(
        "若证明付给其他公司的费用是放款条件，则一并计入成本",
        "if charges paid to other companies are proved to be conditions of the loan, counted in",
    )
    return (RateVariant("with_third_party_fees", words, _monthly(core), core.nominal),)


def _monthly(core: _Core) -> Rate:
    if core.periodic.value is None or core.a_year == 12:
        return core.periodic
    return Rate(None, NOT_MONTHLY)


def _empty(loan: Loan, why: Words) -> CostOfCredit:
    none = Rate(None, why)
    return CostOfCredit(none, none, none, none, none, none, none, none, none,
                        stated_annual=loan.annual_rate, penalty_annual=penalty_annual(loan))  # fmt: skip


def penalty_annual(loan: Loan) -> Decimal | None:
    """The late charge as a fraction a year of the sum on paper, or None when none is stated."""
    if loan.penalty_annual_rate is not None:
        return loan.penalty_annual_rate
    if loan.penalty_daily_rate is not None:
        return loan.penalty_daily_rate * 365
    if loan.penalty_per_day is not None and loan.principal:
        return (loan.penalty_per_day * 365 / loan.principal).quantize(SIX, ROUND_HALF_UP)
    return None


def _rollover(loan: Loan, received: Decimal) -> Decimal | None:
    """The dearest roll-over fee as a simple annual rate on the money received."""
    rates = []
    due = loan.instalments[-1].due if loan.instalments else None
    for step in sorted(loan.rollovers, key=lambda r: r.no):
        days = (step.new_due - due).days if due else 0
        if days > 0 and received > 0:
            rates.append((step.no, step.fee / received / days * 365))
        due = step.new_due
    return rates[0][1].quantize(SIX, ROUND_HALF_UP) if rates else None


def cost_of(loan: Loan) -> CostOfCredit:
    """What `loan` costs a year by every measure; figures that cannot be had say why."""
    plan = _plan(loan)
    if isinstance(plan, Words):
        return _empty(loan, plan)
    core = _core(plan)
    amounts = {amount for _, amount in plan.due}
    single = len(plan.due) == 1
    days, charge, simple = _single(plan)
    total = sum((a for _, a in plan.due), Decimal(0))
    losing = _losing(plan)
    return CostOfCredit(
        monthly_irr=_monthly(core),
        periodic_irr=core.periodic,
        annual_nominal=core.nominal,
        annual_effective=core.effective,
        xirr_365=core.xirr,
        pboc_compound=core.effective,
        pboc_simple=Rate(None, solve.TOTAL_LOSS) if losing else _pboc_simple(plan),
        regz_apr=core.nominal,
        eu_apr=core.xirr,
        periods_per_year=core.a_year,
        stated_annual=loan.annual_rate,
        instalment=amounts.pop() if len(amounts) == 1 else None,
        total_repay=total,
        total_interest=total - plan.received,
        penalty_annual=penalty_annual(loan),
        first_term_days=days if single else None,
        first_term_charge=charge if single else None,
        first_term_simple_annual=simple if single else None,
        rollover_simple_annual=_rollover(loan, plan.received),
        variants=_variant(loan),
    )


def together(rates: Sequence[Decimal], outstanding: bool, periods: int) -> Decimal:
    """All-in nominal annual rate of level monthly repayment when charges run side by side.

    The first rate is interest on the outstanding balance; the others are charges, on the
    outstanding balance too (`outstanding`), else on the original sum in every period.
    """
    if outstanding:
        return sum(rates, Decimal(0))
    monthly = float(rates[0]) / 12
    level = monthly / (1 - (1 + monthly) ** -periods)
    extra = float(sum(rates[1:], Decimal(0))) / 12
    found = solve.irr([1.0, *[-(level + extra)] * periods])
    return Decimal((found.value or 0.0) * 12).quantize(SIX, ROUND_HALF_UP)
