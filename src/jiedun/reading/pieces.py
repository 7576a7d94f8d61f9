"""Cuts a normalised text into the word pieces that the encoder knows (unigram model, Viterbi).

The piece list is the part of multilingual-E5's list that the cut in `scripts/encoder_weights.py`
keeps. Algorithm: Kudo 2018, 'Subword Regularization' (most probable segmentation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BOS, PAD, EOS, UNK = 0, 1, 2, 3
_MARK = "▁"
_UNKNOWN_COST = -25.0


@dataclass(frozen=True)
class Pieces:
    """Piece → (id, log probability), and the longest piece in characters."""

    table: Mapping[str, tuple[int, float]]
    longest: int

    @classmethod
    def of(cls, pieces: Sequence[str], scores: Sequence[float]) -> "Pieces":
        """The model whose piece `i` has id `i`; the first four are special and never matched."""
        table = {p: (i, s) for i, (p, s) in enumerate(zip(pieces, scores, strict=True)) if i > UNK}
        return cls(table, max(map(len, table)))

    def cut(self, text: str) -> list[int]:
        """The ids of the most probable segmentation; an unknown character is `UNK`."""
        text = _MARK + text.replace(" ", _MARK).replace("\n", _MARK)
        n = len(text)
        best = [0.0] + [-1e30] * n
        came: list[tuple[int, int]] = [(0, UNK)] * (n + 1)
        for i in range(n):
            base = best[i]
            if base + _UNKNOWN_COST > best[i + 1]:
                best[i + 1], came[i + 1] = base + _UNKNOWN_COST, (i, UNK)
            for j in range(i + 1, min(i + self.longest, n) + 1):
                held = self.table.get(text[i:j])
                if held is not None and base + held[1] > best[j]:
                    best[j], came[j] = base + held[1], (i, held[0])
        return _walk_back(came, n)


def _walk_back(came: list[tuple[int, int]], n: int) -> list[int]:
    ids: list[int] = []
    while n > 0:
        n, piece = came[n]
        ids.append(piece)
    return ids[::-1]
