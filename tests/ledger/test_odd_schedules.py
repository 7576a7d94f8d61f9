"""Schedules no lender should write, and some do: never a crash, and no figure that is not one."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jiedun.ledger import examine, limitation
from jiedun.ledger.as_written import letter, schedule
from jiedun.ledger.cost import cost_of
from jiedun.ledger.late import allowed_principal
from jiedun.ledger.sources import default_law
from jiedun.model.evidence import ItemRef, Payment
from jiedun.model.loan import Fee, Instalment, LenderType, Loan, Rollover

START = date(2024, 1, 10)
FIRM = "甲县样例消费金融有限公司"
amounts = st.one_of(st.just(Decimal(0)), st.integers(1, 5_000_000).map(lambda n: Decimal(n) / 100))
gaps = st.sampled_from((-400, -30, -1, 0, 0, 1, 1, 2, 7, 29, 30, 31, 240, 400, 2300))
rates = st.one_of(
    st.none(), st.sampled_from(("0", "0.001", "0.12", "0.36", "15", "9000")).map(Decimal)
)


@st.composite
def _loans(draw: st.DrawFn) -> Loan:
    on, due = START, []
    for no in range(draw(st.integers(0, 7))):
        on += timedelta(days=draw(gaps))
        due.append(Instalment(no + 1, on, draw(amounts), draw(st.one_of(st.none(), amounts))))
    fees = draw(st.lists(st.builds(Fee, st.just("费"), amounts, st.sampled_from(("先扣", "每期", "另付")),
                                   st.sampled_from(("", FIRM, "某样担保公司"))), max_size=2))  # fmt: skip
    days = st.integers(-40, 500).map(lambda n: START + timedelta(days=n))
    steps = draw(st.lists(st.builds(Rollover, st.integers(1, 3), days, amounts, days), max_size=2))
    return Loan("l", FIRM, draw(st.sampled_from(list(LenderType))), START, draw(amounts),
                draw(amounts), START, draw(rates), instalments=tuple(due), fees=tuple(fees),
                rollovers=tuple(steps), penalty_daily_rate=draw(rates))  # fmt: skip


def _due(*rows: tuple[int, str]) -> Loan:
    due = tuple(
        Instalment(n, START + timedelta(days=after), Decimal(amount))
        for n, (after, amount) in enumerate(rows, 1)
    )
    return Loan("l", FIRM, LenderType.CONSUMER_FINANCE, START, Decimal(10000), Decimal(10000), START,
                Decimal("0.12"), instalments=due, penalty_daily_rate=Decimal("0.0003"))  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    _loans(), st.integers(-1, 3000), st.lists(st.tuples(st.integers(-5, 900), amounts), max_size=4)
)
@example(_due((240, "10000"), (241, "10000")), 900, [])
@example(_due((2294, "0"), (2295, "10000")), 3000, [])
@example(_due((1, "0"), (1, "0")), 5, [])
def test_no_schedule_crashes(loan: Loan, after: int, paid: list[tuple[int, Decimal]]) -> None:
    rows = [
        Payment(ItemRef("p", n), START + timedelta(days=day), amount, FIRM)
        for n, (day, amount) in enumerate(paid, 1)
    ]
    result = examine(loan, rows, as_of=START + timedelta(days=after), law=default_law())
    rate = result.rate
    for one in (rate.monthly_irr, rate.annual_nominal, rate.annual_effective, rate.xirr_365,
                rate.pboc_simple):  # fmt: skip
        assert (one.value is None) == (one.why_not is not None)
        assert one.value is None or one.value.is_finite()
    limitation(result)


def test_rows_of_one_day_are_one_payment() -> None:
    apart = _due((365, "10000"), (365, "1200"))
    together = _due((365, "11200"))
    assert cost_of(apart) == cost_of(together)
    assert cost_of(apart).annual_nominal.value == Decimal("0.12")
    assert cost_of(replace(apart, fees=_EACH)) == cost_of(replace(together, fees=_EACH))


_EACH = (Fee("服务费", Decimal(50), "每期与本息一并收取", FIRM),)


def test_rows_of_one_day_leave_the_same_principal() -> None:
    apart = _due(*((30 * k, amount) for k in range(1, 7) for amount in ("1700", "100")))
    together = _due(*((30 * k, "1800") for k in range(1, 7)))
    rows = allowed_principal(apart, Decimal(10000))
    assert rows == allowed_principal(together, Decimal(10000))
    assert all(after < before for (_, before), (_, after) in pairwise(rows))


def test_a_long_first_term_grows_the_principal_by_its_length() -> None:
    loan = _due(*((90 + 30 * k, "1800") for k in range(6)))
    rows = allowed_principal(loan, Decimal(10000))
    assert rows[0][1] > Decimal(10000) - 1800 + 1
    assert abs(rows[4][1] - Decimal(1800)) < 100  # the last instalment clears what is left


@pytest.mark.parametrize("after", [240, 300, 2294])
def test_two_sums_a_day_apart_long_after_the_payout_have_a_yearly_rate(after: int) -> None:
    cost = cost_of(_due((after, "10000"), (after + 1, "2000")))
    year, nominal = cost.xirr_365.value, cost.annual_nominal.value
    assert year is not None and nominal is not None
    assert abs(float(year) - (1.2 ** (365 / after) - 1)) < 0.003
    assert 0 < nominal <= year  # in months, not in days compounded
    assert cost.periods_per_year == 12


@pytest.mark.parametrize(("change", "zh"), [
    ({"instalments": _due((0, "5000"), (30, "7000")).instalments}, "还款日不晚于放款日"),
    ({"fees": (Fee("费", Decimal(10000), "放款当日另付", FIRM),)}, "没有到手的钱"),
    ({"instalments": _due((30, "0")).instalments}, "缺少"),
])  # fmt: skip
def test_why_there_is_no_rate(change: dict[str, object], zh: str) -> None:
    cost = cost_of(replace(_due((30, "12000")), **change))  # type: ignore[arg-type]
    assert cost.annual_nominal.value is None
    assert cost.annual_nominal.why_not is not None and zh in cost.annual_nominal.why_not.zh


def test_a_rate_beyond_meaning_is_not_told() -> None:
    cost = cost_of(_due((1, "0.01"), (2, "900000"), (40, "900000")))
    assert cost.annual_nominal.value is None or cost.annual_nominal.value < 10**9
    assert cost.xirr_365.value is None and cost.xirr_365.why_not is not None


def test_days_of_nothing_before_and_after_change_no_rate() -> None:
    plain = cost_of(_due((30, "6000"), (60, "6000")))
    padded = cost_of(_due((10, "0"), (30, "6000"), (60, "6000"), (90, "0")))
    assert plain == padded


def test_a_roll_over_moves_every_row_of_the_last_day() -> None:
    loan = _due((30, "100"), (60, "10000"), (60, "1200"))
    later = START + timedelta(days=90)
    steps = (Rollover(1, START + timedelta(days=60), Decimal(50), later),)
    assert [on for on, _ in schedule(replace(loan, rollovers=steps))] == [
        START + timedelta(days=30), later, later,
    ]  # fmt: skip


def test_the_letter_counts_the_rows_of_one_day_as_one_instalment() -> None:
    asked = letter(_due((30, "100"), (60, "10000"), (60, "1200")), (), START + timedelta(days=61))
    assert (asked.n_overdue, asked.overdue) == (2, Decimal(11300))


def test_rows_of_one_day_are_asked_about() -> None:
    day = START + timedelta(days=10)
    for rows, asked in ((((60, "10000"), (60, "1200")), True), (((60, "11200"),), False)):
        result = examine(_due(*rows), [], as_of=day, law=default_law())
        assert any("同一天有几行应还" in q.zh for q in result.questions) is asked
