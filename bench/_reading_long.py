"""Long calls put together of texts of authors never seen, and who says what in them.

`told`: eight texts that say nothing, and in every second call one that does. `said`: marked turns by
turns, the one in the collector's mouth. `answered`: the same, the one in the other side's mouth.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
from numpy.typing import NDArray
from scripts.conduct_data import Labelled, unseen
from scripts.conduct_points import VIOLATIONS

from bench._figures import Figures
from jiedun.model.reading import Label, Message
from jiedun.reading import windows
from jiedun.reading.conduct import Tier, read
from jiedun.reading.normalise import normalise
from jiedun.reading.turns import turns

PROVOKED = Path(__file__).resolve().parents[1] / "data/provoked/long.jsonl"
COUNT, AROUND = 240, 8
Flags = NDArray[np.bool_]
KINDS = ("told", "said", "answered")


@dataclass(frozen=True)
class Call:
    """A call, and what its collector's side says in it."""

    message: Message
    said: Flags


def _made(data: Labelled, kind: str) -> list[Call]:
    """COUNT calls of one kind, of unmarked texts to one recipient, the same ones for every kind."""
    rng = np.random.default_rng(8)
    plain = np.array(
        [len(m.text) < 200 and not turns(normalise([m.text]).text(0)) for m in data.messages]
    )
    carries, nothing = data.truth[:, VIOLATIONS].any(1), ~data.truth.any(1)
    out = []
    for n in range(COUNT):
        recipient = "third_party" if n % 3 == 0 else "debtor"
        same = plain & np.array([m.recipient == recipient for m in data.messages])
        around = rng.choice(np.flatnonzero(same & nothing), AROUND, replace=False)
        one, at = int(rng.choice(np.flatnonzero(same & carries))), int(rng.integers(AROUND // 2))
        texts = [data.messages[i].text for i in around]
        if n % 2:
            texts.insert(2 * at, data.messages[one].text)
        said = data.truth[one] if n % 2 and kind != "answered" else np.zeros(len(Label), np.bool_)
        out.append(Call(Message(str(n), _written(texts, kind), "call", recipient), said))
    return out


def _written(texts: list[str], kind: str) -> str:
    if kind == "told":
        return "。".join(texts)
    sides = ("催：", "客：") if kind == "said" else ("客：", "催：")
    return "\n".join(sides[place % 2] + text for place, text in enumerate(texts))


def _provoked(name: str, figures: Figures) -> None:
    """Long texts written to be misread: lawful calls in which the other side curses, quotations, news."""
    rows = [json.loads(line) for line in PROVOKED.read_text("utf-8").splitlines()]
    readings = read(rows, spans=False)
    accusing = {label for k, label in enumerate(Label) if k in VIOLATIONS}
    carry = sum(bool(accusing & set(row["labels"])) for row in rows)
    figures.show(f"{name}: violating, of {len(rows)}", carry, None)
    for point in ("possible", "probable"):
        right = wrong = 0
        for row, reading in zip(rows, readings, strict=True):
            told, found = accusing & set(row["labels"]), accusing & getattr(reading, point)
            right += bool(told & found)
            wrong += bool(found and not told)
        figures.show(f"{name}: violating texts found at {point}", right, None)
        figures.show(f"{name}: innocent texts accused at {point}", wrong, None)


def long(figures: Figures) -> None:
    """Both tiers as shipped, in windows and whole."""
    _provoked("long texts written to be misread, deep, in windows", figures)
    with mock.patch.object(windows, "LONG", sys.maxsize):
        _provoked("long texts written to be misread, deep, whole", figures)
    for kind in KINDS:
        calls = _made(unseen(), kind)
        length = float(np.mean([len(call.message.text) for call in calls]))
        figures.show(f"long calls, {kind}: characters", length, None)
        for tier in ("fast", "deep"):
            _shown(f"{kind}, {tier}, in windows", calls, tier, figures)
            with mock.patch.object(windows, "LONG", sys.maxsize):
                _shown(f"{kind}, {tier}, whole", calls, tier, figures)


def _shown(name: str, calls: list[Call], tier: Tier, figures: Figures) -> None:
    truth: Flags = np.array([call.said for call in calls])
    readings = read([call.message for call in calls], tier=tier, spans=False)
    clean: Flags = ~np.any(truth, axis=1)
    other = np.arange(len(calls)) % 2 == 1
    for point in ("possible", "probable"):
        hit = np.array([[label in getattr(r, point) for label in Label] for r in readings])
        accused: Flags = np.any(hit[:, VIOLATIONS], axis=1)
        if truth.any():
            found = (hit & truth).sum() / truth.sum()
            figures.show(f"long calls, {name}: found at {point}", found, None)
            figures.show(
                f"long calls, {name}: nothing said, accused at {point}", accused[clean].mean(), None
            )
        else:
            figures.show(
                f"long calls, {name}: the other side's words, accused at {point}",
                accused[other].mean(),
                None,
            )
