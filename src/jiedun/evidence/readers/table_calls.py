"""Call logs and carriers' call and message records as CSV, XLSX or XLS.

Two layouts of calls (a phone's own log; a carrier's 详单 of 移动, 联通 or 电信 and the column names
of call-record viewers) and carriers' message lists, which state that a message went but not its
words. Direction words: `incoming`/`被叫` received, `missed`, `rejected`, `outgoing`/`主叫` placed by
the phone's owner, `呼转` forwarded: nobody reached anybody. A length of 0 s is not answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from jiedun.evidence.interface import Record, Source
from jiedun.evidence.readers import _quick
from jiedun.evidence.readers.table import Grid, Layout, fits, grids, header_name, problem
from jiedun.evidence.readers.table_sheet import is_workbook
from jiedun.evidence.readers.table_words import (
    Trouble,
    direction,
    message_direction,
    moment,
    number,
    seconds,
)
from jiedun.evidence.readers.table_years import Years
from jiedun.model.evidence import Channel, Contact, Direction, Outcome, Problem
from jiedun.model.text import Words
from jiedun.model.time import Moment

_OWN = Layout(
    {
        "time": ("time", "date_time", "datetime", "date", "start_time", "call_time", "时间", "通话时间",
                 "来电时间", "日期时间", "开始时间", "呼叫时间", "日期"),
        "clock": ("clock", "time_of_day", "时刻"),
        "way": ("direction", "type", "call_type", "方向", "类型", "通话类型", "呼叫类型", "来去电",
                "呼入呼出", "状态"),
        "number": ("peer_number", "number", "phone_number", "phone", "peer", "号码", "电话号码",
                   "电话", "手机号", "手机号码", "来电号码"),
        "name": ("peer_name", "name", "contact_name", "contact", "姓名", "联系人", "名称", "备注名"),
        "length": ("duration_s", "duration", "duration_seconds", "length", "seconds", "时长",
                   "通话时长", "持续时间", "时长秒数"),
    },
    frozenset({"time", "way", "number"}),
)  # fmt: skip

_TIMES = ("起始时间", "通话起始时间", "开始时间", "通话开始时间", "呼叫起始时间", "呼叫开始时间", "起呼时间",
          "通话时间", "呼叫时间", "发生时间", "起止时间", "时间", "start_time", "starttime")  # fmt: skip
_PEERS = ("对方号码", "对端号码", "对方电话", "对方电话号码", "对方手机号", "对方手机号码", "通话号码",
          "通信号码", "联系号码", "对方", "anothernm")  # fmt: skip

_CARRIER = Layout(
    {
        "length": ("通信时长", "通话时长", "时长", "通话时长秒", "计费时长", "呼叫时长", "持续时间", "commtime"),
        "time": _TIMES,
        "number": _PEERS,
        "way": ("通信方式", "主被叫类型", "主被叫标志", "主被叫标识", "主被叫", "主叫/被叫", "呼叫类型",
                "通话方式", "呼叫方式", "通话类型", "状态", "commmode"),
        "clock": ("通话时刻", "时刻", "通话时间", "呼叫时间"),
    },
    frozenset({"time", "way", "number", "length"}),
)  # fmt: skip

_MESSAGES = Layout(
    {
        "time": ("发送时间", "短信时间", "收发时间", *_TIMES),
        "number": _PEERS,
        "way": ("通信方式", "收发类型", "发送方式", "收发方式", "短信方向", "方向", "业务类型", "信息类型",
                "commmode"),
        "kind": ("信息类型", "业务名称", "短信类型", "业务类型", "infotype", "businame"),
    },
    frozenset({"time", "number", "kind"}),
)  # fmt: skip

_REASONS = {
    Trouble.EMPTY: ("时间是空的", "the time is empty"),
    Trouble.UNREADABLE: ("时间看不懂", "the time cannot be read"),
    Trouble.NO_CLOCK: ("只有日期，没有几点几分", "there is a day and no time of day"),
    Trouble.NO_YEAR: (
        "时间没有年份，也推不出来",
        "the time has no year and nothing in the file gives it",
    ),
    Trouble.IMPLAUSIBLE: ("年份不可能", "the year is not plausible"),
}
_NEXT = {
    Trouble.NO_YEAR: Words(
        "把年月写进文件名，例如 通话详单2026年09月.csv", "put year and month in the file name, e.g. calls-2026-09.csv"
    ),
    Trouble.NO_CLOCK: Words(
        "重新导出带时刻的一份；表格软件另存会丢时刻",
        "export it again with times; re-saving in a spreadsheet loses them",
    ),
}  # fmt: skip
_SUBTOTALS = ("小计", "合计", "总计", "共计", "汇总", "subtotal", "total")


_DAMAGED = ("号码被表格软件改坏了", "a spreadsheet destroyed the number")
_AGAIN = Words(
    "从手机或营业厅重新导出，不要用表格软件打开再保存", "export it again and do not re-save it in a spreadsheet"
)  # fmt: skip


class CallTable:
    """A reader of tables whose rows are calls or messages, in any of its layouts."""

    version = "1"

    def __init__(self, name: str, layouts: Sequence[Layout], names: frozenset[str]) -> None:
        self.name = name
        self._layouts = layouts
        self._names = names

    def recognises(self, source: Source) -> bool:
        """A header of one of the layouts, or the name that such a file has in a case folder."""
        return source.name in self._names or fits(source, *self._layouts)

    def read(self, source: Source) -> Iterator[Record | Problem]:
        """Contacts in file order, with problems where they occur."""
        earlier: set[_Key] = set()
        for grid in grids(source, *self._layouts):
            if isinstance(grid, Problem):
                yield grid
                continue
            records = _Table(source, grid, self._layouts).records()
            yield from _new(source, records, earlier) if is_workbook(source) else records


_Key = tuple[Channel, Direction, datetime, str, int | None]


def _new(
    source: Source, records: Iterator[Contact | Problem], earlier: set[_Key]
) -> Iterator[Contact | Problem]:
    """The records of one sheet but those that an earlier sheet holds: people paste lists again."""
    here: set[_Key] = set()
    repeated = 0
    for record in records:
        if isinstance(record, Contact):
            at = record.moment.at
            key = (record.channel, record.direction, at, record.peer_raw, record.duration_s)
            if key in earlier:
                repeated += 1
                continue
            here.add(key)
        yield record
    earlier |= here
    if repeated:
        yield problem(
            source,
            None,
            "repeated-rows",
            f"有 {repeated} 行和前面的工作表重复，只算一次",
            f"{repeated} rows repeat an earlier sheet and count once",
        )


class _Table:
    """Turns the rows of one table into contacts."""

    def __init__(self, source: Source, grid: Grid, layouts: Sequence[Layout]) -> None:
        self._source = source
        self._layouts = layouts
        self._rows = list(grid.rows)
        self._said: list[Problem] = []
        stated = [cell for cells in grid.preamble for cell in cells]
        self._zone_stated = any("UTC+08:00" in cell or "北京时间" in cell for cell in stated)
        self._use(grid.layout, grid.columns, grid.header)
        self._years = Years([*stated, source.name], self._times)

    def _use(self, layout: Layout, columns: Mapping[str, int], header: Sequence[str]) -> None:
        self._is_sms = layout is _MESSAGES
        self._time, self._number = columns["time"], columns["number"]
        self._needed = max(self._time, self._number)
        self._length, self._name = columns.get("length", -1), columns.get("name", -1)
        self._clock = columns.get("clock", -1)
        self._way = self._way_column(layout, columns, header)

    def _way_column(self, layout: Layout, columns: Mapping[str, int], header: Sequence[str]) -> int:
        """The first of the columns named like a direction that holds direction words."""
        names = [header_name(cell) for cell in header]
        for place in (names.index(name) for name in layout.columns["way"] if name in names):
            if any(direction(c) or message_direction(c) for c in self._column(place, 200)):
                return place
        return columns.get("way", -1)

    def _column(self, place: int, limit: int | None = None) -> Iterator[str]:
        for row in islice(self._rows, limit):
            if isinstance(row, tuple) and place < len(row[1]):
                yield row[1][place]

    def _times(self) -> Iterator[str]:
        return self._column(self._time)

    def records(self) -> Iterator[Contact | Problem]:
        """Contacts and problems in file order."""
        for row in self._rows:
            if isinstance(row, Problem):
                yield row
                continue
            n, cells = row
            if len(cells) <= self._needed:
                yield from self._short(n, cells)
                continue
            at = self._moment(cells)
            if isinstance(at, Trouble):
                yield from self._no_time(n, cells, at)
            elif not _is_subtotal(cells, at, cells[self._number]):
                contact = self._contact(n, cells, at)
                if self._said:
                    yield from self._said
                    self._said.clear()
                yield contact

    def _short(self, n: int, cells: Sequence[str]) -> Iterator[Problem]:
        if not _is_title(cells) and not _says_total(cells):
            yield self._say(
                n, "short-row", "这一行的列不够，没有读", "this row has too few columns; not read"
            )

    def _moment(self, cells: Sequence[str]) -> Moment | Trouble:
        stamp = cells[self._time].strip()
        if self._clock >= 0 and ":" not in stamp and self._clock < len(cells):
            stamp = f"{stamp} {cells[self._clock].strip()}"
        return moment(stamp, self._years.of, zone_stated=self._zone_stated)

    def _no_time(self, n: int, cells: Sequence[str], why: Trouble) -> Iterator[Problem]:
        if _is_title(cells) or _says_total(cells):
            return
        for layout in self._layouts:
            if (columns := layout.match(cells)) is not None:
                self._use(layout, columns, cells)
                return
        yield self._say(n, f"time-{why}", *_REASONS[why], _NEXT.get(why))

    def _contact(self, n: int, cells: Sequence[str], at: Moment) -> Contact:
        """The row as a contact; what is wrong in it goes to `_said`."""
        peer, lost = number(cells[self._number])
        if lost:
            self._said.append(self._say(n, "damaged-number", *_DAMAGED, _AGAIN))
        name = cells[self._name].strip() if 0 <= self._name < len(cells) else ""
        way = cells[self._way].strip() if 0 <= self._way < len(cells) else ""
        ref = _quick.ref(self._source.path, n)
        if self._is_sms:
            toward = message_direction(way)
            flow = (toward or self._no_direction(n), Outcome.DELIVERED)
            return _quick.contact(ref, self._source.phone, Channel.SMS, flow, at, peer, name, way)
        length = self._seconds(n, cells)
        known = direction(way) or (self._no_direction(n), Outcome.UNKNOWN)
        flow = (known[0], _outcome(known, length))
        return _quick.contact(
            ref, self._source.phone, Channel.CALL, flow, at, peer, name, way, duration=length
        )

    def _seconds(self, n: int, cells: Sequence[str]) -> int | None:
        if not 0 <= self._length < len(cells):
            return None
        length = seconds(cells[self._length])
        if not isinstance(length, Trouble):
            return length
        if length is Trouble.NEGATIVE:
            self._said.append(
                self._say(n, "duration-negative", "通话时长是负数", "the length is negative")
            )
        elif length is not Trouble.EMPTY:
            self._said.append(
                self._say(n, "duration", "通话时长看不懂", "the length cannot be read")
            )
        return None

    def _no_direction(self, n: int) -> Direction:
        words = (
            "看不懂方向，没有算作任何一方打来的",
            "the direction word is not known; counted for nobody",
        )
        self._said.append(self._say(n, "direction", *words))
        return Direction.NONE

    def _say(self, n: int, code: str, zh: str, en: str, step: Words | None = None) -> Problem:
        return problem(self._source, n, code, zh, en, step)


def _outcome(known: tuple[Direction, Outcome], length: int | None) -> Outcome:
    """What the word states, corrected by the length: 0 s is not answered."""
    toward, stated = known
    if toward is Direction.NONE or stated not in (Outcome.ANSWERED, Outcome.UNKNOWN):
        return stated
    if length is None:
        return stated
    return Outcome.ANSWERED if length > 0 else Outcome.MISSED


def _is_title(cells: Sequence[str]) -> bool:
    """An empty row, or one cell of words between records: a section's title, a remark, a footer."""
    filled = [cell for cell in cells if cell.strip()]
    return not filled or (len(filled) == 1 and isinstance(moment(filled[0].strip()), Trouble))


def _says_total(cells: Sequence[str]) -> bool:
    return any(cell.strip().startswith(_SUBTOTALS) for cell in cells)


def _is_subtotal(cells: Sequence[str], at: Moment, peer: str) -> bool:
    """A carrier's sum line: no number, and a sum word or nothing but fees at 23:59:59."""
    if peer.strip().strip("-"):
        return False
    if _says_total(cells):
        return True
    last_second = (at.local.hour, at.local.minute, at.local.second) == (23, 59, 59)
    return last_second and not any(direction(cell) or message_direction(cell) for cell in cells)


CALLS = CallTable("call_log_table", (_OWN,), frozenset({"calls.csv"}))
CARRIER = CallTable("carrier_records", (_CARRIER, _MESSAGES), frozenset({"通话详单.csv"}))
