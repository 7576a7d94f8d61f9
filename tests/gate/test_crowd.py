"""Many clients at once, and processes killed at random: never a fourth, nothing acknowledged lost."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from jiedun.gate import Gate, Status

SRC = str(Path(__file__).parents[2] / "src")
KILLS = int(os.environ.get("JIEDUN_KILLS", "3"))

ASKER = textwrap.dedent(
    """
    import os, sys, threading
    from datetime import datetime
    from jiedun.gate import Gate, Kind, Request, load_rules
    from jiedun.gate.store import open_store
    from jiedun.model.evidence import Channel
    from jiedun.model.loan import LenderType
    from jiedun.model.party import Role
    from jiedun.model.reading import Reading

    url, key, run, now = sys.argv[1:]
    from pathlib import Path
    at = datetime.fromisoformat(now)
    gate = Gate(load_rules(), open_store(url, Path(key), 16), clock=lambda: at, reading=lambda m: Reading(m.id))
    print("ready", flush=True)

    def ask(client):
        for i in range(1000):
            name = f"{run}-{client}-{i}"
            day = at.replace(day=2 + i % 6)
            d = gate.decide(Request(name, "甲", "D", "p", Role.DEBTOR, Channel.CALL, "1",
                                    Kind.INTERACTIVE, day, lender_type=LenderType.BANK))
            if d.logged:
                os.write(1, f"{name} {d.may_proceed} {day.date()}\\n".encode())

    threads = [threading.Thread(target=ask, args=(c,), daemon=True) for c in range(16)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    """
)


def test_sixteen_clients_and_a_limit_of_three(gate: Gate, ask: Callable[..., Any]) -> None:
    answers: list[Any] = []

    def client(name: int) -> None:
        for i in range(4):
            answers.append(gate.decide(ask(f"{name}-{i}")))

    threads = [threading.Thread(target=client, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.status for a in answers) == [Status.DELAY] * 61 + [Status.NO_RULE_FORBIDS] * 3
    assert gate.verify() == 64


def test_killed_at_random(make_gate: Callable[..., Gate], tmp_path: Path, clock: Any) -> None:
    gate = make_gate("killed.db")
    url = gate.store.engine.url.render_as_string(hide_password=False)
    key = tmp_path / "killed.db.key"
    rng, acknowledged = Random(7), []
    for run in range(KILLS):
        acknowledged += _killed(
            url.replace("+psycopg", ""), key, run, clock.now, rng.uniform(0.05, 0.6)
        )
    allowed: dict[str, int] = {}
    for name, proceeds, day in acknowledged:
        found = gate.explain(name)
        assert found is not None and str(found.may_proceed) == proceeds
        if proceeds == "True":
            allowed[day] = allowed.get(day, 0) + 1
    assert len(acknowledged) >= KILLS
    assert max(allowed.values()) <= 3
    held: dict[Any, int] = {}
    for row in gate.store.contacts():
        held[row["instant"]] = held.get(row["instant"], 0) + 1
    assert max(held.values()) <= 3
    assert gate.verify() >= len(acknowledged)


def _killed(url: str, key: Path, run: int, now: datetime, after_s: float) -> list[list[str]]:
    """What a process acknowledged before it was killed, `after_s` seconds into its asking."""
    argv = [sys.executable, "-c", ASKER, url, str(key), str(run), (now + timedelta(0)).isoformat()]
    process = subprocess.Popen(
        argv, env={**os.environ, "PYTHONPATH": SRC}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    lines = process.stdout.read().splitlines(keepends=True)
    process.stdout.close()
    process.wait()
    return [line.split() for line in lines if line.endswith("\n") and len(line.split()) == 3]
