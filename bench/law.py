"""The law room: start of one look-up, load, look-ups a second, beside SQLite over the same texts."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from jiedun import law
from jiedun.law import articles, register
from jiedun.law._data import DATA

SAMPLE, LOOK_UPS, RUNS = 500, 40_000, 5
START_LIMIT, RATE_LIMIT = 0.3, 20_000
_SRC = Path(__file__).resolve().parents[1] / "src"

Row = tuple[str, str | None, str]


def run() -> bool:
    """True when a sample is verbatim, a process starts in 0.3 s, and 20,000 look-ups/s are met."""
    rows = _rows()
    if not _verbatim(rows):
        print("law: a text differs from articles.jsonl")
        return False
    lines = _asked(rows)
    start, load = _median(_one_process), _median(_load_all)
    bulk = LOOK_UPS / _median(lambda: _answer_all(lines))
    single = LOOK_UPS / _median(lambda: _clause_all(rows))
    peer = LOOK_UPS / _median(lambda: _sqlite_all(rows, lines))
    print(f"law: {SAMPLE} sampled articles verbatim")
    print(f"law: one look-up as a process {start:.3f} s (limit {START_LIMIT})")
    print(f"law: all texts and the register loaded in {load * 1000:.0f} ms")
    print(f"law: {single:,.0f} look-ups/s in process")
    print(
        f"law: {bulk:,.0f} JSON lines/s (limit {RATE_LIMIT:,}); SQLite, text by key: {peer:,.0f}/s"
    )
    return start <= START_LIMIT and bulk >= RATE_LIMIT


def _rows() -> list[Row]:
    text = (DATA / "articles.jsonl").read_text(encoding="utf-8")
    read = map(json.loads, filter(None, text.split("\n")))
    return [(row["instrument"], row["article"], row["text"]) for row in read]


def _verbatim(rows: list[Row]) -> bool:
    for act, article, text in random.Random(1).sample(rows, SAMPLE):
        dates, held = articles.article_dates(act, article), law.instrument(act).text_from
        on = dates.text_from if dates else held
        if on is not None and law.clause(act, article, on).text != text:
            return False
    return True


def _asked(rows: list[Row]) -> list[bytes]:
    chance = random.Random(2)
    picked = chance.choices(rows, k=LOOK_UPS)
    days = [date(2015, 1, 1) + timedelta(days=chance.randrange(4300)) for _ in picked]
    return [
        json.dumps({"id": n, "instrument": act, "article": article, "on": on.isoformat()}).encode()
        for n, ((act, article, _), on) in enumerate(zip(picked, days, strict=True))
    ]


def _one_process() -> None:
    command = [sys.executable, "-m", "jiedun.cli.main", "law", "pipl#23", "--on", "2025-06-01"]
    env = {**os.environ, "PYTHONPATH": str(_SRC)}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=env)


def _load_all() -> None:
    articles._texts.cache_clear()
    articles._load_lines()
    for act in register._load().by_id:
        articles.article_numbers(act)


def _answer_all(lines: list[bytes]) -> None:
    if not all(answer.ok for answer in law.answers(lines, date(2026, 11, 20))):
        raise AssertionError("a look-up failed")


def _clause_all(rows: list[Row]) -> None:
    on = date(2025, 6, 1)
    for n in range(LOOK_UPS):
        act, article, _ = rows[n % len(rows)]
        law.clause(act, article, on)


def _sqlite_all(rows: list[Row], lines: list[bytes]) -> None:
    base = sqlite3.connect(":memory:")
    base.execute("create table a (act text, article text, text text, primary key (act, article))")
    base.executemany("insert into a values (?, ?, ?)", [(a, n or "", t) for a, n, t in rows])
    for line in lines:
        asked = json.loads(line)
        key = (asked["instrument"], asked["article"] or "")
        found = base.execute("select text from a where act = ? and article = ?", key).fetchone()
        json.dumps({"id": asked["id"], "text": found[0]}, ensure_ascii=False)
    base.close()


def _median(work: Callable[[], None]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)
