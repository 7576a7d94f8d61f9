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
from jiedun.reading.features import BITS, ORDERS, Grams, grams
from jiedun.reading.normalise import WEIGHTS, Index

Floats = NDArray[np.float32]
LABELS = tuple(Label)
RECIPIENTS = ("debtor", "third_party", "guarantor")
CHANNELS = ("sms", "chat", "call")
CHUNK = 256
_RECIPIENT = {x: i for i, x in enumerate(RECIPIENTS)}
_CHANNEL = {x: 3 + i for i, x in enumerate(CHANNELS)}
THIRD_PARTY_ONLY = (Label.DEBT_DISCLOSURE, Label.THIRD_PARTY_PRESSURE)
_NEVER = -20.0
SQUARE_SCALE = 2.5


@dataclass(frozen=True, slots=True)
class Tables:
    """`rows[slot[f]] * scale` are feature f's weights (row 0 is empty), `square[f] / 2.5` its idf²."""

    slot: NDArray[np.int32]
    rows: NDArray[np.int16]
    scale: Floats
    square: NDArray[np.uint8]
    biases: Floats


@dataclass(frozen=True, slots=True)
class Scored:
    """Logits (messages, labels), and the n-grams they were summed from, for the spans."""

    logits: Floats
    grams: Grams


@cache
def tables() -> Tables:
    """The shipped weights."""
    with np.load(WEIGHTS / "fast.npz") as held:
        kept = held["features"]
        slot = np.zeros(1 << BITS, np.int32)
        slot[kept] = np.arange(1, len(kept) + 1)
        rows = np.zeros((len(kept) + 1, 16), np.int16)
        rows[1:, : len(LABELS)] = held["weights"]
        return Tables(slot, rows, held["scale"], held["square"], held["biases"])


def context(messages: Sequence[Message]) -> Floats:
    """Recipient and channel as six zeros and ones a message, then a one."""
    who = [_RECIPIENT.get(m.recipient, 6) for m in messages]
    how = [_CHANNEL.get(m.channel, 6) for m in messages]
    out = np.zeros((len(messages), 7), np.float32)
    rows = np.arange(len(messages))
    out[rows, who] = 1
    out[rows, how] = 1
    out[:, 6] = 1
    return out


def _sums(values: NDArray[np.int16 | np.uint8], bounds: Index) -> NDArray[np.float32]:
    """The sum of `values` between consecutive bounds; an empty stretch gives zero."""
    shape = (len(bounds) - 1, *values.shape[1:])
    if not len(values):
        return np.zeros(shape, np.float32)
    starts = np.minimum(bounds[:-1], len(values) - 1)
    out: Floats = np.add.reduceat(values.astype(np.float32), starts, axis=0)
    out[bounds[1:] == bounds[:-1]] = 0
    return out


def score(messages: Sequence[Message]) -> Scored:
    """The logits of a chunk of messages."""
    held = tables()
    found = grams(messages)
    total = np.zeros((len(messages), 16), np.float32)
    square = np.zeros(len(messages), np.float32)
    for index, bounds in zip(found.index, found.bounds, strict=True):
        square += _sums(held.square.take(index), bounds)
        slot = held.slot.take(index)
        known = np.flatnonzero(slot)
        total += _sums(held.rows.take(slot.take(known), axis=0), np.searchsorted(known, bounds))
    around = context(messages)
    norm = np.sqrt(np.maximum(square / SQUARE_SCALE, 1e-6))[:, None]
    logits = total[:, :14] * held.scale / norm + around @ held.biases
    for label in THIRD_PARTY_ONLY:
        logits[around[:, 1] == 0, LABELS.index(label)] = _NEVER
    return Scored(logits, found)


def deciding(scored: Scored, rows: Sequence[int], labels: Sequence[int]) -> list[tuple[int, int]]:
    """For each message row and label, the stretch (start, stop) of the original that speaks for it.

    Each n-gram's weight is shared out to its characters; the stretch is the one with the largest
    sum above the message's mean (Kadane 1984).
    """
    if not rows:
        return []
    held, bounds = tables(), scored.grams.batch.bounds
    flat = held.rows.ravel()
    row, label = np.array(rows), np.array(labels)
    places = np.concatenate([[0], np.cumsum(np.diff(bounds)[row] + 2)])
    shares = np.zeros(int(places[-1]) + ORDERS, np.float32)
    for order, (index, of) in enumerate(
        zip(scored.grams.index, scored.grams.bounds, strict=True), 1
    ):
        counts = of[row + 1] - of[row]
        part = held.slot.take(index.take(_ranges(of[row], counts))).astype(np.int64)
        given = np.zeros(len(shares), np.float32)
        given[_ranges(places[:-1], counts)] = flat.take(part * 16 + np.repeat(label, counts))
        for shift in range(order):
            shares[shift:] += given[: len(given) - shift] / np.float32(order)
    return [
        _stretch(scored, one, shares[places[k] + 1 : places[k + 1] - 1])
        for k, one in enumerate(rows)
    ]


def _ranges(starts: Index, counts: Index) -> Index:
    """start, start + 1, … for each start, as many as counted, end to end."""
    before = np.cumsum(counts) - counts
    total = int(counts.sum())
    result: Index = np.arange(total) - np.repeat(before - starts, counts)
    return result


def _stretch(scored: Scored, row: int, shares: Floats) -> tuple[int, int]:
    batch = scored.grams.batch
    at, length = int(batch.bounds[row]), len(shares)
    if length == 0:
        return 0, 0
    run = np.zeros(length + 1, np.float32)
    mean = float(shares.sum()) / length
    np.cumsum(shares - max(0.0, mean), out=run[1:])
    stop = int((run - np.minimum.accumulate(run)).argmax())
    start = int(run[: stop + 1].argmin())
    stop = max(stop, start + 1)
    return int(batch.start[at + start]), int(batch.stop[at + min(stop, length) - 1])
