"""The Spark engine measured: Python = DuckDB = Spark on 10,000 generated pairs; findings row by row,
on two threads here and on a cluster of two workers whose executors are processes of their own."""

import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from bench import _audit_data, _audit_mixed, _spark_pairs
from jiedun.audit import spark as engine
from jiedun.audit.run import audit
from jiedun.gate.rules import load_rules

PREDICATES, ROWS, CONTACTS = 200, 50, 100_000
CLUSTER, WORDED = "local-cluster[2,1,1024]", 20_000


def run() -> bool:
    """Whether all engines agree; True with a word where Spark is not installed."""
    missing = engine.why_not()
    if missing:
        print(f"no Spark here: {missing}")
        return True
    with tempfile.TemporaryDirectory() as folder:
        spark = engine.session(None, Path(folder))
        try:
            equal = _equal_pairs(spark) and _equal_findings(Path(folder))
        finally:
            spark.stop()
        return equal and _equal_on_a_cluster(Path(folder))


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
    return _beside_duckdb(path, folder / "here", None, "local[2], JVM started before")


def _equal_on_a_cluster(folder: Path) -> bool:
    """As above, with words, which the workers read; the cluster is started and stopped by the audit."""
    path = folder / "w.parquet"
    _audit_mixed.worded(path, WORDED)
    return _beside_duckdb(path, folder / "cluster", CLUSTER, CLUSTER)


def _beside_duckdb(path: Path, out: Path, master: str | None, told: str) -> bool:
    rules, spent, rows = load_rules(), {}, 0
    for name in ("duckdb", "spark"):
        start = time.perf_counter()
        rows = audit([path], out / name, rules, engine=name, master=master).rows
        spent[name] = time.perf_counter() - start
    sides = [f"SELECT * FROM read_parquet('{out}/{name}/findings/*.parquet')" for name in spent]
    (count,) = duckdb.execute(f"SELECT count(*) FROM ({sides[0]})").fetchone() or (0,)
    differing = 0
    for one, other in (sides, sides[::-1]):
        (more,) = duckdb.execute(
            f"SELECT count(*) FROM (({one}) EXCEPT ALL ({other}))"
        ).fetchone() or (0,)
        differing += more
    print(
        f"{rows:,} contacts, {count:,} findings: {differing} rows differ between DuckDB "
        f"({spent['duckdb']:.1f} s) and Spark ({spent['spark']:.1f} s, {told})"
    )
    return differing == 0 and count > 0
