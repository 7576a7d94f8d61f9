"""Parties, payments, events, address books, loans; and files that are none of these."""

import time
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from jiedun.evidence.interface import Declared, PhonebookEntry, Record, Source
from jiedun.evidence.readers.tables import TABLE_READERS
from jiedun.model.evidence import Event, LoanFile, PartyRow, Payment, Problem


def make(data: bytes | str, path: str) -> Source:
    raw = data.encode() if isinstance(data, str) else data
    return Source(path, len(raw), raw[:65536], lambda: BytesIO(raw))


def reader_of(source: Source) -> str | None:
    return next((reader.name for reader in TABLE_READERS if reader.recognises(source)), None)


def read(source: Source) -> list[Record | Problem]:
    reader = next(reader for reader in TABLE_READERS if reader.recognises(source))
    return list(reader.read(source))


def codes(records: Sequence[Record | Problem]) -> list[tuple[str | None, str]]:
    return [(record.at, record.code) for record in records if isinstance(record, Problem)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize(
    "header", ["number,role,name,note", "号码,角色,姓名,备注", "电话,身份,名称,说明"]
)
def test_parties_as_written(header: str, encoding: str) -> None:
    text = (
        f"{header}\n02600005190,催收,某某信用管理,座机 代表某小贷\n,,,\n17000000001,relative,甲,\n"
    )
    rows = [r for r in read(make(text.encode(encoding), "parties.csv")) if isinstance(r, PartyRow)]
    assert [(r.ref.n, r.number, r.role) for r in rows] == [
        (1, "02600005190", "催收"), (3, "17000000001", "relative"),
    ]  # fmt: skip
    assert (rows[0].name, rows[0].note) == ("某某信用管理", "座机 代表某小贷")


def test_an_unquoted_comma_stays_in_the_note() -> None:
    text = "number,role,name,note\n17000000001,relative,甲,母亲,合同里没有填她\n"
    (row,) = read(make(text, "parties.csv"))
    assert isinstance(row, PartyRow)
    assert row.note == "母亲,合同里没有填她"


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1452.50", "1452.50"), ("1,452.50", "1452.50"), ("￥1,452.50", "1452.50"), ("¥ 99", "99"),
        ("-200", "-200"), ("(200.00)", "-200.00"), ("200元", "200"), ("１２００", "1200"), ("+5", "5"),
        ("", None), ("--", None), ("1.452,50", None), ("12,50", None), ("NaN", None), ("一千", None),
        ("1e5", None), ("10000000000000000", None),
    ],
)  # fmt: skip
def test_amounts(written: str, amount: str | None) -> None:
    text = f'date,amount,payee,note\n2026-03-26,"{written}",某某,代扣\n2026-03-27,1,某某,\n'
    records = read(make(text, "payments.csv"))
    payments = [r for r in records if isinstance(r, Payment)]
    if amount is None:
        assert codes(records) == [("1", "amount")]
        assert [p.ref.n for p in payments] == [2]
    else:
        assert payments[0].amount == Decimal(amount)
        assert str(payments[0].amount) == amount


@pytest.mark.parametrize(
    ("written", "on"),
    [
        ("2026-03-26", date(2026, 3, 26)), ("2026/3/26", date(2026, 3, 26)), ("2026年3月26日", date(2026, 3, 26)),
        ("20260326", date(2026, 3, 26)), ("2026.03.26", date(2026, 3, 26)), ("46107", date(2026, 3, 26)),
        ("2026-03-26 23:59:59", date(2026, 3, 26)), ("2026-03-26T17:00:00Z", date(2026, 3, 27)),
        ("3月26日", None), ("26/03/2026", None), ("2026-02-30", None), ("1601-01-01", None), ("", None),
    ],
)  # fmt: skip
def test_days(written: str, on: date | None) -> None:
    records = read(make(f"日期,金额,收款人\n{written},5,某某\n", "payments.csv"))
    payments = [r for r in records if isinstance(r, Payment)]
    assert [p.on for p in payments] == ([on] if on else [])
    assert codes(records) == ([] if on else [("1", "date")])


def test_events_keep_what_has_no_time() -> None:
    text = (
        "time,kind,place,who,what,proof_file\n"
        "2026-09-01 19:30,visit,家门口,两个人,敲门,proof/door.jpg\n"
        "9月初,poster,小区,不知道,贴纸条,\n"
    )
    records = read(make(text, "events.csv"))
    first, second = (r for r in records if isinstance(r, Event))
    assert first.moment is not None
    assert (first.moment.local.hour, first.proof_file, second.moment) == (
        19,
        "proof/door.jpg",
        None,
    )
    assert codes(records) == [("2", "time-unreadable")]


def test_address_books_only_under_their_name() -> None:
    text = "姓名,电话\n妈妈,17000000001\n甲;乙,17000000002;17000000003\n"
    assert reader_of(make(text, "名单.csv")) is None
    entries = read(make(text, "通讯录.csv"))
    assert entries == [
        PhonebookEntry("17000000001", "妈妈"),
        PhonebookEntry("17000000002", "甲;乙"),
        PhonebookEntry("17000000003", "甲;乙"),
    ]


def test_address_book_of_an_account_with_several_numbers() -> None:
    text = (
        "First Name,Last Name,Phone 1 - Value,Phone 2 - Value\nA,B,+86 170 0000 0001,02600000002\n"
    )
    assert read(make(text, "contacts.csv")) == [
        PhonebookEntry("+86 170 0000 0001", "A B"),
        PhonebookEntry("02600000002", "A B"),
    ]


LOAN = '{"lender": "某某", "principal": 6000, "contract_annual_rate": 0.162, "x": null}'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("path", ["loan.json", "loans/一.json", "借款合同.json"])
def test_loans_hold_decimals(path: str, encoding: str) -> None:
    (loan,) = read(make(LOAN.encode(encoding), path))
    assert isinstance(loan, LoanFile)
    assert (loan.path, loan.data["principal"]) == (path, Decimal(6000))
    assert loan.data["contract_annual_rate"] == Decimal("0.162")
    assert isinstance(loan.data["contract_annual_rate"], Decimal)


def test_loans_by_content_and_not_by_any_json() -> None:
    assert reader_of(make(LOAN, "合同.json")) == "loan_json"
    assert reader_of(make('{"lender": "x"}', "other.json")) is None


@pytest.mark.parametrize(
    ("text", "at", "code"),
    [
        ('{\n "lender": "a",\n}', "line 3 column 1", "json"),
        ("", "line 1 column 1", "json"),
        ('{"principal": NaN}', None, "json-number"),
        ('{"principal": 1e99999999}', None, "json-number"),
        ('{"principal": ' + "9" * 5000 + "}", None, "json-number"),
        ("[" * 200_000, None, "json-depth"),
        ("[1]", None, "not-a-loan"),
    ],
)
def test_broken_loans_are_named(text: str, at: str | None, code: str) -> None:
    assert codes(read(make(text, "loan.json"))) == [(at, code)]


def test_a_key_given_twice_is_reported() -> None:
    records = read(make('{"principal": 1, "principal": 2}', "loan.json"))
    assert codes(records) == [(None, "duplicate-key")]
    assert [r.data["principal"] for r in records if isinstance(r, LoanFile)] == [Decimal(2)]


def test_contacts_of_the_loan_form_are_declared() -> None:
    text = (
        '{"lender": "a", "contacts": [{"name": "甲", "phone": "170 0000 0001"}, "17000000002"],'
        ' "紧急联系人": {"姓名": "乙", "电话": 17000000003}, "emergency_contact": "母亲"}'
    )
    found = [r.number for r in read(make(text, "loan.json")) if isinstance(r, Declared)]
    assert found == ["170 0000 0001", "17000000002", "17000000003"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("story.md", "time,direction,peer_number\n"),
        ("notes.csv", "a,b,c\n1,2,3\n"),
        ("支付宝.csv", "交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,交易状态\n"),
        ("空.csv", ""),
        ("流量.csv", "开始时间,上网时长（秒）,流量（KB）,网络类型,通信地点,业务类型,费用（元）\n"),
    ],
)
def test_other_files_are_left_alone(path: str, text: str) -> None:
    assert reader_of(make(text, path)) is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", [(None, "no-header")]),
        (b"\0" * 100_000, [(None, "not-text")]),
        (b"time" + b",x" * 2_000_000 + b"\n", [(None, "no-header")]),
        (b"a" * 3_000_000, [(None, "no-header")]),
    ],
)
def test_hostile_files_end_quickly_with_a_problem(
    data: bytes, expected: list[tuple[str | None, str]]
) -> None:
    start = time.process_time()
    assert codes(read(make(data, "calls.csv"))) == expected
    assert time.process_time() - start < 2


class _Endless(BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None and size > 0
        return b"\0" * size


def test_a_gigabyte_of_zeros_is_not_taken_in() -> None:
    source = Source("calls.csv", 1 << 30, b"\0" * 65536, _Endless)
    assert codes(read(source)) == [(None, "too-big")]


def test_wide_rows_long_cells_nuls_and_open_quotes_cost_their_row_only() -> None:
    good = "2026-09-01 10:00:00,incoming,17000000001,,5"
    rows = [good, "x" + ",y" * 5000, good.replace(",,", ',"' + "z" * 200_000 + '",'),
            good.replace(",,", ',"甲,'), good, good.replace("5", "\0" + "5"), good]  # fmt: skip
    text = "time,direction,peer_number,peer_name,duration_s\n" + "\n".join(rows) + "\n"
    records = read(make(text, "calls.csv"))
    assert {code for _, code in codes(records)} == {
        "nul",
        "too-wide",
        "cell-too-long",
        "unclosed-quote",
    }
    kept = [r for r in records if not isinstance(r, Problem)]
    assert len(kept) == 5


def test_a_quoted_line_break_is_one_row() -> None:
    text = (
        'number,role,name,note\n17000000001,relative,甲,"第一行\n第二行"\n17000000002,friend,乙,\n'
    )
    rows = [r for r in read(make(text, "parties.csv")) if isinstance(r, PartyRow)]
    assert [(r.ref.n, r.note) for r in rows] == [(1, "第一行\n第二行"), (2, "")]


def _xlsx(sheet: bytes) -> bytes:
    import openpyxl

    stream, packed = BytesIO(), BytesIO()
    openpyxl.Workbook().save(stream)
    with ZipFile(stream) as old, ZipFile(packed, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return packed.getvalue()


_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_xlsx(_SHEET + b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">'
               b'<c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'), "too-wide"),
        (_xlsx(_SHEET + b" " * (300 << 20)), "too-big"),
        (b"PK\x03\x04 nothing", "damaged-workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged-workbook"),
    ],
)  # fmt: skip
def test_hostile_workbooks_are_refused(data: bytes, code: str) -> None:
    source = make(data, "calls.xlsx")
    assert reader_of(source) is None
    reader = next(r for r in TABLE_READERS if r.name == "call_log_table")
    start = time.process_time()
    assert codes(list(reader.read(source))) == [(None, code)]
    assert time.process_time() - start < 2


def test_a_damaged_xls_is_refused_whatever_the_decoder_does(shared: Path) -> None:
    folder = shared / "samples" / "payments" / "deb-sig+double-entry-generator"
    whole = next(folder.glob("*.xls")).read_bytes()
    reader = next(r for r in TABLE_READERS if r.name == "carrier_records")
    for cut in range(600, len(whole), len(whole) // 12):
        found = {code for _, code in codes(list(reader.read(make(whole[:cut], "详单.xls"))))}
        assert found <= {"damaged-workbook", "no-header"}


def test_published_payment_exports_are_left_to_their_own_readers(shared: Path) -> None:
    folder = shared / "samples" / "payments" / "deb-sig+double-entry-generator"
    files = sorted(folder.glob("*.csv")) + sorted(folder.glob("*.xls*"))
    assert len(files) > 8
    assert {
        path.name: reader_of(make(path.read_bytes(), path.name)) for path in files
    } == dict.fromkeys(path.name for path in files)
