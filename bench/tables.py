"""Reading tables: 20,000 call rows, workbooks, hostile files; 30,000 numbers made canonical."""

import csv
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO, StringIO

import openpyxl
import phonenumbers

from jiedun.evidence.interface import Record, Source
from jiedun.evidence.readers.tables import TABLE_READERS
from jiedun.model.evidence import Channel, Contact, Direction, ItemRef, Outcome, Problem
from jiedun.model.time import SHANGHAI, Moment
from jiedun.people.numbers import _canonical

ROWS = 20_000
_START = datetime(2026, 1, 1)  # noqa: DTZ001 - a wall clock as an export prints it


def _own() -> bytes:
    words = ("incoming", "missed", "outgoing", "rejected")
    body = (f"{_time(i)},{words[i % 4]},1700000{i % 7000:04d},,{i % 400}" for i in range(ROWS))
    return "\n".join(["time,direction,peer_number,peer_name,duration_s", *body]).encode()


def _carrier() -> list[str]:
    body = (
        f"{_time(i)},某地,{('被叫', '主叫')[i % 2]},1700000{i % 7000:04d}\t,{i % 9}分{i % 60}秒,国内"
        for i in range(ROWS)
    )
    return ["起始时间,通信地点,通信方式,对方号码,通信时长,通信类型", *body]


def _time(i: int) -> str:
    return (_START + timedelta(seconds=i * 700)).isoformat(sep=" ")


def _workbook(lines: list[str]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in lines:
        sheet.append(line.split(","))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _read(name: str, data: bytes) -> list[Record | Problem]:
    source = Source(name, len(data), data[:65536], lambda: BytesIO(data))
    reader = next(reader for reader in TABLE_READERS if reader.recognises(source))
    return list(reader.read(source))


def _median(work: Callable[[], object], times: int = 7) -> float:
    """Median seconds of processor time: the work is on one thread, others may share the machine."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def _bare_csv(data: bytes, encoding: str) -> None:
    """The peer: the standard library's rows and their times, nothing checked."""
    for row in csv.DictReader(StringIO(data.decode(encoding), newline="")):
        datetime.fromisoformat(next(iter(row.values())))


def _calls() -> Iterator[bool]:
    lines = _carrier()
    files = (
        ("calls.csv", _own(), "utf-8", 0.4),
        ("通话详单.csv", "\r\n".join(lines).encode("gbk"), "gbk", 0.6),
        ("通话详单.xlsx", _workbook(lines), "", 1.0),
    )
    print(f"{ROWS} contacts made and nothing read: {_median(_build) * 1000:.0f} ms")
    for name, data, encoding, limit in files:
        records = _read(name, data)
        assert len(records) == ROWS
        assert all(isinstance(record, Contact) for record in records)
        taken = _median(lambda name=name, data=data: _read(name, data))  # type: ignore[misc]
        peer = ""
        if encoding:
            bare = _median(lambda data=data, encoding=encoding: _bare_csv(data, encoding))  # type: ignore[misc]
            peer = f" (csv.DictReader with times alone: {bare * 1000:.0f} ms)"
        print(f"{ROWS} call rows, {name}: {taken * 1000:.0f} ms{peer}")
        yield taken < limit


def _build() -> None:
    """The floor: the records alone, made from nothing."""
    at = Moment(_START.replace(tzinfo=SHANGHAI), "", True)
    for n in range(ROWS):
        ref, moment = ItemRef("calls.csv", n), replace(at)
        Contact(ref, None, Channel.CALL, Direction.IN, Outcome.MISSED, moment, "1", "", "in", n)


def _hostile() -> Iterator[bool]:
    files = {
        "2 million columns": b"time" + b",x" * 2_000_000,
        "100 MB of zeros": b"\0" * 100_000_000,
        "one 50 MB line": b"a" * 50_000_000,
        "an open quote before 20,000 rows": _own().replace(b",,", b',"', 1),
    }
    for what, data in files.items():
        start = time.process_time()
        records = _read("calls.csv", data)
        taken = time.process_time() - start
        assert any(isinstance(record, Problem) for record in records)
        print(f"{what}: answered in {taken * 1000:.0f} ms")
        yield taken < 2


def _numbers() -> Iterator[bool]:
    numbers = [f"+86 1{3 + n % 7}{n:09d}" for n in range(30_000)]
    assert len({_canonical(number) for number in numbers}) == len(numbers)
    taken = _median(lambda: [_canonical(number) for number in numbers], 3)
    some = numbers[:3000]
    peer = 10 * _median(lambda: [phonenumbers.parse(number, "CN") for number in some], 3)
    print(
        f"30,000 distinct numbers: {taken * 1000:.0f} ms (phonenumbers.parse: {peer * 1000:.0f} ms)"
    )
    yield taken < 1


def run() -> bool:
    """Whether every figure met its limit."""
    return all([*_calls(), *_hostile(), *_numbers()])
