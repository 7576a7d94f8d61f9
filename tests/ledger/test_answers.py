"""Which answers a loan gets, which is shown first, and what its facts say."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from jiedun.errors import LedgerError
from jiedun.ledger import LoanResult, examine
from jiedun.ledger.caps import load_caps, read_caps
from jiedun.ledger.late import allowed_principal
from jiedun.ledger.sources import Law
from jiedun.ledger.values import FactValue
from jiedun.model.evidence import ItemRef, Payment
from jiedun.model.loan import Fee, Instalment, LenderType, Loan, Rollover

START, AS_OF = date(2025, 1, 1), date(2025, 12, 1)
FIRM = "甲县样例消费金融有限公司"


def _loan(
    kind: LenderType, rate: str | None, amount: str, periods: int = 12, received: str = "12000"
) -> Loan:
    due = tuple(
        Instalment(k, date(2025 + k // 12, k % 12 + 1, 1), Decimal(amount))
        for k in range(1, periods + 1)
    )
    lender = "周样例" if kind is LenderType.PRIVATE else FIRM
    return Loan("l", lender, kind, START, Decimal(12000), Decimal(received), START,
                None if rate is None else Decimal(rate), instalments=due,
                penalty_daily_rate=Decimal("0.0005"))  # fmt: skip


def _paid(loan: Loan, count: int) -> list[Payment]:
    return [
        Payment(ItemRef("p", n), i.due, i.amount, loan.lender)
        for n, i in enumerate(loan.instalments[:count], 1)
    ]


def _result(loan: Loan, law: Law, paid: int = 3) -> LoanResult:
    return examine(loan, _paid(loan, paid), as_of=AS_OF, law=law)


@pytest.mark.parametrize(("kind", "rate", "amount", "paid", "main"), [
    (LenderType.BANK, "0.08", "1044", 10, "contract"),
    (LenderType.BANK, "0.08", "1044", 3, "contract_with_penalty"),
    (LenderType.CONSUMER_FINANCE, "0.239", "1250", 3, "cap_24"),
    (LenderType.MICRO_LOAN, "0.15", "1150", 3, "cap_24"),
    (LenderType.MICRO_LOAN, "0.08", "1044", 10, "contract"),
    (LenderType.PRIVATE, "0.3", "1200", 3, "cap_4lpr"),
    (LenderType.P2P, "0.3", "1200", 3, "cap_4lpr"),
    (LenderType.P2P, None, "1200", 3, "cap_4lpr"),
    (LenderType.UNKNOWN, "0.3", "1200", 3, None),
])  # fmt: skip
def test_first_answer(
    law: Law, kind: LenderType, rate: str | None, amount: str, paid: int, main: str | None
) -> None:
    assert _result(_loan(kind, rate, amount), law, paid).main == main


def test_four_lpr_never_for_a_licensed_lender(law: Law) -> None:
    for kind in (LenderType.BANK, LenderType.CONSUMER_FINANCE, LenderType.MICRO_LOAN):
        result = _result(_loan(kind, "0.3", "1300"), law)
        ids = {a.id for a in result.owed}
        assert not any(
            i.startswith(("cap_4lpr", "void", "no_interest", "cap_transition")) for i in ids
        )
        assert not any(c.id.startswith("private") for c in result.caps)


def test_private_below_the_cap_pays_the_agreed_rate(law: Law) -> None:
    loan = replace(_loan(LenderType.PRIVATE, "0.06", "1000", 0), penalty_daily_rate=None)
    result = examine(loan, [], as_of=AS_OF, law=law)
    capped, contract = result.answer("cap_4lpr"), result.answer("contract")
    assert capped is not None and contract is not None
    assert capped.interest == contract.interest


def test_scheduled_principal_by_parts_rate_or_proportion() -> None:
    loan = _loan(LenderType.BANK, "0.08", "1044")
    rows = allowed_principal(loan, Decimal(12000))
    assert rows[-1][1] == 0
    assert all(a[1] > b[1] for a, b in pairwise(rows))
    parts = replace(
        loan, instalments=tuple(replace(i, principal=Decimal(1000)) for i in loan.instalments)
    )
    assert allowed_principal(parts, Decimal(12000))[2][1] == Decimal(9000)
    due = (Instalment(1, START + timedelta(days=9), Decimal(50)),
           Instalment(2, START + timedelta(days=99), Decimal(150)),
           Instalment(3, START + timedelta(days=105), Decimal(200)))  # fmt: skip
    assert allowed_principal(replace(loan, instalments=due), Decimal(200))[0][1] == Decimal(175)


@pytest.mark.parametrize(("change", "fact", "value"), [
    ({"penalty_daily_rate": Decimal("0.0004")}, "penalty_over_limit", False),
    ({"penalty_daily_rate": Decimal("0.0006")}, "penalty_over_limit", True),
    ({"penalty_daily_rate": None}, "penalty_over_limit", False),
    ({"annual_rate": None}, "penalty_over_limit", None),
    ({"disbursed": Decimal(11000)}, "interest_in_advance", True),
    ({"disbursed": None}, "interest_in_advance", None),
    ({"disbursed": Decimal(11000), "fees": (Fee("保险费", Decimal(1000), "放款时扣除", "某样财产保险公司"),)},
     "interest_in_advance", None),
    ({"fees": (Fee("担保费", Decimal(60), "每期随本息收取", "某样融资担保公司"),)}, "guarantee_on_original", True),
    ({"signed": date(2026, 8, 1), "disbursed_on": date(2026, 8, 1), "cost_table": ("利息",),
      "fees": (Fee("服务费", Decimal(60), "另付"),)}, "fee_outside_table", True),
    ({"signed": date(2026, 8, 1), "disbursed_on": date(2026, 8, 1), "cost_table": ("服务费60元",),
      "fees": (Fee("服务费", Decimal(60), "另付"),)}, "fee_outside_table", False),
    ({"signed": date(2026, 8, 1), "disbursed_on": date(2026, 8, 1), "fees": (Fee("服务费", Decimal(60), "另付"),)},
     "fee_outside_table", None),
])  # fmt: skip
def test_facts(law: Law, change: dict[str, object], fact: str, value: FactValue) -> None:
    loan = replace(_loan(LenderType.CONSUMER_FINANCE, "0.12", "1066"), **change)  # type: ignore[arg-type]
    assert examine(loan, [], as_of=AS_OF, law=law).facts[fact] is value


@pytest.mark.parametrize(("fee", "over"), [("60", False), ("5000", True)])
def test_rolled_over_above_article_27(law: Law, fee: str, over: bool) -> None:
    steps = (Rollover(1, date(2025, 6, 1), Decimal(fee), date(2025, 12, 1)),)
    due = (Instalment(1, date(2025, 6, 1), Decimal(12100)),)
    loan = replace(_loan(LenderType.PRIVATE, None, "1", 0), instalments=due, rollovers=steps)
    assert examine(loan, [], as_of=AS_OF, law=law).facts["compound_over_limit"] is over


def test_rate_at_the_cap_is_not_over_it(law: Law) -> None:
    assert _result(_loan(LenderType.BANK, "0.24", "1134.72"), law).facts["rate_over_cap"] is False
    assert _result(_loan(LenderType.BANK, "0.24", "1135.72"), law).facts["rate_over_cap"] is True


def test_two_texts_filed_in_late_2020_are_both_shown(law: Law) -> None:
    loan = Loan("l", "周样例", LenderType.PRIVATE, date(2019, 3, 1), Decimal(1000), Decimal(1000), date(2019, 3, 1),
                Decimal("0.3"))  # fmt: skip
    result = examine(loan, [], as_of=date(2020, 12, 1), filed=date(2020, 10, 1), law=law)
    assert {"cap_transition", "cap_4lpr_at_filing"} <= {a.id for a in result.owed}


def test_no_clause_before_its_time(law: Law) -> None:
    for formed, filed in (
        (date(2018, 5, 1), date(2019, 5, 1)),
        (date(2020, 9, 1), date(2020, 10, 1)),
    ):
        loan = replace(_loan(LenderType.PRIVATE, "0.4", "1", 0), signed=formed, disbursed_on=formed)
        result = examine(loan, [], as_of=filed, filed=filed, law=law)
        main = result.answer(result.main or "")
        assert main is not None and main.cites
        assert all(c.in_force_from is None or c.in_force_from <= filed for c in main.cites)


def test_transition_cites_both_texts_each_on_its_day(law: Law) -> None:
    loan = replace(
        _loan(LenderType.PRIVATE, "0.4", "1", 0),
        signed=date(2019, 10, 1),
        disbursed_on=date(2019, 10, 1),
    )
    result = examine(loan, [], as_of=date(2021, 9, 1), filed=date(2021, 9, 1), law=law)
    main = result.answer("cap_transition")
    assert main is not None
    assert {"ji-private-lending", "ji-private-lending-2015"} <= {c.instrument for c in main.cites}


def test_overdue_interest_is_told_in_place_of_what_is_left_out(law: Law) -> None:
    result = _result(_loan(LenderType.BANK, "0.08", "1044"), law)
    plain, late = result.answer("contract"), result.answer("contract_with_penalty")
    assert plain is not None and late is not None
    assert "违约金不计" in plain.assumption.zh and "违约金不计" not in late.assumption.zh
    assert "逾期本金按罚息利率12%" in late.assumption.zh
    assert "overdue principal at 12%" in late.assumption.en


def test_both_readings_of_a_late_charge(law: Law) -> None:
    loan = replace(_loan(LenderType.BANK, "0.08", "1044"), penalty_other=Decimal("0.05"))
    result = _result(loan, law)
    low, high = result.answer("as_written"), result.answer("as_written_other_penalty_reading")
    assert low is not None and high is not None and low.penalty < high.penalty


def test_a_cap_that_is_not_well_formed_is_named() -> None:
    with pytest.raises(LedgerError, match=r"caps\.yaml#odd"):
        read_caps("caps: [{id: odd}]")


@pytest.mark.parametrize(("kind", "rate", "first"), [
    (LenderType.PRIVATE, "0.3", "cap_4lpr"), (LenderType.BANK, "0.08", "contract"),
])  # fmt: skip
def test_each_series_bears_the_id_of_an_answer(
    law: Law, kind: LenderType, rate: str, first: str
) -> None:
    result = _result(_loan(kind, rate, "1044"), law)
    series = {p.series for p in result.charts.balance}
    assert series == {first, "as_written"}
    assert series <= {a.id for a in result.owed}


def test_charts_hold_every_yuan(law: Law) -> None:
    result = _result(_loan(LenderType.PRIVATE, "0.3", "1200"), law)
    went = sum((f.amount for f in result.charts.went), Decimal(0))
    assert went == Decimal(3600)


@pytest.mark.parametrize(("kind", "platform", "there"), [
    (LenderType.BANK, "", False), (LenderType.BANK, "样快助贷平台", True), (LenderType.BANK, FIRM, False),
    (LenderType.CONSUMER_FINANCE, "样快助贷平台", False), (LenderType.UNKNOWN, "样快助贷平台", True),
    (LenderType.UNKNOWN, "", False),
])  # fmt: skip
def test_the_notice_on_assisted_lending_only_where_a_platform_is_named(
    law: Law, kind: LenderType, platform: str, there: bool
) -> None:
    loan = replace(
        _loan(kind, "0.2", "1200"),
        signed=date(2025, 10, 1), disbursed_on=date(2025, 10, 1), platform=platform,
    )  # fmt: skip
    result = examine(loan, [], as_of=AS_OF, law=law)
    found = [c for c in result.caps if c.id == "bank_internet_24"]
    assert bool(found) is there
    assert all(not c.verified for c in found)
    assert result.facts["assisted_lending"] is (platform not in ("", FIRM))


def test_caps_of_texts_not_held_are_marked_and_name_no_article_of_251() -> None:
    rules = {r.id: r for r in load_caps()}
    assert rules["micro_24_2025"].verified != "mirror"
    for one in (rules["penalty_1_3_1_5"], rules["misuse_1_5_2"]):
        assert [(c.instrument, c.article) for c in one.clauses] == [("pboc-251-2003", None)]
        assert all("第" not in t for t in (one.label.zh, one.basis.zh, one.clauses[0].title.zh))  # type: ignore[union-attr]
