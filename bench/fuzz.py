"""200,000 damaged files through every reader and archive: nothing escapes, nothing hangs.

Inputs come from well-formed seeds of every format by flipping, cutting, doubling, splicing and
swapping tokens; the same seed number gives the same inputs. `make test` runs 2,000 of them.
"""

import gzip
import io
import json
import random
import sqlite3
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from openpyxl import Workbook

from jiedun.evidence import archive
from jiedun.evidence.archive import Budget, Limits
from jiedun.evidence.interface import Declared, PhonebookEntry, Reader, Source
from jiedun.evidence.readers.registry import ALL
from jiedun.evidence.sniff import kind_of
from jiedun.evidence.walk import phone_of
from jiedun.model.evidence import (
    Contact,
    Event,
    LoanFile,
    PartyRow,
    Payment,
    Problem,
    Statement,
)

ITEMS = (Contact, PartyRow, Payment, LoanFile, Event, Statement, Declared, PhonebookEntry, Problem)
LONGEST_S = 2.0
_INPUTS = 200_000
_TOKENS = (
    b"\x00", b"\xff\xfe", b"&#55357;", b"&#0;", b"&lt;", b"&", b"<", b">", b'"', b"'", b"<!--", b"-->",
    b"<![CDATA[", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<sms ", b"<mms ", b"</smses>", b"<part data=\"",
    b",", b"\r\n", b"\n", b'""', b"\t", b"-1", b"null", b"9" * 40, b"1e999", b"NaN", b"{", b"]", b"\\u0000",
    "起始时间".encode("gbk"), "对方号码".encode(), b"2025-13-45", b"1601-01-01 00:00:00", b"=1+1", b"\xf0\x9f\x98",
)  # fmt: skip

Seed = tuple[str, bytes]


@dataclass(slots=True)
class Outcome:
    """What a run met: inputs read, items given, and failures as sentences."""

    inputs: int = 0
    recognised: int = 0
    items: int = 0
    slowest_s: float = 0.0
    failures: list[str] = field(default_factory=list)


def seeds() -> list[Seed]:
    """One well-formed small file of every format read."""
    sms = (
        '<?xml version="1.0" encoding="UTF-8"?><!-- c --><smses count="3">\n'
        '<sms address="95500" date="1735689600999" type="1" body="逾期&#10;&#55357;&#56838;" '
        'date_sent="1735689600000" contact_name="x" />\n'
        '<mms date="1735689600000" msg_box="1" address="1~2"><parts><part seq="0" ct="text/plain" '
        'text="彩信"/><part ct="image/png" data="' + "QUJD" * 400 + '"/></parts><addrs><addr '
        'address="3" type="137"/></addrs></mms>\n'
    )
    sms += (
        '<sms address="95500" date="1735689700000" type="2" body="ok" date_sent="0" contact_name="x" />\n'
        * 3
    )
    sms += "</smses>"
    calls = '<calls><call number="1" duration="3" date="1735689600000" type="1"/></calls>'
    logs = '<alllogs><log number="1" time="17.09.2018 21:58:22" type="1" dur="9"/></alllogs>'
    return [
        ("sms.xml", sms.encode()),
        ("phones/1/sms.xml", sms.encode("utf-16")),
        ("calls.xml", calls.encode()),
        ("log.xml", logs.encode()),
        ("contacts.vcf", "BEGIN:VCARD\nN:张;三\nTEL;CELL:170\nEND:VCARD\n".encode()),
        ("statements/a.txt", "他们打给我".encode("gbk")),
        ("mmssms.db", _database()),
        *_tables(),
        *_archives(sms.encode()),
    ]


def _tables() -> list[Seed]:
    calls = "time,direction,peer_number,peer_name,duration_s\n2025-01-02 03:04:05,incoming,+86 95500,x,67\n"
    carrier = (
        "起始时间,通信地点,通信方式,对方号码,通信时长,通信类型\r\n"
        "2025-01-02 03:04:05,北京,被叫,95500\t,1分7秒,国内\r\n09-18 14:07:37,--,主叫,-,0秒,--\r\n"
    )
    parties = (
        "number,role,name,note\n95500,lender,某贷,\n17000000001,collector,王,代表某贷（外包）\n"
    )
    loan = {
        "lender": "某贷",
        "lender_type": "micro_loan",
        "date": "2024-01-01",
        "principal": 10000,
        "disbursed_amount": 9000.5,
        "contract_annual_rate": 0.24,
        "instalments": [{"no": 1, "due_date": "2024-02-01", "amount": 900}],
        "fees": [{"name": "服务费", "amount": 1000, "timing": "放款时扣除", "payee": "某贷"}],
    }
    book = Workbook()
    for row in carrier.splitlines():
        book.worksheets[0].append(row.split(","))
    out = io.BytesIO()
    book.save(out)
    return [
        ("calls.csv", calls.encode("utf-8-sig")),
        ("通话详单.csv", carrier.encode("gbk")),
        ("通话详单.xlsx", out.getvalue()),
        ("parties.csv", parties.encode()),
        ("payments.csv", "date,amount,payee,note\n2024-02-01,900.00,某贷,第一期\n".encode()),
        (
            "events.csv",
            "time,kind,place,who,what,proof_file\n2025-01-01 10:00,visit,家,x,y,\n".encode(),
        ),
        ("loan.json", json.dumps(loan, ensure_ascii=False).encode()),
    ]


def _database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        con = sqlite3.connect(path)
        con.execute(
            "CREATE TABLE sms (_id INTEGER PRIMARY KEY, address, date, date_sent, type, body)"
        )
        con.execute(
            "CREATE TABLE calls (_id INTEGER PRIMARY KEY, number, date, duration, type, name)"
        )
        con.execute("INSERT INTO sms VALUES (1, '1', 1735689600000, 0, 1, 'x')")
        con.execute("INSERT INTO calls VALUES (1, '1', 1735689600000, 5, 1, 'x')")
        con.commit()
        con.close()
        return path.read_bytes()


def _archives(data: bytes) -> list[Seed]:
    packed, taped = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("phones/1/sms.xml", data)
        file.writestr("短信.xml", data)
    with tarfile.open(fileobj=taped, mode="w") as tape:
        info = tarfile.TarInfo("sms.xml")
        info.size = len(data)
        tape.addfile(info, io.BytesIO(data))
    return [
        ("a.zip", packed.getvalue()),
        ("a.tar", taped.getvalue()),
        ("a.xml.gz", gzip.compress(data)),
    ]


def inputs(count: int, *, seed: int) -> Iterator[Seed]:
    """`count` damaged files, the same for the same seed."""
    rng = random.Random(seed)
    well_formed = seeds()
    for n in range(count):
        path, data = well_formed[n % len(well_formed)]
        for _ in range(rng.choice((1, 1, 2, 4, 12))):
            data = rng.choice(_MUTATIONS)(rng, data, well_formed)
        yield path, data[:200_000]


def _flip(rng: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    changed = bytearray(data)
    for _n in range(rng.choice((1, 3, 20))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(rng: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _drop(rng: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.choice((1, 2, 40)) :]


def _insert(rng: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(_TOKENS) * rng.choice((1, 1, 1, 200)) + data[at:]


def _double(rng: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    start = rng.randrange(len(data) + 1)
    piece = data[start : start + rng.choice((5, 100, 2000))]
    return data[:start] + piece * rng.choice((2, 2, 30)) + data[start:]


def _splice(rng: random.Random, data: bytes, others: Sequence[Seed]) -> bytes:
    other = rng.choice(others)[1]
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other)) :]


_MUTATIONS = (_flip, _flip, _cut, _drop, _insert, _insert, _double, _splice)


def feed(files: Iterator[Seed], readers: Sequence[Reader] = ALL) -> Outcome:
    """Reads every file with every reader that recognises it, and opens it as an archive."""
    outcome = Outcome()
    for path, data in files:
        source = Source(path, len(data), data[:65536], partial(io.BytesIO, data), phone_of(path))
        start = time.process_time()
        name = "sniff"
        try:
            kind = kind_of(source.head, source.name, source.size)
            for reader in readers:
                name = reader.name
                if reader.recognises(source):
                    outcome.recognised += 1
                    _count(outcome, reader.read(source), name)
            name = kind
            if kind in archive.KINDS:
                _unpack(outcome, source, kind)
        except Exception as error:
            outcome.failures.append(f"input {outcome.inputs} {path}: {name} raised {error!r}")
        took = time.process_time() - start
        outcome.slowest_s = max(outcome.slowest_s, took)
        if took > LONGEST_S:
            outcome.failures.append(f"input {outcome.inputs} {path}: {name} took {took:.1f} s")
        outcome.inputs += 1
    return outcome


def _count(outcome: Outcome, items: Iterator[object], name: str) -> None:
    for item in items:
        outcome.items += 1
        if not isinstance(item, ITEMS):
            outcome.failures.append(f"input {outcome.inputs}: {name} gave {type(item).__name__}")


def _unpack(outcome: Outcome, source: Source, kind: str) -> None:
    limits = Limits(total_bytes=50_000_000)
    for member in archive.members(source, kind, limits, Budget.of(limits)):
        outcome.items += 1
        if isinstance(member, Source):
            with suppress(*archive.DAMAGE), member.open() as stream:
                stream.read()


def run() -> bool:
    """Whether none of the inputs let an exception escape or took over two seconds."""
    start = time.perf_counter()
    outcome = feed(inputs(_INPUTS, seed=20261122))
    for failure in outcome.failures[:20]:
        print(failure)
    print(
        f"{outcome.inputs} inputs, {outcome.recognised} recognised, {outcome.items} items, "
        f"slowest {outcome.slowest_s:.2f} s, {time.perf_counter() - start:.0f} s in all"
    )
    return not outcome.failures
