"""What messages do: labels at two operating points, calibrated scores, the words that decided."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jiedun.model.reading import Label, LabelSpan, Message, Reading
from jiedun.reading.encoder import encoder
from jiedun.reading.given import Given, messages_of
from jiedun.reading.linear import CHUNK, LABELS, Floats, Scored, context, deciding, score, tables
from jiedun.reading.operating import NEVER, points, weighed
from jiedun.reading.windows import Windows, cut, strongest, telling

Tier = Literal["fast", "deep"]
_loading = Lock()
_PLACE = {label: k for k, label in enumerate(LABELS)}
_BITS = 1 << np.arange(len(LABELS))


def read(batch: Given, *, tier: Tier = "deep", spans: bool = True) -> list[Reading]:
    """One reading a message, in order. Thread-safe; weights are loaded once, at the first call.

    A batch is a list of messages, texts or mappings, or an Arrow array or table (`given`).
    `fast` is the linear model alone; `deep` adds the encoder. Spans, which cost about half the
    speed of `fast`, show the words that weighed most in the linear model, in both tiers.
    """
    with _loading:
        tables()
        if tier == "deep":
            encoder()
    messages = messages_of(batch)
    out: list[Reading] = []
    for at in range(0, len(messages), CHUNK):
        out += _chunk(messages[at : at + CHUNK], tier, spans)
    return out


def _chunk(messages: Sequence[Message], tier: Tier, spans: bool) -> list[Reading]:
    windows = cut(messages)
    parts = windows.messages
    scored = [score(parts[at : at + CHUNK]) for at in range(0, len(parts), CHUNK)]
    linear = np.concatenate([one.logits for one in scored])[:, :, None]
    if tier == "fast":
        evidence, most = strongest(linear, windows.bounds)
    else:
        deep = _encoded(parts, scored, telling(linear[:, :, 0], windows.bounds))
        both, most = strongest(np.concatenate([linear, deep], 2), windows.bounds)
        evidence = weighed(both[:, :, 0], both[:, :, 1], context(messages))
    held = points(tier)
    chances = held.probabilities(evidence)
    maybe = ((chances >= held.possible) @ _BITS).tolist()
    likely = ((chances >= held.probable) @ _BITS).tolist()
    hits = [_set(bits)[1] for bits in maybe]
    found = _spans(scored, windows, most, hits) if spans else [()] * len(hits)
    rows = zip(messages, maybe, likely, chances.tolist(), found, strict=True)
    return [
        Reading(message.id, _set(some)[0], _set(some & sure)[0], Scores(chance), words)
        for message, some, sure, chance, words in rows
    ]


def _encoded(parts: Sequence[Message], scored: list[Scored], asked: NDArray[np.bool_]) -> Floats:
    """The encoder's logits (parts, labels, 1) of the parts asked about; what is not never counts."""
    out = np.full((len(parts), len(LABELS), 1), NEVER, np.float32)
    for at, one in zip(range(0, len(parts), CHUNK), scored, strict=True):
        rows: list[int] = np.flatnonzero(asked[at : at + CHUNK]).tolist()
        texts = [one.grams.batch.text(i) for i in rows]
        out[[at + i for i in rows], :, 0] = encoder().logits([parts[at + i] for i in rows], texts)
    return out


class Scores(Mapping[Label, float]):
    """A probability a label; a mapping that costs nothing until somebody looks."""

    __slots__ = ("_values",)

    def __init__(self, values: list[float]) -> None:
        self._values = values

    def __getitem__(self, label: Label) -> float:
        return self._values[_PLACE[label]]

    def __iter__(self) -> Iterator[Label]:
        return iter(LABELS)

    def __len__(self) -> int:
        return len(LABELS)

    def __repr__(self) -> str:
        return repr(dict(self))


@cache
def _set(bits: int) -> tuple[frozenset[Label], tuple[int, ...]]:
    """The labels whose bits are set, as a set and as places."""
    places = tuple(k for k in range(len(LABELS)) if bits >> k & 1)
    return frozenset(LABELS[k] for k in places), places


def _spans(
    scored: list[Scored], windows: Windows, most: NDArray[np.int64], hits: list[tuple[int, ...]]
) -> list[tuple[LabelSpan, ...]]:
    """The words that decided, in the window that spoke most for the label."""
    asked: list[list[tuple[int, int]]] = [[] for _ in scored]
    for row, hit in enumerate(hits):
        for k in hit:
            asked[most[row, k] // CHUNK].append((int(most[row, k]), k))
    told: dict[tuple[int, int], tuple[int, int]] = {}
    for at, wanted in enumerate(asked):
        rows, labels = [part - at * CHUNK for part, _ in wanted], [k for _, k in wanted]
        told |= zip(wanted, deciding(scored[at], rows, labels), strict=True)
    out = []
    for row, hit in enumerate(hits):
        words = []
        for k in hit:
            part = windows.parts[most[row, k]]
            words.append(LabelSpan(LABELS[k], *part.stretch(*told[int(most[row, k]), k])))
        out.append(tuple(words))
    return out
