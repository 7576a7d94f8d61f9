"""One rule, compiled twice, proved equal: Python and DuckDB on generated predicates and facts."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from jiedun.model.text import Words
from jiedun.rules.facts import Fact, FactTable, FactType
from jiedun.rules.language import Predicate
from jiedun.rules.pack import of_subject, rulebook
from jiedun.rules.rule import Rule

W = Words("事实", "a fact")
KINDS = ("a", "b", "中")
TABLE = FactTable.of(
    "contact",
    [
        *(Fact(name, FactType.BOOL, W) for name in ("p", "q")),
        *(Fact(name, FactType.INT, W) for name in ("i", "j", "second_of_day")),
        *(Fact(name, FactType.DECIMAL, W) for name in ("rate", "cap_rate")),
        *(Fact(name, FactType.TEXT, W) for name in ("s", "t")),
        Fact("kind_of", FactType.TEXT, W, None, KINDS),
        *(Fact(name, FactType.DATE, W) for name in ("day", "day2")),
    ],
)
_DAY = date(2025, 2, 28)
POOL: dict[FactType, list[Any]] = {
    FactType.BOOL: [True, False],
    FactType.INT: [28799, 28800, 28801, 79199, 79200, 79201, 0, -1, 2**63 - 1, -(2**63)],
    FactType.DECIMAL: [
        Decimal("0.24"), Decimal("0.240000000000000001"), Decimal("0.239999999999999999"), Decimal(0),
        Decimal("-1.5"), Decimal("99999999999999999999.999999999999999999"), Decimal(79200),
    ],
    FactType.TEXT: ["a", "A", "b", "中", "文", "", " a", "it's", "back\\slash", "😀", "\uffff", "é"],
    FactType.DATE: [_DAY, _DAY - timedelta(1), _DAY + timedelta(1), date(1601, 1, 1)],
}  # fmt: skip
COLUMN = {
    FactType.BOOL: "BOOLEAN",
    FactType.INT: "BIGINT",
    FactType.DECIMAL: "DECIMAL(38, 18)",
    FactType.TEXT: "VARCHAR",
    FactType.DATE: "DATE",
}


def literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return "'" + str(value).replace("'", "''") + "'"


def _value(fact: Fact, rng: random.Random) -> Any:
    return rng.choice(fact.values) if fact.values else rng.choice(POOL[fact.type])


def _operand(fact: Fact, rng: random.Random) -> str:
    numeric = {FactType.INT, FactType.DECIMAL}
    same = [
        other.name
        for other in TABLE.facts.values()
        if other.type is fact.type or {other.type, fact.type} <= numeric
    ]
    ordered = [n for n in same if not TABLE.facts[n].values]
    if rng.random() < 0.25:
        return rng.choice(ordered)
    if fact.type in numeric and rng.random() < 0.3:
        return literal(rng.choice([v for t in numeric for v in POOL[t]]))
    return literal(_value(fact, rng))


def _atom(rng: random.Random) -> str:
    fact = rng.choice(list(TABLE.facts.values()))
    turn = rng.random()
    if turn < 0.15:
        return f"{fact.name} IS {rng.choice(['', 'NOT '])}NULL"
    if fact.type is FactType.BOOL:
        return rng.choice([fact.name, f"{fact.name} = TRUE", f"{fact.name} <> FALSE", "p = q"])
    if turn < 0.3:
        values = ", ".join(literal(_value(fact, rng)) for _ in range(rng.randint(1, 4)))
        return f"{fact.name} {rng.choice(['', 'NOT '])}IN ({values})"
    if fact.values:
        return f"{fact.name} {rng.choice(['=', '<>'])} {literal(_value(fact, rng))}"
    if turn < 0.45:
        low, high = _operand(fact, rng), _operand(fact, rng)
        return f"{fact.name} {rng.choice(['', 'NOT '])}BETWEEN {low} AND {high}"
    sides = [fact.name, _operand(fact, rng)]
    rng.shuffle(sides)
    return f" {rng.choice(['=', '<>', '<', '<=', '>', '>='])} ".join(sides)


def predicate_text(rng: random.Random, depth: int = 3) -> str:
    turn = rng.random()
    if depth == 0 or turn < 0.25:
        return rng.choice(["TRUE", "FALSE"]) if turn < 0.02 else _atom(rng)
    if turn < 0.4:
        return f"NOT ({predicate_text(rng, depth - 1)})"
    word = rng.choice([" AND ", " OR "])
    parts = [predicate_text(rng, depth - 1) for _ in range(rng.randint(2, 3))]
    return word.join(f"({p})" if rng.random() < 0.6 else p for p in parts)


def fact_rows(rng: random.Random, count: int) -> list[dict[str, Any]]:
    return [
        {f.name: None if rng.random() < 0.25 else _value(f, rng) for f in TABLE.facts.values()}
        for _ in range(count)
    ]


def _cells(row: Mapping[str, Any], names: Sequence[str]) -> str:
    return ", ".join("NULL" if row.get(n) is None else literal(row[n]) for n in names)


def fill(
    db: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]], table: FactTable
) -> None:
    """Writes `rows` to a table `facts` whose columns are typed as the facts are."""
    names = list(table.facts)
    columns = ", ".join(f'"{n}" {COLUMN[table.facts[n].type]}' for n in names)
    db.execute("SET threads = 1")
    db.execute(f'CREATE TABLE facts ("row" INTEGER, {columns})')
    for start in range(0, len(rows), 1000):
        lines = [
            f"({start + i}, {_cells(r, names)})" for i, r in enumerate(rows[start : start + 1000])
        ]
        db.execute(f"INSERT INTO facts VALUES {', '.join(lines)}")


def in_duckdb(
    predicates: Sequence[tuple[str, str]], rows: Sequence[dict[str, Any]], table: FactTable
) -> Iterator[list[tuple[bool | None, list[str]]]]:
    """For each (truth, missing) expression pair: the verdicts on all rows, in batched queries."""
    with duckdb.connect() as db:
        fill(db, rows, table)
        for start in range(0, len(predicates), 50):
            batch = predicates[start : start + 50]
            listed = ", ".join(f"{truth}, {missing}" for truth, missing in batch)
            found = db.execute(f'SELECT {listed} FROM facts ORDER BY "row"').fetchall()
            for k in range(len(batch)):
                yield [(line[2 * k], line[2 * k + 1]) for line in found]


def in_python(predicate: Predicate, rows: Sequence[dict[str, Any]]) -> list[Any]:
    verdicts = [predicate.evaluate(row) for row in rows]
    return [(v.value, sorted(v.missing)) for v in verdicts]


def test_python_equals_duckdb_on_generated_predicates() -> None:
    rng = random.Random(20250228)
    predicates = [Predicate.of(predicate_text(rng), TABLE) for _ in range(500)]
    rows = [{}, *fact_rows(rng, 60)]
    pairs = [(p.sql("duckdb"), p.missing_sql("duckdb")) for p in predicates]
    seen: set[bool | None] = set()
    for predicate, answers in zip(predicates, in_duckdb(pairs, rows, TABLE), strict=True):
        assert answers == in_python(predicate, rows), predicate.text
        seen |= {value for value, _ in answers}
    assert seen == {True, False, None}


def every_predicate(rules: Sequence[Rule]) -> Iterator[Predicate]:
    for rule in rules:
        yield rule.when
        yield from (clause.when for clause in rule.exceptions)
        yield from (lowering.when for lowering in rule.lowers)
        if rule.context is not None:
            yield rule.context


def near_limits(table: FactTable, texts: Sequence[str], rng: random.Random) -> dict[str, Any]:
    """A row whose numbers lie at the limits the predicates name, one beside, or are null."""
    limits = [int(n) for text in texts for n in re.findall(r"(?<![\w.])\d+(?![\w.])", text)] or [0]
    row: dict[str, Any] = {}
    for fact in table.facts.values():
        if rng.random() < 0.2:
            continue
        if fact.type is FactType.INT:
            row[fact.name] = rng.choice(limits) + rng.choice([-1, 0, 0, 1])
        elif fact.type is FactType.DECIMAL:
            row[fact.name] = Decimal(rng.choice([*limits, *POOL[FactType.DECIMAL]]))
        else:
            row[fact.name] = _value(fact, rng)
    return row


@pytest.mark.parametrize("subject", sorted({rule.subject for rule in rulebook()}))
def test_python_equals_duckdb_on_every_shipped_rule(subject: str) -> None:
    rng = random.Random(8)
    predicates = list(every_predicate(of_subject(rulebook(), subject)))
    table = predicates[0].table
    rows = [near_limits(table, [p.text for p in predicates], rng) for _ in range(400)]
    pairs = [(p.sql("duckdb"), p.missing_sql("duckdb")) for p in predicates]
    for predicate, answers in zip(predicates, in_duckdb(pairs, rows, table), strict=True):
        assert answers == in_python(predicate, rows), predicate.text


@pytest.mark.parametrize(
    ("text", "mutant"),
    [
        ("second_of_day < 28800", "second_of_day < 28801"),
        ("second_of_day < 28800", "second_of_day <= 28800"),
        ("rate > 0.24", "rate > 0.240000000000000001"),
        ("p AND q", "p OR q"),
        ("p AND q", "p AND NOT q"),
        ("i IS NULL OR p", "i IS NOT NULL OR p"),
        ("kind_of IN ('a', 'b')", "kind_of IN ('a')"),
        ("day >= DATE '2025-02-28'", "day > DATE '2025-02-28'"),
        ("s < 'b'", "s <= 'b'"),
        ("p OR FALSE", "p AND TRUE AND q IS NOT NULL"),
    ],
)
def test_a_changed_half_is_noticed(text: str, mutant: str) -> None:
    rows = fact_rows(random.Random(5), 300)
    other = Predicate.of(mutant, TABLE)
    pair = (other.sql("duckdb"), other.missing_sql("duckdb"))
    (answers,) = in_duckdb([pair], rows, TABLE)
    assert answers != in_python(Predicate.of(text, TABLE), rows)
    assert answers == in_python(other, rows)
