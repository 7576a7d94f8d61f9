"""Call logs and carrier records: every writing of the same call gives the same contact."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from jiedun.evidence.interface import Record, Source
from jiedun.evidence.readers.tables import TABLE_READERS
from jiedun.model.evidence import Channel, Contact, Direction, Outcome, Problem

OWN = "time,direction,peer_number,peer_name,duration_s\n"
CARRIER = "起始时间,通信地点,通信方式,对方号码,通信时长,通信类型\r\n"


def make(data: bytes | str, path: str = "calls.csv", phone: str | None = None) -> Source:
    raw = data.encode() if isinstance(data, str) else data
    return Source(path, len(raw), raw[:65536], lambda: BytesIO(raw), phone)


def read(source: Source) -> list[Record | Problem]:
    reader = next(reader for reader in TABLE_READERS if reader.recognises(source))
    return list(reader.read(source))


def contacts(records: Sequence[Record | Problem]) -> list[Contact]:
    return [record for record in records if isinstance(record, Contact)]


def codes(records: Sequence[Record | Problem]) -> list[tuple[str | None, str]]:
    return [(record.at, record.code) for record in records if isinstance(record, Problem)]


def workbook(rows: Sequence[Sequence[object]], *more: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for table in (rows, *more):
        sheet = book.create_sheet()
        for row in table:
            sheet.append(list(row))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("word", "length", "direction", "outcome"),
    [
        ("incoming", "12", Direction.IN, Outcome.ANSWERED),
        ("incoming", "", Direction.IN, Outcome.ANSWERED),
        ("incoming", "0", Direction.IN, Outcome.MISSED),
        ("Incoming ", "12", Direction.IN, Outcome.ANSWERED),
        ("missed", "0", Direction.IN, Outcome.MISSED),
        ("missed", "25", Direction.IN, Outcome.MISSED),
        ("rejected", "0", Direction.IN, Outcome.REJECTED),
        ("outgoing", "9", Direction.OUT, Outcome.ANSWERED),
        ("outgoing", "0", Direction.OUT, Outcome.MISSED),
        ("来电", "1分7秒", Direction.IN, Outcome.ANSWERED),
        ("来电", "", Direction.IN, Outcome.UNKNOWN),
        ("未接来电", "0", Direction.IN, Outcome.MISSED),
        ("拒接", "0", Direction.IN, Outcome.REJECTED),
        ("去电", "0秒", Direction.OUT, Outcome.MISSED),
        ("1", "3", Direction.IN, Outcome.ANSWERED),
        ("5", "0", Direction.IN, Outcome.REJECTED),
    ],
)
def test_own_log_direction_words(
    word: str, length: str, direction: Direction, outcome: Outcome
) -> None:
    (call,) = contacts(read(make(OWN + f"2026-09-01 10:00:00,{word},17000000001,,{length}\n")))
    assert (call.direction, call.outcome) == (direction, outcome)
    assert call.direction_raw == word.strip()


@pytest.mark.parametrize(
    ("word", "length", "direction", "outcome", "seconds"),
    [
        ("主叫", "67", Direction.OUT, Outcome.ANSWERED, 67),
        ("主叫", "0秒", Direction.OUT, Outcome.MISSED, 0),
        ("被叫", "1分7秒", Direction.IN, Outcome.ANSWERED, 67),
        ("被叫", "1小时2分3秒", Direction.IN, Outcome.ANSWERED, 3723),
        ("被叫", "00:01:07", Direction.IN, Outcome.ANSWERED, 67),
        ("被叫", "0秒", Direction.IN, Outcome.MISSED, 0),
        ("被叫", "--", Direction.IN, Outcome.UNKNOWN, None),
        ("呼转", "30秒", Direction.NONE, Outcome.FORWARDED, 30),
        ("无条件呼转", "0秒", Direction.NONE, Outcome.FORWARDED, 0),
    ],
)
def test_carrier_modes(
    word: str, length: str, direction: Direction, outcome: Outcome, seconds: int | None
) -> None:
    text = CARRIER + f"2026-09-01 10:00:00,--,{word},8617000000001\t,{length},国内通话\r\n"
    (call,) = contacts(read(make(text.encode("gbk"), "通话详单.csv")))
    assert (call.direction, call.outcome, call.duration_s) == (direction, outcome, seconds)
    assert call.peer_raw == "8617000000001"


@pytest.mark.parametrize(
    "header",
    [
        "起始时间,通信地点,通信方式,对方号码,通信时长,通信类型",
        "通话起始时间,基站号,主被叫类型,对端号码,通话时长(秒),小区编号",
        "开始时间,位置区代码,呼叫类型,对方号码,通话时长（秒）,通话类型",
        "起始时间,LAC,主被叫标识,对端号码,通话时长,CI",
        "通话时间,通话地点,通话类型,对方号码,时长,费用",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_carrier_headers_in_every_encoding(header: str, encoding: str) -> None:
    text = f"客户号码,17000000000\r\n\r\n{header}\r\n2026-09-01 10:00:00,某地,被叫,02600000001,67,国内\r\n"
    records = read(make(text.encode(encoding), "通话详单.csv"))
    (call,) = contacts(records)
    assert (call.ref.n, call.direction, call.duration_s) == (1, Direction.IN, 67)
    assert codes(records) == []


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_other_delimiters(delimiter: str) -> None:
    text = (OWN + "2026-09-01 10:00:00,incoming,17000000001,甲,5\n").replace(",", delimiter)
    (call,) = contacts(read(make(text)))
    assert (call.peer_raw, call.peer_name, call.duration_s) == ("17000000001", "甲", 5)


@pytest.mark.parametrize(
    ("name", "lines", "expected"),
    [
        ("通话详单202609.csv", ["09-18 14:07:37"], [2026]),
        ("详单.csv", ["查询月份：2026年09月", "", "09-18 14:07:37"], [2026]),
        ("详单.csv", ["查询周期：2025-11-01至2026-01-31", "", "12-30 08:00:00", "01-02 08:00:00"], [2025, 2026]),
        ("2026年通话.csv", ["03-18 14:07:37"], [2026]),
        ("详单.csv", ["2025-12-31 09:00:00", "01-02 08:00:00", "12-30 08:00:00"], [2025, 2026, 2025]),
        ("详单.csv", ["查询时间：2026-02-03 10:00:00", "", "12-30 08:00:00", "02-01 08:00:00"], [2025, 2026]),
        ("详单.csv", ["09-18 14:07:37"], []),
        ("17020260900.csv", ["09-18 14:07:37"], []),
    ],
)  # fmt: skip
def test_missing_years(name: str, lines: list[str], expected: list[int]) -> None:
    cut = lines.index("") if "" in lines else 0
    rows = [f"{line},--,被叫,02600000001,67,国内" for line in lines[cut:] if line]
    text = "\r\n".join([*lines[:cut], CARRIER.strip(), *rows])
    records = read(make(text.encode("gbk"), name))
    assert [call.moment.at.year for call in contacts(records)] == expected
    assert ("1", "time-no-year") in codes(records) or expected


def test_subtotals_and_repeated_headers_are_counted_and_not_read() -> None:
    rows = [
        "2026-09-02 10:00:00,--,被叫,-,67,国内",
        "小计,,,,67,",
        CARRIER.strip(),
        "2026-09-30 23:59:59,--,--,--,--,--",
        "2026-08-02 23:59:59,--,被叫,--,0秒,国内",
        ",,,,,",
        "合计,,,,,",
    ]
    records = read(make((CARRIER + "\r\n".join(rows)).encode("gbk"), "通话详单.csv"))
    assert [(call.ref.n, call.peer_raw) for call in contacts(records)] == [(1, "-"), (5, "--")]
    assert codes(records) == []


def test_message_lists_have_no_text() -> None:
    text = (
        "起始时间,通信地点,对方号码,通信方式,信息类型,业务名称,套餐优惠,通信费(元)\n"
        "2026-09-02 10:00:00,--,1069000000001,接收,短信,--,--,0.00\n"
        "2026-09-02 11:00:00,--,17000000001,发送,短信,--,--,0.10\n"
    )
    first, second = contacts(read(make(text, "短信详单.csv")))
    assert (first.channel, first.direction, first.text) == (Channel.SMS, Direction.IN, "")
    assert (second.direction, second.outcome) == (Direction.OUT, Outcome.DELIVERED)


def test_a_call_section_and_a_message_section_in_one_file() -> None:
    text = (
        CARRIER + "2026-09-02 10:00:00,某地,被叫,17000000001,5秒,国内\n"
        "起始时间,通信地点,对方号码,通信方式,信息类型,业务名称\n"
        "2026-09-02 11:00:00,--,17000000002,接收,短信,--\n"
    )
    call, sms = contacts(read(make(text, "详单.csv")))
    assert (call.channel, call.ref.n) == (Channel.CALL, 1)
    assert (sms.channel, sms.ref.n, sms.peer_raw) == (Channel.SMS, 3, "17000000002")


def test_workbook_with_native_times_and_numbers() -> None:
    rows: list[list[object]] = [
        ["客户姓名", "某人"],
        [],
        ["起始时间", "通信地点", "通信方式", "对方号码", "通信时长", "通信类型"],
        [datetime(2026, 9, 1, 21, 0, 1), "某地", "被叫", 17000000001, 67, "国内"],
        ["2026-09-02 10:00:00", "某地", "主叫", "02600000001", timedelta(seconds=67), "国内"],
        [46266.875, "某地", "被叫", 13800000000.0, "0秒", "国内"],
    ]
    records = read(make(workbook([["说明"]], rows), "详单.xlsx"))
    calls = contacts(records)
    assert [call.moment.at.strftime("%m-%d %H:%M:%S") for call in calls] == [
        "09-01 21:00:01", "09-02 10:00:00", "09-01 21:00:00",
    ]  # fmt: skip
    assert [call.peer_raw for call in calls] == ["17000000001", "02600000001", "13800000000"]
    assert [call.duration_s for call in calls] == [67, 67, 0]
    assert codes(records) == []


def test_sheets_are_numbered_on() -> None:
    header = CARRIER.strip().split(",")
    row = ["2026-09-01 10:00:00", "某地", "被叫", "17000000001", "5秒", "国内"]
    other = ["2026-09-02 10:00:00", *row[1:]]
    records = read(make(workbook([header, row, row], [header, other, row]), "详单.xlsx"))
    assert [call.ref.n for call in contacts(records)] == [1, 2, 3]
    assert codes(records) == [(None, "repeated-rows")]


def test_numbers_that_a_spreadsheet_destroyed_are_named() -> None:
    rows = "".join(
        f"2026-09-01 10:00:0{n},incoming,{number},,5\n"
        for n, number in enumerate(
            ["1.7E+10", "1.7000000001E+10", '"=""17000000002"""', "13800000000.0"]
        )
    )
    records = read(make(OWN + rows))
    assert codes(records) == [("1", "damaged-number")]
    assert [c.peer_raw for c in contacts(records)] == [
        "1.7E+10",
        "17000000001",
        "17000000002",
        "13800000000",
    ]


def test_bad_rows_are_named_and_the_rest_is_read() -> None:
    rows = [
        "1601-01-01 00:00:00,incoming,17000000001,,5",
        "2100-01-01 00:00:00,incoming,17000000001,,5",
        "2026-02-30 10:00:00,incoming,17000000001,,5",
        "2026-09-01,incoming,17000000001,,5",
        "2026-09-01 10:00:00,incoming,17000000001,,-5",
        "2026-09-01 10:00:00,sideways,17000000001,,5",
        "2026-09-01 10:00:00,incoming,17000000001,,soon",
        "2026-09-01 10:00:00",
        "2026-09-01 10:00:00,incoming,17000000001,,5",
    ]
    records = read(make(OWN + "\n".join(rows)))
    assert codes(records) == [
        ("1", "time-implausible"), ("2", "time-implausible"), ("3", "time-unreadable"),
        ("4", "time-no-clock"), ("5", "duration-negative"), ("6", "direction"), ("7", "duration"),
        ("8", "short-row"),
    ]  # fmt: skip
    calls = contacts(records)
    assert [call.ref.n for call in calls] == [5, 6, 7, 9]
    assert (calls[0].duration_s, calls[1].direction) == (None, Direction.NONE)
    assert all(
        "17000000001" not in p.message.zh + p.message.en for p in records if isinstance(p, Problem)
    )


def test_blank_lines_are_not_counted() -> None:
    row = "2026-09-01 10:00:00,incoming,17000000001,,5\n"
    calls = contacts(read(make("\n" + OWN + "\n" + row + "\n\n" + row)))
    assert [call.ref.n for call in calls] == [1, 2]


def test_zone_is_assumed_unless_stated() -> None:
    rows = [
        f"{time},incoming,17000000001,,5\n"
        for time in ("2026-09-01 10:00:00", "2026-09-01T02:00:00Z")
    ]
    first, second = contacts(read(make(OWN + "".join(rows))))
    assert first.moment.at == second.moment.at
    assert (first.moment.zone_assumed, second.moment.zone_assumed) == (True, False)
    (third,) = contacts(read(make("所有时间均为UTC+08:00时间,\n" + OWN + rows[0])))
    assert third.moment.zone_assumed is False


@pytest.fixture
def case_files(shared: Path) -> Callable[[str], Iterator[tuple[str, list[Contact]]]]:
    def files(case: str) -> Iterator[tuple[str, list[Contact]]]:
        root = shared / "cases" / case
        for path in sorted([*root.rglob("calls.csv"), *root.rglob("通话详单.csv")]):
            records = read(make(path.read_bytes(), path.relative_to(root).as_posix()))
            assert codes(records) == []
            yield path.relative_to(root).as_posix(), contacts(records)

    return files


@pytest.mark.parametrize("case", ["case-a", "case-b"])
def test_shared_cases_are_read_in_full(
    case: str, shared: Path, case_files: Callable[[str], Iterator[tuple[str, list[Contact]]]]
) -> None:
    import json

    expected = json.loads((shared / "cases" / case / "expected.json").read_text())
    found = dict(case_files(case))
    assert {path: len(calls) for path, calls in found.items()} == expected["counts"]["calls"]
    times = {str(call.ref): call.moment.raw for calls in found.values() for call in calls}
    for item in expected["violations"]["calls_over_daily_limit"]["items"]:
        assert times[item["id"]] == item["time"]
