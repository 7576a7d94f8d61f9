"""Report and tables of a long case: 30,000 rows, 400 findings, in a fresh process each time."""

import json
import subprocess
import sys
import tempfile
from statistics import median

_RUNS = 5
_RENDER = """
import json, resource, time
from tests.present.conftest import large
from jiedun.present.report import render
case = large()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start, begun = time.perf_counter(), time.process_time()
page = render(case, "zh")
cold, busy = time.perf_counter() - start, time.process_time() - begun
start = time.perf_counter()
again = render(case, "zh")
warm = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
right = page == again and page.count("<svg") == 2 and "20,000" in page and "<script" not in page
print(json.dumps([cold, busy, warm, (peak - before) / 1024, peak / 1024, len(page.encode()) / 1e6, right]))
"""
_TABLES = """
import csv, json, sys, time
from pathlib import Path
from tests.present.conftest import large
from jiedun.present.tables import report_tables, write_csv
case, out = large(), Path(sys.argv[1])
start = time.perf_counter()
write_csv(report_tables(case, "zh")[0], out / "timeline.csv")
took = time.perf_counter() - start
rows = list(csv.reader((out / "timeline.csv").open(encoding="utf-8-sig", newline="")))
start = time.perf_counter()
with (out / "plain.csv").open("w", encoding="utf-8-sig", newline="") as plain:
    csv.writer(plain, quoting=csv.QUOTE_ALL).writerows(rows)
print(json.dumps([took, time.perf_counter() - start, len(rows) == 30_001]))
"""


def _median(code: str, *words: str) -> list[float]:
    runs = []
    for _ in range(_RUNS):
        command = [sys.executable, "-c", code, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout))
    return [median(column) for column in zip(*runs, strict=True)]


def run() -> bool:
    """Whether a cold render takes under 1.5 s, 250 MB and 3 MB of page."""
    cold, busy, warm, grown, peak, size, right = _median(_RENDER)
    print(
        f"report, 30,000 rows, 400 findings, engine cold: {cold:.2f} s, {busy:.2f} s CPU (limit 1.5)"
    )
    print(f"the same again, engine warm: {warm:.2f} s")
    print(f"memory: {grown:.0f} MB above the case itself, peak {peak:.0f} MB (limit 250)")
    print(f"page: {size:.2f} MB (limit 3)")
    with tempfile.TemporaryDirectory() as folder:
        took, plain, whole = _median(_TABLES, folder)
    print(
        f"timeline.csv, 30,000 rows: {took:.2f} s; the same rows by csv.writer alone: {plain:.2f} s"
    )
    return bool(right and whole) and cold < 1.5 and peak < 250 and size < 3
