"""Examples as data: facts, date, expected figures and source in YAML, checked against the ledger.

An example holds `loan` (fields of loan.json) with `payments`, `as_of`, `filed`, or `calc` with the
arguments of one sum. `expect` maps what is read off the result to a figure; `a - b` is a difference.
A figure agrees when the result rounded to its decimals (money: two) equals it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import yaml

from jiedun.errors import InputError
from jiedun.ledger import annuity, cost, sums
from jiedun.ledger.balance import simple_interest
from jiedun.ledger.examine import examine
from jiedun.ledger.sources import Law
from jiedun.ledger.values import LoanResult, Rate
from jiedun.ledger.written import loan_from
from jiedun.model.evidence import ItemRef, Payment


@dataclass(frozen=True, slots=True)
class Example:
    """One worked example and where it comes from."""

    id: str
    source: str
    data: Mapping[str, Any]
    file: str


@dataclass(frozen=True, slots=True)
class Checked:
    """One expected figure of an example and what the ledger says."""

    example: str
    what: str
    expected: str
    got: str
    agrees: bool


def read_examples(folder: Path) -> tuple[Example, ...]:
    """Every example of the YAML files in `folder`; raises `InputError` naming file and example."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        entries = yaml.safe_load(path.read_text("utf-8"))
        for entry in entries or []:
            if not isinstance(entry, dict) or not {"id", "source", "expect"} <= set(entry):
                name = entry.get("id", "?") if isinstance(entry, dict) else "?"
                raise InputError(
                    "an example needs id, source and expect", where=f"{path.name}#{name}"
                )
            found.append(Example(str(entry["id"]), str(entry["source"]), entry, path.name))
    return tuple(found)


def check(example: Example, law: Law) -> tuple[Checked, ...]:
    """Each expected figure of `example` against the ledger; raises `InputError` for an unknown name."""
    data = example.data
    where = f"{example.file}#{example.id}"
    read = _reader_of_calc(data, where) if "calc" in data else _reader_of_loan(data, law, where)
    return tuple(_compare(example.id, str(k), v, read) for k, v in data["expect"].items())


def _compare(ident: str, what: str, expected: Any, read: Callable[[str], Any]) -> Checked:
    parts = [read(part.strip()) for part in what.split(" - ")]
    got = parts[0]
    for part in parts[1:]:
        got = got - part
    if not isinstance(got, Decimal):
        return Checked(ident, what, str(expected), str(got), str(got) == str(expected))
    wanted = Decimal(str(expected))
    places = max(2, -int(wanted.as_tuple().exponent))
    got = got.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return Checked(ident, what, str(wanted), str(got), got == wanted)


def _reader_of_loan(data: Mapping[str, Any], law: Law, where: str) -> Callable[[str], Any]:
    loan, _ = loan_from(_exact(data["loan"]), where)
    payments = [
        Payment(
            ItemRef(where, n), p["date"], Decimal(str(p["amount"])), p.get("payee", loan.lender)
        )
        for n, p in enumerate(data.get("payments", ()), 1)
    ]
    result = examine(
        loan,
        payments,
        as_of=data["as_of"],
        filed=data.get("filed"),
        payees=data.get("payees"),
        law=law,
    )
    return lambda name: _read(result, name, where)


def _exact(value: Any) -> Any:
    """Floats of YAML as the decimals they were written as."""
    if isinstance(value, dict):
        return {k: _exact(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_exact(v) for v in value]
    return (
        Decimal(str(value))
        if isinstance(value, float | int) and not isinstance(value, bool)
        else value
    )


def _read(result: LoanResult, name: str, where: str) -> Any:
    room, _, field = name.partition(".")
    found: Any = None
    if room == "rate":
        found = getattr(result.rate, field, None)
    elif room == "facts":
        found = result.facts.get(field)
    elif (answer := result.answer(room)) is not None:
        found = answer.more.get(field, getattr(answer, field, None))
    if isinstance(found, Rate):
        found = found.value
    if found is None:
        raise InputError(f"{name} is not among the results", where=where)
    return found


def _penalty(args: Mapping[str, Any]) -> Mapping[str, Any]:
    principal, days = args["principal"], int(args["days"])
    band = sums.penalty_band(
        principal, args["contract_rate"], days, bool(args.get("misuse", False))
    )
    found: dict[str, Any] = {
        name: getattr(band, name) for name in ("low_rate", "high_rate", "low", "high")
    }
    if "daily_rate" in args:
        found["claimed"] = sums.daily_charge(principal, args["daily_rate"], days)
    if "annual_rate" in args:
        found["claimed"] = simple_interest(principal, args["annual_rate"], days)
        found["increase"] = args["annual_rate"] / args["contract_rate"] - 1
    if "claimed" in found:
        found["excess"] = max(found["claimed"] - band.high, Decimal(0))
    if "line" in args:
        found["at_line"] = simple_interest(principal, args["line"], days)
    return found


def _rollover(args: Mapping[str, Any]) -> Mapping[str, Any]:
    ceiling = sums.rollover_ceiling(args["principal"], args["cap"], int(args["days"]))
    return {"ceiling": ceiling, "unsupported": max(args["asked"] - ceiling, Decimal(0))}


def _reduction(args: Mapping[str, Any]) -> Mapping[str, Any]:
    days = int(args["days"])
    line = simple_interest(args["principal"], args["rate"], days)
    over = sums.above_line(args["charges"], args["principal"], args["rate"], days)
    return {"line": line, "reducible": over}


def _level(args: Mapping[str, Any]) -> Mapping[str, Any]:
    terms = annuity.Terms(args["principal"], args["annual_rate"] / 12, int(args["periods"]))
    pay = annuity.payment(terms)
    return {"payment": pay, "charge": pay * int(args["periods"]) - args["principal"]}


def _together(args: Mapping[str, Any]) -> Mapping[str, Any]:
    rates, periods = args["rates"], int(args.get("periods", 12))
    original = cost.together(rates, False, periods)
    outstanding = cost.together(rates, True, periods)
    return {
        "outstanding": outstanding,
        "original": original,
        "original_is_higher": original > outstanding,
    }


def _interest(args: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"interest": simple_interest(args["principal"], args["rate"], int(args["days"]))}


def _delay(args: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"interest": sums.delay_interest(args["base"], int(args["days"]))}


def _single(args: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"rate": sums.simple_annual(args["received"], args["repaid"], int(args["days"]))}


_CALCS: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    "simple_interest": _interest,
    "penalty": _penalty,
    "rollover": _rollover,
    "reduction": _reduction,
    "level_payment": _level,
    "all_in": _together,
    "delay_interest": _delay,
    "single_repayment": _single,
}


def _reader_of_calc(data: Mapping[str, Any], where: str) -> Callable[[str], Any]:
    name = str(data["calc"])
    if name not in _CALCS:
        raise InputError(
            f"calc {name} is not known", where=where, next_step=", ".join(sorted(_CALCS))
        )
    found = _CALCS[name](_exact(data.get("with", {})))

    def read(key: str) -> Any:
        if key not in found:
            raise InputError(f"{key} is not a figure of {name}", where=where)
        return found[key]

    return read
