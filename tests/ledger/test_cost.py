"""The cost of credit: schedules of every rhythm, and flows with no rate or several."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from jiedun.ledger import solve
from jiedun.ledger.as_written import letter
from jiedun.ledger.charges import deducted_at_payout, insurance_only
from jiedun.ledger.cost import cost_of
from jiedun.model.loan import Fee, Instalment, LenderType, Loan, Rollover

START = date(2025, 3, 31)


def _loan(
    gap: int | None, amounts: list[str], received: str = "1000", fees: tuple[Fee, ...] = ()
) -> Loan:
    days = [
        START + timedelta(days=gap * k) if gap else _month_end(k)
        for k in range(1, len(amounts) + 1)
    ]
    due = tuple(
        Instalment(k, on, Decimal(a))
        for k, (on, a) in enumerate(zip(days, amounts, strict=True), 1)
    )
    return Loan("l", "样例小贷", LenderType.MICRO_LOAN, START, Decimal(1000), Decimal(received), START, None,
                instalments=due, fees=fees)  # fmt: skip


def _month_end(k: int) -> date:
    month = START.month - 1 + k + 1
    return date(START.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


@pytest.mark.parametrize(("gap", "a_year"), [(None, 12), (7, 52), (14, 26), (10, None)])
def test_rhythm_of_the_schedule(gap: int | None, a_year: int | None) -> None:
    cost = cost_of(_loan(gap, ["110"] * 10))
    assert cost.periods_per_year == (Decimal(365) / 10 if a_year is None else a_year)
    assert cost.annual_nominal.value is not None and cost.annual_nominal.value > 0
    assert (cost.monthly_irr.value is None) is (gap is not None)


def test_irregular_schedule_uses_dated_flows() -> None:
    due = (
        Instalment(1, START + timedelta(days=20), Decimal(500)),
        Instalment(2, START + timedelta(days=95), Decimal(600)),
    )
    loan = Loan(
        "l",
        "样例小贷",
        LenderType.MICRO_LOAN,
        START,
        Decimal(1000),
        Decimal(1000),
        START,
        None,
        instalments=due,
    )
    cost = cost_of(loan)
    assert cost.xirr_365.value is not None
    assert cost.annual_nominal.value is not None and cost.annual_nominal.value < cost.xirr_365.value


def test_long_first_period_is_counted() -> None:
    regular = cost_of(_loan(30, ["110"] * 10)).annual_nominal.value
    late = tuple(
        Instalment(k, START + timedelta(days=30 * k + 15), Decimal(110)) for k in range(1, 11)
    )
    loan = Loan(
        "l",
        "样例小贷",
        LenderType.MICRO_LOAN,
        START,
        Decimal(1000),
        Decimal(1000),
        START,
        None,
        instalments=late,
    )
    slower = cost_of(loan).annual_nominal.value
    assert regular is not None and slower is not None and slower < regular


def test_less_back_than_received_has_no_rate() -> None:
    cost = cost_of(_loan(30, ["90"] * 10))
    assert cost.annual_nominal.value is None
    assert cost.annual_nominal.why_not == solve.TOTAL_LOSS


@pytest.mark.parametrize(
    ("gap", "count", "told"), [(7, 4, False), (31, 1, False), (32, 1, True), (7, 5, True)]
)
def test_compounding_a_month_or_less_is_not_told(gap: int, count: int, told: bool) -> None:
    cost = cost_of(_loan(gap, [str(1200 // count)] * count))
    assert cost.annual_nominal.value is not None
    assert (cost.annual_effective.value is not None) is told
    assert (cost.xirr_365.value is not None) is told


def test_no_schedule_has_no_rate_and_says_why() -> None:
    cost = cost_of(_loan(30, []))
    assert cost.monthly_irr.value is None and cost.monthly_irr.why_not is not None


@pytest.mark.parametrize("flows", [[100.0, 50.0], [-1.0, -2.0], []])
def test_flows_one_way_have_no_rate(flows: list[float]) -> None:
    assert solve.irr(flows).why_not == solve.NO_RATE


def test_several_rates_are_refused() -> None:
    root = solve.irr([-100.0, 230.0, -132.0])  # 10 % and 20 %
    assert root.value is None
    assert root.why_not == solve.SEVERAL


def test_two_changes_of_sign_with_one_rate() -> None:
    root = solve.irr([-100.0, 60.0, 70.0, -1.0])
    assert root.value is not None
    assert abs(sum(a / (1 + root.value) ** k for k, a in enumerate([-100, 60, 70, -1]))) < 1e-6


@pytest.mark.parametrize(("timing", "deducted"), [
    ("放款时从6000元中直接扣除", True), ("放款当日由借款人另付，未从放款中扣除", False), ("先扣", True),
    ("每期与本息一并收取", False),
    ("没有扣", False), ("放款前由借款人另付", False), ("deducted from the payout", True), ("", False),
])  # fmt: skip
def test_words_of_timing(timing: str, deducted: bool) -> None:
    assert deducted_at_payout(Fee("费", Decimal(1), timing)) is deducted


def test_fee_of_another_company_is_a_variant() -> None:
    fee = Fee("会员费", Decimal(99), "放款当日另付", "别样会员服务有限公司")
    cost = cost_of(_loan(None, ["100"] * 12, fees=(fee,)))
    base = cost.annual_nominal.value
    (variant,) = cost.variants
    assert base is not None and variant.annual_nominal.value is not None
    assert variant.annual_nominal.value > base


def test_own_fee_beside_the_payout_counts_in_the_cost() -> None:
    fee = Fee("服务费", Decimal(99), "放款当日另付", "样例小贷")
    plain, dearer = (
        cost_of(_loan(None, ["100"] * 12)),
        cost_of(_loan(None, ["100"] * 12, fees=(fee,))),
    )
    assert plain.annual_nominal.value is not None and dearer.annual_nominal.value is not None
    assert dearer.annual_nominal.value > plain.annual_nominal.value
    assert dearer.variants == ()


def test_insurance_deducted_is_left_open() -> None:
    fee = Fee("意外保险费", Decimal(100), "放款时扣除", "某样财产保险公司")
    assert insurance_only(_loan(None, ["100"] * 12, "900", fees=(fee,)))


def test_the_letter_of_a_rolled_over_loan() -> None:
    due = (Instalment(1, date(2025, 4, 7), Decimal(1000)),)
    steps = (Rollover(1, date(2025, 4, 7), Decimal(200), date(2025, 4, 14)),)
    loan = Loan("l", "周样例", LenderType.PRIVATE, START, Decimal(1000), Decimal(800), START, None, instalments=due,
                rollovers=steps, penalty_per_day=Decimal(30))  # fmt: skip
    asked = letter(loan, (), date(2025, 4, 24))
    assert (asked.days_overdue, asked.penalty, asked.total) == (
        10,
        Decimal("300.00"),
        Decimal("1300.00"),
    )
