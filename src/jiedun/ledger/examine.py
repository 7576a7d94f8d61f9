"""One loan from end to end: cost, caps, payments, what is owed, facts and chart data."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from jiedun.ledger.as_written import first_default
from jiedun.ledger.assume import Case, Choice, choose, first_of
from jiedun.ledger.caps import (
    PRIVATE,
    Formation,
    Setting,
    assisted,
    caps_for,
    formation,
    lpr_on,
)
from jiedun.ledger.charges import insurance_only
from jiedun.ledger.chart_data import chart_data
from jiedun.ledger.cost import cost_of
from jiedun.ledger.due import with_due
from jiedun.ledger.facts import Given, facts_of
from jiedun.ledger.owed import answers, as_written
from jiedun.ledger.payees import Sorted, sort_payments
from jiedun.ledger.sources import Law, default_law
from jiedun.ledger.values import Answer, ChartData, CostOfCredit, LoanResult, Refund
from jiedun.model.evidence import Payment
from jiedun.model.loan import LenderType, Loan
from jiedun.model.text import Words

NO_SUMS = Words(
    "缺少到账金额或日期，算不出依法应还；补上借条、放款短信或银行流水后再算",
    "the money received or its date is missing; add the note, payout message or bank statement",
)
NO_DATES = Words(
    "没有签约日也没有到账日，不能算利息",
    "no day of signing or payout: no interest can be worked out",
)


def examine(
    loan: Loan,
    payments: Sequence[Payment],
    *,
    as_of: date,
    filed: date | None = None,
    payees: Mapping[str, str] | None = None,
    law: Law | None = None,
    charts: bool = True,
    loans_of_lender: int | None = None,
) -> LoanResult:
    """Everything the ledger says about `loan` on `as_of`.

    `filed` is the day a suit was filed, if one was; `payees` maps names in the case to their roles
    (`lender`, `collector` = collects for this loan's lender, `guarantor`, `friend` …, and
    `other_lender`, `other_collector`); `loans_of_lender` how many loans of this lender the case holds
    (a fact for the rules). Never raises for what the loan or payments hold: what cannot
    be worked out is a question.
    """
    law = law or default_law()
    found = sort_payments(loan, payments, as_of, payees)
    cost = cost_of(loan)
    formed = formation(loan)
    setting = Setting(loan.lender_type, formed.on, filed, as_of, assisted(loan))
    caps = caps_for(setting, law, loan.annual_rate)
    case = _case(loan, law, cost, setting, formed, found)
    chosen = choose(case) if case is not None else Choice((), (_missing(loan),), ())
    owed, ledgers = answers(case, chosen.assumptions, found) if case else ([], [])
    if case is not None:
        owed = with_due(owed, loan, case.received, as_of)
    owed += as_written(loan, found.counted, as_of)
    first = first_of(owed, chosen.main)
    main = next((a for a in owed if a.id == first), None)
    given = Given(loan, law, cost, setting, formed, caps, found, loans_of_lender)
    return LoanResult(
        loan=loan,
        as_of=as_of,
        filed=filed,
        lender_type=loan.lender_type,
        rate=cost,
        caps=caps,
        owed=tuple(owed),
        ledgers=tuple(ledgers),
        facts=facts_of(given),
        counted=found.counted,
        not_counted=found.not_counted,
        charts=chart_data(loan, found, ledgers, main, as_of) if charts else ChartData(),
        questions=_unique((*chosen.questions, *found.questions, *_questions(case, given))),
        main=first,
        refund=_refund(main),
    )


def _case(
    loan: Loan, law: Law, cost: CostOfCredit, setting: Setting, formed: Formation, found: Sorted
) -> Case | None:
    start = loan.disbursed_on or loan.signed
    received = loan.disbursed if loan.disbursed is not None else loan.principal
    if start is None or received is None or start > setting.as_of:
        return None
    default_on = first_default(loan, found.counted, setting.as_of)
    return Case(loan, law, cost, setting, formed, start, received, default_on)


def _missing(loan: Loan) -> Words:
    if loan.disbursed is None and loan.principal is None:
        return NO_SUMS
    if loan.disbursed_on is None and loan.signed is None:
        return NO_DATES
    return Words("放款日在计算日之后", "the loan is paid out after the day of the calculation")


def _refund(main: Answer | None) -> Refund | None:
    if main is None or not main.recoverable:
        return None
    words = Words(
        "超过依法应还本息的付款，可要求返还或另行主张",
        "paid beyond the lawful principal and interest",
    )
    return Refund(main.recoverable, words, main.id)


def _unique(words: Sequence[Words]) -> tuple[Words, ...]:
    return tuple(dict.fromkeys(words))


def _questions(case: Case | None, given: Given) -> list[Words]:
    """What a person should look at before relying on the figures."""
    loan, asked = given.loan, list[Words]()
    if loan.lender_type is LenderType.UNKNOWN:
        asked.append(
            Words("放贷方是银行、消费金融、小贷公司，还是个人或没有牌照的平台？这决定上限，查清前不下结论",
                  "is the lender a bank, consumer-finance or micro-loan company, or a person or unlicensed platform?")
        )  # fmt: skip
    formed = given.formed.on
    if formed and loan.lender_type in PRIVATE:
        found = lpr_on(given.law, formed)
        if found.why_not is not None:
            asked.append(found.why_not)
        elif found.lpr is not None and found.lpr.on_publication_day:
            asked.append(
                Words(f"合同成立日 {formed} 正好是LPR公布日：按当日新值算，请人工复核",
                      f"formed on {formed}, a day of publication: the new rate is used, please check")
            )  # fmt: skip
    if insurance_only(loan):
        asked.append(
            Words("扣款写的是保险费：保险是自己选的，还是放款的条件？若是条件，应计入成本",
                  "the deduction is an insurance premium: chosen freely, or a condition of the loan?")
        )  # fmt: skip
    return asked + _money_questions(case, given)


def _money_questions(case: Case | None, given: Given) -> list[Words]:
    loan, asked = given.loan, list[Words]()
    if not loan.instalments:
        asked.append(
            Words("没有还款计划，算不出实际利率，请补各期日期和金额",
                  "no schedule: the real rate cannot be worked out; add days and sums due")
        )  # fmt: skip
    if len({i.due for i in loan.instalments}) < len(loan.instalments):
        asked.append(
            Words("同一天有几行应还：像本金和利息分开列的，按那天一次还清合计；若其实是两笔借款，请拆成两个文件",
                  "several sums fall due on one day: read as one payment in parts (principal and interest); "
                  "if these are two loans, split the file")
        )  # fmt: skip
    if any(f.payee for f in loan.fees) and given.cost.variants:
        asked.append(
            Words("付给其他公司的费用是不是不付就不放款？若是，成本按另一算法更高",
                  "were the charges of other companies a condition of the loan? then the cost is higher")
        )  # fmt: skip
    if loan.penalty_clause and given.cost.penalty_annual is None:
        asked.append(
            Words("违约金条款没有写成数字，没有计入合同字面", "the penalty clause has no figure and is not worked out")
        )  # fmt: skip
    if (
        case is not None
        and loan.lender_type is LenderType.MICRO_LOAN
        and case.filing < date(2021, 1, 1)
    ):
        asked.append(
            Words("2021年以前起诉的小贷案件，各地是否按民间借贷规定裁判并不一致，需律师判断",
                  "for suits against micro-lenders before 2021 courts differ on the private-lending rules")
        )  # fmt: skip
    return asked


def owed_total(result: LoanResult) -> Decimal | None:
    """The total of the answer shown first, or None where nothing may be concluded."""
    main = result.answer(result.main) if result.main else None
    return None if main is None else main.total
