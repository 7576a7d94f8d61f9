"""Annual percentage rates by convention: US Reg Z Appendix J, EU and UK effective, UK truncated.

US: unit-period rate x unit periods a year, simple interest in the odd fraction of a unit period
(12 CFR 1026 Appendix J). EU: Directive 2008/48/EC Annex I (as 98/7/EC): sum C(1+X)^-t = sum D(1+X)^-s,
t in years from the first drawdown. UK before 2001: effective, cut to one decimal.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Any

from jiedun.ledger import solve

Inputs = Mapping[str, Any]
_US = ("us actuarial", "reg z", "regulation z", "appendix j", "app. j", "us rule", "nominal")
_TIMES = (
    ("t_years", 1),
    ("t_months", 12),
    ("month", 12),
    ("t_weeks", 52),
    ("t_days", 365),
    ("day", 365),
)
_UNIT_DAYS = ((7, 52), (14, 26), (15, 24), (28, 13), (91, 4), (182, 2), (365, 1))


def is_us(convention: str) -> bool:
    """Whether the words name the US actuarial method (a nominal rate), not an effective one."""
    low = convention.lower()
    return any(word in low for word in _US)


def published(inputs: Inputs, convention: str, rounding: int | None) -> Decimal:
    """The annual percentage rate as a fraction; cut, not rounded, where the convention truncates.

    `rounding` is the number of decimals of the published percentage. ValueError: no single rate.
    """
    root = _root(inputs, convention)
    if root.value is None:
        raise ValueError(root.why_not.en if root.why_not else "no rate")
    rate = Decimal(repr(root.value))
    if "trunc" in convention.lower() and rounding is not None:
        places = Decimal(1).scaleb(-rounding - 2)
        return rate.quantize(places, ROUND_FLOOR)
    return rate


def _root(inputs: Inputs, convention: str) -> solve.Root:
    us = is_us(convention)
    if inputs.get("advances") is not None:
        return _unit_periods(inputs, us)
    if inputs.get("flows") is not None:
        return _from_flows(inputs["flows"], us, inputs)
    if isinstance(inputs.get("payments"), list | tuple):
        return _from_payments(inputs, us)
    return _level(inputs, us)


def _times(root: solve.Root, a_year: float) -> solve.Root:
    return root if root.value is None else solve.Root(root.value * a_year)


def _compound(root: solve.Root, a_year: float) -> solve.Root:
    return root if root.value is None else solve.Root((1 + root.value) ** a_year - 1)


def _unit_periods(inputs: Inputs, us: bool) -> solve.Root:
    rows = [(r, 1) for r in inputs["advances"]] + [(r, -1) for r in inputs["payments"]]
    flows = [
        (int(r.get("t", 0)), float(r.get("f", 0)), sign * float(r["amount"])) for r, sign in rows
    ]
    a_year = float(inputs.get("unit_periods_per_year", 12))
    if us:
        return _times(solve.unit_period(flows), a_year)
    return _compound(solve.at_times([(t + f, a) for t, f, a in flows]), a_year)


def _from_flows(rows: Sequence[Any], us: bool, inputs: Inputs) -> solve.Root:
    a_year = float(inputs.get("periods_per_year", inputs.get("per_year", 12)))
    if not isinstance(rows[0], Mapping):
        root = solve.irr([float(x) for x in rows])
        return _times(root, a_year) if us else _compound(root, a_year)
    for key, a_year_of_it in _TIMES:
        if key in rows[0]:
            return solve.at_times(
                [(float(r[key]) / a_year_of_it, float(r["amount"])) for r in rows]
            )
    dated = [(date.fromisoformat(str(r["date"])), float(r["amount"])) for r in rows]
    return _dated(dated, us)


def _from_payments(inputs: Inputs, us: bool) -> solve.Root:
    """One advance on `start`, payments by date or by day from it."""
    rows = inputs["payments"]
    money = float(inputs.get("principal", inputs.get("amount_financed", inputs.get("amount", 0))))
    if inputs.get("start") and all("date" in r for r in rows):
        start = date.fromisoformat(str(inputs["start"]))
        flows = [
            (start, money),
            *((date.fromisoformat(str(r["date"])), -float(r["amount"])) for r in rows),
        ]
        return _dated(flows, us)
    if all("t_years" in r for r in rows):
        return solve.at_times(
            [(0.0, money), *((float(r["t_years"]), -float(r["amount"])) for r in rows)]
        )
    days = [(float(r["day"]) / 365, -float(r["amount"])) for r in rows]
    return solve.at_times([(0.0, money), *days])


def _dated(flows: Sequence[tuple[date, float]], us: bool) -> solve.Root:
    ordered = sorted(flows)
    start = ordered[0][0]
    if not us:
        return solve.at_times([((on - start).days / 365, amount) for on, amount in ordered])
    unit, a_year = unit_period_of([on for on, _ in ordered])
    return _times(solve.unit_period([(*_count(start, on, unit), a) for on, a in ordered]), a_year)


def unit_period_of(days: Sequence[date]) -> tuple[int | None, float]:
    """Days in the unit period (None = a month) and unit periods a year: the commonest interval.

    Appendix J(b)(4): the interval that occurs most often, the smallest of several; a month when the
    payments fall on one day of the month.
    """
    gaps = [(b - a).days for a, b in pairwise(days[1:])] or [(days[-1] - days[0]).days]
    common = min(sorted(set(gaps)), key=lambda g: (-gaps.count(g), g))
    if 28 < common <= 31 or (common == 28 and any(29 <= g <= 31 for g in gaps)):
        return None, 12.0
    for length, a_year in _UNIT_DAYS:
        if common == length:
            return length, float(a_year)
    return common, 365 / common


def _count(start: date, on: date, unit: int | None) -> tuple[int, float]:
    """Whole unit periods and the fraction left, counted back from `on` (Appendix J(b)(5))."""
    if unit is not None:
        whole, left = divmod((on - start).days, unit)
        return whole, left / unit
    months = (on.year - start.year) * 12 + on.month - start.month
    months -= on.day < start.day and not _month_end(on)
    left = (_months_before(on, months) - start).days
    return months, max(left, 0) / 30


def _month_end(on: date) -> bool:
    return on.month != date.fromordinal(on.toordinal() + 1).month


def _months_before(on: date, months: int) -> date:
    at = on.year * 12 + on.month - 1 - months
    year, month = divmod(at, 12)
    for day in range(on.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, on.day)


def _level(inputs: Inputs, us: bool) -> solve.Root:
    """A level loan by count, payment and amount."""
    money = _first(inputs, "principal", "amount_financed", "amount", "pv")
    count = int(_first(inputs, "count", "periods", "n"))
    a_year = float(inputs.get("periods_per_year", inputs.get("per_year", 12)))
    root = solve.irr([money, *[-_first(inputs, "payment", "pmt")] * count])
    return _times(root, a_year) if us else _compound(root, a_year)


def _first(inputs: Inputs, *names: str) -> float:
    for name in names:
        if inputs.get(name) is not None:
            return float(inputs[name])
    raise KeyError(names[0])
