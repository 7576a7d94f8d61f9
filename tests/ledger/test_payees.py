"""Which payments belong to a loan, by names given in the files."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from jiedun.ledger import payees_of
from jiedun.ledger.names import core, is_channel, is_person, same_lender
from jiedun.ledger.payees import sort_payments
from jiedun.model.evidence import ItemRef, PartyRow, Payment
from jiedun.model.loan import Fee, LenderType, Loan

FULL = "云岭市青禾小额贷款有限公司"
AS_OF = date(2026, 6, 1)


def _loan() -> Loan:
    start = date(2026, 1, 10)
    return Loan(
        "loan.json", FULL, LenderType.MICRO_LOAN, start, Decimal(10000), Decimal(10000), start, None
    )


def _pay(payee: str, note: str = "", on: date = date(2026, 2, 10), amount: str = "500") -> Payment:
    return Payment(ItemRef("payments.csv", 1), on, Decimal(amount), payee, note)


@pytest.mark.parametrize(("a", "b", "same"), [
    ("青禾小贷", FULL, True), ("青禾", FULL, True), ("青禾小额贷款", FULL, True), (FULL + "（代扣）", FULL, True),
    ("支付宝-青禾小贷", FULL, True), ("青禾苑物业", FULL, False), ("青禾融资担保有限公司", FULL, False),
    ("禾穗消费金融有限公司", FULL, False), ("", FULL, False), ("万川小贷", "上海万川小额贷款有限公司", True),
    ("工商银行", "中国工商银行股份有限公司", True), ("招商银行", "工商银行", False),
    ("韩样例", "韩样例", True), ("韩样例 尾号0418", "韩样例", True), ("韩样", "韩样例", False),
    ("青禾消费金融有限公司", FULL, False), ("韩样例微信", "韩样例", True), ("韩样例五金店", "韩样例", False),
    ("澜样银行信用卡中心", "澜样银行股份有限公司", True), ("云样消金", "云样消费金融有限公司", True),
    ("飞快贷款公司", "快贷", False),
])  # fmt: skip
def test_same_lender(a: str, b: str, same: bool) -> None:
    assert same_lender(a, b) is same


def test_name_kinds() -> None:
    assert core(FULL) == "青禾"
    assert is_person("欧阳样例")
    assert not is_person("掌柜应急圈")
    assert is_channel("支付宝（中国）网络技术有限公司")
    assert not is_channel(FULL)


@pytest.mark.parametrize(("payment", "code"), [
    (_pay("青禾小贷"), "counted"),
    (_pay("禾穗消费金融有限公司", "代扣"), "other_lender"),
    (_pay("郑样", "还他垫的钱"), "guarantor"),
    (_pay("阿样例", "还款"), "friend"),
    (_pay("速批会员服务有限公司"), "fee_elsewhere"),
    (_pay("青禾小贷", on=date(2026, 1, 9)), "before_loan"),
    (_pay("青禾小贷", on=date(2026, 6, 2)), "after_day"),
    (_pay("青禾小贷", amount="0"), "not_positive"),
    (_pay("支付宝", "青禾小贷 还款"), "counted"),
    (_pay("支付宝", "超市"), "unrelated"),
    (_pay("赵样例", "催收让转的 还款"), "unlisted"),
    (_pay("赵样例", "房租"), "unrelated"),
    (_pay("任意店", "转尾号6677"), "counted"),
    (_pay("庞样"), "counted"),
    (_pay("另样"), "other_lender"),
])  # fmt: skip
def test_each_payment_is_sorted_with_its_reason(payment: Payment, code: str) -> None:
    loan = replace(
        _loan(),
        fees=(Fee("会员", Decimal(500), "另付", "速批会员服务有限公司"),),
        repayment_account="青禾小额贷款 账号62220000006677",
        guarantor="郑样",
    )
    payees = {
        "庞样": "collector",
        "另样": "other_collector",
        "阿样例": "friend",
        "青禾小贷": "lender",
    }
    found = sort_payments(loan, [payment], AS_OF, payees)
    got = "counted" if found.counted else found.not_counted[0].code
    assert got == code


def test_private_account_of_a_collector_is_marked_and_asked() -> None:
    found = sort_payments(_loan(), [_pay("庞样")], AS_OF, {"庞样": "collector"})
    assert found.counted[0].private
    assert found.questions
    agency = sort_payments(
        _loan(), [_pay("拓样信用管理有限公司")], AS_OF, {"拓样信用管理": "collector"}
    )
    assert not agency.counted[0].private


def test_unlisted_repayment_is_shown_in_a_variant() -> None:
    found = sort_payments(_loan(), [_pay("赵样例", "展期费")], AS_OF, {})
    assert found.not_counted[0].unclear


def test_all_negative_means_money_out() -> None:
    found = sort_payments(_loan(), [_pay("青禾小贷", amount="-500")], AS_OF, {})
    assert found.counted[0].payment.amount == Decimal(500)
    assert found.questions


@pytest.mark.parametrize(("payee", "asked"), [
    ("青禾小贷", True), ("赵样例", True), ("禾穗消费金融有限公司", False), ("郑样", False),
])  # fmt: skip
def test_money_that_came_back_is_shown_and_asked_about(payee: str, asked: bool) -> None:
    rows = [_pay("青禾小贷"), replace(_pay(payee, amount="-120.5"), ref=ItemRef("payments.csv", 2))]
    found = sort_payments(replace(_loan(), guarantor="郑样"), rows, AS_OF, {})
    assert [c.payment.amount for c in found.counted] == [Decimal(500)]
    (left,) = found.not_counted
    assert left.code == "not_positive" and "-120.5" in left.why.zh
    told = [q for q in found.questions if "payments.csv#2" in q.zh and "120.5" in q.zh]
    assert bool(told) is asked


def test_identical_rows_are_asked_about() -> None:
    found = sort_payments(_loan(), [_pay("青禾小贷"), _pay("青禾小贷")], AS_OF, {})
    assert len(found.counted) == 2
    assert any("完全相同" in q.zh for q in found.questions)


def _row(n: int, role: str, name: str, note: str = "") -> PartyRow:
    return PartyRow(ItemRef("parties.csv", n), f"1700000{n:04}", role, name, note)


def test_payees_of_knows_for_whom_a_collector_collects() -> None:
    rows = [
        _row(1, "lender", "青禾小贷"), _row(2, "lender", "禾穗消费金融"),
        _row(3, "collector", "庞样", "拓样信用管理 代表青禾小贷"),
        _row(4, "collector", "另样", "拓样信用管理 代表禾穗消费金融（另一笔）"), _row(5, "friend", "阿样例"),
    ]  # fmt: skip
    assert payees_of(rows, _loan()) == {
        "青禾小贷": "lender", "禾穗消费金融": "other_lender", "庞样": "collector", "另样": "other_collector",
        "阿样例": "friend",
    }  # fmt: skip


def test_the_only_lender_listed_is_this_one_under_an_app_name() -> None:
    found = sort_payments(
        _loan(), [_pay("快样借")], AS_OF, payees_of([_row(1, "lender", "快样借")], _loan())
    )
    assert found.counted
