"""A backup's bytes as UTF-8 blocks that end just before a tag, in constant memory.

What XML forbids but backups hold is mended on the way: references to the two halves of a
surrogate pair are joined, other invalid references become U+FFFD, and long `data` attributes of
`<part>` (base64 pictures) are dropped while they stream by.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from jiedun.evidence.decode import detect

CHUNK = 64 * 1024
"""Small enough that a block, its text and its records stay in a core's cache."""
LONGEST = 4 * 1024 * 1024
"""The longest tag or text kept, in bytes; nothing people write to each other comes near it."""
_KEEP_DATA = 1024

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_DATA = re.compile(
    rb"""<part(?:\s+[^\s=>"'<]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*?\s+data\s*=\s*(["'])"""
)
_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]{1,20})|([0-9]{1,20}));")
_RARE_REFERENCE = re.compile(rb"&#(?!10;)")  # nearly all that backups hold are line breaks
_PAIR = re.compile(
    rb"&#(?:x([Dd][89ABab][0-9A-Fa-f]{2})|(5[56][0-9]{3}));"
    rb"&#(?:x([Dd][C-Fc-f][0-9A-Fa-f]{2})|(5[67][0-9]{3}));"
)
_CHARACTER_SETS = ("iso8859", "cp125", "cp8", "cp9", "big5", "shift_jis", "euc_", "koi8")
_LOST = "\ufffd".encode()


@dataclass(slots=True)
class Block:
    """`data` began at byte `start` of the (UTF-8) stream; `cuts` are (place, bytes left out)."""

    data: bytes
    start: int
    cuts: list[tuple[int, int]]
    lost: int = 0
    oversize: bool = False

    def offset(self, place: int) -> int:
        """The byte of the stream that stands at `place` in `data`."""
        return self.start + place + sum(size for at, size in self.cuts if at <= place)


def encoding_of(head: bytes) -> str:
    """The encoding of an XML file: BOM, else UTF-16 by its NULs, else declared, else by content."""
    for bom, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(bom):
            return name
    whole = head[: head.rfind(b">") + 1] or head
    found = detect(whole)
    match = _DECLARED.match(head.removeprefix(b"\xef\xbb\xbf"))
    declared = match.group(1).decode("ascii").lower() if match else "utf-8"
    if found.startswith("utf-16"):
        return found
    if declared.startswith(("utf", "us-ascii", "ascii")):
        return "utf-8" if head.startswith(b"\xef\xbb\xbf") or _is_utf8(whole) else found
    return "gb18030" if declared in ("gb2312", "gbk", "gb18030") else _usable(declared, found)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _usable(declared: str, found: str) -> str:
    """The declared encoding if it is one of the old character sets, else the one found."""
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        return found
    return name if name.startswith(_CHARACTER_SETS) else found


def utf8_chunks(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    """The stream in UTF-8 without a BOM; UTF-8 input passes as it is, bad bytes included."""
    if encoding == "utf-8":
        yield from _without_bom(stream)
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    first = True
    while chunk := stream.read(CHUNK):
        text = decoder.decode(chunk)
        yield (text.removeprefix("\ufeff") if first else text).encode("utf-8", "replace")
        first = first and not text
    yield decoder.decode(b"", True).encode("utf-8", "replace")


def _without_bom(stream: BinaryIO) -> Iterator[bytes]:
    first = stream.read(CHUNK)
    yield first.removeprefix(b"\xef\xbb\xbf")
    while chunk := stream.read(CHUNK):
        yield chunk


class _Cutter:
    """Holds what has come in since the last block, with long `data` attributes left out."""

    def __init__(self, start: int) -> None:
        self.kept = b""
        self.start = start
        self.cuts: list[tuple[int, int]] = []
        self._quote = b""
        self._dropped = 0
        self._scan = 0

    def add(self, chunk: bytes) -> None:
        if self._quote:
            end = chunk.find(self._quote)
            if end < 0:
                self._dropped += len(chunk)
                return
            self.cuts.append((len(self.kept), self._dropped + end))
            chunk, self._quote, self._dropped = chunk[end:], b"", 0
            self._scan = len(self.kept)
        self.kept = self._drop_data(self.kept + chunk)

    def take(self, end: int) -> Block:
        """The first `end` bytes kept, as a block."""
        block = Block(self.kept[:end], self.start, [c for c in self.cuts if c[0] <= end])
        left_out = sum(size for _, size in block.cuts)
        self.cuts = [(at - end, size) for at, size in self.cuts if at > end]
        self.kept, self.start = self.kept[end:], self.start + end + left_out
        self._scan = max(0, self._scan - end)
        return block

    def _drop_data(self, data: bytes) -> bytes:
        """`data` without the long base64 values; remembers where to go on scanning."""
        pieces: list[bytes] = []
        done = size = 0
        place = data.find(b"<part", self._scan)
        while place >= 0:
            match = _DATA.match(data, place)
            if match is None and data.find(b"<", place + 1) < 0:
                break  # not all of this tag is here yet
            after = place + 5
            if match is not None and b"text/plain" not in match.group():
                after = match.end()
                end = data.find(match.group(1), after)
                if end < 0:
                    self._quote, self._dropped = match.group(1), len(data) - after
                    self._scan = size + after - done
                    return b"".join([*pieces, data[done:after]])
                if end - after >= _KEEP_DATA:
                    pieces.append(data[done:after])
                    size += after - done
                    self.cuts.append((size, end - after))
                    done = after = end
            place = data.find(b"<part", after)
        self._scan = size + (place if place >= 0 else max(done, data.rfind(b"<"))) - done
        return b"".join([*pieces, data[done:]]) if pieces else data


def blocks(chunks: Iterator[bytes]) -> Iterator[Block]:
    """Blocks that end before a `<`, the last one as it comes; tags over `LONGEST` are left out."""
    cutter = _Cutter(0)
    dropping = False
    for chunk in chunks:
        cutter.add(chunk)
        if dropping:
            gone = cutter.kept.find(b"<")
            cutter.take(len(cutter.kept) if gone < 0 else gone)
            dropping = gone < 0
        end = cutter.kept.rfind(b"<")
        if end > 0:
            yield _mended(cutter.take(end))
        if len(cutter.kept) > LONGEST:
            block = cutter.take(len(cutter.kept))
            block.oversize = dropping = True
            yield block
    if cutter.kept and not dropping:
        yield _mended(cutter.take(len(cutter.kept)), last=True)


def _mended(block: Block, *, last: bool = False) -> Block:
    """The block with its invalid references joined or replaced; the last tag may be cut short."""
    if not _RARE_REFERENCE.search(block.data):
        return block
    block.data = _PAIR.sub(_joined, block.data)
    pieces, done, lost, size = [], 0, 0, 0
    end = block.data.rfind(b">") if last else len(block.data)
    for match in _REFERENCE.finditer(block.data, 0, max(0, end)):
        if _valid(_code(match.group(1), match.group(2))):
            continue
        pieces += [block.data[done : match.start()], _LOST]
        size += match.start() - done + len(_LOST)
        done = match.end()
        lost += 1
        block.cuts.append((size, len(match.group()) - len(_LOST)))
    if lost:
        block.data = b"".join([*pieces, block.data[done:]])
        block.lost = lost
    return block


def _joined(match: "re.Match[bytes]") -> bytes:
    """One reference, as long as the two it stands for."""
    high = _code(match.group(1), match.group(2))
    low = _code(match.group(3), match.group(4))
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return match.group()
    code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
    return b"&#%s;" % str(code).zfill(len(match.group()) - 3).encode()


def _code(hexadecimal: bytes | None, decimal: bytes | None) -> int:
    return int(hexadecimal, 16) if hexadecimal else int(decimal or b"0")


def _valid(code: int) -> bool:
    """Whether XML 1.0 allows the character (section 2.2, Char)."""
    if code < 0x20:
        return code in (0x9, 0xA, 0xD)
    return code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
