"""Operating points are chosen from probabilities alone: the best F1, and few accused."""

import importlib
from typing import Any

import numpy as np
import pytest

from jiedun.model.reading import Label

_points: Any = importlib.import_module("scripts.conduct_points")
N = len(Label)


def f1(hit: np.ndarray, y: np.ndarray) -> float:
    return float(2 * (hit & y).sum() / (hit.sum() + y.sum()))


@pytest.mark.parametrize("share", [0.2, 1.0, 4.0])
def test_half_of_the_best_f1_is_where_it_lies(share: float) -> None:
    rng = np.random.default_rng(4)
    p = rng.random(40_000) ** (1 / share)
    y = rng.random(40_000) < p
    best = max(f1(p >= t, y) for t in np.linspace(0.01, 0.99, 99))
    assert f1(p >= _points.best_f1(p, y), y) == pytest.approx(best, abs=0.004)


def test_what_is_told_apart_wholly_is_parted_in_the_middle() -> None:
    assert _points.best_f1(np.array([0.01, 0.02, 0.98]), np.array([False, False, True])) == 0.5


def test_few_of_the_innocent_are_accused_and_names_accuse_nobody() -> None:
    rng = np.random.default_rng(5)
    truth = rng.random((4000, N)) < 0.03
    p = np.clip(truth * 0.5 + rng.random((4000, N)) * 0.5, 0, 1)
    floor = np.full(N, 0.3)
    marks = _points.probable(p, truth, floor)
    innocent = ~truth[:, _points.VIOLATIONS].any(1)
    accused = (p >= marks)[innocent][:, _points.VIOLATIONS].any(1).mean()
    assert accused <= _points.ACCUSED
    assert len({marks[k] for k in _points.VIOLATIONS}) == 1
    assert marks[list(Label).index(Label.IDENTIFIES_SELF)] == 0.3
    assert (marks >= floor).all()


def test_weights_come_from_texts_that_can_carry_the_label() -> None:
    rng = np.random.default_rng(6)
    truth = rng.random((3000, N)) < 0.3
    logits = np.where(truth, 1.0, -1.0) + rng.normal(size=(3000, N))
    logits[:1000, 0] = -20.0
    truth[:1000, 0] = False
    weights, offset = _points.calibration(logits[:, :, None], truth)
    p = _points.chances(logits[:, :, None], weights, offset)
    assert not p[:1000, 0].any() and (weights > 0).all()
    assert abs(p[1000:].mean(0) - truth[1000:].mean(0)).max() < 0.01
