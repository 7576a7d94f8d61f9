"""Writes the operating points of the `deep` tier: `python -m scripts.train_deep DIR`.

DIR holds `int8-*.npz` of `export_encoder.py`: logits, in the form that is shipped, of the windows of
messages whose authors that encoder had not seen. The linear logits beside them come from models that
had not seen the same authors. Copies both to `data/heldapart/`, so that the bench can show its
figures without training an encoder.
"""

import json
import sys
from pathlib import Path

import numpy as np

from jiedun.reading.normalise import WEIGHTS
from jiedun.reading.windows import cut, strongest
from scripts.conduct_data import load
from scripts.conduct_linear import counted, without
from scripts.conduct_points import deep_evidence, points

APART = Path(__file__).resolve().parents[1] / "data/heldapart"


def main() -> None:
    """Joins, chooses, writes."""
    data = load(own=True)
    counts = counted(data.messages)
    rows, encoder, linear = [], [], []
    for path in sorted(Path(sys.argv[1]).glob("int8-*.npz")):
        with np.load(path) as held:
            outside, deep = held["rows"], held["logits"]
        group = sorted(set(data.author[outside].tolist()))
        windows = cut([data.messages[i] for i in outside])
        model = without(counts, data, group)
        parts = np.stack([model.logits(counted(windows.messages), windows.messages), deep], 2)
        evidence, _ = strongest(parts, windows.bounds)
        print(path.name, "authors", group, flush=True)
        rows.append(outside)
        linear.append(evidence[:, :, 0])
        encoder.append(evidence[:, :, 1])
    row, first, second = np.concatenate(rows), np.concatenate(linear), np.concatenate(encoder)
    APART.mkdir(exist_ok=True)
    np.savez_compressed(
        APART / "deep.npz",
        rows=row.astype(np.int32),
        linear=first.astype(np.float16),
        encoder=second.astype(np.float16),
    )
    path = WEIGHTS / "operating.json"
    every = json.loads(path.read_text("utf-8"))
    every["deep"] = points(deep_evidence(first, second, data.take(row)), data.truth[row])
    path.write_text(json.dumps(every, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
