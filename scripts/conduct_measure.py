"""What held-apart logits are worth: thresholds for an author come from the other authors only."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jiedun.model.reading import Label
from scripts.conduct_data import Labelled
from scripts.conduct_points import VIOLATIONS, best_f1, calibration, chances, probable

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Measured:
    """Figures of one left-out author; F1, precision and recall are a label's."""

    author: int
    f1: Floats
    recall_probable: Floats
    f1_probable: Floats
    accused_possible: float
    accused_probable: float
    clean_accused: float
    pairs_right: float
    error: float


def _f1(hit: Flags, truth: Flags) -> Floats:
    both = (hit & truth).sum(0)
    out: Floats = 2 * both / np.maximum(hit.sum(0) + truth.sum(0), 1)
    return out


def _pairs(hit: Flags, data: Labelled) -> float:
    right = (hit == data.truth).all(1)
    names = sorted({int(p) for p in data.pair if p >= 0})
    return float(np.mean([right[data.pair == p].all() for p in names])) if names else 1.0


def calibration_error(p: Floats, truth: Flags) -> float:
    """Expected calibration error over ten equal bins of all label decisions."""
    bins = np.minimum((p * 10).astype(int), 9)
    parts = [
        abs(p[bins == b].mean() - truth[bins == b].mean()) * (bins == b).mean()
        for b in range(10)
        if (bins == b).any()
    ]
    return float(sum(parts))


def _left_out(evidence: Floats, data: Labelled) -> Iterator[tuple[int, Flags, Floats]]:
    """Each author, the rows of the others, and probabilities of all rows weighed by the others."""
    for author in sorted(set(data.author.tolist())):
        inside = data.author != author
        yield author, inside, chances(evidence, *calibration(evidence[inside], data.truth[inside]))


def measure(evidence: Floats, data: Labelled) -> list[Measured]:
    """One row an author; calibration and both thresholds chosen on the other authors' evidence."""
    out = []
    for author, inside, p in _left_out(evidence, data):
        known, truth = p[inside], data.truth[inside]
        floor = np.array([best_f1(known[:, k], truth[:, k]) for k in range(len(Label))])
        sure = probable(known, truth, floor)
        out.append(_one(author, p[~inside], floor, sure, data.take(np.flatnonzero(~inside))))
    return out


def _one(author: int, p: Floats, floor: Floats, sure: Floats, data: Labelled) -> Measured:
    return told(author, p, p >= floor, p >= sure, data)


def told(author: int, p: Floats, maybe: Flags, likely: Flags, data: Labelled) -> Measured:
    """The figures of what was found at both points in one author's messages."""
    truth = data.truth
    innocent = ~truth[:, VIOLATIONS].any(1)
    clean = ~truth.any(1)
    return Measured(
        author,
        _f1(maybe, truth),
        (likely & truth).sum(0) / np.maximum(truth.sum(0), 1),
        _f1(likely, truth),
        float(maybe[innocent][:, VIOLATIONS].any(1).mean()),
        float(likely[innocent][:, VIOLATIONS].any(1).mean()),
        float(maybe[clean].any(1).mean()),
        _pairs(maybe, data),
        calibration_error(p, truth),
    )


def ranked(evidence: Floats, data: Labelled) -> Floats:
    """Probabilities for the precision-recall curves; an author's are weighed by the other authors."""
    out = np.zeros(data.truth.shape)
    for _, inside, p in _left_out(evidence, data):
        out[~inside] = p[~inside]
    return out


def average_precision(logits: Floats, truth: Flags) -> Floats:
    """The area under the precision-recall curve, a label."""
    out = []
    for k in range(truth.shape[1]):
        order = np.argsort(-logits[:, k], kind="stable")
        y = truth[order, k]
        precision = np.cumsum(y) / np.arange(1, len(y) + 1)
        out.append(float((precision * y).sum() / max(1, y.sum())))
    return np.array(out)


def curve(logits: Floats, truth: Flags, recalls: tuple[float, ...]) -> Floats:
    """Best precision at each recall, (labels, recalls)."""
    out = np.zeros((truth.shape[1], len(recalls)))
    for k in range(truth.shape[1]):
        y = truth[np.argsort(-logits[:, k], kind="stable"), k]
        found = np.cumsum(y) / max(1, y.sum())
        precision = np.cumsum(y) / np.arange(1, len(y) + 1)
        for at, recall in enumerate(recalls):
            out[k, at] = precision[found >= recall - 1e-9].max(initial=0)
    return out
