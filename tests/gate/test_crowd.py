"""Many clients at once, and processes killed at random: never a fourth, nothing acknowledged lost."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
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
    from pathlib import Path
    from jiedun.gate import Gate, Kind, Request, load_rules
    from jiedun.gate.store import open_store
    from jiedun.model.evidence import Channel
    from jiedun.model.loan import LenderType
    from jiedun.model.party import Role
    from jiedun.model.reading import Reading

    url, key, now = sys.argv[1:]
    at = datetime.fromisoformat(now)
    rules = load_rules()

    def ask(gate, run, client):
        for i in range(100_000):
            name = f"{run}-{client}-{i}"
            day, person = at.replace(day=2 + i % 6), f"p{run}-{i // 24}"
            d = gate.decide(Request(name, "甲", "D", person, Role.DEBTOR, Channel.CALL, person,
                                    Kind.INTERACTIVE, day, lender_type=LenderType.BANK))
            if d.logged:
                os.write(1, f"{name} {d.may_proceed} {person}/{day.date()}\\n".encode())

    def life(run):
        gate = Gate(rules, open_store(url, Path(key), 16), clock=lambda: at,
                    reading=lambda m: Reading(m.id))
        os.write(1, b"ready\\n")
        threads = [threading.Thread(target=ask, args=(gate, run, c)) for c in range(16)]
        [t.start() for t in threads]
        [t.join() for t in threads]

    for line in sys.stdin:
        child = os.fork()
        if not child:
            life(line.strip())
        os.write(1, f"pid {child}\\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"gone\\n")
    """
)
"""Prints what is acknowledged; forks a life for each line read, so that a kill costs no start."""


class Killed:
    """A process whose lives are killed: `life(run, after_s)` is what one acknowledged before."""

    def __init__(self, url: str, key: Path, now: datetime) -> None:
        argv = [sys.executable, "-c", ASKER, url, str(key), now.isoformat()]
        self.process = subprocess.Popen(
            argv, env={**os.environ, "PYTHONPATH": SRC}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def life(self, run: int, after_s: float) -> list[list[str]]:
        """The answers acknowledged by a life that is killed `after_s` seconds into its asking."""
        told, asked = self.process.stdout, self.process.stdin
        assert told is not None and asked is not None
        asked.write(f"{run}\n")
        asked.flush()
        seen: set[str] = set()
        lines: list[list[str]] = []
        pid = 0
        while True:
            line = told.readline()
            words = line.split()
            if words[:1] == ["pid"] or words == ["ready"]:
                seen.add(words[0])
                pid = int(words[1]) if words[0] == "pid" else pid
                if len(seen) == 2:
                    threading.Timer(after_s, os.kill, (pid, signal.SIGKILL)).start()
            elif words == ["gone"] or not line:
                return lines
            elif len(words) == 3:
                lines.append(words)

    def close(self) -> None:
        """Nothing; the process has ended."""
        self.process.communicate()


def lives(url: str, key: Path, now: datetime, kills: int, longest_s: float) -> list[list[str]]:
    """What was acknowledged over `kills` lives or more, each killed at a random moment.

    On a busy machine a life may end before its first answer; longer lives follow, ten times as many
    at most, until the answers are enough to tell a fault by.
    """
    rng, killed = Random(7), Killed(url, key, now)
    found: list[list[str]] = []
    for run in range(10 * kills):
        if run >= kills and _enough(found, kills):
            break
        found += killed.life(run, rng.uniform(0.02, longest_s * (1 + run // kills)))
    killed.close()
    return found


def _enough(acknowledged: list[list[str]], kills: int) -> bool:
    """Whether there is an answer a life, and somebody for whom the limit was reached."""
    allowed = Counter(place for _, proceeds, place in acknowledged if proceeds == "True")
    return len(acknowledged) >= kills and max(allowed.values(), default=0) >= 3


def check_lives(gate: Gate, acknowledged: list[list[str]]) -> int:
    """The number of lines in the chains; AssertionError where a fourth was allowed, an acknowledged
    answer is lost, or a chain is broken."""
    allowed: dict[str, int] = {}
    for name, proceeds, place in acknowledged:
        found = gate.explain(name)
        assert found is not None and str(found.may_proceed) == proceeds
        allowed[place] = allowed.get(place, 0) + (proceeds == "True")
    assert max(allowed.values()) == 3
    held: dict[Any, int] = {}
    for row in gate.store.contacts():
        day = (row["debtor"], row["instant"])
        held[day] = held.get(day, 0) + 1
    assert max(held.values()) == 3
    lines = gate.verify()
    assert lines >= len(acknowledged)
    return lines


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
    url = gate.store.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    acknowledged = lives(url, tmp_path / "killed.db.key", clock.now, KILLS, 0.4)
    assert len(acknowledged) >= KILLS
    check_lives(gate, acknowledged)


def test_two_gates_with_eight_clients_each(make_gate: Callable[..., Gate], ask: Any) -> None:
    gates = [make_gate("shared.db"), make_gate("shared.db")]
    answers: list[tuple[str, Any]] = []

    def client(name: int) -> None:
        for i in range(12):
            person = f"p{i // 2}"
            request = ask(f"{name}-{i}", person=person, number=person)
            answers.append((person, gates[name % 2].decide(request)))

    threads = [threading.Thread(target=client, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 16 * 12 and all(d.logged for _, d in answers)
    for person in {person for person, _ in answers}:
        free = [d for p, d in answers if p == person and d.status is Status.NO_RULE_FORBIDS]
        assert len(free) == 3
    assert gates[0].verify() == gates[1].verify() == len(answers)
