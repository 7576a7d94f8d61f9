"""The readers of `jiedun.reading`: quality on unseen authors and frames, speed, robustness."""

import random

from bench._figures import Figures
from bench._reading_long import long
from bench._reading_personal import personal
from bench._reading_quality import conduct as quality
from bench._reading_speed import speed
from jiedun.model.reading import Message
from jiedun.reading import conduct
from jiedun.reading.pii import find_batch

FUZZED = 100_000
_ALPHABET = (
    "还钱催收abc019 \n\t\0\u200b\u202e\ud800\udfff💥＠：:【】*，。１７０一七零@.-" + "\u0301"
)


def _fuzzed(count: int) -> list[str]:
    rng = random.Random(8)
    texts = ["".join(rng.choices(_ALPHABET, k=rng.randint(0, 40))) for _ in range(count)]
    texts[count // 2] = "还" * 1_000_000
    texts[count // 3] = "1" * 1_000_000
    texts[count // 4] = "a@" * 500_000
    return texts


def _fuzz(figures: Figures) -> None:
    """Every string gets a reading, and spans inside its bounds."""
    wrong = 0
    texts = _fuzzed(FUZZED)
    for at in range(0, FUZZED, 1000):
        part = texts[at : at + 1000]
        readings = conduct.read(
            [Message(str(i), t, "call") for i, t in enumerate(part)], tier="fast"
        )
        found = find_batch(part)
        for text, reading, spans in zip(part, readings, found, strict=True):
            wrong += any(not 0 <= s.start <= s.end <= len(text) for s in reading.spans)
            wrong += any(text[s.start : s.end] != s.value for s in spans)
    figures.show("fuzzed strings with a wrong answer, of 100,000", wrong, 0, most=True)


def run() -> bool:
    """Whether every target is met; each is printed beside its figure."""
    figures = Figures()
    quality(figures)
    long(figures)
    personal(figures)
    speed(figures)
    _fuzz(figures)
    return not figures.missed
