"""The batches an encoder is trained on."""

import numpy as np
from numpy.typing import NDArray

BATCH, LUMP = 16, 360
Rows = NDArray[np.int64]


def batches(lengths: Rows, unit: Rows, chosen: Rows, rng: np.random.Generator) -> list[Rows]:
    """Batches in random order that hold every chosen row once, at most BATCH rows each.

    Rows of one unit, the texts of a pair, stand in one batch, beside texts of like length: what tells
    the two apart is then what a step learns.
    """
    units: dict[int, list[int]] = {}
    for i in chosen:
        units.setdefault(int(unit[i]), []).append(int(i))
    groups = list(units.values())
    drawn = [groups[k] for k in rng.permutation(len(groups))]
    out: list[list[int]] = []
    for at in range(0, len(drawn), LUMP):
        out.append([])
        for rows in sorted(drawn[at : at + LUMP], key=lambda rows: max(lengths[i] for i in rows)):
            if len(out[-1]) + len(rows) > BATCH and out[-1]:
                out.append([])
            out[-1] += rows
    return [np.array(out[k]) for k in rng.permutation(len(out))]
