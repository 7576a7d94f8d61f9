"""Properties of the running balance and of the answers built on it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiedun.ledger import examine
from jiedun.ledger.balance import Paid, Segment, run
from jiedun.ledger.lines import answer_of, lines_of
from jiedun.ledger.sources import Law
from jiedun.ledger.values import Answer
from jiedun.model.evidence import ItemRef, Payment
from jiedun.model.loan import Instalment, LenderType, Loan
from jiedun.model.text import Words

START = date(2024, 1, 10)
END = START + timedelta(days=900)
WORDS = (Words("甲", "a"), Words("乙", "b"))
money = st.integers(1, 5_000_000).map(lambda fen: Decimal(fen) / 100)
rates = st.integers(0, 60_000).map(lambda parts: Decimal(parts) / 100_000)
days = st.integers(0, 899).map(lambda n: START + timedelta(days=n))
calm = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
payments = st.lists(st.builds(Paid, days, money), max_size=12)


def _answer(principal: Decimal, rate: Decimal, paid: list[Paid]) -> Answer:
    balance = run(principal, [Segment(START, rate)], paid, END)
    return answer_of("x", balance, WORDS, rate, ())


@calm
@given(money, rates, payments)
def test_every_fen_is_kept(principal: Decimal, rate: Decimal, paid: list[Paid]) -> None:
    answer = _answer(principal, rate, paid)
    assert answer.interest_total is not None
    assert answer.paid + answer.total - answer.overpaid == principal + answer.interest_total
    assert answer.paid == sum((p.amount for p in paid), Decimal(0))


@calm
@given(money, rates, payments)
def test_lines_add_up_from_row_to_row(principal: Decimal, rate: Decimal, paid: list[Paid]) -> None:
    balance = run(principal, [Segment(START, rate)], paid, END)
    lines = lines_of(balance, lambda row: ())
    for before, line in pairwise(lines):
        assert line.payment == line.to_costs + line.to_interest + line.to_principal + line.beyond
        assert line.principal == before.principal - line.to_principal
        assert line.unpaid_interest == before.unpaid_interest + line.interest - line.to_interest
        assert line.overpaid == before.overpaid + line.beyond


@calm
@given(money, rates, payments, days, money)
def test_paying_more_never_raises_what_is_owed(
    principal: Decimal, rate: Decimal, paid: list[Paid], on: date, more: Decimal
) -> None:
    before, after = (
        _answer(principal, rate, paid),
        _answer(principal, rate, [*paid, Paid(on, more)]),
    )
    assert after.total - after.overpaid <= before.total - before.overpaid - more + Decimal("0.02")
    assert after.total <= before.total


@calm
@given(money, rates, rates, payments)
def test_a_lower_cap_never_raises_it(
    principal: Decimal, one: Decimal, other: Decimal, paid: list[Paid]
) -> None:
    low, high = _answer(principal, min(one, other), paid), _answer(principal, max(one, other), paid)
    assert low.total <= high.total
    assert low.overpaid >= high.overpaid


@calm
@given(money, rates, payments, days, st.integers(2, 100_000), st.data())
def test_splitting_a_payment_on_one_day_changes_nothing(
    principal: Decimal, rate: Decimal, paid: list[Paid], on: date, fen: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(1, fen - 1))
    whole = run(principal, [Segment(START, rate)], [*paid, Paid(on, Decimal(fen) / 100)], END)
    halves = [Paid(on, Decimal(part) / 100), Paid(on, Decimal(fen - part) / 100)]
    split = run(principal, [Segment(START, rate)], [*paid, *halves], END)
    assert (whole.principal, whole.interest, whole.overpaid) == (
        split.principal,
        split.interest,
        split.overpaid,
    )


@calm
@given(money, payments, payments)
def test_costs_are_paid_first(principal: Decimal, paid: list[Paid], costs: list[Paid]) -> None:
    balance = run(principal, [Segment(START, Decimal("0.1"))], paid, END, costs)
    answer = answer_of("x", balance, WORDS, None, ())
    charged = sum((c.amount for c in costs), Decimal(0))
    assert answer.interest_total is not None
    assert (
        answer.paid + answer.total - answer.overpaid == principal + answer.interest_total + charged
    )


@calm
@given(money, payments)
def test_the_tolerated_band_is_kept_when_paid_and_not_owed_when_unpaid(
    principal: Decimal, paid: list[Paid]
) -> None:
    low, top = Decimal("0.24"), Decimal("0.36")
    plain = _answer(principal, low, paid)
    strict = _answer(principal, top, paid)
    balance = run(principal, [Segment(START, low, top)], paid, END)
    assert plain.overpaid >= answer_of("x", balance, WORDS, None, ()).overpaid >= strict.overpaid


def _private(formed: date, rate: Decimal | None = Decimal("0.5")) -> Loan:
    return Loan(
        "loan.json",
        "周样例",
        LenderType.PRIVATE,
        formed,
        Decimal(10000),
        Decimal(10000),
        formed,
        rate,
    )


@pytest.mark.parametrize(("formed", "filed", "ident", "cap"), [
    (date(2020, 8, 19), date(2020, 8, 19), "cap_24", Decimal("0.24")),
    (date(2020, 8, 19), date(2020, 8, 20), "cap_transition", None),
    (date(2020, 8, 20), date(2020, 8, 20), "cap_4lpr", Decimal("0.154")),
    (date(2015, 9, 1), date(2020, 8, 19), "cap_24", Decimal("0.24")),
    (date(2024, 10, 20), None, "cap_4lpr", Decimal("0.134")),
    (date(2024, 10, 21), None, "cap_4lpr", Decimal("0.124")),
    (date(2025, 5, 19), None, "cap_4lpr", Decimal("0.124")),
    (date(2025, 5, 20), None, "cap_4lpr", Decimal("0.12")),
    (date(2021, 12, 19), None, "cap_4lpr", Decimal("0.154")),
    (date(2021, 12, 20), None, "cap_4lpr", Decimal("0.152")),
    (date(2026, 10, 19), None, "cap_4lpr", Decimal("0.12")),
])  # fmt: skip
def test_each_side_of_a_rule_change(
    law: Law, formed: date, filed: date | None, ident: str, cap: Decimal | None
) -> None:
    as_of = max(formed + timedelta(days=365), filed or formed)
    result = examine(_private(formed), [], as_of=as_of, filed=filed, law=law)
    assert result.main == ident
    answer = result.answer(ident)
    assert answer is not None
    assert answer.annual_rate == cap


def test_formed_before_2015_lines_is_not_concluded(law: Law) -> None:
    result = examine(
        _private(date(2015, 8, 31)), [], as_of=date(2018, 1, 1), filed=date(2018, 1, 1), law=law
    )
    assert result.main is None
    assert any("2015-09-01" in q.zh for q in result.questions)


@pytest.mark.parametrize("formed", [date(2026, 10, 20), date(2026, 11, 20)])
def test_lpr_after_the_last_known_is_not_loaded(law: Law, formed: date) -> None:
    result = examine(_private(formed), [], as_of=date(2026, 12, 1), law=law)
    assert result.main is None
    assert result.answer("cap_4lpr") is None
    assert any("没有载入" in q.zh for q in result.questions)
    assert result.facts["rate_over_cap"] is None


@pytest.mark.parametrize(
    ("signed", "needed"), [(date(2026, 7, 31), False), (date(2026, 8, 1), True)]
)
def test_cost_table_only_from_its_day(law: Law, signed: date, needed: bool) -> None:
    loan = replace(
        _private(signed, Decimal("0.1")),
        lender="甲县样例小额贷款有限公司",
        lender_type=LenderType.MICRO_LOAN,
    )
    assert examine(loan, [], as_of=date(2026, 9, 1), law=law).facts["cost_table_required"] is needed


@pytest.mark.parametrize(
    ("signed", "there"), [(date(2025, 12, 23), False), (date(2025, 12, 24), True)]
)
def test_micro_guideline_only_from_its_day(law: Law, signed: date, there: bool) -> None:
    loan = replace(
        _private(signed), lender="甲县样例小额贷款有限公司", lender_type=LenderType.MICRO_LOAN
    )
    result = examine(loan, [], as_of=date(2026, 9, 1), law=law)
    assert any(c.id == "micro_24_2025" for c in result.caps) is there


@calm
@given(st.sampled_from(list(LenderType)), st.lists(st.tuples(days, money), max_size=6), money,
       st.one_of(st.none(), rates), st.integers(0, 30))  # fmt: skip
def test_any_loan_is_answered_and_conserves(
    kind: LenderType,
    paid: list[tuple[date, Decimal]],
    principal: Decimal,
    rate: Decimal | None,
    n: int,
) -> None:
    from jiedun.ledger.sources import default_law

    due = tuple(
        Instalment(k + 1, START + timedelta(days=30 * (k + 1)), principal) for k in range(n)
    )
    loan = Loan("l", "周样例", kind, START, principal, principal, START, rate, instalments=due,
                penalty_daily_rate=Decimal("0.001"))  # fmt: skip
    rows = [
        Payment(ItemRef("p", k), on, amount, "周样例") for k, (on, amount) in enumerate(paid, 1)
    ]
    result = examine(loan, rows, as_of=END, law=default_law())
    assert len(result.counted) + len(result.not_counted) == len(rows)
    for answer in result.owed:
        if answer.interest_total is not None:
            extra = Decimal(answer.more.get("overdue_interest", 0))
            assert (
                answer.paid + answer.total - answer.overpaid
                == principal + answer.interest_total + extra
            )
