"""The labelled messages, and the splits that training keeps to."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jiedun.model.reading import Label, Message

DATA = Path(__file__).resolve().parents[1] / "data/messages"
UNSEEN = DATA.parent / "unseen"
GROUPS = 3
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Labelled:
    """Messages, truth (messages, labels), author and pair (-1: none) of each; 0 = our own texts.

    `unit` is shared by both texts of a pair, the project's own pairs too; no other texts share one.
    """

    messages: list[Message]
    truth: Truth
    author: NDArray[np.int64]
    pair: NDArray[np.int64]
    unit: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> "Labelled":
        """The chosen rows in their order."""
        chosen = [self.messages[i] for i in rows]
        return Labelled(
            chosen, self.truth[rows], self.author[rows], self.pair[rows], self.unit[rows]
        )


def _author(path: Path) -> int:
    tail = path.stem.split("_")[1]
    return int(tail) if tail.isdigit() else 0


def load(own: bool = False) -> Labelled:
    """All authors' messages in author order; with `own`, the project's own texts after them."""
    paths = sorted((p for p in DATA.glob("messages_*.jsonl") if _author(p)), key=_author)
    return _read([*paths, *(sorted(DATA.glob("messages_own*.jsonl")) if own else [])])


def unseen() -> Labelled:
    """Messages that no model was trained on and no point was chosen by, in author order."""
    return _read(sorted(UNSEEN.glob("messages_*.jsonl"), key=_author))


def _read(paths: list[Path]) -> Labelled:
    messages, truth, author, pair = [], [], [], []
    unit: list[int] = []
    for path in paths:
        own_text = _author(path) == 0
        units: dict[int, int] = {}
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            messages.append(Message(row["id"], row["text"], row["channel"], row["recipient"]))
            truth.append([x in row["labels"] for x in Label])
            author.append(_author(path))
            pair.append(-1 if own_text else row.get("pair", -1))
            at = len(unit)
            unit.append(units.setdefault(row["pair"], at) if "pair" in row else at)
    return Labelled(
        messages, np.array(truth), np.array(author), np.array(pair), np.array(unit, np.int64)
    )
