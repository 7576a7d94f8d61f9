"""Counters: facts that count other contacts, each defined once as data and compiled twice.

A counter says which rows it counts (`of`, a predicate over base facts), within which partition
(`per`), how far back (`within` seconds, or the whole partition) and whether the row itself is
included. Order is (instant, seq); `before` means strictly earlier instants; a counter of different
values takes in every row of the same instant. Rows whose `of` is UNKNOWN are not counted. The
Python engine and the SQL window give the same value on every row.
"""

from bisect import bisect_left
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from jiedun.rules.language import Predicate, select

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter. `distinct` counts different values of that fact instead of rows."""

    name: str
    of: Predicate
    per: tuple[str, ...]
    within: int | None = None
    before: bool = False
    distinct: str | None = None


def count(counter: Counter, rows: Sequence[Facts]) -> list[int]:
    """The counter's value on every row; `rows` must be in (instant, seq) order."""
    counted = bytearray(len(rows))
    for index in select(counter.of, rows, range(len(rows)))[0]:
        counted[index] = 1
    parts: dict[Any, list[int]] = defaultdict(list)
    for index, key in enumerate(map(itemgetter(*counter.per), rows)):
        parts[key].append(index)
    values = [0] * len(rows)
    in_part = _distinct if counter.distinct else _plain
    for indices in parts.values():
        for index, value in zip(indices, in_part(counter, rows, indices, counted), strict=True):
            values[index] = value
    return values


def _plain(
    counter: Counter, rows: Sequence[Facts], indices: Sequence[int], counted: bytearray
) -> Iterator[int]:
    """How many rows of the partition count for each of its rows."""
    instants = [rows[i]["instant"] for i in indices if counted[i]]
    seen = 0
    for i in indices:
        instant = rows[i]["instant"]
        seen += counted[i]
        newest = bisect_left(instants, instant) if counter.before else seen
        if counter.within is None:
            yield newest
        else:
            yield newest - bisect_left(instants, instant - counter.within)


def _distinct(
    counter: Counter, rows: Sequence[Facts], indices: Sequence[int], counted: bytearray
) -> Iterator[int]:
    """How many different values count for each row of the partition, ties taken in."""
    fact = counter.distinct or ""
    entries = [(rows[i]["instant"], rows[i].get(fact)) for i in indices if counted[i]]
    values: Tally[Any] = Tally()
    oldest = newest = 0
    for i in indices:
        instant = rows[i]["instant"]
        last = instant - 1 if counter.before else instant
        while newest < len(entries) and entries[newest][0] <= last:
            values[entries[newest][1]] += 1
            newest += 1
        while (
            counter.within is not None
            and oldest < newest
            and entries[oldest][0] < instant - counter.within
        ):
            values[entries[oldest][1]] -= 1
            oldest += 1
        yield sum(1 for value, rows_left in values.items() if rows_left and value is not None)


def sql(counter: Counter, dialect: str, of: str | None = None) -> str:
    """The counter as a window expression over a table of base facts, in `duckdb` or `spark`; `of`
    stands for the predicate where the table has its answer already."""
    counted = f"CASE WHEN {of or counter.of.sql(dialect)} THEN {counter.distinct or 1} END"
    per = ", ".join(counter.per)
    oldest = "UNBOUNDED" if counter.within is None else str(counter.within)
    newest = "1 PRECEDING" if counter.before else "CURRENT ROW"
    ranged = f"PARTITION BY {per} ORDER BY instant RANGE BETWEEN {oldest} PRECEDING AND {newest}"
    up_to = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    if counter.distinct is not None and dialect == "spark":
        value = f"size(collect_set({counted}) OVER ({ranged}))"
    elif counter.distinct is not None:
        value = f"count(DISTINCT {counted}) OVER ({ranged})"
    elif counter.before:
        value = f"count({counted}) OVER ({ranged})"
    elif counter.within is None:
        value = f"count({counted}) OVER (PARTITION BY {per} ORDER BY instant, seq {up_to})"
    else:
        earlier = ranged.replace("CURRENT ROW", "1 PRECEDING")
        same = f"PARTITION BY {per}, instant ORDER BY seq {up_to}"
        value = f"count({counted}) OVER ({earlier}) + count({counted}) OVER ({same})"
    return f"CAST({value} AS BIGINT)"


def fill(counters: Sequence[Counter], rows: Sequence[dict[str, Any]]) -> None:
    """Adds every counter's value to every row; `rows` must be in (instant, seq) order."""
    for counter in counters:
        for row, value in zip(rows, count(counter, rows), strict=True):
            row[counter.name] = value


def load(
    entries: Sequence[Mapping[str, Any]], parse: Callable[[str, str], Predicate]
) -> Iterator[Counter]:
    """Counters from decoded YAML; `parse(name, text)` checks the predicate."""
    for entry in entries:
        yield Counter(
            name=entry["name"],
            of=parse(entry["name"], entry["of"]),
            per=tuple(entry["per"]),
            within=entry.get("within"),
            before=bool(entry.get("before", False)),
            distinct=entry.get("distinct"),
        )
