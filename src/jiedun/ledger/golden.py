"""Published answers and whether the ledger agrees: a JSON file of cases, one computation a kind.

Schema: `cases[]` with `id, kind, convention, inputs, expected, unit, abs_tol, published_rounding`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import Any

import pyxirr

from jiedun.errors import InputError, JiedunError, UnreadableFile
from jiedun.ledger import annuity, apr, solve
from jiedun.ledger.sources import Law

Inputs = Mapping[str, Any]
_SIGNLESS = {"PMT", "PAYMENT", "IPMT", "PPMT", "CUMIPMT", "CUMPRINC", "PV", "FV", "NPER"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One case: what was published, what was worked out, and whether they agree."""

    id: str
    kind: str
    expected: Decimal | None
    got: Decimal | None
    tolerance: Decimal | None
    agrees: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One case as the computations see it; `percent` = the answer is wanted in percent."""

    inputs: Inputs
    convention: str
    percent: bool
    rounding: int | None
    law: Law

    def number(self, *names: str, default: Any = None) -> Decimal:
        """The first of these inputs as an exact number; KeyError when none is given."""
        for name in names:
            if self.inputs.get(name) is not None:
                return Decimal(str(self.inputs[name]))
        if default is None:
            raise KeyError(names[0])
        return Decimal(str(default))

    def has(self, *names: str) -> bool:
        """Whether one of these inputs is given."""
        return any(self.inputs.get(name) is not None for name in names)

    @property
    def per_year(self) -> int:
        """Periods a year, 12 when not said."""
        return int(self.number("per_year", "periods_per_year", "unit_periods_per_year", default=12))

    @property
    def rate(self) -> Decimal:
        """The rate a period, as a fraction."""
        if self.has("rate", "period_rate", "periodic_rate", "monthly_rate"):
            return self.number("rate", "period_rate", "periodic_rate", "monthly_rate")
        return self.number("annual_rate", "nominal") / self.per_year

    @property
    def periods(self) -> int:
        """The number of periods."""
        if self.has("periods", "count", "nper", "months", "n"):
            return int(self.number("periods", "count", "nper", "months", "n"))
        return int(self.number("years") * self.per_year)

    @property
    def terms(self) -> annuity.Terms:
        """The loan of an annuity function."""
        when = self.inputs.get("type", self.inputs.get("when", 0))
        early = str(when).lower() in ("1", "begin", "beginning", "early", "true")
        return annuity.Terms(
            self.number("principal", "pv", "amount", "amount_financed", default=0),
            self.rate,
            self.periods,
            self.number("fv", "future_value", default=0),
            early,
        )

    @property
    def steps(self) -> list[annuity.Step]:
        """The schedule that the convention names."""
        return annuity.method_of(self.convention)(self.terms)


def _part(asked: Asked, name: str) -> Decimal:
    steps = asked.steps
    k = int(asked.number("period", "per", "k"))
    return Decimal(getattr(steps[k - 1], name))


def _sum(asked: Asked, name: str) -> Decimal:
    first, last = (
        int(asked.number("start", default=1)),
        int(asked.number("end", default=asked.periods)),
    )
    rows = asked.steps[first - 1 : last]
    return sum((Decimal(getattr(row, name)) for row in rows), Decimal(0))


def _flows(asked: Asked) -> list[float]:
    return [float(x) for x in asked.inputs.get("flows", asked.inputs.get("values", []))]


def _found(root: solve.Root) -> Decimal:
    if root.value is None:
        raise ValueError(root.why_not.en if root.why_not else "no rate")
    return Decimal(repr(root.value))


def _rate(asked: Asked) -> Decimal:
    """Spreadsheet RATE: per period, or a year where the convention says nominal annual."""
    pay = float(asked.number("payment", "pmt"))
    value = float(asked.number("principal", "pv", "amount"))
    rate = pyxirr.rate(asked.periods, -pay, value, -float(asked.number("fv", default=0)))
    words = asked.convention.lower()
    yearly = "annual" in words or "year" in words or "apr" in words
    return Decimal(repr(rate)) * (asked.per_year if yearly else 1)


def _irr(asked: Asked) -> Decimal:
    flows = _flows(asked)
    root = solve.irr(flows)
    if root.why_not == solve.SEVERAL:
        root = solve.nearest_to_zero(flows, range(len(flows)))
    return _found(root)


def _dated(asked: Asked) -> Decimal:
    rows = sorted(
        (date.fromisoformat(str(r["date"])), float(r["amount"])) for r in asked.inputs["flows"]
    )
    root = solve.xirr(rows)
    if root.why_not == solve.SEVERAL:
        years = [(on - rows[0][0]).days / 365 for on, _ in rows]
        root = solve.nearest_to_zero([amount for _, amount in rows], years)
    return _found(root)


def _present(asked: Asked) -> Decimal:
    rate = asked.number("rate", "discount_rate")
    first = 0 if "numpy" in asked.convention.lower() or asked.inputs.get("first") == 0 else 1
    rows = asked.inputs.get("flows", asked.inputs.get("values", []))
    return sum(
        (Decimal(str(x)) / (1 + rate) ** (k + first) for k, x in enumerate(rows)), Decimal(0)
    )


def _present_dated(asked: Asked) -> Decimal:
    rows = [(date.fromisoformat(str(r["date"])), float(r["amount"])) for r in asked.inputs["flows"]]
    rate = float(asked.number("rate", "discount_rate"))
    return Decimal(repr(pyxirr.xnpv(rate, [d for d, _ in rows], [a for _, a in rows])))


def _modified(asked: Asked) -> Decimal:
    lend = float(asked.number("finance_rate"))
    earn = float(asked.number("reinvest_rate"))
    return Decimal(repr(pyxirr.mirr(_flows(asked), lend, earn)))


def _cap(asked: Asked) -> Decimal:
    """A multiple of the one-year LPR, given or of a day; or the fixed line named, in percent."""
    if asked.has("rate_pct", "cap_pct"):
        return asked.number("rate_pct", "cap_pct")
    multiple = asked.number("multiple", default=4)
    if asked.has("lpr_1y", "lpr"):
        return asked.number("lpr_1y", "lpr") * multiple
    on = next(asked.inputs[k] for k in ("date", "contract_date", "formed", "on") if asked.has(k))
    return asked.law.lpr(date.fromisoformat(str(on))).one_year * multiple


def _table(asked: Asked) -> Decimal:
    """The largest difference between the published rows and the schedule."""
    worst = Decimal(0)
    for n, row in enumerate(asked.inputs["expected_rows"], 1):
        step = asked.steps[int(row.get("k", row.get("no", n))) - 1]
        for name in ("payment", "interest", "principal", "balance"):
            if row.get(name) is not None:
                worst = max(worst, abs(Decimal(str(row[name])) - Decimal(getattr(step, name))))
    return worst


def _effective(asked: Asked) -> Decimal:
    nominal = asked.number("nominal", "annual_rate", "rate")
    return annuity.effective(
        nominal, int(asked.number("per_year", "npery", "periods_per_year", default=12))
    )


def _apr(asked: Asked) -> Decimal:
    return apr.published(asked.inputs, asked.convention, asked.rounding if asked.percent else None)


_KINDS: Mapping[str, Callable[[Asked], Decimal]] = {
    "APR": _apr,
    "APRC": _apr,
    "IRR": _irr,
    "XIRR": _dated,
    "MIRR": _modified,
    "NPV": _present,
    "XNPV": _present_dated,
    "RATE": _rate,
    "NPER": lambda a: annuity.nper(
        a.rate, a.number("payment", "pmt"), a.number("principal", "pv"), a.number("fv", default=0)
    ),
    "PV": lambda a: annuity.present(
        a.rate, a.periods, a.number("payment", "pmt"), a.number("fv", default=0)
    ),
    "FV": lambda a: annuity.future(
        a.rate,
        a.periods,
        a.number("payment", "pmt", default=0),
        a.number("principal", "pv", default=0),
    ),
    "PMT": lambda a: a.steps[0].payment,
    "PAYMENT": lambda a: a.steps[0].payment,
    "FIRST_PAYMENT": lambda a: a.steps[0].payment,
    "LAST_PAYMENT": lambda a: a.steps[-1].payment,
    "MONTHLY_DECREASE": lambda a: a.steps[0].payment - a.steps[1].payment,
    "TOTAL_INTEREST": lambda a: _sum(a, "interest"),
    "TOTAL_PAYMENT": lambda a: _sum(a, "payment"),
    "IPMT": lambda a: _part(a, "interest"),
    "PPMT": lambda a: _part(a, "principal"),
    "BALANCE": lambda a: _part(a, "balance"),
    "CUMIPMT": lambda a: _sum(a, "interest"),
    "CUMPRINC": lambda a: _sum(a, "principal"),
    "EFFECT": _effective,
    "EFFECTIVE": _effective,
    "NOMINAL": lambda a: annuity.nominal(
        a.number("effective", "rate"), int(a.number("per_year", "npery", default=12))
    ),
    "SCHEDULE": _table,
    "CAP": _cap,
}
_ALSO = {"INTEREST": "TOTAL_INTEREST", "MONTHLY_PAYMENT": "PAYMENT", "INSTALMENT": "PAYMENT", "EAR": "EFFECT",
         "TOTAL_REPAYMENT": "TOTAL_PAYMENT", "DECREASE": "MONTHLY_DECREASE"}  # fmt: skip
_FRACTIONS = {"IRR", "XIRR", "MIRR", "RATE", "APR", "APRC", "EFFECT", "EFFECTIVE", "NOMINAL", "EAR"}


def _tolerance(case: Mapping[str, Any]) -> Decimal:
    if case.get("abs_tol") is not None:
        return Decimal(str(case["abs_tol"]))
    places = int(case.get("published_rounding", 2))
    return Decimal(5).scaleb(-places - 1)


def _agrees(kind: str, got: Decimal, expected: Decimal, tolerance: Decimal) -> bool:
    if kind in _SIGNLESS:
        got, expected = abs(got), abs(expected)
    return abs(got - expected) <= tolerance


def judge(case: Mapping[str, Any], law: Law) -> Verdict:
    """Whether the ledger's figure for one case is within its tolerance; never raises for a case."""
    ident = str(case.get("id", "?"))
    kind = str(case.get("kind", "")).upper()
    kind = _ALSO.get(kind, kind)
    compute = _KINDS.get(kind)
    if compute is None:
        return Verdict(ident, kind, None, None, None, False, "this kind is not known")
    try:
        expected, tolerance = Decimal(str(case["expected"])), _tolerance(case)
        percent = "percent" in str(case.get("unit", "")) or str(case.get("unit", "")) == "%"
        asked = Asked(
            case["inputs"],
            str(case.get("convention", "")),
            percent,
            case.get("published_rounding"),
            law,
        )
        got = compute(asked)
    except (KeyError, ValueError, TypeError, IndexError, ArithmeticError, DecimalException, StopIteration,
            AttributeError, JiedunError) as error:  # fmt: skip
        return Verdict(ident, kind, None, None, None, False, f"{type(error).__name__}: {error}")
    if percent and kind in _FRACTIONS:
        got *= 100
    return Verdict(ident, kind, expected, got, tolerance, _agrees(kind, got, expected, tolerance))


def read_golden(path: Path) -> Sequence[Mapping[str, Any]]:
    """The cases of a golden file; raises `InputError` when it is not one."""
    try:
        data = json.loads(path.read_text("utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        raise UnreadableFile(
            "the golden file cannot be read", where=path.name, why=str(error.strerror)
        ) from error
    except ValueError as error:
        raise UnreadableFile(
            "the golden file is not JSON", where=path.name, why=str(error)
        ) from error
    cases = data.get("cases") if isinstance(data, dict) else data
    if not isinstance(cases, list) or not all(isinstance(c, dict) for c in cases):
        raise InputError(
            "no list of cases", where=path.name, next_step="see docs/ledger.md for the schema"
        )
    return cases
