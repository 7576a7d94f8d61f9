"""Sums over all contacts of a partition, so that rates need no second look at them.

Debtors never lie in two partitions, so sums over debtors (of contacts, of findings, of their squares
and products) add up over partitions. Only contacts towards a person count as contacts here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from jiedun.audit.chance import Share
from jiedun.audit.sources.interface import text

SCOPES = ("all", "current", "previous")
ANY = "*"  # any finding that is more than a hint
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Periods:
    """The last period and the one before, first and last day of each; `unit` is `month` or `week`."""

    unit: str
    current: tuple[date, date]
    previous: tuple[date, date]


def periods_of(first: date | None, last: date | None) -> Periods | None:
    """The last two calendar months that the days touch, else weeks; None where there is but one."""
    if first is None or last is None:
        return None
    month = last.replace(day=1)
    before = (month - timedelta(1)).replace(day=1)
    if first < month:
        return Periods("month", (month, last), (max(first, before), month - timedelta(1)))
    week = last - timedelta(last.weekday())
    if first < week:
        return Periods("week", (week, last), (max(first, week - timedelta(7)), week - timedelta(1)))
    return None


@dataclass(slots=True)
class Totals:
    """The sums of a whole audit.

    `contacts`: scope → (contacts, Σ of squares over debtors); `rules`: (rule, scope) → (findings, Σy²,
    Σyn); `groups`: (agency, collector) → contacts; `weeks`, `hours`: contacts by week and local hour.
    """

    contacts: dict[str, list[int]] = field(default_factory=dict)
    rules: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    groups: Counter[tuple[str, str]] = field(default_factory=Counter)
    weeks: Counter[str] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)

    def add(self, part: Mapping[str, Any]) -> None:
        """Nothing; the sums of one partition, as `of_partition` gives them, are added."""
        for scope, *sums in part["contacts"]:
            self.contacts[scope] = _plus(self.contacts.get(scope), sums)
        for rule, scope, *sums in part["rules"]:
            self.rules[rule, scope] = _plus(self.rules.get((rule, scope)), sums)
        for agency, collector, count in part.get("groups", ()):
            self.groups[agency, collector] += count
        for week, count in part["weeks"]:
            self.weeks[week] += count
        for hour, count in part["hours"]:
            self.hours[hour] += count

    def share(self, rule: str, scope: str) -> Share:
        """The findings of a rule among the contacts of a scope."""
        whole, sizes = self.contacts.get(scope, [0, 0])
        part, squares, products = self.rules.get((rule, scope), [0, 0, 0])
        return Share(part, whole, squares, products, sizes)

    def as_json(self) -> dict[str, Any]:
        """The sums as `add` takes them."""
        return {
            "contacts": [[scope, *sums] for scope, sums in sorted(self.contacts.items())],
            "rules": [[rule, scope, *sums] for (rule, scope), sums in sorted(self.rules.items())],
            "groups": [[*key, count] for key, count in sorted(self.groups.items())],
            "weeks": sorted([week, count] for week, count in self.weeks.items()),
            "hours": sorted([hour, count] for hour, count in self.hours.items()),
        }


def _plus(old: list[int] | None, more: Iterable[int]) -> list[int]:
    more = list(more)
    return more if old is None else [a + b for a, b in zip(old, more, strict=True)]


def key_sql(creditor: str, debtor: str, seq: str) -> str:
    """An expression for the debtor of a creditor as a whole number; a contact whose debtor is not known
    stands for itself."""
    return f"CASE WHEN {creditor} IS NULL OR {debtor} IS NULL THEN hash({seq}) ELSE hash({creditor}, {debtor}) END"


def of_partition(
    db: duckdb.DuckDBPyConnection, findings: Path, periods: Periods | None, contacts: str
) -> dict[str, Any]:
    """The sums over the query `contacts` (`key, day, hour`) and the file of its findings."""
    inside = _inside(periods, lambda day: str((day - _EPOCH).days), "day")
    flags = ", ".join(f"count(*) FILTER ({test}) AS n_{scope}" for scope, test in inside.items())
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE of_debtor AS SELECT key, {flags} FROM ({contacts}) GROUP BY key"
    )
    sums = ", ".join(f"sum(n_{s})::BIGINT, sum(n_{s} * n_{s})::BIGINT" for s in SCOPES)
    found = db.execute(f"SELECT {sums} FROM of_debtor").fetchone() or ()
    flat = [int(value or 0) for value in found]
    days = _inside(periods, lambda day: f"DATE '{day}'", "local_date")
    return {
        "contacts": [[s, *flat[2 * i : 2 * i + 2]] for i, s in enumerate(SCOPES)],
        "rules": _rules(db, findings, days),
        **_times(db, contacts),
    }


def _inside(periods: Periods | None, told: Callable[[date], str], column: str) -> dict[str, str]:
    """For each scope the test that a row lies in it."""

    def test(days: tuple[date, date]) -> str:
        return f"{column} BETWEEN {told(days[0])} AND {told(days[1])}"

    if periods is None:
        return {"all": "true", "current": "false", "previous": "false"}
    return {"all": "true", "current": test(periods.current), "previous": test(periods.previous)}


def _rules(db: duckdb.DuckDBPyConnection, findings: Path, inside: Mapping[str, str]) -> list[Any]:
    """(rule, scope, findings, Σy², Σyn), and the same under `ANY` for contacts accused at all."""
    source = f"read_parquet({text(str(findings))})"
    key = key_sql("creditor", "debtor", "seq")
    flags = ", ".join(f"count(*) FILTER ({test}) AS y_{scope}" for scope, test in inside.items())
    each = f"SELECT rule, {key} AS key, {flags} FROM {source} GROUP BY ALL"
    once = (
        "SELECT seq, any_value(creditor) AS creditor, any_value(debtor) AS debtor, "
        f"any_value(local_date) AS local_date FROM {source} WHERE force <> 'advisory' GROUP BY seq"
    )
    accused = f"SELECT '{ANY}' AS rule, {key} AS key, {flags} FROM ({once}) GROUP BY ALL"
    db.execute(f"CREATE OR REPLACE TEMP TABLE of_rule AS ({each}) UNION ALL ({accused})")
    rows: list[Any] = []
    for scope in inside:
        rows += db.execute(
            f"SELECT rule, '{scope}', sum(y_{scope})::BIGINT, sum(y_{scope} * y_{scope})::BIGINT, "
            f"coalesce(sum(y_{scope} * n_{scope}), 0)::BIGINT "
            "FROM of_rule LEFT JOIN of_debtor USING (key) GROUP BY 1 ORDER BY 1"
        ).fetchall()
    return [list(row) for row in rows]


def _times(db: duckdb.DuckDBPyConnection, contacts: str) -> dict[str, list[Any]]:
    rows = db.execute(
        f"SELECT day, hour, count(*) FROM ({contacts}) GROUP BY GROUPING SETS ((day), (hour)) ORDER BY ALL"
    ).fetchall()
    weeks: Counter[str] = Counter()
    for day, _, count in rows:
        if day is not None:
            on = _EPOCH + timedelta(day)
            weeks[str(on - timedelta(on.weekday()))] += count
    return {
        "weeks": [list(pair) for pair in weeks.items()],
        "hours": [[hour, count] for _, hour, count in rows if hour is not None],
    }


def groups_of(db: duckdb.DuckDBPyConnection) -> Counter[tuple[str, str]]:
    """Contacts towards persons by agency and collector, over `raw`."""
    found = db.execute(
        "SELECT coalesce(agency, ''), coalesce(collector, ''), count(*) FROM raw "
        "WHERE direction IS NULL OR direction <> 'out' GROUP BY 1, 2"
    ).fetchall()
    return Counter({(agency, collector): count for agency, collector, count in found})
