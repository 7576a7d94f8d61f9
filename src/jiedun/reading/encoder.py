"""The small encoder of the deep tier: word pieces in, one logit a label out, on one thread.

Weights: the first ten layers of multilingual-E5-small (MIT), fine-tuned by
`scripts/train_encoder.py`, int8; see `weights/NOTICE.txt`. It runs in onnxruntime.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jiedun.model.reading import Label, Message
from jiedun.reading.encoding import ids_of
from jiedun.reading.normalise import WEIGHTS
from jiedun.reading.pieces import PAD, Pieces

Floats = NDArray[np.float32]
ROWS, TOKENS = 16, 1024
_AWAY = np.float32(-1e4)


class Encoder:
    """The loaded encoder; `model` is its ONNX file. `logits` may be called from several threads."""

    def __init__(self, model: bytes) -> None:
        import onnxruntime  # heavy, and only the deep tier needs it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        with np.load(WEIGHTS / "encoder-words.npz") as held:
            self._words: NDArray[np.int8] = held["words"]
            self._scales: Floats = held["scales"]
            self._places: Floats = held["places"]
            scores = held["scores"].tolist()
        names = json.loads((WEIGHTS / "encoder-pieces.json").read_text("utf-8"))
        self.pieces = Pieces.of(names, scores)

    def logits(self, messages: Sequence[Message], texts: Sequence[str]) -> Floats:
        """Logits (messages, labels) of messages with their normalised texts; rows of like length run together."""
        ids = [ids_of(m, text, self.pieces) for m, text in zip(messages, texts, strict=True)]
        out = np.zeros((len(messages), len(Label)), np.float32)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        for rows in _packs(order, ids):
            states, mask = self._embedded([ids[i] for i in rows])
            (found,) = self._session.run(None, {"states": states, "mask": mask})
            out[rows] = found
        return out

    def _embedded(self, ids: list[list[int]]) -> tuple[Floats, Floats]:
        longest = max(map(len, ids))
        table = np.full((len(ids), longest), PAD, np.int64)
        for row, one in enumerate(ids):
            table[row, : len(one)] = one
        states = self._words[table] * self._scales[table][:, :, None] + self._places[:longest]
        mask = np.where(table == PAD, _AWAY, np.float32(0))[:, None, None, :]
        return states, mask


def _packs(order: list[int], ids: list[list[int]]) -> list[list[int]]:
    """The rows in batches of at most 16 rows and 1,024 places."""
    packs: list[list[int]] = []
    for i in order:
        full = packs and (len(packs[-1]) == ROWS or len(ids[i]) * (len(packs[-1]) + 1) > TOKENS)
        if not packs or full:
            packs.append([])
        packs[-1].append(i)
    return packs


@cache
def encoder() -> Encoder:
    """The encoder, loaded at the first call."""
    return Encoder((WEIGHTS / "encoder.bin").read_bytes())
