"""Writes the weights of the `fast` tier and its operating points: `python -m scripts.train_fast`.

Reproducible to the bit on one machine with the pinned scikit-learn; the test allows 1e-3.
"""

import json
import sys

import numpy as np

from jiedun.reading.normalise import WEIGHTS
from scripts.conduct_data import load
from scripts.conduct_linear import apart, counted, fit
from scripts.conduct_points import points


def main() -> None:
    """Fits on every author; takes calibration and thresholds from authors left out by turns."""
    data = load()
    counts = counted(data.messages)
    authors = sorted(set(data.author.tolist()))
    groups = [authors[k::4] for k in range(4)] if "--quick" in sys.argv else [[a] for a in authors]
    logits = apart(counts, data, groups)
    np.savez_compressed("build/fast-apart.npz", logits=logits.astype(np.float32))
    path = WEIGHTS / "operating.json"
    held = json.loads(path.read_text("utf-8")) if path.exists() else {}
    held["fast"] = points(logits, data.truth)
    held.setdefault("deep", held["fast"])
    path.write_text(json.dumps(held, indent=1) + "\n", "utf-8")
    model = fit(counts, data)
    used = np.flatnonzero(model.square)
    table = np.column_stack([model.weights, model.square])[used]
    np.savez_compressed(
        WEIGHTS / "fast.npz",
        features=used.astype(np.uint32),
        weights=table.astype(np.float16),
        biases=model.biases.astype(np.float32),
    )


if __name__ == "__main__":
    main()
