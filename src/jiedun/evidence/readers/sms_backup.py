"""SMS Backup & Restore XML and its relatives: messages and calls of an Android phone.

`<smses>` (`<sms>`, `<mms>`), `<calls>` (`<call>`), Super Backup's `<alllogs>` (`<log>`) and
`<allsms>`. Locators: `#<n>` counts the file's own kind of element from 1 in file order, drafts
included; other kinds carry their name (`#mms2`, `#call1`). Damaged elements keep their number.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import datetime

from jiedun.evidence.decode import decode_text
from jiedun.evidence.interface import Record, Source
from jiedun.evidence.problems import problem
from jiedun.evidence.readers._records import Maker, drain, known
from jiedun.evidence.readers._sms_lane import Fields
from jiedun.evidence.readers._xml_blocks import LONGEST, Block, blocks, encoding_of, utf8_chunks
from jiedun.evidence.readers._xml_records import Attributes, Element, RefusedError, parse
from jiedun.model.evidence import Channel, Contact, ItemRef, Problem
from jiedun.model.time import SHANGHAI, Moment

_ROOTS = {"smses": "sms", "allsms": "sms", "calls": "call", "alllogs": "log"}
_OPENING = re.compile(r"<([A-Za-z]+)[\s/>]")
_ANY_ROOT = re.compile(r"<(smses|allsms|calls|alllogs)[\s/>]")
_SKIPPED = (("<?", "?>"), ("<!--", "-->"))
_MOST_FAULTS = 50
_FROM = "137"  # PduHeaders.FROM
_SELF = "insert-address-token"  # Android's word for the phone's own number
_LOG_TIME = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}) (\d{1,2}):(\d{2}):(\d{2})$")
_HTC_SUBJECT = re.compile(r"[\d,]+$")


class SmsBackup:
    """Reader of the XML that phones' backup apps write."""

    name = "sms-backup"
    version = "2"

    def recognises(self, source: Source) -> bool:
        """Whether the root element is one of the family's."""
        return _root(source.head) in _ROOTS

    def read(self, source: Source) -> Iterator[Record | Problem]:
        """Messages and calls in file order, then what was lost."""
        encoding = encoding_of(source.head)
        collector = _Collector(source, _ROOTS.get(_root(source.head) or "", "sms"), encoding)
        with source.open() as stream:
            found = blocks(utf8_chunks(stream, encoding))
            counted = collector.counting(found)
            try:
                for _ in parse(counted, collector, source.size):
                    yield from drain(collector.made)
            except RefusedError:
                yield from drain(collector.made)
                yield problem(source.path, "xml-dtd")
        yield from collector.summary()


def _root(head: bytes) -> str | None:
    """The name of the root element, behind declaration, stylesheet, comments and DTD."""
    text = head.decode(encoding_of(head), "replace").removeprefix("\ufeff")
    place = _behind_prolog(text)
    pattern = _ANY_ROOT.search if text.startswith("<!", place) else _OPENING.match
    match = pattern(text, place)
    return match.group(1) if match else None


def _behind_prolog(text: str) -> int:
    """Where the first thing stands that is no white space, instruction or comment."""
    place = 0
    while True:
        place = len(text) - len(text[place:].lstrip())
        closing = next((end for start, end in _SKIPPED if text.startswith(start, place)), None)
        if closing is None:
            return place
        end = text.find(closing, place)
        if end < 0:
            return len(text)
        place = end + len(closing)


class _Collector:
    """Turns elements into contacts; the reader takes `made` after every block."""

    def __init__(self, source: Source, own: str, encoding: str) -> None:
        self.made: list[Record | Problem] = []
        self._source, self._own, self._encoding = source, own, encoding
        self._maker = Maker(source.path, source.phone, self.made.append)
        self._faults = self._lost = 0

    def counting(self, found: Iterator[Block]) -> Iterator[Block]:
        """The blocks, their lost characters summed up on the way."""
        for block in found:
            self._lost += block.lost
            yield block

    def element(self, element: Element) -> None:
        """Adds the contact that a whole element stands for."""
        contact = _MAKE[element.name](self, element)
        if contact is not None:
            self.made.append(contact)

    def rows(self, first: int, rows: list[Fields]) -> None:
        """Adds plain messages that came without a detour."""
        kind = "" if self._own == "sms" else "sms"
        self._maker.rows(kind, first, rows, self.made.append)

    def fault(self, code: str, at: str | None, place: int | None) -> None:
        """Adds a problem; past `_MOST_FAULTS` only their sum is told."""
        self._faults += 1
        if self._faults > _MOST_FAULTS:
            return
        self.made.append(problem(self._source.path, code, self._where(at, place), limit=LONGEST))

    def summary(self) -> Iterator[Problem]:
        """What can only be said of the file as a whole."""
        path = self._source.path
        if self._faults > _MOST_FAULTS:
            yield problem(path, "xml-too-damaged", n=self._faults, limit=_MOST_FAULTS)
        if self._lost:
            yield problem(path, "lost-characters", n=self._lost)

    def _where(self, at: str | None, place: int | None) -> str | None:
        if at is not None:
            name, _, n = at.partition(" ")
            return ("" if name == self._own else name) + n
        if place is None:
            return None
        return f"byte {self._source_byte(place)}"

    def _source_byte(self, place: int) -> int:
        """The byte of the file itself; `place` counts UTF-8 bytes behind a BOM."""
        if place >= self._source.size:
            return self._source.size
        if self._encoding == "utf-8":
            return place + (3 if self._source.head.startswith(b"\xef\xbb\xbf") else 0)
        total = 2 if self._source.head[:2] in (b"\xff\xfe", b"\xfe\xff") else 0
        with self._source.open() as stream:
            for chunk in utf8_chunks(stream, self._encoding):
                before = chunk[: max(0, place)].decode("utf-8", "ignore")
                total += len(before.encode(self._encoding, "replace"))
                place -= len(chunk)
        return min(total, self._source.size)

    def _ref(self, element: Element) -> ItemRef:
        kind = "" if element.name == self._own else element.name
        return self._maker.ref(kind, element.n)

    def _sms(self, element: Element) -> Contact | None:
        row = element.attributes.get
        return self._maker.message(self._ref(element), Channel.SMS, row, text=_text(row("body")))

    def _mms(self, element: Element) -> Contact | None:
        row = element.attributes.get
        incoming = row("msg_box") == "1"
        return self._maker.message(
            self._ref(element),
            Channel.MMS,
            row,
            box="msg_box",
            text=_mms_text(element),
            peer=_mms_peer(element, incoming=incoming),
        )

    def _call(self, element: Element) -> Contact | None:
        return self._maker.call(self._ref(element), element.attributes.get)

    def _log(self, element: Element) -> Contact | None:
        attributes = element.attributes
        row = {
            **attributes,
            "contact_name": attributes.get("name", ""),
            "duration": attributes.get("dur", ""),
        }
        moment = None if row.get("date", "").isdigit() else _log_moment(row.get("time", ""))
        return self._maker.call(self._ref(element), row.get, moment)


_MAKE = {
    "sms": _Collector._sms,
    "mms": _Collector._mms,
    "call": _Collector._call,
    "log": _Collector._log,
}


def _text(value: str | None) -> str:
    return "" if value is None or value == "null" else value


def _mms_text(element: Element) -> str:
    """Subject, if it is words, and the text parts in file order, one a line."""
    subject = _text(element.attributes.get("sub"))
    words = [] if _HTC_SUBJECT.match(subject) else [subject]
    return "\n".join(word for word in [*words, *map(_part_text, element.parts)] if word)


def _part_text(part: Attributes) -> str:
    kind = part.get("ct", "text/plain")
    if not kind.startswith("text/") or part.get("seq") == "-1":
        return ""
    return _text(part.get("text")) or _decoded(part.get("data", ""))


def _decoded(data: str) -> str:
    """Text that a dialect keeps as base64; nothing when it is not."""
    try:
        return decode_text(base64.b64decode(data, validate=True))[0]
    except (binascii.Error, ValueError):
        return ""


def _mms_peer(element: Element, *, incoming: bool) -> str:
    """The sender as the addresses name it, else the `address` attribute as written."""
    if incoming:
        for address in element.addresses:
            sender = known(address.get("address"))
            if address.get("type") == _FROM and sender and sender != _SELF:
                return sender
    return known(element.attributes.get("address"))


def _log_moment(raw: str) -> Moment | None:
    """Super Backup's `17.09.2018 21:58:22`, which names no zone."""
    match = _LOG_TIME.match(raw)
    if not match:
        return None
    day, month, year, hour, minute, second = map(int, match.groups())
    if not 1990 <= year < 2100:
        return None
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
    except ValueError:
        return None
    return Moment(at, raw, zone_assumed=True)
