"""Profiles: contacts that no rule can tell apart, but for their counters, share one small number.

The number (`code`) is put together from the columns with few values and from the steps of the time
of day. Facts, rules and counters' predicates are then worked out once a profile: some hundred rows
instead of millions. A profile is a row like any contact, with any one value of each step.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

from jiedun.audit import facts_sql
from jiedun.audit.judge_sql import lows_sql, masks_sql
from jiedun.audit.plan import Plan
from jiedun.model.contact_record import COLUMNS, ColumnType

_DAY = 86_400
_EAST = 28_800  # Asia/Shanghai is eight hours ahead of UTC


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit of a code: `read` gives it from a contact, `told` gives the columns back from it."""

    needs: tuple[str, ...]
    radix: int
    read: str
    told: Mapping[str, str]


def lean_sql(plan: Plan, held: frozenset[str]) -> str:
    """The expressions `day, code` over contacts of a file that holds the columns `held`."""
    local = facts_sql.local_facts(zones="zone" in held)
    parts = ["0"]
    for digit, weight in _weighed(plan, local["second_of_day"]):
        if set(digit.needs) <= held:
            parts.append(f"CAST({weight} AS BIGINT) * {digit.read}")
    if "text" in held:
        parts.append(f"CASE WHEN text IS NOT NULL THEN {words_from(plan)} ELSE 0 END")
    return f"{local_day(zones='zone' in held)} AS day, CAST({' + '.join(parts)} AS BIGINT) AS code"


def local_day(*, zones: bool) -> str:
    """The local day as a number of days since 1970-01-01."""
    if not zones:
        return f"CAST((instant + {_EAST}) // {_DAY} AS INTEGER)"
    return f"CAST({facts_sql.local_facts(zones=True)['local_date']} - DATE '1970-01-01' AS INTEGER)"


def words_from(plan: Plan) -> int:
    """The least code of a contact with words: its last digit, which has no end, is one more than the
    number of what is said."""
    return prod(digit.radix for digit in _digits(plan, "0"))


def profile_sql(plan: Plan, *, texts: bool) -> str:
    """A query over `codes` (`code`) for every fact of each profile, counters at 0 (unknown where it is
    not known who was contacted for whom), and its verdicts: `hits` and `doubts` by rule, and `marks`:
    what it counts in, and on which counters it hangs. With `texts`, `sayings` tells what is said."""
    zero = ", ".join(
        f'CASE WHEN placed_ THEN CAST(0 AS BIGINT) END AS "{c.name}"' for c in plan.counters
    )
    facts = facts_sql.base_sql(zones=False, texts=texts, where="true", source="profiles")
    facts = f"SELECT * {', ' + zero if zero else ''} FROM ({facts})"
    said = (
        ", said AS (SELECT c.code AS seq_, s.* FROM codes AS c "
        f"JOIN sayings AS s ON s.no = c.code // {words_from(plan)} - 1)"
    )
    return (
        f"WITH profiles AS ({_decoded(plan)}){said if texts else ''} "
        f"SELECT seq AS code, * EXCLUDE (seq, instant, local_date), {masks_sql(plan.rules)}, "
        f"{lows_sql(plan.lowerings())} AS lows, CAST({_marks(plan)} AS BIGINT) AS marks FROM ({facts})"
    )


def _marks(plan: Plan) -> str:
    """A contact whose debtor is not known stands alone: nobody counts it. One of which only the person
    is not known is counted with its debtor, and asks for nothing."""
    known = "creditor IS NOT NULL AND debtor_ IS NOT NULL"
    parts = ["0"]
    for counter in plan.counters:
        asked = plan.asked(counter, "duckdb")
        parts.append(
            f"CASE WHEN {known} AND ({counter.of.sql('duckdb')}) THEN {plan.counted(counter)} ELSE 0 END"
        )
        parts.append(f"CASE WHEN placed_ AND ({asked}) THEN {plan.asking(counter)} ELSE 0 END")
    return " + ".join(parts)


def _decoded(plan: Plan) -> str:
    """The rows of `raw` that the codes stand for."""
    told: dict[str, str] = {"seq": "code", "instant": str(_DAY - _EAST)}
    for digit, weight in _weighed(plan, "0"):
        place = f"((code // {weight}) % {digit.radix})"
        told |= {name: text.format(place) for name, text in digit.told.items()}
    told["text"] = f"CASE WHEN code >= {words_from(plan)} THEN '' END"
    for column in COLUMNS:
        kind = "INTEGER" if column.type is ColumnType.CLOCK else column.type.value
        if column.name != "at":
            told.setdefault(column.name, f"CAST(NULL AS {kind})")
    return (
        "SELECT " + ", ".join(f'{text} AS "{name}"' for name, text in told.items()) + " FROM codes"
    )


def _weighed(plan: Plan, second: str) -> Iterator[tuple[Digit, int]]:
    weight = 1
    for digit in _digits(plan, second):
        yield digit, weight
        weight *= digit.radix
    if weight >= 1 << 40:  # a million million codes leave room for what is said
        raise OverflowError("the columns of a contact no longer fit into one code")


def _digits(plan: Plan, second: str) -> Iterator[Digit]:
    for column in COLUMNS:
        if column.values:
            yield _text_digit(column.name, column.values)
        elif column.type is ColumnType.FLAG:
            yield _flag_digit(column.name)
    cuts = (0, *plan.cuts["second_of_day"])
    back = f"{_DAY - _EAST} + {_case('{0}', cuts)}"
    yield Digit((), len(cuts), _steps(f"({second})", cuts), {"instant": back})
    cuts = (0, *plan.cuts["duration_s"])
    read = f"CASE WHEN seconds IS NULL THEN 0 ELSE 1 + {_steps('seconds', cuts)} END"
    yield Digit(("seconds",), len(cuts) + 1, read, {"seconds": _case("({0} - 1)", cuts)})
    yield _hours_digit(second)
    yield _known_digit("debtor", None)
    yield _known_digit("creditor", "caller" if plan.speaks("peer") else None)
    yield _known_digit("person", "number" if plan.speaks("dialled") else None)


def _text_digit(name: str, values: tuple[str, ...]) -> Digit:
    whens = " ".join(f"WHEN '{value}' THEN {i}" for i, value in enumerate(values, 1))
    back = " ".join(f"WHEN {i} THEN '{value}'" for i, value in enumerate(values, 1))
    read = f'CASE "{name}" {whens} ELSE 0 END'
    return Digit((name,), len(values) + 1, read, {name: f"CASE {{0}} {back} END"})


def _flag_digit(name: str) -> Digit:
    read = f'CASE WHEN "{name}" THEN 2 WHEN NOT "{name}" THEN 1 ELSE 0 END'
    return Digit((name,), 3, read, {name: "CASE {0} WHEN 1 THEN false WHEN 2 THEN true END"})


def _hours_digit(second: str) -> Digit:
    """No hours agreed; outside them; inside."""
    inside = facts_sql.agreed(f"({second})")
    read = (
        f"CASE WHEN agreed_from IS NULL OR agreed_to IS NULL THEN 0 WHEN {inside} THEN 2 ELSE 1 END"
    )
    start = "CASE WHEN {0} > 0 THEN 0 END"
    end = f"CASE {{0}} WHEN 1 THEN 0 WHEN 2 THEN {_DAY + 1} END"
    needs = ("agreed_from", "agreed_to")
    return Digit(needs, 3, read, {"agreed_from": start, "agreed_to": end})


def _known_digit(name: str, instead: str | None) -> Digit:
    """Whether a text is known; else whether the one in its place is, where that matters."""
    back = {name: "CASE WHEN {0} = 0 THEN '' END"}
    if instead is None:
        return Digit((), 2, f'CASE WHEN "{name}" IS NULL THEN 1 ELSE 0 END', back)
    read = f'CASE WHEN "{name}" IS NOT NULL THEN 0 WHEN "{instead}" IS NOT NULL THEN 1 ELSE 2 END'
    return Digit((), 3, read, back | {instead: "CASE WHEN {0} = 1 THEN '' END"})


def _steps(number: str, cuts: tuple[int, ...]) -> str:
    """The place of the step that `number` lies on."""
    if len(cuts) == 1:
        return "0"
    whens = " ".join(f"WHEN {number} < {cut} THEN {i}" for i, cut in enumerate(cuts[1:]))
    return f"CASE {whens} ELSE {len(cuts) - 1} END"


def _case(place: str, cuts: tuple[int, ...]) -> str:
    whens = " ".join(f"WHEN {i} THEN {cut}" for i, cut in enumerate(cuts))
    return f"CASE {place} {whens} END"
