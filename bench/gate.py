"""The gate measured: in process beside cedarpy and zen-engine, durable, over HTTP, and when killed.

`JIEDUN_GATE=process,sqlite,postgresql,http,hard,replay` runs some of it only; `JIEDUN_KILLS`,
`JIEDUN_FLOOD` and `JIEDUN_REPLAY` change how much.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from bench import _gate_hard, _gate_replay
from bench._figures import Figures
from bench._gate_load import at_rate, by_clients, opened
from bench._gate_mix import NOON, counted, day, history, planned
from bench._gate_peers import Judge, peers, plain
from bench._gate_postgres import server
from jiedun.gate import Gate, load_rules
from jiedun.gate.store import open_store
from jiedun.gate.tally import Tally
from jiedun.model.loan import LenderType

PARTS = ("process", "sqlite", "postgresql", "http", "hard", "replay")
ROWS, ROUNDS, BLOCK = 1200, 20, 60


def run() -> bool:
    """Whether the gate meets its times, holds under kills and replays to the audit's facts."""
    wanted = os.environ.get("JIEDUN_GATE", ",".join(PARTS)).split(",")
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder, server() as postgres:
        home = Path(folder)
        if "process" in wanted:
            _process(home, figures)
        if "sqlite" in wanted:
            _durable("SQLite", str(home / "load.db"), home, figures)
        if "postgresql" in wanted and postgres is not None:
            _clients("PostgreSQL", postgres.url, home, figures)
        if "http" in wanted:
            _http(home, figures)
        if "hard" in wanted:
            _hard(home, postgres)
        if "replay" in wanted and not _gate_replay.replay(home):
            figures.missed.append("replay")
    return not figures.missed


# in process ----------------------------------------------------------------------------------------


def _process(folder: Path, figures: Figures) -> None:
    """Facts given, to an answer with all reasons and the moment to wait for; no store."""
    gate = Gate(load_rules(), open_store(str(folder / "p.db")), clock=lambda: NOON)
    requests = day(ROWS)
    tallies = [Tally(gate.plan), history(gate)]
    whole = [
        (planned(gate, replace(r, person="p") if i % 2 else r, "p" if i % 2 else r.person), tallies[i % 2])
        for i, r in enumerate(requests)
    ]  # fmt: skip
    rules = gate.bench._day(LenderType.BANK, NOON.date()).rules
    contexts = [plain(counted(asked, tally)) for asked, tally in whole]
    judges = _verified(gate, rules, whole, contexts)
    weigh, alone = gate.scales.weigh, gate.bench._day(LenderType.BANK, NOON.date()).all
    facts = [counted(asked, tally) for asked, tally in whole]
    figures.show(f"rules in force, of {len(gate.rules.rules)} loaded", len(rules), None)
    times = _alternated(
        {
            "no history": (lambda x: weigh(*x), whole[0::2]),
            "history": (lambda x: weigh(*x), whole[1::2]),
            "request": (lambda r: weigh(gate.desk.ready(r).planned, tallies[0]), requests),
            "rules alone": (alone, facts),
            **{name: (judge, contexts) for name, judge in judges.items()},
        }
    )
    ours = median([*times["no history"], *times["history"]])
    figures.show("decision, facts given, half with history, median µs", ours, 8, most=True)
    for name, said in (
        ("no history", "  without history"), ("history", "  with two calls that day"),
        ("request", "  from the request: checks, names, digest, facts too"),
        ("rules alone", "  the rules alone, compiled, nothing remembered"),
    ):  # fmt: skip
        figures.show(said + ", µs", median(times[name]), None)
    for name in judges:
        theirs = median(times[name])
        figures.show(f"{name}, median µs", theirs, None)
        goal = None if "single" in name else 5
        figures.show(f"  times ours ({theirs / median(times['rules alone']):.0f} x the rules alone)",
                     theirs / ours, goal)  # fmt: skip
    gate.close()


def _verified(
    gate: Gate, rules: Sequence[Any], whole: Sequence[Any], contexts: Sequence[dict[str, Any]]
) -> dict[str, Judge]:
    """The peers, each of which gave the same rules on every contact; AssertionError else."""
    wanted = []
    for asked, tally in whole:
        facts = counted(asked, tally)
        wanted.append({rule.id for rule in rules if rule.when.truth(facts) is True})
        said = {r.code for r in gate.scales.weigh(asked, tally).reasons}
        excused = {r.id for r in rules if any(e.when.truth(facts) for e in r.exceptions)}
        assert {c for c in said if c in wanted[-1]} == wanted[-1] - excused
    found = peers(rules)
    for name, judge in found.items():
        for context, ids in zip(contexts[:300], wanted, strict=False):
            assert judge(context) == ids, f"{name} answers differently"
        print(f"{name}: the same answers on 300 contacts")
    return found


def _alternated(
    works: dict[str, tuple[Callable[[Any], object], Sequence[Any]]],
) -> dict[str, list[float]]:
    """Microseconds of each call, the works taking turns block by block."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(ROUNDS):
        for name, (work, items) in works.items():
            at = turn * BLOCK % (len(items) - BLOCK + 1)
            for item in items[at : at + BLOCK]:
                start = time.perf_counter_ns()
                work(item)
                times[name].append((time.perf_counter_ns() - start) / 1000)
    return times


# durable -------------------------------------------------------------------------------------------


def _durable(name: str, url: str, folder: Path, figures: Figures) -> None:
    with opened(url, folder) as gate:
        for rate in (1000, 3000):
            load = at_rate(gate, f"r{rate}", rate, 8)
            print(f"{name}, {rate:,}/s asked: {load}")
        figures.show(f"{name}, committed before the answer, decisions/s", load.rate, 2950)
        figures.show("  p99 at 3,000/s, ms from when each was due", load.p99, 10, most=True)
        long = at_rate(gate, "long", 3000, 60)
        figures.show(
            "  p99 over a minute at 3,000/s, 180,000 more in the store, ms", long.p99, 10, most=True
        )
        print(f"{name}, 16 clients that wait: {by_clients(gate, 'c', 16, 500)}")
        flooded = at_rate(gate, "max", 50_000, 0.4)
        figures.show("  as fast as they come, decisions/s", flooded.rate, None)
        assert gate.verify() > 20_000
    print("every line of every chain verified")


def _clients(name: str, url: str, folder: Path, figures: Figures) -> None:
    with opened(url, folder) as gate:
        load = by_clients(gate, "c8", 8, 1500)
        print(f"{name}, synchronous_commit=on, 8 clients that wait: {load}")
        figures.show(f"{name}, 8 clients, decisions/s", load.rate, 3000)
        load = at_rate(gate, "r3000", 3000, 6)
        print(f"{name}, 3,000/s asked: {load}")
        figures.show("  at 3,000/s asked, decisions/s", load.rate, 2950)
        flooded = at_rate(gate, "max", 50_000, 0.4)
        figures.show("  as fast as they come, decisions/s", flooded.rate, None)


# HTTP ----------------------------------------------------------------------------------------------


def _http(folder: Path, figures: Figures) -> None:
    """`jiedun gate serve` in one process, who asks in another, both on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = [sys.executable, "-m", "jiedun.cli.main", "gate", "serve"]
    serving = subprocess.Popen([*argv, "--store", str(folder / "h.db"), "--port", str(port)])
    try:
        _until_open(port)
        _asked(port, 200, 2, "warm")
        told = _asked(port, 500, 10, "h")
        figures.show("HTTP, 500/s asked, p50 ms", told["p50"], None)
        figures.show("  p99 ms", told["p99"], 15, most=True)
        for rate in (1000, 1500, 2000):
            told = _asked(port, rate, 4, f"h{rate}")
            print(f"HTTP, {rate:,}/s asked: {told['count'] / told['wall']:,.0f}/s answered, "
                  f"p50 {told['p50']:.1f} ms, p99 {told['p99']:.1f} ms")  # fmt: skip
        told = _asked(port, 10_000, 0.6, "hmax")
        figures.show("  as fast as they come, requests/s", told["count"] / told["wall"], None)
    finally:
        serving.terminate()
        serving.wait(30)


def _asked(port: int, rate: int, seconds: float, tag: str) -> dict[str, Any]:
    at = (datetime.now(UTC) + timedelta(days=1)).replace(hour=4).isoformat()
    script = str(Path(__file__).with_name("_gate_http.py"))
    argv = [sys.executable, script, str(port), str(rate), str(seconds), "64", tag, at]
    told: dict[str, Any] = json.loads(subprocess.run(argv, check=True, capture_output=True).stdout)
    assert told["proceed"] == told["count"] == int(rate * seconds), "an answer is wrong"
    return told


def _until_open(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


# when things go wrong ------------------------------------------------------------------------------


def _hard(folder: Path, postgres: Any) -> None:
    """AssertionError where a fourth was allowed, something acknowledged is lost, a chain is broken."""
    (folder / "k1").mkdir()
    _gate_hard.killed(f"sqlite:///{folder / 'k1' / 'killed.db'}", folder / "k1")
    _gate_hard.flood(str(folder / "flood.db"), folder)
    _gate_hard.full_disk()
    if postgres is not None:
        (folder / "k2").mkdir()
        _gate_hard.killed(postgres.schema("killed"), folder / "k2")
        _gate_hard.restarted(postgres, folder)


if __name__ == "__main__":
    sys.exit(not run())
