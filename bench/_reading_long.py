"""Long messages: eight texts that say nothing, and in every second one a text that does."""

import sys
from collections.abc import Iterator
from unittest import mock

import numpy as np
from scripts.conduct_data import Labelled, unseen
from scripts.conduct_points import VIOLATIONS

from bench._figures import Figures
from jiedun.model.reading import Label, Message
from jiedun.reading import windows
from jiedun.reading.conduct import Tier, read

COUNT, AROUND = 240, 8


def _made(data: Labelled) -> Iterator[tuple[Message, np.ndarray]]:
    """Calls put together of texts of one recipient, and what the one among them says."""
    rng = np.random.default_rng(8)
    short = np.array([len(m.text) < 200 for m in data.messages])
    for n in range(COUNT):
        recipient = "third_party" if n % 3 == 0 else "debtor"
        same = short & np.array([m.recipient == recipient for m in data.messages])
        chosen = rng.choice(
            np.flatnonzero(same & ~data.truth.any(1)), AROUND, replace=False
        ).tolist()
        said = np.zeros(len(Label), np.bool_)
        if n % 2:
            told = data.truth[:, VIOLATIONS].any(1)
            one = int(rng.choice(np.flatnonzero(same & told)))
            chosen.insert(int(rng.integers(AROUND + 1)), one)
            said = data.truth[one]
        text = "。".join(data.messages[i].text for i in chosen)
        yield Message(str(n), text, "call", recipient), said


def long(figures: Figures) -> None:
    """Both tiers as shipped, on authors never seen, in windows and whole."""
    made = list(_made(unseen()))
    length = np.mean([len(message.text) for message, _ in made])
    figures.show("long calls put together: characters", length, None)
    for tier in ("fast", "deep"):
        _shown(f"{tier}, in windows", made, tier, figures)
        with mock.patch.object(windows, "LONG", sys.maxsize):
            _shown(f"{tier}, whole", made, tier, figures)


def _shown(name: str, made: list[tuple[Message, np.ndarray]], tier: Tier, figures: Figures) -> None:
    truth = np.array([said for _, said in made])
    readings = read([message for message, _ in made], tier=tier, spans=False)
    clean = ~truth.any(1)
    for point in ("possible", "probable"):
        hit = np.array([[label in getattr(r, point) for label in Label] for r in readings])
        found = (hit & truth).sum() / truth.sum()
        figures.show(f"long calls, {name}: found at {point}", found, None)
        accused = hit[clean][:, VIOLATIONS].any(1).mean()
        figures.show(f"long calls, {name}: without violation, accused at {point}", accused, None)
