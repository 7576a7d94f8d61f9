"""Who passed a number on: drawn cases with known truth, calibration, and other assumptions."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from jiedun.case import leak_posterior as model
from jiedun.case.leak_posterior import Given, Hit


class World(NamedTuple):
    """What cases are drawn from; times the model's own rates and delay."""

    name: str
    sender: float = 1.0
    noise: float = 1.0
    delay: float = 1.0


def case(
    rng: np.random.Generator, world: World, platforms: int = 6
) -> tuple[list[Given], list[Hit], list[str], float, np.ndarray]:
    """One case over a year: what was given, what came, kinds of address, the end, who leaked."""
    kinds, end = ["number", "number", "mail", "mail", "mail"], 365.0
    given = [
        Given(
            float(rng.uniform(0, 300)),
            frozenset({int(rng.integers(2)), 2 + int(rng.integers(3))}),
            str(rng.choice(["张三", "张叁", "Zhang"])) if rng.random() < 0.7 else None,
        )
        for _ in range(platforms)
    ]
    hits = [
        Hit(float(rng.uniform(0, end)), a, "张三" if rng.random() < 0.1 else None)
        for a, kind in enumerate(kinds)
        for _ in range(rng.poisson(_noise(rng, world, kind) * end))
    ]
    truth = np.zeros(platforms, dtype=bool)
    for number, one in enumerate(given):
        start = one.day + rng.exponential(model.DELAY * world.delay)
        truth[number] = rng.random() < model.LEAKS and start < end
        if truth[number]:
            hits += _sent(rng, world, one, start, end)
    return given, hits, kinds, end, truth


def _noise(rng: np.random.Generator, world: World, kind: str) -> float:
    shape, scales = model.BACKGROUND
    return float(rng.gamma(shape) / scales[kind] * world.noise)


def _sent(
    rng: np.random.Generator, world: World, one: Given, start: float, end: float
) -> Iterator[Hit]:
    rate = rng.gamma(model.SENDER[0]) / model.SENDER[1] * world.sender
    for address in one.addresses:
        for _ in range(rng.poisson(rate * (end - start))):
            name = one.name if rng.random() < 0.5 else None
            yield Hit(float(rng.uniform(start, end)), address, name)


def calibration(
    world: World, cases: int, seed: int = 3, sweeps: int = 300
) -> tuple[float, float, float, float]:
    """Expected calibration error in ten bins, Brier score, that of the base rate, and the share of
    cases with leaks in which the first suspect is a leaker."""
    rng = np.random.default_rng(seed)
    chance, truth, first = [], [], []
    for _ in range(cases):
        given, hits, kinds, end, leaked = case(rng, world)
        found = model.posterior(given, hits, kinds, (0.0, end), rng, sweeps)
        chance.append(found)
        truth.append(leaked)
        if leaked.any():
            first.append(bool(leaked[int(found.argmax())]))
    p, t = np.concatenate(chance), np.concatenate(truth).astype(float)
    bins = np.minimum((p * 10).astype(int), 9)
    error = sum(abs(p[bins == b].sum() - t[bins == b].sum()) for b in range(10)) / len(p)
    base = float(((t.mean() - t) ** 2).mean())
    return float(error), float(((p - t) ** 2).mean()), base, float(np.mean(first))


def run() -> bool:
    """Whether the posterior is calibrated where its assumptions hold."""
    met = True
    for world in (
        World("as assumed"),
        World("senders three times as busy", sender=3),
        World("three times the noise", noise=3),
        World("delays three times as long", delay=3),
    ):
        error, score, base, first = calibration(world, 80)
        print(
            f"{world.name:<28} calibration error {error:.3f}, Brier {score:.3f} "
            f"(base rate {base:.3f}), first suspect right {first:.0%}"
        )
        met = met and (world.name != "as assumed" or error < 0.04)
    return met
