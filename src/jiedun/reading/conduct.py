"""What messages do: labels at two operating points, calibrated scores, the words that decided."""

from collections.abc import Sequence
from threading import Lock
from typing import Literal

from jiedun.model.reading import LabelSpan, Message, Reading
from jiedun.reading.encoder import encoder
from jiedun.reading.linear import CHUNK, LABELS, Scored, deciding, score, tables
from jiedun.reading.operating import points, together

Tier = Literal["fast", "deep"]
_loading = Lock()


def read(messages: Sequence[Message], *, tier: Tier = "deep", spans: bool = True) -> list[Reading]:
    """One reading a message, in order. Thread-safe; weights are loaded once, at the first call.

    `fast` is the linear model alone; `deep` adds the encoder. Spans, which cost about half the
    speed of `fast`, show the words that weighed most in the linear model, in both tiers.
    """
    with _loading:
        tables()
        if tier == "deep":
            encoder()
    out: list[Reading] = []
    for at in range(0, len(messages), CHUNK):
        out += _chunk(messages[at : at + CHUNK], tier, spans)
    return out


def _chunk(messages: Sequence[Message], tier: Tier, spans: bool) -> list[Reading]:
    scored = score(messages)
    logits = scored.logits
    if tier == "deep":
        logits = together(logits, encoder().logits(messages, scored.grams.batch))
    held = points(tier)
    chances = held.probabilities(logits)
    possible, probable = chances >= held.possible, chances >= held.probable
    hits = [[k for k in range(len(LABELS)) if maybe[k]] for maybe in possible.tolist()]
    found = _spans(scored, hits) if spans else [()] * len(hits)
    rows = zip(messages, chances.tolist(), probable.tolist(), hits, found, strict=True)
    return [
        Reading(
            message.id,
            frozenset([LABELS[k] for k in hit]),
            frozenset([LABELS[k] for k in hit if likely[k]]),
            dict(zip(LABELS, chance, strict=True)),
            words,
        )
        for message, chance, likely, hit, words in rows
    ]


def _spans(scored: Scored, hits: list[list[int]]) -> list[tuple[LabelSpan, ...]]:
    rows = [row for row, hit in enumerate(hits) for _ in hit]
    labels = [label for hit in hits for label in hit]
    places = iter(deciding(scored, rows, labels))
    return [tuple(LabelSpan(LABELS[k], *next(places)) for k in hit) for hit in hits]
