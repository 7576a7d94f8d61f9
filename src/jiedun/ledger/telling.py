"""One loan told in plain lines of text, Chinese or English, for a terminal."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from jiedun.ledger.assume import percent
from jiedun.ledger.names import plain
from jiedun.ledger.values import Answer, LoanResult, Rate
from jiedun.model.evidence import Problem
from jiedun.model.text import Words

_HEAD = Words(
    "借款成本和依法应还（计算到 {0}）", "What the loan costs and what is lawfully owed (to {0})"
)
_COST = Words("实际成本", "Real cost")
_OWED = Words("依法应还（前提不同，结果不同）", "Owed, by assumption")
_CAPS = Words("适用的上限", "Limits")
_COUNT = Words(
    "还款：计入 {0} 笔共 {1} 元；未计入 {2} 笔", "Payments: {0} counted, {1} yuan; {2} not counted"
)
_LEFT = Words("没有计入的付款，和原因", "Payments not counted, and why")
_ASK = Words("还要弄清楚", "To be settled")
_BAD = Words("材料里的问题", "Problems in the files")
_FIRST = Words("★", "★")
_CONTRAST = Words("（仅作对照，不是依法应还）", "(contrast only, not what is owed)")
_UNSURE = Words(
    "放贷方类型不明，不下结论；下面按各种类型分别列出。",
    "The kind of lender is unknown: nothing is concluded; results by kind follow.",
)
_REFUND = Words(
    "按首选算法，已经多付 {0} 元：先不要再付，可以要求返还。",
    "By the first assumption {0} yuan too much was paid: pay no more for now, it can be asked back.",
)
_CARE = Words(
    "这是按公开规则算的，不是法律意见。时效可能影响能不能要；写“我会还”之前先看 --limitation。",
    "Worked out by public rules, not legal advice. Limitation may matter: see --limitation before promising to pay.",
)
_RATES = (
    ("monthly_irr", Words("月内部收益率", "monthly IRR")),
    ("annual_nominal", Words("年名义利率", "nominal annual")),
    ("annual_effective", Words("年有效利率（复利）", "effective annual")),
    ("xirr_365", Words("XIRR（实际天数/365）", "XIRR, actual/365")),
)


def _rate(rate: Rate, lang: str) -> str:
    if rate.value is not None:
        return percent(rate.value)
    return "—  " + (rate.why_not.of(lang) if rate.why_not else "")


def _costs(result: LoanResult, lang: str) -> Iterator[str]:
    yield _COST.of(lang)
    for name, words in _RATES:
        yield f"  {words.of(lang)}: {_rate(getattr(result.rate, name), lang)}"
    if result.rate.stated_annual is not None:
        yield f"  {Words('合同所示', 'stated').of(lang)}: {percent(result.rate.stated_annual)}"
    if result.rate.penalty_annual is not None:
        words = Words("逾期违约金折年", "late charge a year")
        yield f"  {words.of(lang)}: {percent(result.rate.penalty_annual)}"


def _caps(result: LoanResult, lang: str) -> Iterator[str]:
    yield _CAPS.of(lang)
    for cap in result.caps:
        shown = {"total", "penalty"} & set(cap.claims)
        if not shown or (cap.rate is None and cap.why_not is None):
            continue
        rate = (
            percent(cap.rate)
            if cap.rate is not None
            else (cap.why_not.of(lang) if cap.why_not else "—")
        )
        mark = "" if cap.verified else Words("［待核实］", " [to be confirmed]").of(lang)
        yield f"  {cap.label.of(lang)}: {rate}{mark}"


def _answer(answer: Answer, first: bool, lang: str) -> Iterator[str]:
    head = f"  {_FIRST.of(lang) if first else '-'} {answer.id}"
    tail = _CONTRAST.of(lang) if answer.contrast_only else ""
    yield f"{head}  {answer.assumption.of(lang)}{tail}"
    parts = [
        (Words("本金", "principal"), answer.principal),
        (Words("利息", "interest"), answer.interest),
        (Words("违约金", "penalty"), answer.penalty),
        (Words("合计", "total"), answer.total),
        (Words("已多付", "overpaid"), answer.overpaid),
    ]
    shown = [f"{w.of(lang)} {v:,.2f}" for w, v in parts if v or w.zh in ("本金", "合计")]
    yield "      " + "  ".join(shown)


def tell(result: LoanResult, problems: Sequence[Problem], lang: str) -> Iterator[str]:
    """The lines of one loan, calm and short; amounts in yuan."""
    yield _HEAD.of(lang).format(result.as_of)
    if result.lender_type.value == "unknown":
        yield _UNSURE.of(lang)
    yield from _costs(result, lang)
    yield from _caps(result, lang)
    yield _OWED.of(lang)
    for answer in result.owed:
        yield from _answer(answer, answer.id == result.main, lang)
    paid = sum((c.payment.amount for c in result.counted), Decimal(0))
    yield _COUNT.of(lang).format(len(result.counted), f"{paid:,.2f}", len(result.not_counted))
    left = [f"{n.payment.ref}  {n.why.of(lang)}" for n in result.not_counted]
    yield from _listed(_LEFT, left, lang)
    if result.refund is not None:
        yield _REFUND.of(lang).format(f"{result.refund.amount:,.2f}")
    yield from _listed(_ASK, [q.of(lang) for q in result.questions], lang)
    said = [f"{p.path}{'#' + plain(p.at) if p.at else ''}: {p.message.of(lang)}" for p in problems]
    yield from _listed(_BAD, said, lang)
    yield _CARE.of(lang)


def _listed(head: Words, rows: Sequence[str], lang: str) -> Iterator[str]:
    if rows:
        yield head.of(lang)
        yield from (f"  - {row}" for row in rows)
