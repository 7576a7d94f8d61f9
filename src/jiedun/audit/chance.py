"""Intervals for shares and tests of a change, for contacts that come in clusters of one debtor.

Contacts with one debtor are alike, so a share varies more than that of independent draws. The effective
sample size is the real one divided by the design effect (the variance of the ratio estimator over
debtors, over that of independent draws; Kish 1965); the Clopper–Pearson interval is then taken on it
(Korn and Graubard 1998).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)
_ENOUGH = 10  # events in each period from which the normal approximation is used


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`; `squares` (Σy²), `products` (Σyn) and `sizes` (Σn²) over clusters."""

    part: int
    whole: int
    squares: int = 0
    products: int = 0
    sizes: int = 0

    @property
    def rate(self) -> float:
        """The share; 0 of nothing."""
        return self.part / self.whole if self.whole else 0.0

    @property
    def variance(self) -> float:
        """The variance of the rate over clusters, never below that of independent draws."""
        if not self.whole:
            return 0.0
        rate = self.rate
        spread = self.squares - 2 * rate * self.products + rate * rate * self.sizes
        return max(spread / self.whole**2, rate * (1 - rate) / self.whole)

    @property
    def design_effect(self) -> float:
        """How many contacts count as one independent draw; 1 at least."""
        alone = self.rate * (1 - self.rate) / self.whole if self.whole else 0.0
        return self.variance / alone if alone else 1.0

    def interval(self) -> tuple[float, float]:
        """The bounds of a 95 % interval, (0, 1) for nothing seen."""
        effect = self.design_effect
        return clopper_pearson(self.part / effect, self.whole / effect)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The bounds of a 95 % interval for `part` of `whole` (Wilson 1927); (0, 1) for nothing seen."""
    if not whole:
        return 0.0, 1.0
    p, z2 = part / whole, _Z * _Z
    middle = p + z2 / (2 * whole)
    half = _Z * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole))
    scale = 1 + z2 / whole
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def clopper_pearson(part: float, whole: float) -> tuple[float, float]:
    """The exact 95 % interval for `part` of `whole` (1934); both may be effective, not whole, numbers."""
    if whole <= 0:
        return 0.0, 1.0
    low = 0.0 if part <= 0 else beta_quantile(0.025, part, whole - part + 1)
    high = 1.0 if part >= whole else beta_quantile(0.975, part + 1, whole - part)
    return low, high


def changed(before: Share, after: Share) -> float:
    """The two-sided probability, were there no change, of a difference at least as large.

    With ten events in each period a z-test on the variances over clusters; with fewer, the exact
    binomial test of how the events fall on both periods, on effective numbers.
    """
    if not before.whole or not after.whole or not before.part + after.part:
        return 1.0
    if min(before.part, after.part) >= _ENOUGH:
        spread = sqrt(before.variance + after.variance)
        z = abs(after.rate - before.rate) / spread if spread else 0.0
        return 2 * (1 - NormalDist().cdf(z))
    effect = max(before.design_effect, after.design_effect)
    events = round((before.part + after.part) / effect)
    share = after.whole / (before.whole + after.whole)
    return _binomial_test(min(events, round(after.part / effect)), events, share)


def holm(values: Sequence[float], level: float = 0.05) -> list[bool]:
    """Which of the probabilities stand together at `level` (Holm 1979)."""
    order = sorted(range(len(values)), key=values.__getitem__)
    stand = [False] * len(values)
    for rank, place in enumerate(order):
        if values[place] > level / (len(values) - rank):
            break
        stand[place] = True
    return stand


def _binomial_test(part: int, whole: int, share: float) -> float:
    """The exact two-sided test: all outcomes no likelier than the one seen."""
    seen = _log_binomial(part, whole, share) + 1e-9
    likely = (_log_binomial(k, whole, share) for k in range(whole + 1))
    return min(1.0, sum(exp(value) for value in likely if value <= seen))


def _log_binomial(part: int, whole: int, share: float) -> float:
    ways = lgamma(whole + 1) - lgamma(part + 1) - lgamma(whole - part + 1)
    return ways + part * log(share) + (whole - part) * log1p(-share)


def beta_quantile(share: float, a: float, b: float) -> float:
    """The quantile of the beta distribution, to 1e-12, by halving."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if beta_cdf(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function (continued fraction, DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction by Lentz's method."""
    tiny = 1e-300
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1), tiny)
    value = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / _not_zero(1 + step * d, tiny)
            c = _not_zero(1 + step / c, tiny)
            value *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return value


def _not_zero(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny
