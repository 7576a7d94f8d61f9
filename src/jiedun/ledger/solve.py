"""Roots of present-value equations, and whether there is none, one or several.

Rates are floats here: they are measurements, not sums of money. Periodic and dated flows are
solved by `pyxirr`; the unit-period equation of US Regulation Z Appendix J, with its simple interest
inside a fractional period, and flows at fractional years have no library and use a bracket.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import pyxirr

from jiedun.model.text import Words

NO_RATE = Words(
    "现金流里只有流入或只有流出，算不出利率", "money flows one way only: no rate exists"
)
SEVERAL = Words(
    "现金流方向来回变化，有不止一个利率满足等式，不能选一个当真",
    "the flows change sign more than once and several rates satisfy the equation: none is the rate",
)
TOTAL_LOSS = Words(
    "还款总额少于到手本金，没有有意义的利率", "less is paid back than was received: no cost rate"
)
TOO_GREAT = Words(
    "时间太短或费用太高，折成年利率大得没有意义",
    "too short a time or too great a charge: as a yearly rate the figure is meaningless",
)
GREATEST = 1e9  # a hundred thousand million percent: beyond it a rate tells nothing


@dataclass(frozen=True, slots=True)
class Root:
    """A rate per period (or per year) as a fraction, or None and why."""

    value: float | None
    why_not: Words | None = None


def _sign_changes(amounts: Sequence[float]) -> int:
    signs = [amount > 0 for amount in amounts if amount]
    return sum(a != b for a, b in itertools.pairwise(signs))


def _grid() -> list[float]:
    low = [-0.9 + k * 0.03 for k in range(30)]
    return low + [math.expm1(k * 0.05) for k in range(1, 240)]


def crossings(value: Callable[[float], float]) -> list[tuple[float, float]]:
    """Brackets of rates above -90 % and below about 150,000 times in which `value` changes sign."""
    found = []
    points = [(r, value(r)) for r in _grid()]
    for (a, fa), (b, fb) in itertools.pairwise(points):
        if fa == 0:
            found.append((a, a))
        elif fa * fb < 0:
            found.append((a, b))
    return found


def bracket_root(value: Callable[[float], float], low: float, high: float) -> float:
    """The rate between `low` and `high` where `value` is zero, to the last bit or 200 halvings."""
    sign = value(low)
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        at = value(middle)
        if at == 0:
            return middle
        if (at > 0) == (sign > 0):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def single_root(value: Callable[[float], float], amounts: Sequence[float]) -> Root:
    """The only rate where `value` is zero; `amounts` are the flows in order of time."""
    changes = _sign_changes(amounts)
    if not changes:
        return Root(None, NO_RATE)
    if changes == 1:
        return _conventional(value)
    brackets = crossings(value)
    if len(brackets) > 1:
        return Root(None, SEVERAL)
    if not brackets:
        return Root(None, NO_RATE)
    return Root(bracket_root(value, *brackets[0]))


def _conventional(value: Callable[[float], float]) -> Root:
    """One change of sign: at most one rate above -100 %; the bracket is doubled until it holds."""
    low, high = -0.9, 1.0
    while (value(low) > 0) == (value(high) > 0):
        low = (low - 1) / 2
        high *= 4
        if high > GREATEST:
            return Root(None, TOO_GREAT)
    return Root(bracket_root(value, low, high))


def _checked(
    found: float | None, value: Callable[[float], float], amounts: Sequence[float]
) -> Root:
    """The library's root, or where it gives none that is a rate the bracket's."""
    if found is not None and -1 < found < GREATEST:
        return Root(found)
    return single_root(value, amounts)


def irr(amounts: Sequence[float]) -> Root:
    """The periodic internal rate of equally spaced flows."""

    def value(rate: float) -> float:
        return _value(amounts, range(len(amounts)), rate)

    if _sign_changes(amounts) != 1:
        return single_root(value, amounts)
    return _checked(pyxirr.irr(amounts, silent=True), value, amounts)


def nearest_to_zero(amounts: Sequence[float], times: Sequence[float]) -> Root:
    """The rate nearest to zero where several satisfy the equation, as spreadsheets answer.

    For comparing with published figures only: for a loan, several rates are no rate.
    """

    def value(rate: float) -> float:
        return _value(amounts, times, rate)

    roots = [bracket_root(value, low, high) for low, high in crossings(value)]
    return Root(min(roots, key=abs)) if roots else Root(None, NO_RATE)


def xirr(flows: Sequence[tuple[date, float]]) -> Root:
    """The effective annual rate, days / 365 as in spreadsheet XIRR."""
    ordered = sorted(flows)
    amounts = [amount for _, amount in ordered]
    years = [(on - ordered[0][0]).days / 365 for on, _ in ordered]

    def value(rate: float) -> float:
        return _value(amounts, years, rate)

    if _sign_changes(amounts) != 1:
        return single_root(value, amounts)
    found = pyxirr.xirr([on for on, _ in ordered], amounts, silent=True)
    return _checked(found, value, amounts)


def _discounted(amount: float, time: float, rate: float) -> float:
    """`amount` / (1 + rate) ** time; infinite where a float cannot hold it, zero stays zero."""
    if not amount:
        return 0.0
    try:
        return amount * math.exp(-time * math.log1p(rate))
    except OverflowError:
        return math.copysign(math.inf, amount)


def _value(amounts: Sequence[float], times: Sequence[float], rate: float) -> float:
    return sum(_discounted(a, t, rate) for a, t in zip(amounts, times, strict=True))


def at_times(flows: Sequence[tuple[float, float]]) -> Root:
    """The effective rate a unit of time of `(time, amount)` flows (EU and UK annual percentage)."""
    ordered = sorted(flows)
    times = [t for t, _ in ordered]
    amounts = [amount for _, amount in ordered]
    return single_root(lambda r: _value(amounts, times, r), amounts)


def unit_period(flows: Sequence[tuple[int, float, float]]) -> Root:
    """The rate a unit period of `(whole periods t, fraction f, amount)`, Reg Z Appendix J(b)(8).

    Each amount is discounted by (1 + f i)(1 + i)^t: simple inside the fraction.
    """
    ordered = sorted(flows)

    def value(i: float) -> float:
        return sum(_discounted(a / (1 + f * i), t, i) for t, f, a in ordered)

    return single_root(value, [amount for _, _, amount in ordered])
