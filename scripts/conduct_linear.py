"""Fits the linear model: logistic regression a label over the n-grams that the scorer sums.

Each n-gram is weighed beforehand by how much it tells the label from the rest (log-count ratio of
naive Bayes, Wang and Manning 2012); the weight goes into the coefficient, so the scorer stays linear.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from jiedun.model.reading import Label, Message
from jiedun.reading.features import BITS, grams
from jiedun.reading.linear import LABELS, THIRD_PARTY_ONLY, context
from jiedun.reading.windows import cut, strongest
from scripts.conduct_data import Labelled

Floats = NDArray[np.float64]
STRENGTH = 30.0
RATIO_POWER = 0.4
CONTEXT_SCALE = 0.3
NEVER = -20.0


@dataclass(frozen=True)
class Linear:
    """Weights (features, labels) over counts, idf² a feature, biases (context, labels)."""

    weights: Floats
    square: Floats
    biases: Floats

    def logits(self, counts: sp.csr_matrix, messages: list[Message]) -> Floats:
        """What the scorer would give, in double precision."""
        norm = np.sqrt(np.maximum(counts @ self.square, 1e-6))[:, None]
        out: Floats = (counts @ self.weights) / norm + context(messages) @ self.biases
        away = np.array([m.recipient != "third_party" for m in messages])
        for label in THIRD_PARTY_ONLY:
            out[away, LABELS.index(label)] = NEVER
        return out


def counted(messages: list[Message]) -> sp.csr_matrix:
    """How often each n-gram stands in each message."""
    found = grams(messages)
    row = np.concatenate([np.repeat(np.arange(len(messages)), np.diff(b)) for b in found.bounds])
    column = np.concatenate(found.index)
    shape = (len(messages), 1 << BITS)
    out = sp.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=shape)
    out.sum_duplicates()
    return out


def fit(counts: sp.csr_matrix, data: Labelled) -> Linear:
    """The model of these messages; labels that only third persons' messages carry learn from those."""
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.where(seen > 1, np.log((1 + len(data.messages)) / (1 + seen)) + 1, 0.0)
    norm = np.sqrt(np.maximum(counts @ idf**2, 1e-6))
    scaled = (sp.diags(1 / norm) @ counts @ sp.diags(idf)).tocsr()
    around = sp.csr_matrix(context(data.messages)[:, :-1] * CONTEXT_SCALE)
    x = sp.hstack([scaled, around]).tocsr()
    away = np.array([m.recipient != "third_party" for m in data.messages])
    weights = np.zeros((counts.shape[1], len(Label)))
    biases = np.zeros((7, len(Label)))
    for k, label in enumerate(LABELS):
        rows = np.flatnonzero(~away) if label in THIRD_PARTY_ONLY else np.arange(len(away))
        telling = _telling(counts[rows], data.truth[rows, k])
        scales = sp.diags(np.concatenate([telling, np.ones(around.shape[1])]))
        model = LogisticRegression(
            C=STRENGTH, solver="liblinear", class_weight="balanced", tol=1e-2
        )
        with threadpool_limits(1):  # sums in another order may end a step earlier
            model.fit((x[rows] @ scales).tocsr(), data.truth[rows, k])
        weights[:, k] = model.coef_[0][:-6] * telling * idf
        biases[:-1, k] = model.coef_[0][-6:] * CONTEXT_SCALE
        biases[-1, k] = model.intercept_[0]
    return Linear(weights, idf**2, biases)


def _telling(counts: sp.csr_matrix, carries: NDArray[np.bool_]) -> Floats:
    """|log ratio| of each feature's share among texts with and without the label, to RATIO_POWER,
    with mean 1 over the features that occur."""
    stands = (counts > 0).astype(np.float64)
    with_it = np.asarray(stands[carries].sum(0)).ravel() + 1
    without = np.asarray(stands[~carries].sum(0)).ravel() + 1
    ratio = np.abs(np.log(with_it / with_it.sum()) - np.log(without / without.sum()))
    scaled: Floats = ratio**RATIO_POWER
    occurs = with_it + without > 2
    return np.where(occurs, scaled / scaled[occurs].mean(), 0.0)


def without(counts: sp.csr_matrix, data: Labelled, group: list[int]) -> Linear:
    """The model of all messages but those of a group of authors; `counts` are those of `data`."""
    inside = np.flatnonzero(~np.isin(data.author, group))
    return fit(counts[inside], data.take(inside))


def heard(model: Linear, messages: list[Message]) -> Floats:
    """Logits of messages read as the product reads them, long ones in windows."""
    windows = cut(messages)
    parts = model.logits(counted(windows.messages), windows.messages)
    return strongest(parts[:, :, None], windows.bounds)[0][:, :, 0]


def apart(counts: sp.csr_matrix, data: Labelled, groups: list[list[int]]) -> Floats:
    """Logits of every message from a model that saw none of its group's authors.

    Author 0, the project's own texts, is always inside; rows of authors in no group stay zero.
    """
    out = np.zeros(data.truth.shape)
    for group in groups:
        outside = np.flatnonzero(np.isin(data.author, group))
        model = without(counts, data, group)
        out[outside] = heard(model, [data.messages[i] for i in outside])
    return out
