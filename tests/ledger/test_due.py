"""What of a lawful answer is already due by the written schedule."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from jiedun.ledger import examine
from jiedun.ledger.due import principal_not_due
from jiedun.ledger.sources import Law
from jiedun.model.evidence import ItemRef, Payment
from jiedun.model.loan import Instalment, LenderType, Loan, Rollover

FIRM = "甲县样例消费金融有限公司"
START = date(2025, 1, 1)
D = Decimal


def _loan(*rows: tuple[date, str]) -> Loan:
    due = tuple(Instalment(n, on, D(sum_)) for n, (on, sum_) in enumerate(rows, 1))
    return Loan("l", FIRM, LenderType.CONSUMER_FINANCE, START, D(9000), D(9000), START, D(0),
                instalments=due)  # fmt: skip


THREE = _loan((date(2025, 2, 1), "3000"), (date(2025, 3, 1), "3000"), (date(2025, 4, 1), "3000"))


@pytest.mark.parametrize(("as_of", "paid", "now", "later"), [
    (date(2025, 1, 20), "0", "0", "9000"),
    (date(2025, 2, 1), "0", "0", "9000"),
    (date(2025, 2, 2), "0", "3000", "6000"),
    (date(2025, 2, 2), "1000", "2000", "6000"),
    (date(2025, 2, 2), "5000", "0", "4000"),
    (date(2025, 4, 2), "0", "9000", "0"),
])  # fmt: skip
def test_due_now_and_not_yet_due(law: Law, as_of: date, paid: str, now: str, later: str) -> None:
    rows = [Payment(ItemRef("p", 1), date(2025, 1, 10), D(paid), FIRM)] if D(paid) else []
    answer = examine(THREE, rows, as_of=as_of, law=law).answer("contract")
    assert answer is not None
    assert (answer.more["due_now"], answer.more["not_yet_due"]) == (D(now), D(later))
    assert answer.total == D(now) + D(later)
    assert ("提前到期" in answer.assumption.zh) is bool(D(later))
    assert ("not due yet" in answer.assumption.en) is bool(D(later))


def test_every_lawful_answer_tells_it_and_the_letter_keeps_its_own(law: Law) -> None:
    loan = replace(THREE, lender="周样例", lender_type=LenderType.PRIVATE)
    result = examine(loan, [], as_of=date(2025, 2, 2), law=law)
    for answer in result.owed:
        assert "not_yet_due" in answer.more
        assert ("due_now" in answer.more) is not answer.contrast_only
    written = result.answer("as_written")
    assert written is not None and written.more["not_yet_due"] == D(6000)


def test_without_a_schedule_nothing_is_split(law: Law) -> None:
    answer = examine(_loan(), [], as_of=date(2025, 2, 2), law=law).answer("contract")
    assert answer is not None and "due_now" not in answer.more


def test_a_roll_over_moves_what_is_due() -> None:
    steps = (Rollover(1, date(2025, 4, 1), D(100), date(2025, 5, 1)),)
    loan = replace(THREE, rollovers=steps)
    assert principal_not_due(loan, D(9000), date(2025, 4, 15)) == D(3000)
    assert principal_not_due(loan, D(9000), date(2025, 5, 2)) == D(0)
