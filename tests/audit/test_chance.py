"""Intervals and tests against scipy; clusters widen what independent draws would claim."""

from random import Random
from typing import Any

import pytest

from jiedun.audit.chance import Share, changed, clopper_pearson, holm, wilson


@pytest.mark.parametrize(
    ("part", "whole"), [(0, 10), (1, 10), (5, 10), (10, 10), (3, 4000), (2000, 4000)]
)
def test_intervals_are_those_of_scipy(part: int, whole: int) -> None:
    stats: Any = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    found = stats.binomtest(part, whole)
    for ours, method in ((clopper_pearson, "exact"), (wilson, "wilson")):
        theirs = found.proportion_ci(0.95, method)
        assert ours(part, whole) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_few_events_are_tested_exactly() -> None:
    stats: Any = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    before, after = Share(1, 1000, 1, 1, 1000), Share(8, 1000, 8, 8, 1000)
    assert changed(before, after) == pytest.approx(stats.binomtest(8, 9, 0.5).pvalue)
    assert changed(Share(0, 10), Share(0, 10)) == 1.0


def clustered(rng: Random, debtors: int, bad: float) -> Share:
    """Ten contacts a debtor; a bad debtor's contacts are all accused."""
    hit = sum(rng.random() < bad for _ in range(debtors))
    return Share(10 * hit, 10 * debtors, 100 * hit, 100 * hit, 100 * debtors)


def test_likeness_of_contacts_widens_the_interval() -> None:
    share = clustered(Random(1), 300, 0.1)
    assert share.design_effect == pytest.approx(10, rel=0.01)
    low, high = share.interval()
    narrow = clopper_pearson(share.part, share.whole)
    assert low < narrow[0] and high > narrow[1]


def test_no_change_is_rarely_called_one() -> None:
    rng = Random(7)
    told = [changed(clustered(rng, 200, 0.1), clustered(rng, 200, 0.1)) < 0.05 for _ in range(400)]
    assert sum(told) < 400 * 0.085
    independent = [
        changed(Share(a.part, a.whole), Share(b.part, b.whole)) < 0.05
        for a, b in ((clustered(rng, 200, 0.1), clustered(rng, 200, 0.1)) for _ in range(400))
    ]
    assert sum(independent) > 400 * 0.3, "without clusters two in three would be false alarms"
    assert changed(clustered(rng, 400, 0.1), clustered(rng, 400, 0.25)) < 0.001


def test_holm_holds_all_together() -> None:
    assert holm([0.01, 0.04, 0.03]) == [True, False, False]
    assert holm([0.001, 0.02, 0.01]) == [True, True, True]
