"""From logits to probabilities and to the two operating points of each label."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from jiedun.model.reading import Label
from jiedun.reading.normalise import WEIGHTS

Floats = NDArray[np.float32]
_NEVER = np.float32(-15)


@dataclass(frozen=True)
class Operating:
    """Per label: p = 1 / (1 + exp(-(slope·logit + offset))), and the two thresholds on p."""

    slope: Floats
    offset: Floats
    possible: Floats
    probable: Floats

    @classmethod
    def of(cls, held: Mapping[str, Mapping[str, float]]) -> "Operating":
        """The points read from `{label: {slope, offset, possible, probable}}`."""
        columns = ("slope", "offset", "possible", "probable")
        values = np.array([[held[x][c] for x in Label] for c in columns], np.float32)
        return cls(*values)

    def probabilities(self, logits: Floats) -> Floats:
        """Calibrated probabilities, same shape as `logits`."""
        logits = np.clip(self.slope * logits + self.offset, -30, 30)
        result: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return result


@cache
def points(tier: str) -> Operating:
    """The operating points of a tier, chosen on authors that its models had not seen."""
    held = json.loads((WEIGHTS / "operating.json").read_text("utf-8"))
    return Operating.of(held[tier])


def together(linear: Floats, encoder: Floats) -> Floats:
    """The deep tier's logits: the encoder's plus the linear model's; never stays never."""
    result: Floats = np.where(linear < _NEVER, linear, encoder + linear)
    return result
