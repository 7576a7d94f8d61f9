"""Counters: facts that count other contacts, each defined once as data and compiled twice.

A counter says which rows it counts (`of`, a predicate over base facts), within which partition
(`per`), how far back (`within` seconds, or the whole partition) and whether the row itself is
included. Order is (instant, seq); `before` means strictly earlier instants; a counter of different
values takes in every row of the same instant. Rows whose `of` is UNKNOWN are not counted. The
Python engine and the SQL window give the same value on every row.
"""

from collections import Counter as Tally
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from jiedun.rules.language import Predicate

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


@dataclass(slots=True)
class _Window:
    """The rows of one partition that are inside the window, oldest first."""

    kept: deque[tuple[int, Any]] = field(default_factory=deque)
    values: Tally[Any] = field(default_factory=Tally)


def count(counter: Counter, rows: Sequence[Facts]) -> list[int]:
    """The counter's value on every row; `rows` must be in (instant, seq) order."""
    windows: dict[Any, _Window] = defaultdict(_Window)
    key = _key(counter.per)
    values: list[int] = []
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or rows[end]["instant"] != rows[start]["instant"]:
            group = rows[start:end]
            values += _at_instant(counter, [windows[key(row)] for row in group], group)
            start = end
    return values


def _key(per: tuple[str, ...]) -> Callable[[Facts], Any]:
    """What tells partitions apart."""
    return itemgetter(*per)


def _at_instant(counter: Counter, windows: list[_Window], group: Sequence[Facts]) -> list[int]:
    """The values on the rows of one instant, each with its partition's window."""
    if counter.within is not None:
        for window in windows:
            _expire(window, group[0]["instant"] - counter.within)
    if counter.before:
        values = [_value(counter, window) for window in windows]
        _admit_all(counter, windows, group)
        return values
    if counter.distinct is not None:
        _admit_all(counter, windows, group)
        return [_value(counter, window) for window in windows]
    values = []
    for window, row in zip(windows, group, strict=True):
        _admit(counter, window, row)
        values.append(_value(counter, window))
    return values


def _admit_all(counter: Counter, windows: list[_Window], group: Sequence[Facts]) -> None:
    for window, row in zip(windows, group, strict=True):
        _admit(counter, window, row)


def _value(counter: Counter, window: _Window) -> int:
    return len(window.values) if counter.distinct else len(window.kept)


def _admit(counter: Counter, window: _Window, row: Facts) -> None:
    if counter.of.truth(row) is not True:
        return
    value = row.get(counter.distinct) if counter.distinct else None
    window.kept.append((row["instant"], value))
    if value is not None:
        window.values[value] += 1


def _expire(window: _Window, oldest: int) -> None:
    while window.kept and window.kept[0][0] < oldest:
        _, value = window.kept.popleft()
        if value is not None:
            window.values[value] -= 1
            if not window.values[value]:
                del window.values[value]


def sql(counter: Counter, dialect: str) -> str:
    """The counter as a window expression over a table of base facts, in `duckdb` or `spark`."""
    counted = f"CASE WHEN {counter.of.sql(dialect)} THEN {counter.distinct or 1} END"
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
