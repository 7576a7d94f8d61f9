"""Evidence to probabilities: weights by name, never stays never, what ships is in order."""

import math

import numpy as np
import pytest

from jiedun.model.reading import Label, Message
from jiedun.reading import conduct
from jiedun.reading.linear import context
from jiedun.reading.operating import EVIDENCE, Operating, points, weighed

HELD = {
    label.value: {"guarantor": 3.0, "offset": 0.25, "probable": 0.9, "third_party": -2.0,
                  "possible": 0.4, "encoder": 0.5, "linear": 1.0 + k}
    for k, label in enumerate(Label)
}  # fmt: skip
N = len(Label)


def around(*recipients: str) -> np.ndarray:
    return context([Message(str(i), "", "sms", who) for i, who in enumerate(recipients)])


def test_probabilities_are_the_sigmoid_of_what_is_weighed() -> None:
    linear, encoder = np.full((3, N), 0.1, np.float32), np.full((3, N), -0.6, np.float32)
    evidence = weighed(linear, encoder, around("debtor", "third_party", "guarantor"))
    found = Operating.of(HELD).probabilities(evidence)
    for row, who in enumerate((0.0, -2.0, 3.0)):
        for k in range(N):
            total = (1.0 + k) * 0.1 + 0.5 * -0.6 + who + 0.25
            assert found[row, k] == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-5)


def test_the_linear_model_alone_uses_its_own_weight() -> None:
    evidence = np.full((1, N, 1), 0.2, np.float32)
    found = Operating.of(HELD).probabilities(evidence)
    assert found[0, 3] == pytest.approx(1 / (1 + math.exp(-(4.0 * 0.2 + 0.25))), abs=1e-5)


def test_never_is_never_whatever_the_encoder_says() -> None:
    linear = np.full((1, N), -20, np.float32)
    evidence = weighed(linear, np.full((1, N), 99, np.float32), around("debtor"))
    assert not Operating.of(HELD).probabilities(evidence).any()


def test_a_missing_weight_is_an_error() -> None:
    short = {name: {k: v for k, v in held.items() if k != "encoder"} for name, held in HELD.items()}
    old = {name: {"slope": 1.0, "offset": 0.0, "possible": 0.4, "probable": 0.9} for name in HELD}
    for held in (short, old):
        with pytest.raises(KeyError):
            Operating.of(held)


def test_the_careful_tier_knows_who_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {name: held | {"linear": 0.0, "encoder": 0.0} for name, held in HELD.items()}
    monkeypatch.setattr(conduct, "points", lambda tier: Operating.of(told))
    batch = [Message("1", "您好", "sms", who) for who in ("debtor", "third_party", "guarantor")]
    scores = [reading.scores[Label.ABUSE] for reading in conduct.read(batch, spans=False)]
    for score, total in zip(scores, (0.25, -1.75, 3.25), strict=True):
        assert score == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-5)


@pytest.mark.parametrize("tier", ["fast", "deep"])
def test_shipped_points_are_in_order(tier: str) -> None:
    held = points(tier)
    assert held.weights.shape == (N, len(EVIDENCE))
    assert (held.weights[:, 0] > 0).all()
    assert (held.weights[:, 1] > 0).all() if tier == "deep" else not held.weights[:, 1:].any()
    assert ((held.possible > 0) & (held.possible <= held.probable) & (held.probable < 1)).all()
