"""Limitation, outlook, ways out, reminders and many loans."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from jiedun.errors import UsageError
from jiedun.ledger import (
    LoanResult,
    State,
    afford_of,
    civil_outlook,
    examine,
    limitation,
    together,
    ways_out,
)
from jiedun.ledger.outlook import court_fee, month_later
from jiedun.ledger.reminders import (
    Reminder,
    as_ics,
    due_reminders,
    limitation_reminder,
    plan_reminders,
)
from jiedun.ledger.sources import Law
from jiedun.model.evidence import ItemRef, Payment
from jiedun.model.loan import Instalment, LenderType, Loan
from jiedun.model.text import Words

START, DUE = date(2021, 3, 1), date(2021, 9, 1)


def _result(
    law: Law, as_of: date, kind: LenderType = LenderType.PRIVATE, paid: tuple[date, ...] = (),
    rate: str | None = "0.1", filed: date | None = None, due: date | None = DUE,
) -> LoanResult:  # fmt: skip
    lender = "周样例" if kind is LenderType.PRIVATE else "甲县样例小额贷款有限公司"
    instalments = (Instalment(1, due, Decimal(10500)),) if due else ()
    loan = Loan("l", lender, kind, START, Decimal(10000), Decimal(10000), START,
                Decimal(rate) if rate else None, instalments=instalments)  # fmt: skip
    rows = [
        Payment(ItemRef("payments.csv", n), on, Decimal(100), lender)
        for n, on in enumerate(paid, 1)
    ]
    return examine(loan, rows, as_of=as_of, filed=filed, law=law)


@pytest.mark.parametrize(("as_of", "paid", "demands", "state", "until"), [
    (date(2021, 8, 1), (), (), State.NOT_RUN, date(2024, 9, 1)),
    (date(2024, 9, 1), (), (), State.NOT_RUN, date(2024, 9, 1)),
    (date(2024, 9, 2), (), (), State.MAY_HAVE_RUN, date(2024, 9, 1)),
    (date(2024, 9, 2), (date(2022, 1, 5),), (), State.NOT_RUN, date(2025, 1, 5)),
    (date(2026, 1, 1), (), (date(2024, 8, 31),), State.NOT_RUN, date(2027, 8, 31)),
    (date(2026, 1, 1), (), (date(2024, 9, 2),), State.MAY_HAVE_RUN, date(2024, 9, 1)),
    (date(2026, 1, 1), (date(2025, 2, 1),), (), State.UNKNOWN, date(2024, 9, 1)),
])  # fmt: skip
def test_limitation_and_what_restarts_it(
    law: Law,
    as_of: date,
    paid: tuple[date, ...],
    demands: tuple[date, ...],
    state: State,
    until: date,
) -> None:
    found = limitation(_result(law, as_of, paid=paid), demands=demands, law=law)
    assert (found.state, found.until) == (state, until)


def test_limitation_without_due_day_or_before_2017_is_uncertain(law: Law) -> None:
    assert limitation(_result(law, date(2022, 1, 1), due=None), law=law).state is State.UNKNOWN
    loan = Loan("l", "周样例", LenderType.PRIVATE, date(2016, 1, 1), Decimal(1), Decimal(1), date(2016, 1, 1), None,
                instalments=(Instalment(1, date(2016, 6, 1), Decimal(1)),))  # fmt: skip
    old = examine(loan, [], as_of=date(2018, 1, 1), law=law)
    assert limitation(old, law=law).state is State.MAY_HAVE_RUN


def test_a_suit_in_time_interrupts(law: Law) -> None:
    result = _result(law, date(2026, 1, 1), filed=date(2023, 1, 1))
    assert limitation(result, law=law).state is State.SUIT


def test_no_proposal_while_limitation_may_have_run(law: Law) -> None:
    result = _result(law, date(2025, 1, 1))
    state = limitation(result, law=law)
    refused = ways_out(result, state, afford=Decimal(1500))
    assert refused.refused is not None and "--confirm-limitation" in refused.refused.zh
    assert refused.proposals == ()
    confirmed = ways_out(result, state, afford=Decimal(1500), confirm_limitation=True)
    assert confirmed.refused is None and confirmed.proposals


def test_lent_identity_is_warned_about_first(law: Law) -> None:
    result = _result(law, date(2022, 1, 1))
    state = limitation(result, law=law)
    assert ways_out(result, state, lent_identity=True).refused is not None
    assert ways_out(result, state).warnings[0].en.startswith("if you lent")


@pytest.mark.parametrize("afford", ["400", "1500", "20000"])
def test_proposals_add_up_and_keep_the_cap(law: Law, afford: str) -> None:
    result = _result(law, date(2022, 1, 1), rate="0.5")
    main = result.answer(result.main or "")
    assert main is not None
    ways = ways_out(result, limitation(result, law=law), afford=Decimal(afford))
    assert {"reduction", "extension", "instalments_no_interest", "instalments"} == {
        p.id for p in ways.proposals
    }
    for proposal in ways.proposals:
        assert proposal.within_cap
        assert proposal.total == sum((p.payment for p in proposal.parts), Decimal(0))
        assert (
            proposal.total - sum((p.interest for p in proposal.parts), Decimal(0)) == main.principal
        )
        assert all(
            p.payment <= Decimal(afford) for p in proposal.parts if proposal.id.startswith("inst")
        )
        assert len(proposal.parts) <= 60


def test_too_little_a_month_is_said(law: Law) -> None:
    result = _result(law, date(2022, 1, 1))
    ways = ways_out(result, limitation(result, law=law), afford=Decimal(50))
    assert any("60" in w.zh for w in ways.warnings)


def test_nothing_owed_and_unknown_lender_give_no_proposal(law: Law) -> None:
    loan = Loan("l", "周样例", LenderType.PRIVATE, START, Decimal(100), Decimal(100), START, None,
                instalments=(Instalment(1, DUE, Decimal(100)),))  # fmt: skip
    paid = [Payment(ItemRef("p", 1), date(2021, 4, 1), Decimal(200), "周样例")]
    done = examine(loan, paid, as_of=date(2022, 1, 1), law=law)
    assert ways_out(done, limitation(done, law=law)).refused is not None
    unknown = _result(law, date(2022, 1, 1), kind=LenderType.UNKNOWN)
    assert ways_out(unknown, limitation(unknown, law=law)).refused is not None


@pytest.mark.parametrize(("text", "amount"), [
    ("1500/month", "1500"), ("1500/月", "1500"), ("1500", "1500"), ("每月", None), ("120/week", "520.00"),
    ("0/month", None),
    ("-5/month", None),
])  # fmt: skip
def test_afford(text: str, amount: str | None) -> None:
    if amount is None:
        with pytest.raises(UsageError):
            afford_of(text)
    else:
        assert afford_of(text) == Decimal(amount)


def test_outlook_by_month_and_threats(law: Law) -> None:
    result = _result(law, date(2022, 1, 1))
    outlook = civil_outlook(result)
    assert [m.months for m in outlook.months] == [0, 1, 3, 6, 12, 24]
    totals = [m.total for m in outlook.months]
    assert totals == sorted(totals)
    assert outlook.months[2].delay == 0 < outlook.months[4].delay
    assert all(t.cites for t in outlook.threats)
    assert any("5年" in s.words.zh for s in outlook.credit_record)


def test_outlook_of_unknown_lender_names_no_sum(law: Law) -> None:
    assert civil_outlook(_result(law, date(2022, 1, 1), kind=LenderType.UNKNOWN)).months == ()


@pytest.mark.parametrize(
    ("amount", "fee"), [("10000", "50"), ("10001", "50.03"), ("100000", "2300"), ("200000", "4300")]
)
def test_court_fee(amount: str, fee: str) -> None:
    assert court_fee(Decimal(amount)) == Decimal(fee)


def test_month_later_stays_in_the_month() -> None:
    assert month_later(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert month_later(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert month_later(date(2025, 12, 15), 1) == date(2026, 1, 15)


def test_calendar_lines_are_folded_and_escaped(law: Law) -> None:
    result = _result(law, date(2021, 8, 1))
    state = limitation(result, law=law)
    ways = ways_out(result, state, afford=Decimal(3000))
    rows = [
        *due_reminders(result),
        *limitation_reminder(state),
        *plan_reminders(ways.proposals[-1]),
    ]
    rows.append(Reminder(date(2026, 1, 1), Words("甲;乙,丙\n丁\\", "x"), Words("长" * 60, "y")))
    text = as_ics(rows, datetime(2026, 1, 1, tzinfo=UTC))
    assert text.count("BEGIN:VEVENT") == len(rows)
    assert all(len(line.encode("utf-8")) <= 75 for line in text.split("\r\n"))
    assert "甲\\;乙\\,丙\\n丁\\\\" in text
    assert text.endswith("END:VCALENDAR\r\n")


def test_many_loans_in_order(law: Law) -> None:
    on = date(2022, 1, 1)
    over = _result(law, on, kind=LenderType.PRIVATE, rate="0.5")
    sued = _result(law, on, filed=date(2021, 12, 1))
    unknown = _result(law, on, kind=LenderType.UNKNOWN)
    bank = _result(law, on, kind=LenderType.MICRO_LOAN)
    table = together([over, unknown, bank, sued])
    assert [r.place for r in table.rows] == [1, 2, 3, 4]
    assert [r.lender_type for r in table.rows] == [
        LenderType.PRIVATE, LenderType.MICRO_LOAN, LenderType.PRIVATE, LenderType.UNKNOWN]  # fmt: skip
    assert table.left_out == 1
    assert table.owed == sum((r.owed for r in table.rows if r.owed is not None), Decimal(0))
