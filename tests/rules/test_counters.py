"""Counters: the Python engine and the SQL window agree on every row, ties and NULLs included."""

from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedun.rules.contact_facts import contact_counters
from jiedun.rules.counters import Counter, count, sql

COLUMNS = (
    "instant", "seq", "local_date", "channel", "outgoing", "owner", "peer", "creditor",
    "by_creditor", "to_debtor", "to_contact_person", "to_third_person", "connected", "about_debt",
    "on_word", "asks_identity", "refuses_contact",
)  # fmt: skip
_BOOL = st.sampled_from((True, False, None))

_ROW = st.fixed_dictionaries(
    {
        "instant": st.sampled_from(
            (0, 1, 599, 600, 601, 1200, 86400, 86401, 172800, 604800, 604801)
        ),
        "local_date": st.sampled_from(("2026-03-01", "2026-03-02")),
        "channel": st.sampled_from(("call", "sms")),
        "outgoing": _BOOL,
        "owner": st.sampled_from(("a", "b", "c", None)),
        "peer": st.sampled_from(("x", "y", None)),
        "creditor": st.sampled_from(("L", "M", None)),
        "by_creditor": _BOOL,
        "to_debtor": _BOOL,
        "to_contact_person": _BOOL,
        "to_third_person": _BOOL,
        "connected": _BOOL,
        "about_debt": _BOOL,
        "on_word": st.sampled_from((True, False)),
        "asks_identity": _BOOL,
        "refuses_contact": _BOOL,
    }
)


def _ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = sorted(rows, key=lambda row: row["instant"])
    return [{**row, "seq": i} for i, row in enumerate(rows)]


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    return f"'{value}'" if isinstance(value, str) else str(value)


def _in_duckdb(counters: tuple[Counter, ...], rows: list[dict[str, Any]]) -> list[tuple[int, ...]]:
    values = ", ".join(f"({', '.join(_literal(row[c]) for c in COLUMNS)})" for row in rows)
    columns = ", ".join(f"{sql(c, 'duckdb')} AS {c.name}" for c in counters)
    table = f"(VALUES {values}) AS contacts({', '.join(COLUMNS)})"
    query = f"SELECT seq, {columns} FROM {table} ORDER BY seq"
    with duckdb.connect() as db:
        return [tuple(row[1:]) for row in db.execute(query).fetchall()]


@settings(max_examples=60, deadline=None)
@given(st.lists(_ROW, min_size=1, max_size=40))
def test_python_and_duckdb_count_the_same(drawn: list[dict[str, Any]]) -> None:
    rows = _ordered(drawn)
    counters = contact_counters()
    columns = [count(counter, rows) for counter in counters]
    assert list(zip(*columns, strict=True)) == _in_duckdb(counters, rows)


def _call(instant: int, **facts: Any) -> dict[str, Any]:
    row = dict.fromkeys(COLUMNS, None) | {
        "instant": instant,
        "local_date": "2026-03-01",
        "channel": "call",
        "owner": "me",
        "creditor": "L",
        "by_creditor": True,
        "to_debtor": True,
        "connected": True,
        "on_word": False,
    }
    return row | facts


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [
        ("calls_today", [_call(1), _call(1), _call(2, connected=False)], [1, 2, 3]),
        ("connected_today", [_call(1), _call(2, connected=None), _call(3)], [1, 1, 2]),
        ("calls_today", [_call(1), _call(2, creditor="M"), _call(3)], [1, 1, 2]),
        ("calls_today", [_call(1), _call(2, local_date="2026-03-02")], [1, 1]),
        ("calls_today", [_call(1), _call(2, on_word=True), _call(3)], [1, 1, 2]),
        ("debtor_answered_today", [_call(5), _call(5), _call(6)], [0, 0, 2]),
        ("calls_last_ten_minutes", [_call(0), _call(600), _call(601)], [1, 2, 2]),
    ],
)
def test_counter_table(name: str, rows: list[dict[str, Any]], expected: list[int]) -> None:
    counter = next(c for c in contact_counters() if c.name == name)
    assert count(counter, _ordered(rows)) == expected
