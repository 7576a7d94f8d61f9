"""Loans as written, good and bad: a clear answer, both readings, never a guess or a stack trace."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiedun.ledger import examine, loan_from
from jiedun.ledger.sources import Law, default_law
from jiedun.ledger.written import parse_amount, parse_date, parse_rate
from jiedun.model.loan import LenderType

GOOD: dict[str, Any] = {
    "lender": "甲县样例小额贷款有限公司", "lender_type": "micro_loan", "date": "2025-01-10",
    "principal": Decimal(12000), "disbursed_amount": Decimal(12000), "disbursed_date": "2025-01-10",
    "contract_annual_rate": Decimal("0.15"),
    "instalments": [{"no": k, "due_date": f"2025-{k + 1:02}-10", "amount": Decimal(1100)} for k in range(1, 12)],
}  # fmt: skip


def _codes(change: dict[str, Any]) -> set[str]:
    _, problems = loan_from({**GOOD, **change}, "loan.json")
    return {p.code for p in problems}


def test_a_good_loan_has_no_problem() -> None:
    loan, problems = loan_from(GOOD, "loan.json")
    assert problems == ()
    assert (loan.lender_type, loan.annual_rate, len(loan.instalments)) == (
        LenderType.MICRO_LOAN,
        Decimal("0.15"),
        11,
    )


@pytest.mark.parametrize(("change", "code"), [
    ({"date": None, "disbursed_date": None}, "date_missing"),
    ({"disbursed_date": None}, "disbursed_date_missing"),
    ({"date": "十月初"}, "unreadable"),
    ({"date": "2025-13-40"}, "unreadable"),
    ({"date": "1601-01-01"}, "unreadable"),
    ({"contract_annual_rate": Decimal(15)}, "rate_two_readings"),
    ({"contract_annual_rate": "十五"}, "unreadable"),
    ({"contract_annual_rate": Decimal("-0.1")}, "unreadable"),
    ({"penalty_daily_rate": Decimal("0.08")}, "rate_two_readings"),
    ({"contract_annual_rate": Decimal(10) ** 20}, "unreadable"),
    ({"principal": Decimal("12000.005")}, "below_fen"),
    ({"principal": Decimal(-12000)}, "negative_amount"),
    ({"fees": [{"name": "服务费", "amount": Decimal(-300)}]}, "negative_amount"),
    ({"lender_type": "信用飞"}, "lender_type_unknown"),
    ({"lender_type": None}, "lender_type_unknown"),
    ({"principal": None, "disbursed_amount": None}, "principal_missing"),
    ({"instalments": GOOD["instalments"][:3]}, "instalments_below_principal"),
    ({"total_repay": Decimal(13000)}, "instalments_do_not_sum"),
    ({"instalments": GOOD["instalments"] * 2}, "two_loans_mixed"),
    ({"instalments": [{"due_date": "2025-02-10"}]}, "instalment_incomplete"),
    ({"instalments": "每月10日"}, "not_a_list"),
    ({"instalments": [3]}, "unreadable"),
    ({"instalments": [{"no": 1, "due_date": "2024-12-10", "amount": Decimal(13000)}]}, "due_before_loan"),
    ({"disbursed_amount": Decimal(13000), "instalments": []}, "received_above_principal"),
    ({"rollovers": [{"fee": Decimal(5)}]}, "rollover_incomplete"),
    ({"fees": [{"name": "x"}]}, "fee_incomplete"),
])  # fmt: skip
def test_bad_input_is_named(change: dict[str, Any], code: str) -> None:
    assert code in _codes(change)


@pytest.mark.parametrize(("value", "rate", "other"), [
    (Decimal("0.162"), "0.162", None), ("16.2%", "0.162", None), ("年化16.2％", "0.162", None), ("5‰", "0.005", None),
    (Decimal(15), "0.15", "15"), (Decimal("1.5"), "0.015", "1.5"), (Decimal(0), "0", None),
])  # fmt: skip
def test_rates_with_both_readings(value: Any, rate: str, other: str | None) -> None:
    assert parse_rate(value) == (Decimal(rate), None if other is None else Decimal(other))


@pytest.mark.parametrize(("value", "amount"), [
    (Decimal("1452.5"), "1452.5"), ("15,000元", "15000"), ("1.5万", "15000"), ("￥ 800", "800"), (7, "7"),
])  # fmt: skip
def test_amounts(value: Any, amount: str) -> None:
    assert parse_amount(value) == Decimal(amount)


@pytest.mark.parametrize(
    "value",
    ["2025-01-10", "2025/1/10", "2025年1月10日", "20250110", "2025.01.10", "2025-01-10 08:00"],
)
def test_dates(value: str) -> None:
    assert parse_date(value) == date(2025, 1, 10)


def test_both_readings_of_a_rate_are_worked_out(law: Law) -> None:
    loan, _ = loan_from({**GOOD, "contract_annual_rate": Decimal(15)}, "loan.json")
    result = examine(loan, [], as_of=date(2026, 1, 10), law=law)
    percent, fraction = result.answer("contract"), result.answer("contract_rate_as_fraction")
    assert percent is not None and percent.interest == Decimal("1800.00")
    assert fraction is not None and fraction.interest == Decimal("180000.00")


def test_unknown_lender_shows_each_kind_and_concludes_nothing(law: Law) -> None:
    loan, _ = loan_from(
        {**GOOD, "lender_type": "?", "contract_annual_rate": Decimal("0.3")}, "loan.json"
    )
    result = examine(loan, [], as_of=date(2026, 1, 10), law=law)
    ids = {a.id for a in result.owed}
    assert {"cap_24", "cap_4lpr", "contract", "as_written"} <= ids
    assert result.main is None
    assert result.refund is None
    assert result.facts["rate_over_cap"] is None
    assert result.facts["penalty_rule_applies"] is None
    assert not any(c.applies for c in result.caps if c.id in ("financial_24", "private_4lpr"))


def test_without_dates_only_the_letter_is_shown(law: Law) -> None:
    loan, _ = loan_from({**GOOD, "date": None, "disbursed_date": None}, "loan.json")
    result = examine(loan, [], as_of=date(2026, 1, 10), law=law)
    assert [a.id for a in result.owed] == ["as_written"]
    assert result.questions
    assert result.rate.annual_nominal.why_not is not None


VALUES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8) | st.decimals(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["2025-01-10", Decimal(1000), "private", "bank", Decimal("0.2")]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["no", "due_date", "amount", "fee", "paid_date", "new_due_date", "name",
                                       "timing", "payee"]), inner, max_size=5), max_leaves=12)  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*GOOD, "fees", "rollovers", "penalty_daily_rate", "penalty_per_day",
                                        "guarantee", "platform", "cost_table", "total_repay"]), VALUES))  # fmt: skip
def test_anything_is_read_and_examined(data: dict[str, Any]) -> None:
    loan, _ = loan_from(data, "loan.json")
    examine(loan, [], as_of=date(2026, 1, 10), law=default_law())
