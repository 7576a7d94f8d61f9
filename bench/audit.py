"""The audit measured beside hand-written DuckDB SQL, Polars and pandas that give the same findings.

Sizes (contacts) are arguments: `python -m bench.audit 1000000 5m`; `50m` is fifty million. Each program runs in a
process of its own with two threads and 8 GB for DuckDB, and writes its findings to Parquet. All findings
and the contacts that cannot be decided are compared before a time counts. `only=ours,duckdb` leaves
peers out. `mixed` measures contacts with words and without creditors beside counting everything instead.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

from bench import _audit_mixed, _audit_pandas, _audit_peers, _audit_polars
from bench._audit_data import make
from jiedun.audit.run import audit
from jiedun.gate.rules import load_rules

SIZES = (1_000_000, 5_000_000)
PEERS = {"duckdb": 1.3, "polars": 1.2, "pandas": 1 / 3}
"""How many times a peer's time the audit may take at most."""

_SIDES = ("ours", *PEERS)
_PANDAS_MOST = 10_000_000
_GATES = (
    "CN-PI-001-sign",
    "GATE-COL-002-REACHABLE",
    "GATE-COL-009-A",
    "GATE-COL-009-B",
    "GATE-COL-010",
)
_COLUMNS = (
    "rule, rule_version, violation, force, certainty, CAST(cites AS VARCHAR[]) AS cites, contact_id, "
    "CAST(instant AS BIGINT) AS instant, CAST(local_date AS DATE) AS local_date, "
    "CAST(second_of_day AS BIGINT) AS second_of_day, creditor, agency, debtor, person, lender_type"
)


def run(arguments: Sequence[str] = ()) -> bool:
    """Whether findings are the same everywhere and times within those of the peers."""
    sides = next((a[5:].split(",") for a in arguments if a.startswith("only=")), list(_SIDES))
    sizes = [_size(a) for a in arguments if not a.startswith("only=") and a != "mixed"]
    if "mixed" in arguments:
        return all(_mixed(rows) for rows in sizes or SIZES[:1])
    met = [_compare(rows, sides) for rows in sizes or SIZES]
    return all(met)


def _size(text: str) -> int:
    return int(text[:-1]) * 1_000_000 if text.endswith("m") else int(text)


def _mixed(rows: int) -> bool:
    with tempfile.TemporaryDirectory(prefix="audit-bench-") as folder:
        print(f"{rows:,} contacts", flush=True)
        return _audit_mixed.compare(rows, Path(folder))


def _compare(rows: int, sides: Sequence[str]) -> bool:
    with tempfile.TemporaryDirectory(prefix="audit-bench-") as folder:
        work = Path(folder)
        make(work / "c.parquet", rows)
        size = (work / "c.parquet").stat().st_size / 1e6
        print(f"{rows:,} contacts, {size:,.0f} MB of Parquet", flush=True)
        wanted = [s for s in sides if s != "pandas" or rows <= _PANDAS_MOST]
        seconds = {side: _apart(side, work) for side in wanted}
        met = True
        for side, most in PEERS.items():
            if seconds.get(side) is None or not seconds.get("ours"):
                continue
            same = _same(work, side)
            ratio = (seconds["ours"] or 0.0) / (seconds[side] or 1.0)
            met = met and same and ratio <= most
            print(f"  ours / {side}: {ratio:.2f} x (at most {most:.2f}); "
                  f"findings and doubts {'the same' if same else 'DIFFERENT'}", flush=True)  # fmt: skip
        return met


def _apart(side: str, work: Path) -> float | None:
    """The seconds of one side in a process of its own; None where it is not installed or fails."""
    command = [sys.executable, "-m", "bench.audit", side, str(work)]
    environment = {**os.environ, "POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "2"}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if found.returncode:
        lines = found.stderr.strip().splitlines() or [f"ended with {found.returncode}"]
        print(f"  {side}: no figure ({lines[-1][:150]})", flush=True)
        return None
    seconds, cpu, peak = map(float, found.stdout.split())
    print(f"  {side}: {seconds:.2f} s, {cpu:.2f} s of CPU, peak {peak:,.0f} MB", flush=True)
    return seconds


def _same(work: Path, side: str) -> bool:
    """Whether findings, column by column, and doubts of `side` are ours."""
    ours, theirs = (
        f"(SELECT {_COLUMNS} FROM read_parquet('{work}/{s}/**/*.parquet'))" for s in ("ours", side)
    )
    with duckdb.connect() as db:
        db.execute("SET threads = 2")
        db.execute("SET memory_limit = '8GB'")
        db.execute("SET temp_directory = $1", [str(work)])
        # a difference in any column of any row changes one of these
        query = "SELECT count(*), bit_xor(hash(f)), sum(CAST(hash(f) AS HUGEINT)) FROM {} AS f"
        found = [db.execute(query.format(source)).fetchone() for source in (ours, theirs)]
    doubts = [(work / s / "doubts").read_text("utf-8") for s in ("ours", side)]
    return found[0] == found[1] and doubts[0] == doubts[1]


def _alone(side: str, work: Path) -> None:
    """Runs one side in this process; prints seconds, CPU seconds and peak memory in MB."""
    path, out = work / "c.parquet", work / side
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    start, cpu = time.perf_counter(), time.process_time()
    doubts = _work(side, path, out)
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    (out / "doubts").write_text(str(doubts), "utf-8")
    print(seconds, used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _work(side: str, path: Path, out: Path) -> tuple[int, ...]:
    if side == "ours":
        result = audit([path], out, load_rules(), memory="8GB")
        found = {rule: contacts for rule, _, contacts in result.unknown}
        return tuple(found.pop(rule, 0) for rule in _GATES) if set(found) <= set(_GATES) else ()
    if side == "duckdb":
        with duckdb.connect() as db:
            db.execute("SET threads = 2")
            db.execute("SET memory_limit = '8GB'")
            db.execute("SET temp_directory = $1", [str(out)])
            return _audit_peers.by_hand(db, path, out / "f.parquet")
    peer = _audit_polars.by_polars if side == "polars" else _audit_pandas.by_pandas
    return peer(path, out / "f.parquet")


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in _SIDES:
        _alone(sys.argv[1], Path(sys.argv[2]))
    else:
        sys.exit(0 if run(sys.argv[1:]) else 1)
