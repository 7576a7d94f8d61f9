"""The linear scorer: one row of weights an n-gram, summed over a message and divided by its norm.

A message's logit for a label is Σ w(gram) / √Σ idf²(gram) + bias(label, recipient, channel): the
character TF-IDF model of the literature with counts taken as they are, so that it needs one pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from jiedun.model.reading import Label, Message
from jiedun.reading.features import BITS, Grams, grams
from jiedun.reading.normalise import WEIGHTS

Floats = NDArray[np.float32]
LABELS = tuple(Label)
RECIPIENTS = ("debtor", "third_party", "guarantor")
CHANNELS = ("sms", "chat", "call")
CHUNK = 256
THIRD_PARTY_ONLY = (Label.DEBT_DISCLOSURE, Label.THIRD_PARTY_PRESSURE)
_NEVER = -20.0


@dataclass(frozen=True, slots=True)
class Scored:
    """Logits (messages, labels) and what they were summed from, for the spans."""

    logits: Floats
    grams: Grams
    weights: list[Floats]


@cache
def tables() -> tuple[Floats, Floats]:
    """The weights (features, 16), column 14 holding idf², and the biases (7, labels)."""
    with np.load(WEIGHTS / "fast.npz") as held:
        table = np.zeros((1 << BITS, 16), np.float32)
        table[held["features"], :15] = held["weights"]
        return table, held["biases"].astype(np.float32)


def context(messages: Sequence[Message]) -> Floats:
    """Recipient and channel as six zeros and ones a message, then a one."""
    out = np.zeros((len(messages), 7), np.float32)
    out[:, 6] = 1
    for i, m in enumerate(messages):
        if m.recipient in RECIPIENTS:
            out[i, RECIPIENTS.index(m.recipient)] = 1
        if m.channel in CHANNELS:
            out[i, 3 + CHANNELS.index(m.channel)] = 1
    return out


def _sums(rows: Floats, bounds: NDArray[np.int64]) -> Floats:
    """The sum of `rows` between consecutive bounds; an empty stretch gives zeros."""
    if not len(rows):
        return np.zeros((len(bounds) - 1, rows.shape[1]), np.float32)
    starts = np.minimum(bounds[:-1], len(rows) - 1)
    out = np.add.reduceat(rows, starts, axis=0)
    out[bounds[1:] == bounds[:-1]] = 0
    return out


def score(messages: Sequence[Message]) -> Scored:
    """The logits of a chunk of messages."""
    table, biases = tables()
    found = grams(messages)
    weights = [table[index] for index in found.index]
    total = np.zeros((len(messages), 16), np.float32)
    for rows, bounds in zip(weights, found.bounds, strict=True):
        total += _sums(rows, bounds)
    norm = np.sqrt(np.maximum(total[:, 14:15], 1e-6))
    logits = total[:, :14] / norm + context(messages) @ biases
    away = np.array([m.recipient != "third_party" for m in messages], np.bool_)
    for label in THIRD_PARTY_ONLY:
        logits[away, LABELS.index(label)] = _NEVER
    return Scored(logits, found, weights)


def deciding(scored: Scored, row: int, label: int) -> tuple[int, int]:
    """The stretch of the original text (start, stop) that speaks most for the label."""
    found = scored.grams
    at, end = (int(x) for x in found.batch.bounds[row : row + 2])
    length = end - at
    if length == 0:
        return 0, 0
    shares = np.zeros(length + 2, np.float32)
    for order, (rows, bounds) in enumerate(zip(scored.weights, found.bounds, strict=True), 1):
        part = rows[bounds[row] : bounds[row + 1], label]
        if len(part):
            shares += np.convolve(part, np.full(order, 1 / order, np.float32))
    speaking = shares[1:-1]
    speaking = speaking - max(0.0, float(speaking.mean()))
    run = np.concatenate([[0], np.cumsum(speaking)])
    low = np.minimum.accumulate(run)
    stop = int((run - low).argmax())
    start = int(run[: stop + 1].argmin())
    stop = max(stop, start + 1)
    return int(found.batch.start[at + start]), int(found.batch.stop[at + min(stop, length) - 1])
