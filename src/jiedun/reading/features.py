"""Character n-grams of messages as hashed indices, all messages at once.

Every stretch of 1 to 4 characters is one feature; digits are alike; what the other side of a call
says is marked, so that its curses are features of their own. No text is looked at twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jiedun.model.reading import Message
from jiedun.reading.normalise import Batch, Index, normalise
from jiedun.reading.turns import others_turns

BITS = 19
ORDERS = 4
_OTHER_SIDE = 1 << 22
_OPEN, _CLOSE = 1, 2
_MULTIPLY, _MIX = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)


@dataclass(frozen=True, slots=True)
class Grams:
    """Features of the messages. `index[n]` are the n-grams of order n + 1 in text order, those of
    message i between `bounds[n][i]` and `bounds[n][i + 1]`.
    """

    batch: Batch
    index: list[Index]
    bounds: list[Index]


def _marked(messages: Sequence[Message], batch: Batch) -> NDArray[np.uint32]:
    """The codes with digits made alike and the other side's turns set apart."""
    codes = batch.codes.copy()
    codes[(codes >= 48) & (codes <= 57)] = 48
    for i, message in enumerate(messages):
        if message.channel == "call":
            at = int(batch.bounds[i])
            for start, stop in others_turns(batch.text(i)):
                codes[at + start : at + stop] += np.uint32(_OTHER_SIDE)
    return codes


def _framed(codes: NDArray[np.uint32], bounds: Index) -> tuple[NDArray[np.uint32], Index]:
    """Each message with an opening and a closing code, and the new bounds."""
    n = len(bounds) - 1
    framed_bounds = bounds + 2 * np.arange(n + 1)
    framed = np.empty(len(codes) + 2 * n, np.uint32)
    inside = np.ones(len(framed), np.bool_)
    inside[framed_bounds[:-1]] = False
    inside[framed_bounds[1:] - 1] = False
    framed[framed_bounds[:-1]] = _OPEN
    framed[framed_bounds[1:] - 1] = _CLOSE
    framed[inside] = codes
    return framed, framed_bounds


def grams(messages: Sequence[Message]) -> Grams:
    """All n-grams of all messages."""
    batch = normalise([m.text for m in messages])
    framed, bounds = _framed(_marked(messages, batch), batch.bounds)
    lengths = np.diff(bounds)
    left = np.repeat(bounds[1:], lengths) - np.arange(len(framed))
    indices, starts = [], []
    state = np.zeros(len(framed), np.uint32)
    for order in range(1, ORDERS + 1):
        size = len(framed) - order + 1
        if size <= 0:
            break
        state = (state[:size] + framed[order - 1 :][:size]) * _MULTIPLY
        state ^= state >> np.uint32(15)
        whole = left[:size] >= order
        final = (state + np.uint32(order)) * _MIX
        indices.append((final >> np.uint32(32 - BITS))[whole].astype(np.int64))
        counts = np.maximum(lengths - order + 1, 0)
        starts.append(np.concatenate([[0], np.cumsum(counts)]))
    return Grams(batch, indices, starts)
