"""Writes the weights of the `fast` tier and its operating points: `python -m scripts.train_fast`.

Reproducible to the bit on one machine with the pinned scikit-learn; the test allows 1e-3.
"""

import json
import sys
from pathlib import Path

import numpy as np

from jiedun.reading.linear import SQUARE_SCALE
from jiedun.reading.normalise import WEIGHTS
from scripts.conduct_data import load
from scripts.conduct_linear import Linear, apart, counted, fit
from scripts.conduct_points import points

KEPT = 160_000
APART = Path(__file__).resolve().parents[1] / "data/heldapart"


def main() -> None:
    """Measures apart (unless `--ship`), then fits on every author and the project's own texts."""
    if "--ship" not in sys.argv:
        _measure()
    data = load(own=True)
    save(fit(counted(data.messages), data))


def _measure() -> None:
    """Held-apart logits and the operating points from them; own texts only ever help to train."""
    data = load(own=True)
    authors = sorted(set(data.author.tolist()) - {0})
    groups = [authors[k::4] for k in range(4)] if "--quick" in sys.argv else [[a] for a in authors]
    measured = np.flatnonzero(data.author > 0)
    logits = apart(counted(data.messages), data, groups)[measured]
    data = data.take(measured)
    np.savez_compressed(APART / "fast.npz", logits=logits.astype(np.float16))
    path = WEIGHTS / "operating.json"
    held = json.loads(path.read_text("utf-8")) if path.exists() else {}
    held["fast"] = points(logits[:, :, None], data.truth)
    held.setdefault("deep", held["fast"])
    path.write_text(json.dumps(held, indent=1) + "\n", "utf-8")


def save(model: Linear) -> None:
    """The shipped form: the KEPT heaviest features as int16, idf² of all as bytes."""
    heavy = np.abs(model.weights).max(1)
    kept = np.sort(np.argsort(-heavy)[: min(KEPT, int((heavy > 0).sum()))])
    scale = np.abs(model.weights).max(0) / 32767
    np.savez_compressed(
        WEIGHTS / "fast.npz",
        features=kept.astype(np.uint32),
        weights=np.round(model.weights[kept] / scale).astype(np.int16),
        scale=scale.astype(np.float32),
        square=np.round(model.square * SQUARE_SCALE).clip(0, 255).astype(np.uint8),
        biases=model.biases.astype(np.float32),
    )


if __name__ == "__main__":
    main()
