"""Simulated leaks: colluders mix their copies, half of the rows are gone."""

import numpy as np

from jiedun.vault import trace
from jiedun.vault.ciphers import INTL

STRATEGIES = ("interleave", "majority", "minority", "ones", "coin", "first_half")
Words = trace.Bits


def attack(rng: np.random.Generator, words: Words, strategy: str) -> Words:
    """One copy from those of the colluders (rows): never a variant that none of them had."""
    ones, count = words.sum(axis=0), len(words)
    mixed = (ones > 0) & (ones < count)
    sure = (ones == count).astype(np.int8)
    if strategy == "interleave":
        picked = words[rng.integers(count, size=words.shape[1]), np.arange(words.shape[1])]
    elif strategy == "majority":
        picked = 2 * ones > count
    elif strategy == "minority":
        picked = 2 * ones < count
    elif strategy == "ones":
        picked = np.ones_like(sure)
    elif strategy == "coin":
        picked = rng.integers(2, size=len(sure))
    else:
        half = np.arange(len(sure)) < len(sure) // 2
        picked = np.where(half, words[0], words[-1])
    return np.asarray(np.where(mixed, picked, sure), dtype=np.int8)


def simulate(
    leaks: int, recipients: int = 50, positions: int = trace.POSITIONS, seed: int = 7
) -> tuple[int, int]:
    """(leaks with an innocent accused, leaks in which a leaker is found); up to five colluders,
    each strategy in turn, every leak with keys, words and losses of its own."""
    rng = np.random.default_rng(seed)
    wrong = found = 0
    for number in range(leaks):
        mac = INTL.mac(rng.bytes(32))
        bias = trace.biases(mac, "c", positions)
        names = [str(n) for n in range(recipients)]
        words = np.stack([trace.codeword(mac, "c", n, bias) for n in names])
        guilty = rng.choice(recipients, size=1 + number % 5, replace=False)
        leak = attack(rng, words[guilty], STRATEGIES[number // 5 % len(STRATEGIES)])
        leak[rng.random(positions) < 0.5] = trace.ERASED
        accused = trace.accuse(names, trace.scores(words, leak, bias))
        named = {int(a.handover) for a in accused if a.named}
        wrong += bool(named - set(guilty.tolist()))
        found += bool(named & set(guilty.tolist()))
    return wrong, found
