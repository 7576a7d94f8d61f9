"""How likely each platform passed a person's details on, given the marketing that came after.

Model. Platform j was given addresses (numbers, mailboxes) and a spelling of the name on day t_j. It
leaks with probability `LEAKS`, after a delay that is exponential with mean `DELAY` days. Calls and
messages reach each address as a Poisson stream of the background's rate, and from each leaked
platform at a rate of its own, to the addresses that platform was given; a name spoken is the one given
there, but for slips. Rates have gamma priors. The posterior is drawn by Gibbs sampling: leak days over a
grid with sources summed out, then sources, then
rates; and a step that lets two platforms trade places, since two that were given the same are a pair
of peaks that single steps hardly cross. It is calibrated where these assumptions hold:
`bench/leak.py` draws cases from other rates and delays too, and shows what becomes of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAKS = 0.15
DELAY = 60.0
SLIP = 0.02
NAMED_BY_CHANCE = 0.1
BACKGROUND = (1.0, {"number": 100.0, "mail": 500.0})
SENDER = (1.5, 15.0)
BINS = 24
MANY = 400
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Given:
    """What a platform was given: day (any origin), addresses by index, spelling or None."""

    day: float
    addresses: frozenset[int]
    name: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    """One call or message: day, the address it reached, the name spoken or None."""

    day: float
    address: int
    name: str | None


def fit(given: Given, hit: Hit) -> float:
    """How well the hit fits what was given, before its day counts: 0 where it reached an address
    the platform was not given."""
    if hit.address not in given.addresses or hit.day < given.day:
        return 0.0
    if hit.name is None or given.name is None:
        return 1.0
    return 1.0 - SLIP if hit.name == given.name else SLIP


class _Chain:
    """One run of the sampler."""

    def __init__(
        self,
        given: Sequence[Given],
        hits: Sequence[Hit],
        kinds: Sequence[str],
        span: tuple[float, float],
        rng: np.random.Generator,
    ) -> None:
        self.rng, self.end = rng, span[1]
        self.length = span[1] - span[0]
        self.kinds = np.array([BACKGROUND[1][kind] for kind in kinds])
        self.at = np.array([h.address for h in hits], dtype=np.intp)
        self.day = np.array([h.day for h in hits])
        self.fit = np.array([[fit(g, h) for h in hits] for g in given]).reshape(len(given), -1)
        self.stray = np.array([1.0 if h.name is None else NAMED_BY_CHANCE for h in hits])
        self.grid, self.prior = zip(*(_grid(g.day, span[1]) for g in given), strict=True)
        self.wide = np.array([len(g.addresses) for g in given], dtype=float)
        self.leak = np.full(len(given), np.inf)
        self.rate = rng.gamma(SENDER[0], 1 / SENDER[1], len(given))
        self.noise = np.full(len(kinds), BACKGROUND[0]) / self.kinds

    def _flow(self, number: int) -> Floats:
        return np.asarray(self.rate[number] * self.fit[number] * (self.day >= self.leak[number]))

    def sweep(self) -> None:
        """Draws everything once more."""
        flows = np.array([self._flow(j) for j in range(len(self.leak))])
        base = self.noise[self.at] * self.stray
        total = base + flows.sum(axis=0)
        for number in range(len(self.leak)):
            others = np.maximum(total - flows[number], 1e-12)
            self.leak[number] = self._leak_day(number, others)
            flows[number] = self._flow(number)
            total = others + flows[number]
        if len(self.leak) > 1 and len(self.day) <= MANY:
            self._trade(base, flows)
        flows = np.array([self._flow(j) for j in range(len(self.leak))])
        self._rates(flows, base)

    def _trade(self, base: Floats, flows: Floats) -> None:
        """A Metropolis step: the rates of two platforms change places, their leak days are drawn
        anew together; accepted by the ratio of what each order says of the hits."""
        one, other = map(int, self.rng.choice(len(self.leak), size=2, replace=False))
        if not (self.fit[one] * self.fit[other]).any():
            return
        rest = np.maximum(base + flows.sum(axis=0) - flows[one] - flows[other], 1e-12)
        before = self._joint(one, other, self.rate[one], self.rate[other], rest)
        after = self._joint(one, other, self.rate[other], self.rate[one], rest)
        gain = np.logaddexp.reduce(after, axis=None) - np.logaddexp.reduce(before, axis=None)
        if np.log(self.rng.random()) >= gain:
            return
        self.rate[[one, other]] = self.rate[[other, one]]
        weight = np.exp(after - after.max()).ravel()
        picked = int(np.searchsorted(weight.cumsum(), self.rng.random() * weight.sum()))
        for number, at in zip((one, other), divmod(picked, after.shape[1]), strict=True):
            days = self.grid[number]
            self.leak[number] = float(days[at]) if at < len(days) else np.inf

    def _joint(self, one: int, other: int, first: float, second: float, rest: Floats) -> Floats:
        """The log weight of every pair of leak days under these two rates."""
        flow, cost = zip(self._states(one, first), self._states(other, second), strict=True)
        total = rest + flow[0][:, None, :] + flow[1][None, :, :]
        return np.asarray(np.log(total).sum(axis=2) + cost[0][:, None] + cost[1][None, :])

    def _states(self, number: int, rate: float) -> tuple[Floats, Floats]:
        """For each leak day and for none: the flow at each hit; log prior less exposure."""
        days = np.append(self.grid[number], np.inf)
        flow = rate * self.fit[number] * (self.day[None, :] >= days[:, None])
        exposure = np.maximum(self.end - days, 0.0) * self.wide[number]
        return flow, self.prior[number] - rate * exposure

    def _leak_day(self, number: int, others: Floats) -> float:
        days, prior = self.grid[number], self.prior[number]
        gain = np.log1p(self.rate[number] * self.fit[number] / others)
        after = self.day[None, :] >= days[:, None]
        exposure = np.maximum(self.end - days, 0.0) * self.wide[number]
        score = np.append(prior[:-1] + after @ gain - self.rate[number] * exposure, prior[-1])
        weight = np.exp(score - score.max())
        picked = int(np.searchsorted(weight.cumsum(), self.rng.random() * weight.sum()))
        return float(days[picked]) if picked < len(days) else np.inf

    def _rates(self, flows: Floats, base: Floats) -> None:
        every = np.vstack([flows, base])
        edges = every.cumsum(axis=0)
        drawn = self.rng.random(len(base)) * edges[-1]
        source = (edges < drawn).sum(axis=0)
        live = np.isfinite(self.leak)
        exposure = np.where(
            live, np.maximum(self.end - np.where(live, self.leak, 0), 0) * self.wide, 0
        )
        counts = np.bincount(source, minlength=len(flows) + 1)[: len(flows)]
        self.rate = self.rng.gamma(SENDER[0] + counts) / (SENDER[1] + exposure)
        stray = np.bincount(self.at[source == len(flows)], minlength=len(self.kinds))
        self.noise = self.rng.gamma(BACKGROUND[0] + stray) / (self.kinds + self.length)


def _grid(day: float, end: float) -> tuple[Floats, Floats]:
    """Possible leak days and the log prior of each, the last entry for 'not by now'."""
    span = max(end - day, 1e-6)
    edges = np.linspace(0, span, BINS + 1)
    mass = LEAKS * (np.exp(-edges[:-1] / DELAY) - np.exp(-edges[1:] / DELAY))
    return day + edges[:-1], np.log(np.append(mass, 1 - mass.sum()))


def posterior(
    given: Sequence[Given],
    hits: Sequence[Hit],
    kinds: Sequence[str],
    span: tuple[float, float],
    rng: np.random.Generator,
    sweeps: int = 800,
) -> Floats:
    """The probability of each platform to have leaked by the end of `span` (first and last day
    watched). `kinds` gives each address's kind, `number` or `mail`."""
    if not given:
        return np.zeros(0)
    chain = _Chain(given, hits, kinds, span, rng)
    count, seen = np.zeros(len(given)), 0
    for number in range(sweeps):
        chain.sweep()
        if number >= sweeps // 5:
            count += np.isfinite(chain.leak)
            seen += 1
    return np.asarray(count / seen)
