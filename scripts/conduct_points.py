"""Calibration and operating points from logits of messages whose authors the model had not seen."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from jiedun.model.reading import Label
from scripts.conduct_data import Truth

Floats = NDArray[np.float64]
ACCUSED = 0.013
LABELS = tuple(Label)
VIOLATIONS = [k for k, x in enumerate(LABELS) if x is not Label.IDENTIFIES_SELF]


def calibration(logits: Floats, truth: Truth) -> tuple[Floats, Floats]:
    """Slope and offset a label (Platt 1999) over the messages that can carry it."""
    slope, offset = np.ones(len(LABELS)), np.zeros(len(LABELS))
    for k in range(len(LABELS)):
        can = logits[:, k] > -15
        model = LogisticRegression(C=1e3).fit(logits[can, k : k + 1], truth[can, k])
        slope[k], offset[k] = model.coef_[0, 0], model.intercept_[0]
    return slope, offset


def chances(logits: Floats, slope: Floats, offset: Floats) -> Floats:
    """Probabilities."""
    out: Floats = 1 / (1 + np.exp(-np.clip(slope * logits + offset, -30, 30)))
    return out


def best_f1(p: Floats, y: NDArray[np.bool_]) -> float:
    """The threshold on `p` with the best F1."""
    order = np.argsort(-p)
    right = np.cumsum(y[order])
    f1 = 2 * right / (np.arange(1, len(p) + 1) + y.sum())
    k = int(f1.argmax())
    return float((p[order[k]] + p[order[min(k + 1, len(p) - 1)]]) / 2)


def probable(p: Floats, truth: Truth, floor: Floats) -> Floats:
    """Thresholds, none under `floor`, at which at most ACCUSED of texts without violation are hit.

    One probability for all violations (found by halving), because a threshold a label fits the
    authors at hand and fails on the next; `identifies_self` accuses nobody and keeps its floor.
    """
    clean = ~truth[:, VIOLATIONS].any(1)
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        accused = (p[clean] >= np.maximum(floor, middle))[:, VIOLATIONS].any(1).mean()
        low, high = (middle, high) if accused > ACCUSED else (low, middle)
    marks: Floats = np.maximum(floor, high)
    others = [k for k in range(len(LABELS)) if k not in VIOLATIONS]
    marks[others] = floor[others]
    return marks


def points(logits: Floats, truth: Truth) -> dict[str, dict[str, float]]:
    """`{label: {slope, offset, possible, probable}}` for `operating.json`."""
    slope, offset = calibration(logits, truth)
    p = chances(logits, slope, offset)
    possible = np.array([best_f1(p[:, k], truth[:, k]) for k in range(len(LABELS))])
    sure = probable(p, truth, possible)
    columns = {"slope": slope, "offset": offset, "possible": possible, "probable": sure}
    return {
        x.value: {c: round(float(v[k]), 6) for c, v in columns.items()}
        for k, x in enumerate(LABELS)
    }
