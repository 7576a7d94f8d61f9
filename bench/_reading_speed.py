"""Speed of the readers: messages a second of one thread's CPU time, and loading in a fresh process."""

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scripts.conduct_data import load

from bench._figures import Figures
from bench._presidio_peer import analyzer
from jiedun.model.reading import Message
from jiedun.reading import conduct
from jiedun.reading.normalise import WEIGHTS
from jiedun.reading.numbers import find_numbers
from jiedun.reading.pii import find_batch

ROOT = Path(__file__).resolve().parents[1]


def mixed(count: int, seed: int = 1) -> list[Message]:
    """70 % under 60 characters, 20 % to 200, 10 % to 500, drawn from the labelled messages."""
    rng = random.Random(seed)
    every = load().messages
    short = [m for m in every if len(m.text) < 60]
    middle = [m for m in every if 60 <= len(m.text) < 200]
    long = [m for m in every if 200 <= len(m.text) <= 500]
    parts = ((short, 0.7), (middle, 0.2), (long, 0.1))
    out = [rng.choice(part) for part, share in parts for _ in range(int(count * share))]
    rng.shuffle(out)
    return out


def rate(work: Callable[[], object], count: int, runs: int = 9) -> float:
    """Items a second of CPU time, in the least disturbed of several runs.

    CPU time and not wall time, because others use the machine; the best run and not the median,
    because neighbours slow memory as well.
    """
    speeds = []
    for _ in range(runs):
        began = time.process_time()
        work()
        speeds.append(count / (time.process_time() - began))
    return max(speeds)


def _loading(tier: str) -> float:
    code = (
        "import time;t=time.process_time();from jiedun.reading import conduct;from jiedun.model.reading import Message;"
        f"conduct.read([Message('1','还款')],tier={tier!r});print(time.process_time()-t)"
    )
    runs = [
        float(
            subprocess.run(
                [sys.executable, "-c", code], capture_output=True, check=True, text=True
            ).stdout
        )
        for _ in range(3)
    ]
    return statistics.median(runs)


def short_texts(count: int) -> list[str]:
    """Short service texts, three of four holding one number, as in a lender's logs."""
    rng = random.Random(3)
    kinds: list[Callable[[], str]] = [
        lambda: f"客户来电{rng.choice('AB')}，回拨170{rng.randint(0, 99999999):08d}，谢谢",
        lambda: "您好，账单已出，请按时还款，感谢理解",
        lambda: f"登记邮箱user{rng.randint(1, 9999)}@example.com请核对",
        lambda: f"车牌浙A{rng.randint(10000, 99999)}已驶入三号门",
    ]
    return [kinds[i % 4]() for i in range(count)]


def speed(figures: Figures) -> None:
    """All speed figures."""
    messages = mixed(5000)
    conduct.read(messages[:10])
    fast = rate(lambda: conduct.read(messages, tier="fast", spans=False), len(messages))
    figures.show("fast: messages/s, labels only", fast, 20_000)
    spans = rate(lambda: conduct.read(messages, tier="fast"), len(messages))
    figures.show("fast: messages/s with spans", spans, 10_000)
    few = messages[:300]
    figures.show("deep: messages/s", rate(lambda: conduct.read(few, spans=False), len(few), 3), 100)
    texts = short_texts(20_000)
    assert sum(map(len, find_numbers(texts))) == 15_000
    numbers = rate(lambda: find_numbers(texts), len(texts), 3)
    figures.show("pii: number types, texts/s", numbers, 150_000)
    figures.show("pii: all types, texts/s", rate(lambda: find_batch(texts[:2000]), 2000, 3), None)
    _peer(texts[:1000], numbers, figures)
    figures.show("fast: loading, s", _loading("fast"), 0.4, most=True)
    figures.show("deep: loading, s", _loading("deep"), 1.5, most=True)
    size = sum(p.stat().st_size for p in WEIGHTS.iterdir()) / 1e6
    figures.show("weights, MB", size, 40, most=True)


def _peer(texts: list[str], ours: float, figures: Figures) -> None:
    try:
        analyse = analyzer()
    except ImportError:
        print("   presidio-analyzer is not installed here: not compared in this run")
        return
    theirs = rate(lambda: [analyse(t) for t in texts], len(texts), 3)
    figures.show("presidio, equivalent patterns: texts/s", theirs, None)
    figures.show("pii: times presidio", ours / theirs, 20)
