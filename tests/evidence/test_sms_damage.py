"""Damaged SMS backups: what is mended, what is lost and named, and that the rest is read."""

import io
import tracemalloc
from collections.abc import Callable

import pytest

from jiedun.evidence.interface import Record, Source
from jiedun.evidence.readers.sms_backup import SmsBackup
from jiedun.model.evidence import Contact, Problem

READER = SmsBackup()
Read = Callable[..., tuple[list[Record], list[Problem]]]

T = 1735689600  # 2025-01-01 00:00:00 UTC
MMS = (
    f'<mms date="{T}000" msg_box="1" address="17000000001"><parts>'
    '<part seq="0" ct="text/plain" text="第一段"/>'
    f'<part seq="0" ct="image/jpeg" text="null" data="{"A" * 1500}"/></parts>'
    '<addrs><addr address="95500" type="137"/></addrs></mms>\n'
)


def _sms(body: str) -> str:
    return f'<sms address="95500" date="{T}999" type="1" body="{body}" date_sent="0" />\n'


def _file(*elements: str) -> bytes:
    return (
        "<?xml version='1.0'?>\n<!--<sms body='not a message'/> -->\n<smses>\n"
        + "".join(elements)
        + "</smses>\n"
    ).encode()


def test_cut_at_every_byte_yields_exactly_what_ended_before(
    source_of: Callable[..., Source],
) -> None:
    elements = [
        _sms("一&#10;&#55357;&#56838;"),
        MMS,
        '<call number="1" duration="3" date="1735689600000" type="1"></call>',
        _sms("end"),
    ]
    data = _file(*elements)
    whole = list(READER.read(source_of(data)))
    assert len(whole) == 4
    ends, place = [], data.index(b"<smses")
    for closing in (b" />", b"</mms>", b"</call>", b" />"):
        start = data.index(
            {b" />": b"<sms ", b"</mms>": b"<mms ", b"</call>": b"<call "}[closing], place
        )
        place = data.index(closing, start) + len(closing)
        ends.append(place)
    complete = data.index(b"</smses>") + len(b"</smses>")
    for cut in range(data.index(b"<smses") + 7, len(data)):
        items = list(READER.read(source_of(data[:cut])))
        kept = sum(end <= cut for end in ends)
        assert items[:kept] == whole[:kept], cut
        rest = [(p.code, p.at) for p in items[kept:] if isinstance(p, Problem)]
        assert rest == ([] if cut >= complete else [("xml-truncated", f"byte {cut}")]), cut
        assert len(items) == kept + len(rest), cut


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize(
    ("bad", "code", "texts"),
    [
        (
            '<sms body="a &amp b" date="1735689600000" type="1"/>',
            "xml-repaired",
            ["前", "a &amp b", "后"],
        ),
        (
            '<sms body="a & b" date="1735689600000" type="1"/>',
            "xml-repaired",
            ["前", "a & b", "后"],
        ),
        (
            '<sms body="a&nbsp;b" date="1735689600000" type="1"/>',
            "xml-repaired",
            ["前", "a&nbsp;b", "后"],
        ),
        (
            '<sms body="a < b" date="1735689600000" type="1"/>',
            "xml-repaired",
            ["前", "a < b", "后"],
        ),
        (
            '<sms body="a\x01b" date="1735689600000" type="1"/>',
            "xml-repaired",
            ["前", "a\ufffdb", "后"],
        ),
        ('<sms body="a" body="b" date="1735689600000" type="1"/>', "xml-damaged", ["前", "后"]),
        ('<sms body="never closed', "xml-damaged", ["前", "后"]),
        ("<sms body=>", "xml-damaged", ["前", "后"]),
    ],
)
def test_damage_costs_one_record(
    read_with: Read, encoding: str, bad: str, code: str, texts: list[str]
) -> None:
    data = _file(_sms("前"), bad + "\n", _sms("后")).decode().encode(encoding)
    records, problems = read_with(READER, data)
    assert [(p.code, p.at) for p in problems] == [(code, "2")]
    contacts = [r for r in records if isinstance(r, Contact)]
    assert [c.text for c in contacts] == texts
    assert contacts[-1].ref.n == 3


def test_bad_bytes_in_utf8_are_replaced_alone(read_with: Read) -> None:
    data = _file(_sms("前"), _sms("坏XX字"), _sms("后")).replace(b"XX", b"\xff\xfe")
    records, problems = read_with(READER, data)
    assert [r.text for r in records if isinstance(r, Contact)] == ["前", "坏\ufffd\ufffd字", "后"]
    assert [(p.code, p.at) for p in problems] == [("xml-repaired", "2")]


def test_damage_between_records_names_the_byte(read_with: Read) -> None:
    data = _file(_sms("前"), "</oops>", _sms("后"))
    records, problems = read_with(READER, data)
    assert [r.text for r in records if isinstance(r, Contact)] == ["前", "后"]
    assert [p.code for p in problems] == ["xml-damaged"]
    assert problems[0].at == f"byte {data.index(b'</oops>') + 2}"


def test_two_files_in_one(read_with: Read) -> None:
    records, problems = read_with(READER, _file(_sms("前")) + _file(_sms("后")))
    contacts = [r for r in records if isinstance(r, Contact)]
    assert [(c.ref.n, c.text) for c in contacts] == [(1, "前"), (2, "后")]
    assert {p.code for p in problems} == {"xml-damaged"}


def test_hopeless_files_end_with_a_sum(read_with: Read) -> None:
    records, problems = read_with(READER, _file(*["<sms body=>\n"] * 2000, _sms("后")))
    assert [r.ref.n for r in records if isinstance(r, Contact)] == [2001]
    assert len(problems) == 51
    assert problems[-1].code == "xml-too-damaged"


class _Endless(io.RawIOBase):
    """A stream of `size` bytes: a start, then one byte for ever, then an end."""

    def __init__(self, start: bytes, filler: bytes, size: int, end: bytes) -> None:
        self._left, self._filler = size, filler
        self._start, self._end = start, end

    def read(self, size: int = -1) -> bytes:
        if self._start:
            out, self._start = self._start, b""
        elif self._left > 0:
            out = self._filler * min(size, self._left)
            self._left -= len(out)
        else:
            out, self._end = self._end, b""
        return out


@pytest.mark.parametrize(
    ("opening", "closing", "texts", "codes"),
    [
        (
            '<mms date="1735689600000" msg_box="1"><parts><part ct="image/png" data="',
            '"/></parts></mms>',
            ["", "后"],
            [],
        ),
        ('<sms date="1735689600000" type="1" body="', '"/>', ["后"], ["xml-oversize"]),
    ],
)
def test_an_enormous_attribute_needs_no_memory(
    opening: str, closing: str, texts: list[str], codes: list[str]
) -> None:
    start = _file(_sms("后")).rsplit(b"<sms ", 1)[0] + opening.encode()
    end = closing.encode() + b"\n<sms " + _file(_sms("后")).rsplit(b"<sms ", 1)[1]
    source = Source("sms.xml", 10**9, start, lambda: _Endless(start, b"A", 60_000_000, end))  # type: ignore[arg-type,return-value]
    tracemalloc.start()
    items = list(READER.read(source))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [i.text for i in items if isinstance(i, Contact)] == texts
    assert [i.code for i in items if isinstance(i, Problem)] == codes
    assert peak < 24_000_000
