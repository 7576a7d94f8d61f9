"""The audit measured: rows a second, beside hand-written SQL and Polars for the same daily limits."""

import importlib
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from jiedun.audit.run import audit
from jiedun.gate.rules import load_rules

SIZES = (100_000, 1_000_000)

MAKE = """COPY (SELECT 'c' || i AS id, to_timestamp(1772380800 + (hash(i) % 2592000)::BIGINT) AS "at",
 '甲' AS creditor, 'd' || (hash(i * 7) % {debtors}) AS debtor, 'd' || (hash(i * 7) % {debtors}) AS person,
 'debtor' AS "role", 'call' AS channel, CASE hash(i * 3) % 3 WHEN 0 THEN 'interactive' WHEN 1 THEN
 'notification' ELSE 'attempt' END AS kind, 'bank' AS lender_type, hash(i * 5) % 3 = 0 AS connected,
 'A' || (i % 20) AS agency FROM range({rows}) t(i)) TO '{path}' (FORMAT parquet)"""

HAND = """
WITH c AS (SELECT *, epoch("at")::BIGINT + 28800 AS s, row_number() OVER () AS seq FROM read_parquet('{path}')),
d AS (SELECT *, s // 86400 AS day, s % 86400 AS sec FROM c),
n AS (SELECT *,
  count(*) OVER w AS calls,
  count(CASE WHEN kind IN ('interactive', 'attempt') AND connected THEN 1 END) OVER w AS a,
  count(CASE WHEN kind IN ('notification', 'attempt') AND connected THEN 1 END) OVER w AS b,
  count(CASE WHEN NOT connected THEN 1 END) OVER w AS u,
  count(*) OVER (PARTITION BY creditor, debtor, person ORDER BY s RANGE BETWEEN 600 PRECEDING AND CURRENT ROW) AS burst
  FROM d WINDOW w AS (PARTITION BY creditor, debtor, person, day ORDER BY s, seq ROWS UNBOUNDED PRECEDING))
SELECT count(*) FILTER (sec < 28800 OR sec >= 79200),
  count(*) FILTER (sec >= 75600 AND sec < 79200), count(*) FILTER (calls > 3),
  count(*) FILTER (kind IN ('interactive', 'attempt') AND connected AND a > 3),
  count(*) FILTER (kind IN ('notification', 'attempt') AND connected AND b > 3),
  count(*) FILTER (NOT connected AND u > 6), count(*) FILTER (burst >= 5) FROM n
"""
ORDER = (
    "CN-COL-011",
    "CN-COL-012",
    "CN-COL-009-all",
    "GATE-COL-009-A",
    "GATE-COL-009-B",
    "GATE-COL-010",
    "CN-COL-016",
)


def run() -> bool:
    """Whether findings equal those of the hand-written SQL, within 1.3 times its time."""
    met = [_size(rows) for rows in SIZES]
    return all(met)


def _size(rows: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.parquet"
        duckdb.execute(MAKE.format(rows=rows, debtors=rows // 40 + 1, path=path))
        start = time.perf_counter()
        result = audit([path], Path(folder) / "out", load_rules())
        ours = time.perf_counter() - start
        counts = dict(
            duckdb.execute(
                f"SELECT rule, count(*) FROM read_parquet('{folder}/out/findings/*.parquet') GROUP BY 1"
            ).fetchall()
        )
        with duckdb.connect() as db:
            db.execute("SET threads = 2")
            start = time.perf_counter()
            hand = db.execute(HAND.format(path=path)).fetchone()
            theirs = time.perf_counter() - start
        same = tuple(counts.get(rule, 0) for rule in ORDER) == hand
        print(f"{rows:,} contacts: {ours:.2f} s all rules with findings written, {rows / ours:,.0f} rows/s; "
              f"hand-written SQL, seven limits counted only: {theirs:.2f} s ({ours / theirs:.1f} x); "
              f"{result.findings:,} findings, {'the same' if same else 'DIFFERENT'}")  # fmt: skip
        _polars(path, hand)
        return same and ours <= 1.3 * theirs


def _polars(path: Path, hand: Any) -> None:
    try:
        pl: Any = importlib.import_module("polars")
    except ModuleNotFoundError:
        print("peer polars: not installed here")
        return
    start = time.perf_counter()
    s = pl.col("at").dt.epoch("s") + 28800
    frame = (
        pl.scan_parquet(path)
        .with_columns(s=s)
        .with_columns(day=pl.col("s") // 86400, sec=pl.col("s") % 86400)
    )
    frame = frame.with_row_index("seq").sort("s", "seq")
    key = ["creditor", "debtor", "person", "day"]
    both = {"a": ["interactive", "attempt"], "b": ["notification", "attempt"]}
    flags = {n: pl.col("kind").is_in(kinds) & pl.col("connected") for n, kinds in both.items()}
    counted = frame.with_columns(
        calls=pl.int_range(pl.len()).over(key) + 1,
        **{n: flag.cum_sum().over(key) for n, flag in flags.items()},
        u=(~pl.col("connected")).cum_sum().over(key),
    )
    found = counted.select(
        h=((pl.col("sec") < 28800) | (pl.col("sec") >= 79200)).sum(),
        c=(pl.col("calls") > 3).sum(),
        a=(flags["a"] & (pl.col("a") > 3)).sum(),
        b=(flags["b"] & (pl.col("b") > 3)).sum(),
        u=(~pl.col("connected") & (pl.col("u") > 6)).sum(),
    ).collect()
    same = found.row(0) == (hand[0], hand[2], hand[3], hand[4], hand[5])
    print(f"peer polars, five limits counted only: {time.perf_counter() - start:.2f} s, "
          f"{'the same' if same else 'DIFFERENT'}")  # fmt: skip
