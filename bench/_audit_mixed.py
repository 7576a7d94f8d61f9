"""Contacts as they are in life beside pure ones: some without a creditor, some with words; the audit that
counts where a limit can be reached beside the one that counts everything, on the same files.

`python -m bench.audit mixed 1m`. Both run in processes of their own; findings, column by column, doubts
and sums must be the same before a time counts. The reading of words is told apart: it is the
same on both sides.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from bench._audit_data import make
from bench._reading_speed import mixed
from jiedun.audit import plain, pruned, run
from jiedun.audit.run import Audit, audit
from jiedun.gate.rules import load_rules

_TEXT = "CASE WHEN channel = 'sms' AND hash(id, 3) % 100 < 38 THEN {} END AS text"
_WORDING = "m.texts[1 + CAST(hash(id, 5) % 2000 AS INTEGER)]"
_OWN = _TEXT.format(_WORDING + " || id")
_LACKING = "c.* REPLACE (CASE WHEN hash(id, 1) % 100 <> 0 THEN creditor END AS creditor)"
SHAPES = {
    "pure": "c.*",
    "pure, with a file of parties": "c.*",
    "1 in 100 without a creditor": _LACKING,
    "10 in 100 with words, none twice": f"c.*, {_OWN}",
    "10 in 100 with words, 2,000 wordings": f"c.*, {_TEXT.format(_WORDING)}",
    "without creditors and with words": f"{_LACKING}, {_OWN}",
}
_PARTIES = (
    "pure, with a file of parties",
    "1 in 100 without a creditor",
    "without creditors and with words",
)
_SIDES = ("pruned", "plain")


def compare(rows: int, work: Path) -> bool:
    """Whether both sides give the same on every shape of `rows` contacts; prints what each costs."""
    make(work / "c.parquet", rows)
    (work / "parties.csv").write_text("number,role\n13800130001,debtor\n", "utf-8")
    met = [_shape(name, work) for name in SHAPES]
    return all(met)


def worded(path: Path, rows: int) -> None:
    """Nothing; `path` holds `rows` contacts, one in ten of them with words of its own."""
    plain_rows = path.with_suffix(".plain.parquet")
    make(plain_rows, rows)
    _shaped("10 in 100 with words, none twice", plain_rows, path)


def _shaped(name: str, contacts: Path, path: Path) -> None:
    with duckdb.connect() as db:
        db.execute("SET threads = 2")
        db.execute("CREATE TABLE m (texts VARCHAR[])")
        db.execute("INSERT INTO m VALUES ($1)", [[m.text for m in mixed(2000)]])
        db.execute(
            f"COPY (SELECT {SHAPES[name]} FROM read_parquet('{contacts}') AS c, m) "
            f"TO '{path}' (FORMAT parquet)"
        )


def _shape(name: str, work: Path) -> bool:
    _shaped(name, work / "c.parquet", work / "shape.parquet")
    told, spent = [], []
    for side in _SIDES:
        command = [sys.executable, "-m", "bench._audit_mixed", side, str(work), name]
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        numbers, answer = found.split("\n", 1)
        told.append(answer)
        spent.append([float(n) for n in numbers.split()])
    same = told[0] == told[1]
    parts = ", ".join(
        f"{side} {cpu:.2f} s of CPU ({cpu - reading:.2f} s without {reading:.2f} s of reading)"
        for side, (cpu, reading) in zip(_SIDES, spent, strict=True)
    )
    print(f"  {name}: {parts}; the same: {'yes' if same else 'NO'}", flush=True)
    return same


def _alone(side: str, work: Path, name: str) -> None:
    """Runs one side in this process; prints seconds of CPU, those of reading, and what was found."""
    out, known = work / side, [work / "parties.csv"] if name in _PARTIES else []
    shutil.rmtree(out, ignore_errors=True)
    reading = [0.0]
    for module in (plain, pruned):
        module.read_texts = _timed(module.read_texts, reading)  # type: ignore[attr-defined]
    planned: AbstractContextManager[Any] = (
        nullcontext() if side == "pruned" else patch.object(run, "plan", lambda _: None)
    )
    rules, start = load_rules(), time.process_time()
    with planned:
        result = audit([work / "shape.parquet"], out, rules, memory="8GB", parties=known)
    print(time.process_time() - start, reading[0])
    print(_answer(result))


def _timed(read: Callable[..., bool], spent: list[float]) -> Callable[..., bool]:
    def timed(*given: Any) -> bool:
        start = time.process_time()
        found = read(*given)
        spent[0] += time.process_time() - start
        return found

    return timed


def _answer(result: Audit) -> str:
    """Findings, all columns of them, as sums of hashes; doubts and sums as they are."""
    with duckdb.connect() as db:
        db.execute("SET threads = 2")
        query = "SELECT count(*), bit_xor(hash(f)), sum(CAST(hash(f) AS HUGEINT)) FROM read_parquet($1) AS f"
        held = db.execute(query, [[str(f) for f in result.files()]]).fetchone()
    return f"{held} {sorted(result.unknown)} {result.totals.as_json()}"


if __name__ == "__main__":
    _alone(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
