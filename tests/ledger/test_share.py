"""Payments of several loans of one lender are shared out, each counted once."""

from datetime import date
from decimal import Decimal

from jiedun.ledger import share_out
from jiedun.model.evidence import ItemRef, Payment
from jiedun.model.loan import Instalment, LenderType, Loan

FIRM = "甲县样例小额贷款有限公司"


def _loan(path: str, day: int, amount: str, lender: str = FIRM) -> Loan:
    start = date(2025, 1, day)
    due = tuple(Instalment(k, date(2025, 1 + k, day), Decimal(amount)) for k in range(1, 7))
    return Loan(
        path,
        lender,
        LenderType.MICRO_LOAN,
        start,
        Decimal(5000),
        Decimal(5000),
        start,
        None,
        instalments=due,
    )


def _pay(n: int, on: date, amount: str, payee: str = "样例小贷") -> Payment:
    return Payment(ItemRef("payments.csv", n), on, Decimal(amount), payee)


def test_sum_and_day_name_the_loan() -> None:
    loans = [_loan("a", 5, "900"), _loan("b", 20, "950")]
    rows = [
        _pay(1, date(2025, 2, 5), "900"),
        _pay(2, date(2025, 2, 21), "950"),
        _pay(3, date(2025, 3, 5), "900"),
    ]
    shared = share_out(loans, rows)
    assert [[p.ref.n for p in part] for part in shared.payments] == [[1, 3], [2]]
    assert shared.questions == ()


def test_otherwise_the_sum_due_first_is_repaid_and_asked_about() -> None:
    shared = share_out(
        [_loan("a", 5, "900"), _loan("b", 20, "950")], [_pay(1, date(2025, 2, 6), "300")]
    )
    assert [len(part) for part in shared.payments] == [1, 0]
    assert "payments.csv#1" in shared.questions[0].zh


def test_every_payment_of_a_lender_is_counted_once() -> None:
    loans = [
        _loan("a", 5, "900"),
        _loan("b", 5, "900"),
        _loan("c", 9, "900", "乙县别样消费金融有限公司"),
    ]
    rows = [_pay(n, date(2025, 2 + n % 5, 5), "900") for n in range(1, 9)]
    shared = share_out(loans, rows)
    assert sorted(p.ref.n for part in shared.payments[:2] for p in part) == list(range(1, 9))


def test_one_loan_keeps_every_row_for_its_own_sorting() -> None:
    rows = [_pay(1, date(2025, 2, 5), "900"), _pay(2, date(2025, 2, 5), "66", "某超市")]
    assert share_out([_loan("a", 5, "900")], rows).payments == (tuple(rows),)
