"""Address books as phones export them."""

import io

import pytest

from jiedun.evidence.interface import PhonebookEntry, Source
from jiedun.evidence.readers.phonebook import Phonebook
from jiedun.model.evidence import Problem

MODERN = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:张;三;;;\r\nFN:张三\\, 同事\r\nTEL;TYPE=CELL:170-0000-0001\r\n"
)


def _read(data: bytes) -> list[object]:
    source = Source("contacts.vcf", len(data), data[:65536], lambda: io.BytesIO(data))
    assert Phonebook().recognises(source)
    return list(Phonebook().read(source))


@pytest.mark.parametrize(
    ("data", "entries"),
    [
        ((MODERN + "END:VCARD\r\n").encode(), [("170-0000-0001", "张三, 同事")]),
        (MODERN.encode(), [("170-0000-0001", "张三, 同事")]),
        (b"\xef\xbb\xbf" + MODERN.encode(), [("170-0000-0001", "张三, 同事")]),
        (MODERN.encode("utf-16"), [("170-0000-0001", "张三, 同事")]),
        (MODERN.encode("gbk"), [("170-0000-0001", "张三, 同事")]),
        (
            b"BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0;=E4=\n=B8=89;;;\n"
            b"TEL;CELL:1\nitem1.TEL;WORK:tel:+86-2\nEND:VCARD\n",
            [("1", "张三"), ("+86-2", "张三")],
        ),
        (
            "BEGIN:VCARD\nFN;CHARSET=GBK:李四\nTEL:3\nEND:VCARD\n".encode("gbk"),
            [("3", "李四")],
        ),
        (
            b"BEGIN:VCARD\nFN:Very Long\n  Name\nTEL:4\nEND:VCARD\nBEGIN:VCARD\nORG:Co\nTEL:\nTEL:5\n",
            [("4", "Very Long Name"), ("5", "Co")],
        ),
        (b"BEGIN:VCARD\nN:Doe;John\nTEL:6\nEND:VCARD\n", [("6", "Doe John")]),
        (b"BEGIN:VCARD\nEND:VCARD\n", []),
    ],
)
def test_cards(data: bytes, entries: list[tuple[str, str]]) -> None:
    assert _read(data) == [PhonebookEntry(number, name) for number, name in entries]


def test_bad_bytes_are_counted() -> None:
    items = _read("BEGIN:VCARD\nFN;CHARSET=GBK:好".encode("gbk") + b"\xff\nTEL:1\n")
    assert items[0] == PhonebookEntry("1", "好\ufffd")
    assert isinstance(items[1], Problem)
    assert items[1].code == "encoding"
