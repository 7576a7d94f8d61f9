"""What messages do: labels at two operating points, calibrated scores, the words that decided."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from threading import Lock
from typing import Literal

import numpy as np

from jiedun.model.reading import Label, LabelSpan, Message, Reading
from jiedun.reading.encoder import encoder
from jiedun.reading.given import Given, messages_of
from jiedun.reading.linear import CHUNK, LABELS, Scored, deciding, score, tables
from jiedun.reading.operating import points, weighed

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
    scored = score(messages)
    evidence = scored.logits[:, :, None]
    if tier == "deep":
        deep = encoder().logits(messages, scored.grams.batch)
        evidence = weighed(scored.logits, deep, scored.around)
    held = points(tier)
    chances = held.probabilities(evidence)
    maybe = ((chances >= held.possible) @ _BITS).tolist()
    likely = ((chances >= held.probable) @ _BITS).tolist()
    hits = [_set(bits)[1] for bits in maybe]
    found = _spans(scored, hits) if spans else [()] * len(hits)
    rows = zip(messages, maybe, likely, chances.tolist(), found, strict=True)
    return [
        Reading(message.id, _set(some)[0], _set(some & sure)[0], Scores(chance), words)
        for message, some, sure, chance, words in rows
    ]


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


def _spans(scored: Scored, hits: list[tuple[int, ...]]) -> list[tuple[LabelSpan, ...]]:
    rows = [row for row, hit in enumerate(hits) for _ in hit]
    labels = [label for hit in hits for label in hit]
    places = iter(deciding(scored, rows, labels))
    return [tuple(LabelSpan(LABELS[k], *next(places)) for k in hit) for hit in hits]
