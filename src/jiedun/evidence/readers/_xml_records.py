"""Elements of a backup, one after another, out of blocks of XML that may be damaged.

expat parses; nothing external is ever fetched and a DTD stops the file. Where expat gives up, the
damaged tag is mended or counted and skipped, and parsing goes on at the next record.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol
from xml.parsers import expat

from jiedun.evidence.decode import decode_text
from jiedun.evidence.readers._sms_lane import Fields, Lane
from jiedun.evidence.readers._xml_blocks import Block

Attributes = dict[str, str]

RECORDS = ("sms", "mms", "call", "log")
_TAG = re.compile(rb"<(sms|mms|call|log)(?=[\s/>])")
_QUIET = rb"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|"
_QUIET_START = re.compile(rb"<[!?]")
_TAG_OR_QUIET = re.compile(_QUIET + _TAG.pattern, re.DOTALL)
_NEXT = re.compile(rb"<((?:sms|mms|call|log)(?=[\s/>])|/(?:smses|allsms|calls|alllogs)>)")
_NEXT_OR_QUIET = re.compile(_QUIET + _NEXT.pattern, re.DOTALL)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_COMPLETE = re.compile(rb"""<[^\s>/]+(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""")
_CLOSED = re.compile(rb"(?:" + _COMPLETE.pattern + rb"|</[^\s<>]+\s*>)\s*")
_DEEPEST = 8
"""How far below the root a record's own elements go, with room to spare."""


class RefusedError(Exception):
    """The file declares a DTD."""


@dataclass(slots=True)
class Element:
    """One record: its place among its kind, its attributes, and an MMS's parts and addresses."""

    name: str
    n: int
    attributes: Attributes
    parts: list[Attributes] = field(default_factory=list)
    addresses: list[Attributes] = field(default_factory=list)


class Sink(Protocol):
    """Who receives what the parser finds."""

    def element(self, element: Element) -> None:
        """A whole record."""
        ...

    def rows(self, first: int, rows: list[Fields]) -> None:
        """Plain messages, numbered from `first` on."""
        ...

    def fault(self, code: str, at: str | None, place: int | None) -> None:
        """Something damaged: at a numbered record, or at a byte of the stream."""
        ...


class RecordParser:
    """Feeds blocks to expat and its records, in file order, to a sink."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._counts: dict[str, int] = dict.fromkeys(RECORDS, 0)
        self._starts = 0
        self._open: Element | None = None
        self._path: list[str] = []
        self._root = "smses"
        self._tail = b""
        self._between = False  # the last block ended between two tags, and nothing was damaged
        self._lane = Lane()
        self._layout: Attributes = {}
        self._spoilt = False  # comments or the like among the records: leave all to expat
        self._fed = 0
        self._last = -1  # where, in what this parser was fed, the last record began
        self._parser = self._fresh()

    def feed(self, block: Block) -> None:
        """Parses one block; raises `RefusedError` at a DTD."""
        if block.oversize:
            self._skip_oversize(block)
            return
        data = block.data
        quiet = not self._spoilt and _quiet(data)
        swift = self._between and self._lane.ready and not (self._spoilt or quiet)
        self._between = True
        place = self._swift(block) if swift else 0
        while place < len(data):
            place = self._parse(block, place, len(data))
        self._lane.learn(self._layout)
        tail = data[max(0, data.rfind(b"<")) :]
        self._tail = b"" if _COMPLETE.match(tail) else tail
        self._between = self._between and _CLOSED.fullmatch(tail) is not None
        if quiet:
            self._spoilt = _quiet(data[max(0, data.find(b"<" + self._root.encode())) :])

    def _swift(self, block: Block) -> int:
        """Reads plain messages by the lane, the tags among them by expat.

        Gives the byte from where expat must go on alone: behind damage, or before a tag that is
        not closed. `at` counts characters of the text and `place` its bytes up to there.
        """
        try:
            text = block.data.decode()
        except UnicodeDecodeError:
            return 0
        at = place = 0
        while True:
            stop = self._take(text, at) if len(self._path) == 1 and self._open is None else at
            if stop == len(text):
                return len(block.data)
            place += len(text[at:stop].encode())
            at = text.find("<sms ", stop + 1)
            if at < 0:
                return place
            other = text[stop:at].encode()
            if not _CLOSED.fullmatch(other, max(0, other.rfind(b"<"))):
                return place
            place = self._parse(block, place, place + len(other))
            if not self._between:
                return place
            self._lane.learn(self._layout)

    def _take(self, text: str, at: int) -> int:
        """Hands on the plain messages from `at` on; gives where something else stands."""
        rows, stop = self._lane.take(text, at)
        if rows:
            self._sink.rows(self._counts["sms"] + 1, rows)
            self._counts["sms"] += len(rows)
        return stop

    def close(self, size: int) -> None:
        """Ends the file; `size` is where it ended, reported when it broke off there."""
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError:
            self._sink.fault("xml-truncated", None, size)

    def _parse(self, block: Block, place: int, end: int) -> int:
        """Where to go on in the block: `end`, or behind what was damaged."""
        try:
            self._parser.Parse(memoryview(block.data)[place:end], False)
        except expat.ExpatError:
            stop = max(place, place + self._parser.ErrorByteIndex - self._fed)
            return self._recover(block, place, stop)
        self._fed += end - place
        return end

    def _recover(self, block: Block, place: int, stop: int) -> int:
        """Mends or skips what expat stopped at; gives the place to go on from."""
        self._between = False
        before = self._tail if place == 0 else b""
        data, stop_at = before + block.data, stop + len(before)
        behind = self._last - self._fed + len(before) + 1 if self._last >= self._fed else 0
        broken = _first(_TAG_OR_QUIET, data, place + behind)
        if broken and broken.start() > stop_at:
            broken = None
        after = (
            _NEXT.search(data, broken.start() + 1)
            if broken
            else _first(_NEXT_OR_QUIET, data, stop_at)
        )
        end = after.start() if after else len(data)
        if broken:
            self._mend(broken.group(1).decode(), data[broken.start() : end])
        else:
            self._lose_open(block.offset(stop))
        return max(end - len(before), place + 1)

    def _mend(self, name: str, tag: bytes) -> None:
        """Reads one damaged start tag after mending it; else counts it as lost."""
        self._restart()
        starts, n = self._starts, self._counts[name] + 1
        try:
            self._push(_mended(tag))
            code = "xml-repaired"
        except expat.ExpatError:
            code = "xml-damaged"
        if self._starts == starts:  # the tag never became whole
            self._counts[name] = n
            code = "xml-damaged"
        if code == "xml-damaged":
            self._open = None
            self._restart()
        self._sink.fault(code, f"{name} {n}", None)

    def _lose_open(self, offset: int) -> None:
        """Gives up the record that was open, or reports a place between records."""
        lost = self._open
        self._sink.fault("xml-damaged", f"{lost.name} {lost.n}" if lost else None, offset)
        self._open = None
        self._restart()

    def _skip_oversize(self, block: Block) -> None:
        match = _TAG.match(block.data)
        at = None
        if match:
            name = match.group(1).decode()
            self._counts[name] += 1
            at = f"{name} {self._counts[name]}"
        self._sink.fault("xml-oversize", at, block.start)
        self._tail, self._between = b"", False
        self._restart()

    def _restart(self) -> None:
        """A new parser inside the root and, if a record is open, inside its elements."""
        inside = self._path[1:] if self._open and len(self._path) <= _DEEPEST else []
        kept = self._open if inside else None
        self._parser = self._fresh()
        self._parser.StartElementHandler = None
        self._path = [self._root, *inside]
        self._push("".join(f"<{name}>" for name in self._path).encode())
        self._parser.StartElementHandler = self._start
        self._open = kept

    def _push(self, data: bytes) -> None:
        self._parser.Parse(data, False)
        self._fed += len(data)

    def _fresh(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = _refuse
        if hasattr(parser, "SetReparseDeferralEnabled"):  # newer expat: errors at once, as before
            parser.SetReparseDeferralEnabled(False)
        self._fed, self._last = 0, -1
        return parser

    def _start(self, name: str, attributes: Attributes) -> None:
        if name in self._counts:
            self._starts += 1
            self._last = self._parser.CurrentByteIndex
            self._counts[name] += 1
            self._open = Element(name, self._counts[name], attributes)
            if name == "sms":
                self._layout = attributes
        elif self._open is not None:
            if name == "part":
                self._open.parts.append(attributes)
            elif name == "addr":
                self._open.addresses.append(attributes)
        elif not self._path:
            self._root = name
        self._path.append(name)

    def _end(self, name: str) -> None:
        self._path.pop()
        if self._open is not None and name == self._open.name:
            element, self._open = self._open, None
            self._sink.element(element)


def parse(blocks: Iterator[Block], sink: Sink, size: int) -> Iterator[None]:
    """Parses all blocks, pausing after each so that the caller can take what the sink got."""
    parser = RecordParser(sink)
    for block in blocks:
        parser.feed(block)
        yield
    parser.close(size)
    yield


def _quiet(data: bytes) -> bool:
    """Whether a comment, instruction, CDATA section or declaration may begin in there."""
    return (b"!" in data or b"?" in data) and _QUIET_START.search(data) is not None


def _refuse(*_: object) -> None:
    raise RefusedError


def _first(pattern: "re.Pattern[bytes]", data: bytes, start: int) -> "re.Match[bytes] | None":
    """The first tag of the pattern that stands in no comment or the like."""
    return next((match for match in pattern.finditer(data, start) if match.group(1)), None)


def _mended(tag: bytes) -> bytes:
    """A damaged tag with bad bytes, control characters and bare `&` and `<` made harmless."""
    text = _CONTROL.sub("\ufffd", decode_text(tag)[0])
    text = _QUOTED.sub(lambda m: m.group().replace("<", "&lt;"), text)
    return _BARE.sub("&amp;", text).encode("utf-8", "replace")
