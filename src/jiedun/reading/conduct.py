"""What messages do: labels at two operating points, calibrated scores, the words that decided."""

from collections.abc import Sequence
from threading import Lock
from typing import Literal

from jiedun.model.reading import LabelSpan, Message, Reading
from jiedun.reading.linear import CHUNK, LABELS, Floats, Scored, deciding, score, tables
from jiedun.reading.operating import points

Tier = Literal["fast", "deep"]
_loading = Lock()


def read(messages: Sequence[Message], *, tier: Tier = "deep", spans: bool = True) -> list[Reading]:
    """One reading a message, in order. Thread-safe; weights are loaded once, at the first call.

    `fast` is the linear model alone; `deep` adds the encoder. Spans cost about half the speed.
    """
    with _loading:
        tables()
    out: list[Reading] = []
    for at in range(0, len(messages), CHUNK):
        out += _chunk(messages[at : at + CHUNK], tier, spans)
    return out


def _chunk(messages: Sequence[Message], tier: Tier, spans: bool) -> list[Reading]:
    scored = score(messages)
    held = points(tier)
    chances = held.probabilities(scored.logits)
    possible, probable = chances >= held.possible, chances >= held.probable
    rows = zip(messages, chances.tolist(), possible.tolist(), probable.tolist(), strict=True)
    readings = []
    for i, (message, chance, maybe, likely) in enumerate(rows):
        hit = [k for k in range(len(LABELS)) if maybe[k]]
        readings.append(
            Reading(
                message.id,
                frozenset(LABELS[k] for k in hit),
                frozenset(LABELS[k] for k in hit if likely[k]),
                dict(zip(LABELS, chance, strict=True)),
                tuple(_span(scored, i, k) for k in hit) if spans else (),
            )
        )
    return readings


def _span(scored: Scored, row: int, label: int) -> LabelSpan:
    return LabelSpan(LABELS[label], *deciding(scored, row, label))


__all__ = ["Floats", "Tier", "read"]
