"""Calibration and operating points from logits of messages whose authors the model had not seen."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from jiedun.model.reading import Label
from jiedun.reading.linear import context
from jiedun.reading.operating import EVIDENCE, NEVER, weighed
from scripts.conduct_data import Labelled, Truth

Floats = NDArray[np.float64]
ACCUSED = 0.013
LABELS = tuple(Label)
VIOLATIONS = [k for k, x in enumerate(LABELS) if x is not Label.IDENTIFIES_SELF]


def calibration(evidence: Floats, truth: Truth) -> tuple[Floats, Floats]:
    """Weights (labels, kinds of evidence) and offset a label, over the messages that can carry it.

    Logistic regression a label (Platt 1999, with more than one score). `evidence` is (messages,
    labels, kinds), the linear model's logits first.
    """
    weights, offset = np.zeros(evidence.shape[1:]), np.zeros(len(LABELS))
    for k in range(len(LABELS)):
        can = evidence[:, k, 0] > NEVER
        model = LogisticRegression(C=1e3, max_iter=1000).fit(evidence[can, k], truth[can, k])
        weights[k], offset[k] = model.coef_[0], model.intercept_[0]
    return weights, offset


def chances(evidence: Floats, weights: Floats, offset: Floats) -> Floats:
    """Probabilities; 0 where the linear model says never."""
    total = np.einsum("mlk,lk->ml", evidence, weights) + offset
    out: Floats = 1 / (1 + np.exp(-np.clip(total, -30, 30)))
    return np.where(evidence[:, :, 0] < NEVER, 0.0, out)


def deep_evidence(linear: Floats, encoder: Floats, data: Labelled) -> Floats:
    """The deep tier's evidence for these messages, as the product weighs it."""
    around = context(data.messages)
    found = weighed(linear.astype(np.float32), encoder.astype(np.float32), around)
    return found.astype(np.float64)


def best_f1(p: Floats, y: NDArray[np.bool_]) -> float:
    """The threshold on calibrated probabilities with the best F1: half of that F1.

    Lipton, Elkan and Naryanaswamy 2014, theorem 1. The place of the highest F1 itself, which a few
    texts decide, fits the authors at hand.
    """
    right = np.cumsum(y[np.argsort(-p)])
    f1 = 2 * right / (np.arange(1, len(p) + 1) + y.sum())
    return float(f1.max()) / 2


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


def points(evidence: Floats, truth: Truth) -> dict[str, dict[str, float]]:
    """`{label: {linear, …, offset, possible, probable}}` for `operating.json`."""
    weights, offset = calibration(evidence, truth)
    p = chances(evidence, weights, offset)
    possible = np.array([best_f1(p[:, k], truth[:, k]) for k in range(len(LABELS))])
    sure = probable(p, truth, possible)
    columns = dict(zip(EVIDENCE, weights.T, strict=False))
    columns |= {"offset": offset, "possible": possible, "probable": sure}
    return {
        x.value: {c: round(float(v[k]), 6) for c, v in columns.items()}
        for k, x in enumerate(LABELS)
    }
