"""Every dialect and quirk of the SMS Backup & Restore family, and its damage."""

import base64
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedun.evidence.interface import Record, Source
from jiedun.evidence.readers.sms_backup import SmsBackup
from jiedun.model.evidence import Channel, Contact, Direction, Outcome, Problem

READER = SmsBackup()
Read = Callable[..., tuple[list[Record], list[Problem]]]


HEAD = (
    "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n"
    '<?xml-stylesheet type="text/xsl" href="http://example.invalid/sms.xsl"?>\n'
    "<!--File Created By a backup app <sms body='not a message'/> -->\n"
)
T = 1735689600  # 2025-01-01 00:00:00 UTC


def _sms(body: str = "你好", n: int = 0, **other: str) -> str:
    values = {
        "protocol": "0",
        "address": "+8617000000001",
        "date": f"{(T + n) * 1000 + 999}",
        "type": "1",
        "subject": "null",
        "body": body,
        "service_center": "null",
        "read": "1",
        "date_sent": f"{(T + n) * 1000 - 500}",
        "readable_date": "1 janv. 1999 00:00:00",
        "contact_name": "(Unknown)",
    } | other
    return "<sms " + " ".join(f'{k}="{v}"' for k, v in values.items()) + " />\n"


def _file(*elements: str, root: str = "smses") -> bytes:
    return (HEAD + f'<{root} count="9">\n' + "".join(elements) + f"</{root}>\n").encode()


def _one(read_with: Read, *elements: str, root: str = "smses") -> Contact:
    records, problems = read_with(READER, _file(*elements, root=root))
    assert problems == []
    (contact,) = records
    assert isinstance(contact, Contact)
    return contact


def test_a_message_as_written(read_with: Read) -> None:
    contact = _one(read_with, _sms("【某贷】第一行&#10;&lt;b&gt; &quot;2&quot; 'x' > y"))
    assert str(contact.ref) == "sms.xml#1"
    assert contact.channel is Channel.SMS
    assert contact.text == "【某贷】第一行\n<b> \"2\" 'x' > y"
    assert contact.peer_raw == "+8617000000001"
    assert contact.peer_name == ""
    assert contact.moment.at == datetime(2025, 1, 1, tzinfo=UTC)
    assert contact.moment.at.utcoffset() is not None
    assert contact.moment.raw == f"{T}999"
    assert not contact.moment.zone_assumed
    assert contact.sent_at is not None
    assert contact.sent_at.at == datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert contact.phone is None


@pytest.mark.parametrize(
    ("kind", "direction", "outcome"),
    [
        ("1", Direction.IN, Outcome.DELIVERED),
        ("2", Direction.OUT, Outcome.DELIVERED),
        ("3", Direction.NONE, Outcome.DRAFT),
        ("4", Direction.OUT, Outcome.UNKNOWN),
        ("5", Direction.OUT, Outcome.FAILED),
        ("6", Direction.OUT, Outcome.UNKNOWN),
    ],
)
def test_direction_comes_from_type_alone(
    read_with: Read, kind: str, direction: Direction, outcome: Outcome
) -> None:
    for sent in ("0", f"{T}000"):
        contact = _one(read_with, _sms(type=kind, date_sent=sent))
        assert (contact.direction, contact.outcome) == (direction, outcome)
        assert (contact.sent_at is None) == (sent == "0")


def test_unknown_type_is_kept_and_reported(read_with: Read) -> None:
    (contact,), (problem,) = read_with(READER, _file(_sms(type="null")))
    assert isinstance(contact, Contact)
    assert (contact.direction, contact.outcome) == (Direction.NONE, Outcome.UNKNOWN)
    assert (problem.code, problem.at) == ("unknown-direction", "1")


@pytest.mark.parametrize(
    ("raw", "second"),
    [
        (f"{T}999", T),
        (f"{T}000", T),
        (f"{T}", T),
        ("100000000000", None),  # 1e11 ms = 1973
        ("99999999999", None),  # 1e11 - 1 s = the year 5138
        ("631152000000", 631152000),  # 1990-01-01
        ("631151999999", None),
        ("4102444799999", 4102444799),  # 2099-12-31 23:59:59
        ("4102444800000", None),  # 2100
        ("-11644473600000", None),  # 1601
        ("", None),
        ("null", None),
        ("1e12", None),
        ("9" * 5000, None),
    ],
)
def test_dates(read_with: Read, raw: str, second: int | None) -> None:
    records, problems = read_with(READER, _file(_sms(date=raw), _sms("后")))
    contacts = [r for r in records if isinstance(r, Contact)]
    assert contacts[-1].ref.n == 2
    if second is None:
        assert [(p.code, p.at) for p in problems] == [("bad-date", "1")]
        assert len(contacts) == 1
    else:
        assert problems == []
        assert contacts[0].moment.at == datetime.fromtimestamp(second, UTC)


def test_oldest_dialect_has_few_attributes(read_with: Read) -> None:
    contact = _one(
        read_with, f'<sms address="10690000" date="{T}000" type="1" subject="0,0,0,1" body="null"/>'
    )
    assert (contact.text, contact.peer_name, contact.sent_at) == ("", "", None)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&#55357;&#56838;", "😆"),
        ("&#xD83D;&#xDE06;", "😆"),
        ("&#xd83d;&#56838;", "😆"),
        ("好&#55357;&#56838;&#55357;&#56838;", "好😆😆"),
        ("&#128518;😆", "😆😆"),
    ],
)
def test_surrogate_pairs_are_joined(read_with: Read, written: str, read: str) -> None:
    assert _one(read_with, _sms(written)).text == read


@pytest.mark.parametrize(
    "written", ["&#55357;", "&#56838;&#55357;", "&#0;", "&#x0;", "&#11;", "&#65535;", "&#9999999;"]
)
def test_invalid_references_cost_one_character_each(read_with: Read, written: str) -> None:
    (contact,), (problem,) = read_with(READER, _file(_sms(f"前{written}后")))
    assert isinstance(contact, Contact)
    assert contact.text == "前" + "\ufffd" * written.count("&") + "后"
    assert problem.code == "lost-characters"
    assert str(written.count("&")) in problem.message.en


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "gb18030"])
def test_other_encodings(read_with: Read, encoding: str) -> None:
    data = _file(_sms("借款😆"), _sms("二")).decode().encode(encoding)
    records, problems = read_with(READER, data)
    assert problems == []
    assert [r.text for r in records if isinstance(r, Contact)] == ["借款😆", "二"]


def test_declared_gbk(read_with: Read) -> None:
    data = _file(_sms("借款逾期")).decode().replace("UTF-8", "GBK").encode("gbk")
    records, problems = read_with(READER, data)
    assert problems == []
    assert [r.text for r in records if isinstance(r, Contact)] == ["借款逾期"]


def test_comments_instructions_and_cdata_are_no_records(read_with: Read) -> None:
    records, problems = read_with(
        READER,
        _file(f"<!-- {_sms('注释')} -->", _sms("真"), f"<![CDATA[{_sms('假')}]]>", "<?x <sms/> ?>"),
    )
    assert problems == []
    assert [(str(r.ref), r.text) for r in records if isinstance(r, Contact)] == [
        ("sms.xml#1", "真")
    ]


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE smses>",
        '<!DOCTYPE smses SYSTEM "http://example.invalid/x.dtd">',
        '<!DOCTYPE smses [<!ENTITY a "1234567890"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE smses [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    ],
)
def test_dtd_is_refused(read_with: Read, doctype: str) -> None:
    data = f"<?xml version='1.0'?>{doctype}<smses>{_sms('&a;')}</smses>".encode()
    records, problems = read_with(READER, data)
    assert records == []
    assert [p.code for p in problems] == ["xml-dtd"]


def _mms(parts: str = "", addrs: str = "", **other: str) -> str:
    values = {
        "date": f"{T}000",
        "msg_box": "1",
        "address": "17000000001",
        "sub": "null",
        "m_type": "132",
        "contact_name": "张三",
    } | other
    attributes = " ".join(f'{k}="{v}"' for k, v in values.items())
    return f"<mms {attributes}>{parts}{addrs}</mms>\n"


PARTS = (
    '<parts><part seq="-1" ct="application/smil" text="&lt;smil/&gt;"/>'
    '<part seq="0" ct="text/plain" text="第一段"/>'
    '<part seq="0" ct="image/jpeg" text="null" data="{data}"/>'
    '<part seq="0" ct="text/plain" text="第二段"/></parts>'
)
ADDRS = (
    '<addrs><addr address="insert-address-token" type="137"/>'
    '<addr address="95500" type="137"/><addr address="17000000002" type="151"/></addrs>'
)


@pytest.mark.parametrize("size", [0, 10, 3000, 700_000])
def test_mms_text_is_joined_and_sender_named(read_with: Read, size: int) -> None:
    parts = PARTS.format(data=base64.b64encode(b"\x89" * size).decode())
    records, problems = read_with(READER, _file(_sms("前"), _mms(parts, ADDRS), _sms("后")))
    assert problems == []
    assert [str(r.ref) for r in records if isinstance(r, Contact)] == [
        "sms.xml#1",
        "sms.xml#mms1",
        "sms.xml#2",
    ]
    mms = records[1]
    assert isinstance(mms, Contact)
    assert (mms.text, mms.peer_raw, mms.channel) == ("第一段\n第二段", "95500", Channel.MMS)
    assert mms.direction is Direction.IN


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ("", ""),
        ("<parts/>", ""),
        ('<parts><part ct="text/plain" text="null" data="{b64}"/></parts>', "你好" * 900),
        ('<parts><part seq="0" text="x"/></parts>', "x"),
    ],
)
def test_mms_with_little_in_it(read_with: Read, parts: str, text: str) -> None:
    b64 = base64.b64encode(("你好" * 900).encode()).decode()
    mms = _one(read_with, _mms(parts.format(b64=b64), msg_box="2", address="1~2"))
    assert (mms.text, mms.peer_raw, mms.direction) == (text, "1~2", Direction.OUT)


def test_mms_subject_is_kept(read_with: Read) -> None:
    assert (
        _one(read_with, _mms(PARTS.format(data=""), sub="催收函")).text == "催收函\n第一段\n第二段"
    )


@pytest.mark.parametrize(
    ("kind", "duration", "direction", "outcome"),
    [
        ("1", "12", Direction.IN, Outcome.ANSWERED),
        ("1", "0", Direction.IN, Outcome.MISSED),
        ("1", "null", Direction.IN, Outcome.UNKNOWN),
        ("2", "7", Direction.OUT, Outcome.ANSWERED),
        ("2", "0", Direction.OUT, Outcome.MISSED),
        ("3", "0", Direction.IN, Outcome.MISSED),
        ("4", "20", Direction.IN, Outcome.MISSED),
        ("5", "0", Direction.IN, Outcome.REJECTED),
        ("6", "0", Direction.IN, Outcome.REJECTED),
        ("7", "9", Direction.IN, Outcome.ANSWERED),
    ],
)
def test_calls(
    read_with: Read, kind: str, duration: str, direction: Direction, outcome: Outcome
) -> None:
    call = f'<call number="95500" duration="{duration}" date="{T}000" type="{kind}" />'
    contact = _one(read_with, call, root="calls")
    assert str(contact.ref) == "sms.xml#1"
    assert (contact.channel, contact.direction, contact.outcome) == (
        Channel.CALL,
        direction,
        outcome,
    )
    assert contact.duration_s == (None if duration == "null" else int(duration))


@pytest.mark.parametrize("duration", ["-5", "abc", "99999999999", "1.5"])
def test_impossible_durations(read_with: Read, duration: str) -> None:
    call = f'<call number="-1" duration="{duration}" date="{T}000" type="1" />'
    (contact,), (problem,) = read_with(READER, _file(call, root="calls"))
    assert isinstance(contact, Contact)
    assert (contact.duration_s, contact.outcome) == (None, Outcome.UNKNOWN)
    assert contact.peer_raw == "-1"
    assert (problem.code, problem.at) == ("bad-duration", "1")


def test_calls_inside_a_message_file_are_named(read_with: Read) -> None:
    call = f'<call number="1" duration="1" date="{T}000" type="1" />'
    records, _ = read_with(READER, _file(call, _sms(), call))
    assert [str(r.ref) for r in records if isinstance(r, Contact)] == [
        "sms.xml#call1",
        "sms.xml#1",
        "sms.xml#call2",
    ]


def test_super_backup(read_with: Read) -> None:
    log = '<log number="95500" time="17.09.2018 21:58:22" date="{}" type="1" name="x" new="1" dur="67"/>'
    records, problems = read_with(
        READER, _file(log.format(f"{T}000"), log.format("17 Sep"), root="alllogs")
    )
    assert problems == []
    first, second = (r for r in records if isinstance(r, Contact))
    assert first.moment.at == datetime(2025, 1, 1, tzinfo=UTC)
    assert second.moment.at == datetime(2018, 9, 17, 13, 58, 22, tzinfo=UTC)
    assert second.moment.zone_assumed
    assert (second.duration_s, second.peer_name, str(second.ref)) == (67, "x", "sms.xml#2")


def test_phone_of_another_person(read_with: Read) -> None:
    records, _ = read_with(READER, _file(_sms()), "phones/17000000009/sms.xml")
    assert [r.phone for r in records if isinstance(r, Contact)] == ["17000000009"]


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]).filter(
        lambda c: c not in "\ufffe\uffff"
    ),
    max_size=30,
)


@settings(max_examples=60)
@given(st.lists(WORDS, min_size=1, max_size=12))
def test_any_words_come_back(texts: list[str]) -> None:
    escaped = (
        t.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace('"', "&quot;")
        .replace("\u0085", "&#133;")
        for t in texts
    )
    data = _file(*(_sms(t, n) for n, t in enumerate(escaped)))
    source = Source("sms.xml", len(data), data[:65536], lambda: io.BytesIO(data))
    contacts = [i for i in READER.read(source) if isinstance(i, Contact)]
    assert [c.text for c in contacts] == ["" if t == "null" else t for t in texts]
    assert [c.ref.n for c in contacts] == list(range(1, len(texts) + 1))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"<",
        b"<html>",
        b"<?xml version='1.0'?>",
        b"time,direction\n",
        b"\x00" * 65536,
        b"<smsesx>",
    ],
)
def test_other_files_are_left_alone(source_of: Callable[..., Source], head: bytes) -> None:
    assert not READER.recognises(source_of(head))


@pytest.mark.parametrize(
    ("folder", "name", "count", "codes"),
    [
        ("devadvance+sms-backup-reader-2", "empty.xml", 0, []),
        ("devadvance+sms-backup-reader-2", "sample_mms.xml", 4, []),
        ("devadvance+sms-backup-reader-2", "sample_small.xml", 7, []),
        ("devadvance+sms-backup-reader-2", "sms_and_mms.xml", 49, ["xml-truncated"]),
        ("devadvance+sms-backup-reader-2", "sms_small.xml", 12, []),
        ("novoid+Memacs", "smsxml.txt", 4, []),
        ("shruggietech+sms-backup-restore-parser", "minimal_calls.xml", 1, []),
        ("shruggietech+sms-backup-restore-parser", "minimal_sms.xml", 1, []),
        ("shruggietech+sms-backup-restore-parser", "mixed.xml", 4, []),
    ],
)
def test_published_samples(
    shared: Path, read_with: Read, folder: str, name: str, count: int, codes: list[str]
) -> None:
    data = (shared / "samples/sms_backup_restore" / folder / name).read_bytes()
    records, problems = read_with(READER, data, name)
    assert len(records) == count
    assert [p.code for p in problems] == codes
