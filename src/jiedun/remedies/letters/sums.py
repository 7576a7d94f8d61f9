"""Sums in a letter: every figure is one of the ledger's, named by its key."""

from collections.abc import Iterator
from decimal import Decimal

from jiedun.model.letter import Block, Heading, Items, Kind, Para, Run, Runs, Style, Table
from jiedun.model.report import OwedAnswer
from jiedun.model.text import Words
from jiedun.remedies.letters.build import Builder, day_of
from jiedun.remedies.letters.matter import PARTS, LoanSums

_NONE = Words(
    "（还没有可用的金额：文件夹里没有 loan.json，或缺到账金额、日期。请先补上再算。）",
    "(No sums yet: there is no loan.json, or the money received or its date is missing.)",
)
_HEAD = Words(
    "算法|本金|利息|费用|罚息|已还|还欠|多付",
    "Assumption|Principal|Interest|Fees|Penalty|Paid|Owed|Overpaid",
)
_NAME = Words("算法{n}", "No. {n}")
_MAIN = Words("（先看）", " (first)")
_EXPLAIN = Words(
    "法律在有些问题上有几种答案，上表逐一列出，不代表承认任何一种。算到{day}为止，金额单位为元。",
    "Where the law has several answers all are shown; none is admitted. Up to {day}, in yuan.",
)
_RATES = Words(
    "按实际到手的钱和应还的钱算，名义年利率为{rate}；适用的上限是{cap}（{label}）。",
    "On the money received, the nominal annual rate is {rate}; the limit that applies is {cap} ({label}).",
)
_PAID = Words("日期|金额|付给谁|备注|证据", "Date|Sum|Paid to|Note|Evidence")
_NO_PAYMENTS = Words("（文件夹里没有还款记录。）", "(The folder holds no payments.)")
_DUE = Words("期数|日期|金额", "No.|Date|Sum")
_NO_PLAN = Words(
    "（请把能做到的还款安排填在这里：每月____元，共____期。也可用 --afford 让程序按依法应还的数算。）",
    "(Fill in what you can keep: ____ a month for ____ months; or let --afford work it out.)",
)
_TOTAL = Words("；合计", "; in all ")


def sums(builder: Builder) -> Iterator[Block]:
    """What is owed on every loan, under each assumption, from the ledger."""
    if not any(loan.answers for loan in builder.matter.loans):
        yield Para((Run(_NONE.of(builder.lang)),), Style.NOTE)
    for loan in builder.matter.loans:
        if loan.answers:
            yield from _loan(builder, loan)


def payments(builder: Builder) -> Iterator[Block]:
    """The payments made, each with its evidence."""
    rows = []
    for paid in builder.matter.payments:
        cells = (paid.on.isoformat(), paid.payee, paid.note)
        on, payee, note = ((Run(text, Kind.GIVEN),) for text in cells)
        rows.append(
            (on, (builder.figure(str(paid.ref)),), payee, note, (builder.evidence(paid.ref),))
        )
    if not rows:
        yield Para((Run(_NO_PAYMENTS.of(builder.lang)),), Style.NOTE)
        return
    head = tuple(_PAID.of(builder.lang).split("|"))
    yield Table(head, tuple(rows), (16, 18, 28, 24, 14), facts=True)


def schedule(builder: Builder) -> Iterator[Block]:
    """The proposed instalments of the first loan that has any; blanks otherwise."""
    loan = next((loan for loan in builder.matter.loans if loan.schedule), None)
    if loan is None:
        yield Para((Run(_NO_PLAN.of(builder.lang)),), Style.NOTE)
        return
    rows = []
    for n, (on, _) in enumerate(loan.schedule, start=1):
        figure = builder.figure(f"{loan.path}:schedule.{n}")
        rows.append(((Run(str(n)),), (Run(day_of(on, builder.lang)),), (figure,)))
    yield Table(tuple(_DUE.of(builder.lang).split("|")), tuple(rows), (15, 45, 40))
    if loan.schedule_note:
        told = loan.schedule_note.of(builder.lang) + _TOTAL.of(builder.lang)
        yield Para((Run(told), builder.figure(f"{loan.path}:schedule.total")), Style.NOTE)


def _loan(builder: Builder, loan: LoanSums) -> Iterator[Block]:
    lang = builder.lang
    yield Heading((Run(loan.lender, Kind.GIVEN), builder.evidence(loan.ref)), 2)
    answers = [answer for answer in loan.answers if not answer.contrast]
    rows = [_row(builder, loan, n, answer) for n, answer in enumerate(answers, start=1)]
    yield Table(tuple(_HEAD.of(lang).split("|")), tuple(rows), (10, 13, 12, 11, 11, 13, 13, 13))
    text = _EXPLAIN.of(lang).format(day=day_of(builder.matter.as_of, lang))
    yield Para((Run(text), builder.evidence(loan.ref)), fact=True)
    if loan.nominal is not None and loan.cap is not None and loan.cap_label is not None:
        told = _RATES.of(lang).format(
            rate=_percent(loan.nominal), cap=_percent(loan.cap), label=loan.cap_label.of(lang)
        )
        yield Para((Run(told), builder.evidence(loan.ref)), fact=True)
    yield Items(tuple(_formula(builder, n, a) for n, a in enumerate(answers, 1)), ordered=False)


def _row(builder: Builder, loan: LoanSums, n: int, answer: OwedAnswer) -> tuple[Runs, ...]:
    lang = builder.lang
    main = _MAIN.of(lang) if answer.id == loan.main else ""
    cells: list[Runs] = [(Run(_NAME.of(lang).format(n=n) + main),)]
    for part in PARTS:
        known = getattr(answer, part) is not None
        key = f"{loan.path}:{answer.id}.{part}"
        cells.append((builder.figure(key, unit=False),) if known else (Run("—"),))
    return tuple(cells)


def _formula(builder: Builder, n: int, answer: OwedAnswer) -> Runs:
    lang, colon = builder.lang, "：" if builder.lang != "en" else ": "
    runs = [Run(_NAME.of(lang).format(n=n) + colon, Kind.STRONG), Run(answer.assumption.of(lang))]
    if answer.formula:
        runs.append(Run(("。" if lang != "en" else ". ") + answer.formula.of(lang)))
    for k, cite in enumerate(answer.cites):
        runs.append(Run(("；依据" if lang != "en" else "; basis ") if k == 0 else "、"))
        runs.append(builder.clause(cite, builder.matter.as_of))
    return tuple(runs)


def _percent(rate: Decimal) -> str:
    return f"{rate * 100:.2f}%"
