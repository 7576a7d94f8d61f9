"""Texts written one way, whatever tricks were used to write them, with the way back to the original.

Full-width, traditional, look-alike and mathematical letters become the plain character;
zero-width and combining marks go; symbols and single blanks put between the characters of a
word go. Every kept code carries the offsets `start` and `stop` of what it came from.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WEIGHTS = Path(__file__).with_name("weights")
Codes = NDArray[np.uint32]
Index = NDArray[np.int64]

_LIMIT = 0x20000
_SPACE, _COLON = 32, 58
_NOISE = "*#~^_|/\\+=-.·•`'\"…※★☆●○◆◇■□▲△→←♥♡✓✗"


@dataclass(frozen=True, slots=True)
class Batch:
    """Normalised texts end to end. Text `i` owns `codes[bounds[i]:bounds[i + 1]]`.

    `start` and `stop` are offsets into the original text that a code belongs to.
    """

    codes: Codes
    start: Index
    stop: Index
    bounds: Index

    def text(self, i: int) -> str:
        """The normalised text of row `i`."""
        part = self.codes[self.bounds[i] : self.bounds[i + 1]]
        return part.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _table() -> Codes:
    """What each code point below 0x20000 is read as; 0 drops it."""
    with np.load(WEIGHTS / "characters.npz") as held:
        table = np.arange(_LIMIT, dtype=np.uint32)
        table[held["source"]] = held["target"]
    return table


@cache
def _kinds() -> NDArray[np.uint8]:
    """Per code below 0x20000: 1 Han, 2 noise between characters, 3 blank, else 0."""
    kinds = np.zeros(_LIMIT, np.uint8)
    kinds[0x3400:0x4DC0] = kinds[0x4E00:0xA000] = 1
    kinds[0x2600:0x2800] = kinds[0x1F000:0x1FB00] = 2
    kinds[[ord(c) for c in _NOISE]] = 2
    kinds[_SPACE] = 3
    return kinds


def joined(texts: Sequence[str]) -> tuple[Codes, Index]:
    """All code points of `texts` end to end (lone surrogates allowed), and the n + 1 bounds."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=bounds[1:])
    return codes.astype(np.uint32, copy=False), bounds


def _kept(codes: Codes, row: Index) -> NDArray[np.bool_]:
    """Which codes stay: no noise inside words, no blank beside a lone character, no double blank."""
    kinds = _kinds().take(np.minimum(codes, _LIMIT - 1))
    left = np.zeros_like(kinds)
    right = np.zeros_like(kinds)
    same = row[1:] == row[:-1]
    left[1:] = np.where(same, kinds[:-1], 0)
    right[:-1] = np.where(same, kinds[1:], 0)
    lone = (kinds == 1) & (left != 1) & (right != 1)
    lone[:-1] &= codes[1:] != _COLON
    beside = np.zeros_like(lone)
    beside[1:] |= lone[:-1]
    beside[:-1] |= lone[1:]
    within = (left == 1) & (right == 1)
    noise = (kinds == 2) & within
    blank = (kinds == 3) & ((within & beside) | (left == 3))
    result: NDArray[np.bool_] = ~(noise | blank)
    return result


def normalise(texts: Sequence[str]) -> Batch:
    """The texts normalised together, in order."""
    raw, bounds = joined(texts)
    lengths = np.diff(bounds)
    row = np.repeat(np.arange(len(texts)), lengths)
    start = np.arange(len(raw)) - np.repeat(bounds[:-1], lengths)
    codes = np.where(raw < _LIMIT, _table().take(np.minimum(raw, _LIMIT - 1)), raw)
    for _ in range(3):
        stay = _kept(codes, row) if _ else codes != 0
        codes, row, start = codes[stay], row[stay], start[stay]
    stop = start + 1
    codes, row, start, stop = _spelled(codes, row, start, stop)
    out = np.searchsorted(row, np.arange(len(texts) + 1)).astype(np.int64)
    return Batch(codes, start, stop, out)


@cache
def _evasions() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Words by their letters, characters by their sound beside a Han, characters by their parts."""
    words: dict[str, str] = {}
    sounds: dict[str, str] = {}
    parts: dict[str, str] = {}
    for line in (WEIGHTS / "evasions.txt").read_text("utf-8").splitlines():
        written, _, meant = line.partition(" ")
        held = {"+": sounds, "=": parts}.get(written[0], words)
        if written[0] != "#":
            held[written.lstrip("+=")] = meant
    return words, sounds, parts


@cache
def _tricks() -> re.Pattern[str]:
    parts = _evasions()[2]
    first = "".join(sorted({p[0] for p in parts}))
    second = "".join(sorted({p[1] for p in parts}))
    return re.compile(
        rf"[a-z{first}](?:(?<=[a-z])(?<![a-z].)[a-z]{{1,23}}(?![a-z])|(?<=[{first}])[{second}])"
    )


def _meant(text: str, m: re.Match[str]) -> str | None:
    """What a run of letters or two parts of a character stand for; None when nothing."""
    words, sounds, parts = _evasions()
    written = m.group()
    if written in parts or written in words:
        return parts.get(written) or words.get(written)
    several = _several(written, words)
    if several is not None:
        return several
    beside = text[m.start() - 1 : m.start()] + text[m.end() : m.end() + 1]
    return sounds.get(written) if any("\u4e00" <= c < "\ua000" for c in beside) else None


def _several(written: str, words: dict[str, str]) -> str | None:
    """A run of letters that is several words one after another; None when it is not."""
    out = ""
    while written:
        size = next((n for n in range(len(written), 3, -1) if written[:n] in words), 0)
        if not size:
            return None
        out, written = out + words[written[:size]], written[size:]
    return out


def _spelled(
    codes: Codes, row: Index, start: Index, stop: Index
) -> tuple[Codes, Index, Index, Index]:
    """The same with words spelled in letters, and characters taken apart, put back."""
    text = codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    found = [
        (m.start(), m.end(), meant) for m in _tricks().finditer(text) if (meant := _meant(text, m))
    ]
    if not found:
        return codes, row, start, stop
    new, take, ends, at = [], [], [], 0
    for begin, end, meant in found:
        if row[begin] != row[end - 1]:
            continue
        new += [codes[at:begin], np.array([ord(c) for c in meant], np.uint32)]
        take += [np.arange(at, begin), np.full(len(meant), begin)]
        ends += [np.arange(at, begin), np.full(len(meant), end - 1)]
        at = end
    rest = np.arange(at, len(codes))
    first, last = np.concatenate([*take, rest]), np.concatenate([*ends, rest])
    return np.concatenate([*new, codes[at:]]), row[first], start[first], stop[last]
