"""The loans of a case: worked out by the ledger, judged by the loan rules, shown in the report."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal

from jiedun import law, ledger
from jiedun.ledger import LoanResult
from jiedun.model.evidence import Evidence, ItemRef, Problem
from jiedun.model.loan import LenderType
from jiedun.model.report import (
    BalancePoint,
    BalanceSeries,
    Flow,
    FlowPart,
    LoanReport,
    OwedAnswer,
    RateFigure,
)
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI
from jiedun.rules.judge import Judgement, Row, judge
from jiedun.rules.pack import of_subject, rulebook


@dataclass(frozen=True, slots=True)
class Loans:
    """Every loan of the case with what could not be worked out."""

    results: tuple[LoanResult, ...]
    problems: tuple[Problem, ...]
    questions: tuple[Words, ...] = ()

    def lender_type(self, creditor: str | None) -> LenderType:
        """The type of the lender whose side `creditor` names; UNKNOWN where no loan fits."""
        if creditor is None:
            return LenderType.UNKNOWN
        fits = {
            r.loan.lender_type for r in self.results if ledger.same_lender(creditor, r.loan.lender)
        }
        return fits.pop() if len(fits) == 1 else LenderType.UNKNOWN


def examine(evidence: Evidence, as_of: date) -> Loans:
    """The loans worked out as of a local date; a payment counts for one of them only."""
    read = [ledger.loan_from(file.data, file.path) for file in evidence.loans]
    shared = ledger.share_out([loan for loan, _ in read], evidence.payments)
    results = tuple(
        ledger.examine(loan, payments, as_of=as_of, payees=ledger.payees_of(evidence.parties, loan))
        for (loan, _), payments in zip(read, shared.payments, strict=True)
    )
    problems = tuple(problem for _, found in read for problem in found)
    return Loans(results, problems, shared.questions)


def loan_rows(loans: Loans) -> list[Row]:
    """The loans' facts as rows to be judged on the day the money was provided."""
    rows = []
    for result in loans.results:
        day = result.loan.disbursed_on or result.loan.signed or result.as_of
        rows.append(
            Row(
                ref=ItemRef(result.loan.path, 1),
                at=datetime.combine(day, time(), SHANGHAI),
                on=day,
                facts={**result.facts, "creditor": result.loan.lender},
                subject="loan",
            )
        )
    return rows


def judge_loans(loans: Loans) -> Judgement:
    """What the loan rules say of the loans.

    Findings have no items; the fact `source` names the loan's file instead.
    """
    found = judge(
        of_subject(rulebook(), "loan"),
        loan_rows(loans),
        lender_type_of=loans.lender_type,
        cite=law.cite,
    )
    findings = tuple(
        replace(f, items=(), facts={**f.facts, "source": ItemRef(f.items[0].path, 1)})
        for f in found.findings
    )
    return Judgement(findings, found.unknown)


def loan_reports(loans: Loans) -> tuple[LoanReport, ...]:
    """The loans as the report shows them, the answer to look at first on top."""
    return tuple(_report(result) for result in loans.results)


def _report(result: LoanResult) -> LoanReport:
    ordered = sorted(result.owed, key=lambda a: (a.contrast_only, a.id != result.main))
    return LoanReport(
        title=Words(result.loan.lender, result.loan.lender),
        path=result.loan.path,
        answers=tuple(_answer(a) for a in ordered),
        rates=_rates(result),
        balances=_balances(result),
        flows=_flows(result),
        notes=result.questions,
    )


def _answer(answer: ledger.Answer) -> OwedAnswer:
    return OwedAnswer(
        id=answer.id,
        assumption=answer.assumption,
        principal=answer.principal,
        interest=answer.interest,
        fees=answer.fees,
        penalty=answer.penalty,
        paid=answer.paid,
        total=answer.total,
        overpaid=answer.overpaid,
        formula=answer.formula,
        cites=answer.cites,
        contrast=answer.contrast_only,
    )


_RATES = (
    ("stated_annual", Words("合同写的年利率", "rate stated in the contract")),
    ("annual_nominal", Words("按实际到手和还款算的年利率（12×月内部收益率）", "nominal annual rate, 12 × IRR")),
    ("annual_effective", Words("有效年利率（复利）", "effective annual rate")),
    ("xirr_365", Words("按实际天数的年化成本（XIRR）", "annual cost by actual days (XIRR)")),
    ("first_term_simple_annual", Words("第一期折合年利率（单利）", "first term as a simple annual rate")),
    ("penalty_annual", Words("逾期费用折合年利率", "late charge as an annual rate")),
)  # fmt: skip


def _rates(result: LoanResult) -> tuple[RateFigure, ...]:
    figures = []
    for name, label in _RATES:
        value = getattr(result.rate, name)
        if isinstance(value, ledger.Rate):
            if value.value is not None or value.why_not is not None:
                figures.append(RateFigure(name, label, value.value, value.why_not))
        elif value is not None:
            figures.append(RateFigure(name, label, Decimal(value)))
    for cap in result.caps:
        if cap.applies:
            figures.append(
                RateFigure(cap.id, cap.label, cap.rate, cap.why_not or cap.basis, True, cap.cites)
            )
    return tuple(figures)


def _balances(result: LoanResult) -> tuple[BalanceSeries, ...]:
    labels = {a.id: a.assumption for a in result.owed}
    contrast = {a.id for a in result.owed if a.contrast_only}
    series: dict[str, list[BalancePoint]] = {}
    for point in result.charts.balance:
        series.setdefault(point.series, []).append(BalancePoint(point.on, point.owed))
    return tuple(
        BalanceSeries(
            name, labels.get(name, Words(name, name)), name not in contrast, tuple(points)
        )
        for name, points in series.items()
    )


def _flows(result: LoanResult) -> tuple[Flow, ...]:
    if not result.charts.went:
        return ()
    parts = tuple(FlowPart(f.id, f.label, f.amount) for f in result.charts.went)
    return (Flow("went", Words("已付的钱去了哪里", "where the money paid went"), parts),)
