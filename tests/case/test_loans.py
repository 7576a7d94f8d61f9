"""Loans as the report shows them."""

from datetime import date
from decimal import Decimal

import pytest

from jiedun.case.loans import Loans, loan_reports
from jiedun.ledger import examine
from jiedun.model.loan import Instalment, LenderType, Loan

START = date(2025, 3, 1)


def _loan(kind: LenderType) -> Loan:
    due = tuple(Instalment(k, date(2025, 3 + k, 1), Decimal(2000)) for k in range(1, 7))
    return Loan("loan.json", "周样例", kind, START, Decimal(10000), Decimal(10000), START,
                Decimal("0.08"), instalments=due, penalty_daily_rate=Decimal("0.0005"))  # fmt: skip


@pytest.mark.parametrize("kind", list(LenderType))
def test_every_series_is_labelled_by_its_answer(kind: LenderType) -> None:
    result = examine(_loan(kind), [], as_of=date(2025, 6, 15))
    (report,) = loan_reports(Loans((result,), ()))
    words = {answer.id: answer.assumption for answer in report.answers}
    assert report.balances
    for series in report.balances:
        assert series.label == words[series.id]
        assert series.lawful is (series.id != "as_written")
        assert series.points


def test_the_report_says_what_is_not_due_yet() -> None:
    result = examine(_loan(LenderType.BANK), [], as_of=date(2025, 6, 15))
    (report,) = loan_reports(Loans((result,), ()))
    for answer in report.answers:
        if not answer.contrast:
            assert "还没到期" in answer.assumption.zh and "not due yet" in answer.assumption.en
