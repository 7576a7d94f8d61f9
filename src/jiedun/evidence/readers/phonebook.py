"""vCard files (`.vcf`): the address book that a phone exports (RFC 6350, and 2.1 and 3.0 before it)."""

import quopri
import re
from collections.abc import Iterator

from jiedun.evidence.decode import decode_text
from jiedun.evidence.interface import PhonebookEntry, Record, Source
from jiedun.evidence.problems import problem
from jiedun.model.evidence import Problem

_BEGIN = re.compile(rb"\s*BEGIN:VCARD", re.IGNORECASE)
_FOLD = re.compile(rb"\r?\n[ \t]")
_SOFT_BREAK = re.compile(rb"=\r?\n")
_ESCAPE = re.compile(r"\\([,;:\\nN])")
_LONGEST = 64 * 1024 * 1024


class Phonebook:
    """Reader of vCards: one entry a telephone number, named by FN, else N, else ORG."""

    name = "vcard"
    version = "1"

    def recognises(self, source: Source) -> bool:
        """Whether it begins as a vCard does."""
        return _BEGIN.match(_plain(source.head)) is not None

    def read(self, source: Source) -> Iterator[Record | Problem]:
        """The numbers in file order; a card that never ends gives what it held."""
        with source.open() as stream:
            data = _plain(stream.read(_LONGEST))
        bad = 0
        for card in re.split(rb"(?im)^\s*BEGIN:VCARD[ \t]*\r?$", data)[1:]:
            entries, places = _entries(card)
            yield from entries
            bad += places
        if bad:
            yield problem(source.path, "encoding", n=bad)


def _plain(data: bytes) -> bytes:
    """The bytes in UTF-8 if they were UTF-16, else as they are (a card may mix charsets)."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return decode_text(data)[0].encode("utf-8", "replace")
    return data.removeprefix(b"\xef\xbb\xbf")


def _entries(card: bytes) -> tuple[list[PhonebookEntry], int]:
    numbers: list[str] = []
    names: dict[str, str] = {}
    bad = 0
    for line in _FOLD.sub(b"", _soft_joined(card)).splitlines():
        head, colon, value = line.partition(b":")
        name, *parameters = head.decode("ascii", "replace").upper().split(";")
        name = name.rpartition(".")[2].strip()
        if not colon or name not in ("TEL", "FN", "N", "ORG"):
            continue
        text, places = _value(value, parameters)
        bad += places
        if name == "TEL":
            numbers.append(text.removeprefix("tel:").strip())
        else:
            names.setdefault(name, _name(text) if name == "N" else text.strip())
    shown = names.get("FN") or names.get("N") or names.get("ORG") or ""
    return [PhonebookEntry(number, shown) for number in numbers if number], bad


def _soft_joined(card: bytes) -> bytes:
    """Quoted-printable lines that go on after a final `=` put together (vCard 2.1)."""
    return _SOFT_BREAK.sub(b"", card) if b"QUOTED-PRINTABLE" in card.upper() else card


def _value(value: bytes, parameters: list[str]) -> tuple[str, int]:
    if any("QUOTED-PRINTABLE" in p for p in parameters):
        value = quopri.decodestring(value)
    charset = next((p.partition("=")[2] for p in parameters if p.startswith("CHARSET=")), "")
    if charset in ("GBK", "GB2312", "GB18030"):
        text = value.decode("gb18030", "replace")
        bad = text.count("\ufffd")
    else:
        text, _, bad = decode_text(value)
    return _ESCAPE.sub(lambda m: "\n" if m.group(1) in "nN" else m.group(1), text), bad


def _name(text: str) -> str:
    """`family;given;…` as Chinese names are written; with a space where they are Latin."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    return (" " if all(p.isascii() for p in parts) else "").join(parts)
