"""A copy for sharing in which other people's personal information is replaced by pseudonyms.

What counts as personal information is not decided here: `Find` is given from outside and names the
pieces of one text. The same piece gets the same pseudonym in the whole package, file names and
findings included. Files that are not text cannot be redacted and are withheld. For every changed
file the package holds a `skeleton`, by which a court that is shown the original can see that
nothing but the named pieces was changed.
"""

import codecs
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jiedun.evidence.seal.skeleton import Cut, commitment, of_pieces

LIMIT = 256 << 20


class Span(NamedTuple):
    """A piece of a text to be replaced: from `start` up to `end`, and what kind it is, in the
    word that the pseudonym shall bear (`电话`, `姓名`)."""

    start: int
    end: int
    kind: str


Find = Callable[[str], Sequence[Span]]


class _Form(NamedTuple):
    """How a file spells text: its byte-order mark and the encoding after it."""

    mark: bytes
    encoding: str


_MARKED = (
    _Form(codecs.BOM_UTF8, "utf-8"),
    _Form(codecs.BOM_UTF16_LE, "utf-16-le"),
    _Form(codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = (_Form(b"", "utf-8"), _Form(b"", "gb18030"))


@dataclass(frozen=True, slots=True)
class Piece:
    """A cut in the original: offset and length in bytes there, and the salt of its commitment."""

    start: int
    length: int
    salt: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A redacted copy, what the package says about it, and what opens it for a court."""

    content: bytes
    original: str
    skeleton: str
    cuts: tuple[Cut, ...]
    salt: str
    pieces: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        """Whether anything was replaced."""
        return bool(self.cuts)


@dataclass
class Redactor:
    """Gives pseudonyms, the same for the same piece. `salt` gives 16 random bytes a call."""

    find: Find
    salt: Callable[[], bytes]
    _given: dict[tuple[str, str], str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """The text with every piece replaced."""
        return "".join(new if cut else old for old, new, cut in self._pieces(text))

    def record(self, value: Any) -> Any:
        """A record as read from JSON, with every text in it replaced."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.record(inner) for inner in value]
        if isinstance(value, dict):
            return {self.text(key): self.record(inner) for key, inner in value.items()}
        return value

    def content(self, raw: bytes) -> Redacted | None:
        """The redacted copy of a file, or None when it is not text or over `LIMIT` bytes."""
        read = _read(raw) if len(raw) <= LIMIT else None
        if read is None:
            return None
        text, form = read
        at, there = len(form.mark), len(form.mark)
        out, kept = [form.mark], bytearray(form.mark)
        cuts, pieces, bones = [], [], []
        for old, new, cut in self._pieces(text):
            before, after = old.encode(form.encoding), new.encode(form.encoding)
            out.append(after)
            if not cut:
                kept += before
            else:
                salt = self.salt()
                commit = commitment(salt, before)
                cuts.append(Cut(there, len(after), commit))
                pieces.append(Piece(at, len(before), salt.hex()))
                bones += [(bytes(kept), None), (b"", commit)]
                kept.clear()
            at, there = at + len(before), there + len(after)
        bones.append((bytes(kept), None))
        salt = self.salt()
        whole = commitment(salt, hashlib.sha256(raw).digest())
        copy = b"".join(out)
        return Redacted(copy, whole, of_pieces(bones), tuple(cuts), salt.hex(), tuple(pieces))

    def _pieces(self, text: str) -> list[tuple[str, str, bool]]:
        """The text cut up: (old, new, whether it was cut), in order."""
        parts, at = [], 0
        for start, end, kind in sorted(self.find(text)):
            if start < at or end <= start or end > len(text):
                continue
            parts.append((text[at:start], text[at:start], False))
            parts.append((text[start:end], self._pseudonym(kind, text[start:end]), True))
            at = end
        return [*parts, (text[at:], text[at:], False)]

    def _pseudonym(self, kind: str, value: str) -> str:
        given = self._given.get((kind, value))
        if given is None:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            given = self._given[kind, value] = f"[{kind}{self._counts[kind]}]"
        return given


def _read(raw: bytes) -> tuple[str, _Form] | None:
    """The text and how it is spelled, when spelling it again gives the same bytes."""
    marked = [form for form in _MARKED if raw.startswith(form.mark)]
    for form in marked or _UNMARKED:
        body = raw[len(form.mark) :]
        try:
            text = body.decode(form.encoding)
            same = text.encode(form.encoding) == body
        except UnicodeError:
            continue
        if same and "\x00" not in text:
            return text, form
    return None


def prove(original: bytes, pieces: Sequence[Piece]) -> str:
    """The skeleton computed from the original and the salts; equal to the one in the package when
    nothing but these pieces was changed."""
    bones: list[tuple[bytes, str | None]] = []
    at = 0
    for start, length, salt in ((p.start, p.length, p.salt) for p in pieces):
        cut = original[start : start + length]
        bones += [(original[at:start], None), (b"", commitment(bytes.fromhex(salt), cut))]
        at = start + length
    return of_pieces([*bones, (original[at:], None)])
