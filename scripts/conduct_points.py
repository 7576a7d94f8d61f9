"""Calibration and operating points from logits of messages whose authors the model had not seen."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from jiedun.model.reading import Label
from scripts.conduct_data import Truth

Floats = NDArray[np.float64]
ACCUSED = 0.016
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

    Greedy: begin at the floor and raise, step by step, the threshold that rids most false
    accusations for the least loss of recall averaged over labels.
    """
    marks = floor.copy()
    clean = ~truth[:, VIOLATIONS].any(1)
    positives = np.maximum(truth.sum(0), 1)
    while _accused(p, marks, clean).mean() > ACCUSED:
        best, step = -1.0, (0, 0.0)
        hits = (p[clean] >= marks)[:, VIOLATIONS]
        alone = hits.sum(1) == 1
        for at, k in enumerate(VIOLATIONS):
            values = np.sort(p[clean][hits[:, at] & alone, k])[
                : max(1, len(values_of(p, k)) // 500)
            ]
            if not len(values):
                continue
            mark = float(values[-1]) + 1e-9
            lost = ((p[:, k] >= marks[k]) & (p[:, k] < mark) & truth[:, k]).sum() / positives[k]
            gain = len(values) / (lost + 1e-3)
            if gain > best:
                best, step = gain, (k, mark)
        if best < 0:
            marks[VIOLATIONS] += 0.01
            continue
        marks[step[0]] = step[1]
    return marks


def values_of(p: Floats, k: int) -> Floats:
    """One label's column."""
    out: Floats = p[:, k]
    return out


def _accused(p: Floats, marks: Floats, clean: NDArray[np.bool_]) -> NDArray[np.bool_]:
    out: NDArray[np.bool_] = (p[clean] >= marks)[:, VIOLATIONS].any(1)
    return out


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
