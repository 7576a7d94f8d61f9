"""`payments.csv` (what the borrower paid) and `events.csv` (what no phone exports)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from jiedun.evidence.interface import Record, Source
from jiedun.evidence.readers.table import Grid, Layout, fits, grids, problem
from jiedun.evidence.readers.table_words import Trouble, amount, day, moment
from jiedun.model.evidence import Event, ItemRef, Payment, Problem
from jiedun.model.text import Words

_PAYMENTS = Layout(
    {
        "date": ("date", "paid_on", "paid_date", "日期", "付款日期", "还款日期", "支付日期", "转账日期"),
        "amount": ("amount", "金额", "付款金额", "还款金额", "支付金额"),
        "payee": ("payee", "收款人", "收款方", "付给", "付给谁"),
        "note": ("note", "remark", "备注", "说明", "用途"),
    },
    frozenset({"date", "amount", "payee"}),
)  # fmt: skip

_EVENTS = Layout(
    {
        "time": ("time", "date", "when", "时间", "日期"),
        "kind": ("kind", "type", "种类", "类型", "类别"),
        "place": ("place", "where", "地点", "地方"),
        "who": ("who", "person", "谁", "人物", "什么人"),
        "what": ("what", "description", "内容", "经过", "说了什么", "发生了什么"),
        "proof_file": ("proof_file", "proof", "file", "证据文件", "证明文件", "文件"),
    },
    frozenset({"time", "kind", "what"}),
)  # fmt: skip

_RowOf = Callable[[Source, Grid, int, Sequence[str]], Iterator[Record | Problem]]

_DATES = {
    Trouble.EMPTY: ("日期是空的", "the date is empty"),
    Trouble.NO_YEAR: ("日期没有年份", "the date has no year"),
    Trouble.IMPLAUSIBLE: ("年份不可能", "the year is not plausible"),
}
_DAY_ONLY = (
    "只写了日期，没写几点：按时间不详保留",
    "only the day is stated: kept, with its time not known",
    Words(
        "知道几点就写成 2026-03-26 19:30 这样",
        "if you know the time, write it like 2026-03-26 19:30",
    ),
)
_AMOUNTS = {Trouble.EMPTY: ("金额是空的", "the amount is empty")}
_DATE_FORM = Words("写成 2026-03-26 这样", "write it like 2026-03-26")
_AMOUNT_FORM = Words("写成 1452.50 这样，只写数字", "write it like 1452.50, digits only")


def _cell(cells: Sequence[str], at: int | None) -> str:
    return cells[at].strip() if at is not None and at < len(cells) else ""


class PaymentsTable:
    """The reader of payments.csv."""

    name = "payments_table"
    version = "1"

    def recognises(self, source: Source) -> bool:
        """A header with date, amount and payee, or the name payments.csv."""
        return source.name == "payments.csv" or fits(source, _PAYMENTS)

    def read(self, source: Source) -> Iterator[Record | Problem]:
        """One `Payment` a row whose date and amount can be read; a problem for each other row."""
        yield from _rows(source, _PAYMENTS, self._row)

    def _row(
        self, source: Source, grid: Grid, n: int, cells: Sequence[str]
    ) -> Iterator[Record | Problem]:
        on = day(_cell(cells, grid.columns["date"]))
        sum_ = amount(_cell(cells, grid.columns["amount"]))
        if isinstance(on, Trouble):
            zh, en = _DATES.get(on, ("日期看不懂", "the date cannot be read"))
            yield problem(source, n, "date", zh, en, _DATE_FORM)
        if isinstance(sum_, Trouble):
            zh, en = _AMOUNTS.get(sum_, ("金额看不懂", "the amount cannot be read"))
            yield problem(source, n, "amount", zh, en, _AMOUNT_FORM)
        if not isinstance(on, Trouble) and not isinstance(sum_, Trouble):
            payee, note = (_cell(cells, grid.columns.get(key)) for key in ("payee", "note"))
            yield Payment(ItemRef(source.path, n), on, sum_, payee, note)


class EventsTable:
    """The reader of events.csv."""

    name = "events_table"
    version = "1"

    def recognises(self, source: Source) -> bool:
        """A header with time, kind and what, or the name events.csv."""
        return source.name == "events.csv" or fits(source, _EVENTS)

    def read(self, source: Source) -> Iterator[Record | Problem]:
        """One `Event` a row; without a full time its moment is None, with a problem."""
        yield from _rows(source, _EVENTS, self._row)

    def _row(
        self, source: Source, grid: Grid, n: int, cells: Sequence[str]
    ) -> Iterator[Record | Problem]:
        told = _cell(cells, grid.columns["time"])
        at = moment(told)
        on = day(told) if at is Trouble.NO_CLOCK else None
        if isinstance(on, date):
            yield problem(source, n, "time-day-only", *_DAY_ONLY)
        elif isinstance(at, Trouble):
            step = Words("写成 2026-03-26 19:30 这样", "write it like 2026-03-26 19:30")
            yield problem(source, n, f"time-{at}", "时间不完整", "the time is not full", step)
        kind, place, who, what, proof = (
            _cell(cells, grid.columns.get(key))
            for key in ("kind", "place", "who", "what", "proof_file")
        )
        when = None if isinstance(at, Trouble) else at
        known = on if isinstance(on, date) else None
        yield Event(ItemRef(source.path, n), when, kind, place, who, what, proof, known)


def _rows(source: Source, layout: Layout, row_of: _RowOf) -> Iterator[Record | Problem]:
    for grid in grids(source, layout):
        if isinstance(grid, Problem):
            yield grid
            continue
        for row in grid.rows:
            if isinstance(row, Problem):
                yield row
            elif any(cell.strip() for cell in row[1]):
                yield from row_of(source, grid, *row)


PAYMENTS = PaymentsTable()
EVENTS = EventsTable()
