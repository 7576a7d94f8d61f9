"""The Spark engine measured: Python = DuckDB = Spark on 10,000 generated pairs; findings row by row."""

import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from bench import _audit_data, _spark_pairs
from jiedun.audit import spark as engine
from jiedun.audit.run import audit
from jiedun.gate.rules import load_rules

PREDICATES, ROWS, CONTACTS = 200, 50, 100_000


def run() -> bool:
    """Whether all engines agree; True with a word where Spark is not installed."""
    missing = engine.why_not()
    if missing:
        print(f"no Spark here: {missing}")
        return True
    with tempfile.TemporaryDirectory() as folder:
        spark = engine.session(None, Path(folder))
        try:
            return _equal_pairs(spark) and _equal_findings(Path(folder))
        finally:
            spark.stop()


def _equal_pairs(spark: Any) -> bool:
    start = time.perf_counter()
    pairs, differing, verdicts = _spark_pairs.compare(
        spark, predicates=PREDICATES, rows=ROWS, seed=2026
    )
    print(
        f"{pairs:,} rule/fact pairs, one job an engine, Python = DuckDB = Spark, UNKNOWN included: "
        f"{differing} differ, {time.perf_counter() - start:.0f} s"
    )
    return differing == 0 and verdicts == {True, False, None}


def _equal_findings(folder: Path) -> bool:
    path = folder / "c.parquet"
    _audit_data.make(path, CONTACTS)
    rules, spent = load_rules(), {}
    for name in ("duckdb", "spark"):
        start = time.perf_counter()
        audit([path], folder / name, rules, engine=name)
        spent[name] = time.perf_counter() - start
    sides = [f"SELECT * FROM read_parquet('{folder}/{name}/findings/*.parquet')" for name in spent]
    (count,) = duckdb.execute(f"SELECT count(*) FROM ({sides[0]})").fetchone() or (0,)
    differing = 0
    for one, other in (sides, sides[::-1]):
        (more,) = duckdb.execute(
            f"SELECT count(*) FROM (({one}) EXCEPT ALL ({other}))"
        ).fetchone() or (0,)
        differing += more
    print(
        f"{CONTACTS:,} contacts, {count:,} findings: {differing} rows differ between DuckDB "
        f"({spent['duckdb']:.1f} s) and Spark ({spent['spark']:.1f} s, local[2], JVM started before)"
    )
    return differing == 0 and count > 0
