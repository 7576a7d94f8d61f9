"""Long messages in windows: what one sentence of a long call says must not drown in the rest.

A message of more than LONG characters, counted as normalised, is read in stretches of whole sentences
of at most WINDOW such characters, each with the mark of whoever speaks there. In a marked call, what
the other side says alone, or in more than ASIDE characters, is left out: it cannot count. The evidence
for a label is that of the window that speaks for it most, lowered by the logarithm of how many windows
there are, ten at most: the more is said, the more often something looks like a label by chance.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from jiedun.model.reading import Message
from jiedun.reading.normalise import Index, normalise
from jiedun.reading.turns import Turn, turns

LONG, WINDOW, ASIDE, MOST, FULLY = 240, 110, 30, 256, 10
_AGAIN = WINDOW // 3
_F = TypeVar("_F", bound=np.floating)
_SENTENCE = re.compile(r"[^。!?;\n]*[。!?;\n]*")
_CLAUSE = re.compile(rf"(?:.{{1,{_AGAIN - 1}}}[,、 ]|.{{1,{_AGAIN}}})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """A window as a message of its own; `mark` characters of its text repeat who speaks, and the
    next one stands at `start` of the whole message."""

    message: Message
    start: int
    mark: int

    def place(self, at: int) -> int:
        """The offset in the whole message of offset `at` in the window; the mark lies at its start."""
        return self.start + max(0, at - self.mark)

    def stretch(self, start: int, stop: int) -> tuple[int, int]:
        """The stretch of the whole message that a stretch of the window stands for; empty only where
        the window is."""
        end = self.start + len(self.message.text) - self.mark
        began = min(self.place(start), max(self.start, end - 1))
        return began, min(max(self.place(stop), began + 1), end)


@dataclass(frozen=True)
class Windows:
    """Parts of messages in order; those of message i lie between `bounds[i]` and `bounds[i + 1]`."""

    parts: list[Part]
    bounds: Index

    @cached_property
    def messages(self) -> list[Message]:
        """The parts as messages."""
        return [part.message for part in self.parts]


def cut(messages: Sequence[Message]) -> Windows:
    """The windows of every message; one that is not long is its own only window."""
    parts: list[Part] = []
    bounds = np.zeros(len(messages) + 1, np.int64)
    for i, message in enumerate(messages):
        if len(message.text) > LONG:
            parts += _parts(message)
        else:
            parts.append(Part(message, 0, 0))
        bounds[i + 1] = len(parts)
    return Windows(parts, bounds)


def strongest(evidence: NDArray[_F], bounds: Index) -> tuple[NDArray[_F], NDArray[np.int64]]:
    """The evidence (messages, labels, kinds) of each message, and the part (messages, labels) that
    speaks most for each label: the one with the largest sum over kinds.

    `evidence` is that of the parts; that of a message with several is lowered.
    """
    counts = np.diff(bounds)
    if len(evidence) == len(counts):
        return evidence, np.repeat(bounds[:-1, None], evidence.shape[1], 1)
    total = evidence.sum(2)
    most = np.repeat(bounds[:-1, None], evidence.shape[1], 1)
    for i in np.flatnonzero(counts > 1):
        most[i] += total[bounds[i] : bounds[i + 1]].argmax(0)
    lowered = np.log(np.minimum(counts, FULLY))[:, None, None]
    chosen = evidence[most, np.arange(evidence.shape[1])]
    return (chosen - lowered).astype(evidence.dtype), most


def telling(logits: NDArray[np.floating], bounds: Index) -> NDArray[np.bool_]:
    """Which parts are worth a slower look: all of a message with up to MOST of them, and of any other
    the MOST about which these logits (parts, labels) say most."""
    asked = np.ones(len(logits), np.bool_)
    for i in np.flatnonzero(np.diff(bounds) > MOST):
        said = logits[bounds[i] : bounds[i + 1]].max(1)
        asked[bounds[i] + np.argsort(-said, kind="stable")[MOST:]] = False
    return asked


def _parts(message: Message) -> Iterator[Part]:
    batch = normalise([message.text])
    text = batch.text(0)
    if len(text) <= LONG:
        yield Part(message, 0, 0)
        return
    marks = turns(text) if message.channel == "call" else []
    places = [0, *batch.start[1:].tolist(), len(message.text)]
    for first, last in _counting(text, marks) or list(_stretches(text, 0, len(text), marks)):
        mark, start = _speaking(text, marks, first), places[first]
        said = message.text[start : places[last]]
        yield Part(replace(message, text=mark + said), start, len(mark))


def _counting(text: str, marks: list[Turn]) -> list[tuple[int, int]]:
    """The windows in which the collector's side speaks, none across a long turn of the other side."""
    ends = [*(turn.start for turn in marks), len(text)][1:]
    long = [
        (t.start, end)
        for t, end in zip(marks, ends, strict=True)
        if t.other and end - t.said > ASIDE
    ]
    begins, stops = [0, *(end for _, end in long)], [*(start for start, _ in long), len(text)]
    found = [
        stretch
        for begin, stop in zip(begins, stops, strict=True)
        for stretch in _stretches(text, begin, stop, marks)
    ]
    return [stretch for stretch in found if not _all_others(marks, *stretch)]


def _all_others(marks: list[Turn], first: int, last: int) -> bool:
    """Whether only the other side speaks from `first` to `last`, so that nothing there can count."""
    since = bisect_right(marks, first, key=lambda turn: turn.start) - 1
    upto = bisect_right(marks, last - 1, key=lambda turn: turn.start)
    return since >= 0 and all(turn.other for turn in marks[since:upto])


def _speaking(text: str, marks: list[Turn], at: int) -> str:
    """The mark of the turn that is under way at `at`; empty where one begins there, or none is marked."""
    before = bisect_right(marks, at, key=lambda turn: turn.start)
    if not before or marks[before - 1].start == at:
        return ""
    return text[marks[before - 1].start : marks[before - 1].said]


def _stretches(text: str, begin: int, stop: int, marks: list[Turn]) -> Iterator[tuple[int, int]]:
    """Windows of whole sentences; each begins with the last sentence of the one before, if short."""
    pieces = list(_pieces(text, begin, stop, marks))
    at = 0
    while at < len(pieces):
        start, to = pieces[at][0], at + 1
        while to < len(pieces) and pieces[to][1] - start <= WINDOW:
            to += 1
        yield start, pieces[to - 1][1]
        last = pieces[to - 1]
        again = to < len(pieces) and to - 1 > at and last[1] - last[0] <= _AGAIN
        at = to - 1 if again else to


def _pieces(text: str, begin: int, stop: int, marks: list[Turn]) -> Iterator[tuple[int, int]]:
    """Sentences, cut where a turn begins too, and at commas or anywhere where they are too long."""
    since = bisect_left(marks, begin, key=lambda turn: turn.start)
    upto = bisect_left(marks, stop, key=lambda turn: turn.start)
    ends = {found.end() for found in _SENTENCE.finditer(text, begin, stop)}
    ends |= {turn.start for turn in marks[since:upto]} | {stop}
    start = begin
    for end in sorted(ends - {begin}):
        if end - start <= WINDOW:
            yield start, end
        else:
            yield from (found.span() for found in _CLAUSE.finditer(text, start, end))
        start = end
