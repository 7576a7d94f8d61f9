"""Pairs of generated predicates and facts judged in Python, DuckDB and Spark, in one batched job each."""

import importlib
import random
from collections.abc import Mapping, Sequence
from typing import Any

from jiedun.rules.facts import FactTable, FactType
from jiedun.rules.language import Predicate

_SPARK = {
    FactType.BOOL: "BOOLEAN", FactType.INT: "BIGINT", FactType.DECIMAL: "DECIMAL(38, 18)",
    FactType.TEXT: "STRING", FactType.DATE: "DATE",
}  # fmt: skip


def compare(
    spark: Any, *, predicates: int, rows: int, seed: int
) -> tuple[int, int, set[bool | None]]:
    """How many pairs were judged, how many of them differ between any two engines, and which verdicts
    were seen. Facts have nulls, ties, and values a second or the last decimal beside the limits."""
    equality: Any = importlib.import_module("tests.rules.test_equality")
    rng = random.Random(seed)
    table = equality.TABLE
    made = [Predicate.of(equality.predicate_text(rng), table) for _ in range(predicates)]
    facts = [{}, *equality.fact_rows(rng, rows - 1)]
    here = [equality.in_python(predicate, facts) for predicate in made]
    told = [(p.sql("duckdb"), p.missing_sql("duckdb")) for p in made]
    in_duckdb = list(equality.in_duckdb(told, facts, table))
    in_spark = judged(spark, made, facts, table)
    differing = sum(
        not (a == b == c)
        for three in zip(here, in_duckdb, in_spark, strict=True)
        for a, b, c in zip(*three, strict=True)
    )
    return predicates * rows, differing, {value for column in here for value, _ in column}


def judged(
    spark: Any,
    predicates: Sequence[Predicate],
    facts: Sequence[Mapping[str, Any]],
    table: FactTable,
) -> list[list[tuple[bool | None, list[str]]]]:
    """For each predicate its verdict and missing facts on every row, all in one query of Spark."""
    names = list(table.facts)
    schema = "row INT, " + ", ".join(f"`{n}` {_SPARK[table.facts[n].type]}" for n in names)
    rows = [(i, *(row.get(n) for n in names)) for i, row in enumerate(facts)]
    spark.createDataFrame(rows, schema).createOrReplaceTempView("facts")
    listed = ", ".join(
        f"{p.sql('spark')} AS v{i}, {p.missing_sql('spark')} AS m{i}"
        for i, p in enumerate(predicates)
    )
    found = spark.sql(f"SELECT {listed} FROM facts ORDER BY row").collect()
    return [
        [(line[2 * k], list(line[2 * k + 1])) for line in found] for k in range(len(predicates))
    ]
