"""From the models' logits to probabilities and to the two operating points of each label."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from jiedun.model.reading import Label
from jiedun.reading.normalise import WEIGHTS

Floats = NDArray[np.float32]
EVIDENCE = ("linear", "encoder", "third_party", "guarantor")
_POINTS = ("offset", "possible", "probable")
NEVER = np.float32(-15)


@dataclass(frozen=True)
class Operating:
    """Per label: p = 1 / (1 + exp(-(weights · evidence + offset))), and the two thresholds on p.

    `weights` is (labels, kinds of evidence), in the order of EVIDENCE.
    """

    weights: Floats
    offset: Floats
    possible: Floats
    probable: Floats

    @classmethod
    def of(cls, held: Mapping[str, Mapping[str, float]]) -> "Operating":
        """The points read from `{label: {linear, …, offset, possible, probable}}`.

        A tier has either the linear model alone or all kinds of evidence; KeyError for less.
        """
        kinds = EVIDENCE if len(held[Label.ABUSE]) > len(_POINTS) + 1 else EVIDENCE[:1]
        weights = np.zeros((len(Label), len(EVIDENCE)), np.float32)
        weights[:, : len(kinds)] = [[held[x][c] for c in kinds] for x in Label]
        return cls(weights, *np.array([[held[x][c] for x in Label] for c in _POINTS], np.float32))

    def probabilities(self, evidence: Floats) -> Floats:
        """Calibrated probabilities (messages, labels); 0 where the linear model says never."""
        weights = self.weights[:, : evidence.shape[2]]
        total = np.einsum("mlk,lk->ml", evidence, weights) + self.offset
        chance = 1 / (1 + np.exp(-np.clip(total, -30, 30)))
        return np.where(evidence[:, :, 0] < NEVER, 0, chance).astype(np.float32)


@cache
def points(tier: str) -> Operating:
    """The operating points of a tier, chosen on authors that its models had not seen."""
    held = json.loads((WEIGHTS / "operating.json").read_text("utf-8"))
    return Operating.of(held[tier])


def weighed(linear: Floats, encoder: Floats, around: Floats) -> Floats:
    """The deep tier's evidence (messages, labels, kinds): both models' logits, and who reads it.

    `around` is the `context` of the linear scorer, whose second and third columns say third party
    and guarantor.
    """
    who = [np.broadcast_to(around[:, k : k + 1], linear.shape) for k in (1, 2)]
    result: Floats = np.stack([linear, encoder, *who], axis=2).astype(np.float32)
    return result
