"""What the encoder is trained on: every text, the longest too, and the halves of a pair together."""

import importlib
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

# A script, which lies in a folder that is no package of the product.
_batches: Any = importlib.import_module("scripts.conduct_batches")


@given(
    st.lists(st.tuples(st.integers(1, 160), st.integers(1, 3)), max_size=900), st.integers(0, 99)
)
@settings(max_examples=40, deadline=None)
def test_every_text_once_and_pairs_together(units: list[tuple[int, int]], seed: int) -> None:
    lengths = np.array([length for length, texts in units for _ in range(texts)], np.int64)
    unit = np.array([k for k, (_, texts) in enumerate(units) for _ in range(texts)], np.int64)
    chosen = np.flatnonzero(unit % 5 != 3)
    found = _batches.batches(lengths, unit, chosen, np.random.default_rng(seed))
    assert sorted(int(i) for batch in found for i in batch) == chosen.tolist()
    assert all(0 < len(batch) <= _batches.BATCH for batch in found)
    places = {(int(unit[i]), n) for n, batch in enumerate(found) for i in batch}
    assert len(places) == len({k for k, _ in places})
