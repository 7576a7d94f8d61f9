"""What must hold when things go wrong: kills, a restarted database, a full disk, one debtor's flood."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.gate.test_crowd import check_lives, lives

from bench._gate_load import opened, requests
from bench._gate_mix import NOON, PLAIN
from bench._gate_postgres import Server
from jiedun.gate import Decision, Gate, Status, load_rules
from jiedun.gate.group import Work
from jiedun.gate.store import open_store

KILLS = int(os.environ.get("JIEDUN_KILLS", "50"))
FLOOD = int(os.environ.get("JIEDUN_FLOOD", "100000"))


def killed(url: str, folder: Path) -> None:
    """Prints how many kills left everything as it must be; AssertionError where they did not."""
    gate = Gate(load_rules(), open_store(url, folder / "key", 16), clock=lambda: NOON)
    start = time.perf_counter()
    acknowledged = lives(url, folder / "key", NOON, KILLS, 0.4)
    took = time.perf_counter() - start
    lines = check_lives(gate, acknowledged)
    allowed = sum(proceeds == "True" for _, proceeds, _ in acknowledged)
    gate.close()
    print(f"{url.split(':')[0]}: {KILLS} kills in {took:.0f} s, 16 clients each, limit 3: never a "
          f"fourth; {len(acknowledged):,} acknowledged ({allowed:,} allowed), none lost; "
          f"{lines:,} lines, every chain whole")  # fmt: skip


def flood(url: str, folder: Path) -> None:
    """Prints the pace of very many requests for one debtor, asked by one process without waiting."""
    answers: list[Work] = []
    room = threading.Semaphore(512)

    def done(work: Work) -> None:
        if work.error is not None or work.result.may_proceed:
            answers.append(work)
        room.release()

    with opened(url, folder) as gate:
        start, spent = time.perf_counter(), time.process_time()
        for i in range(FLOOD):
            room.acquire()
            asked = gate.desk.ready(replace(PLAIN, id=f"f{i}", person="flooded"))
            gate.decide_then(asked, done)
        for _ in range(512):
            room.acquire()
        wall, cpu = time.perf_counter() - start, time.process_time() - spent
        assert [a.outcome().status for a in answers] == [Status.NO_RULE_FORBIDS] * 3
        found = gate.explain(f"f{FLOOD - 1}")
        assert found is not None and found.status is Status.DELAY
    print(f"one debtor, {FLOOD:,} requests: {FLOOD / wall:,.0f}/s, {cpu / FLOOD * 1e6:.0f} µs CPU "
          "each, three allowed")  # fmt: skip


def restarted(server: Server, folder: Path) -> None:
    """Prints what eight clients got while the database went away at once and came back."""
    answers: list[tuple[str, Decision]] = []
    until, whole = time.monotonic() + 8, []

    def client(gate: Gate, name: int) -> None:
        for i in range(100_000):
            if time.monotonic() > until:
                whole.append(name)
                return
            asked = replace(PLAIN, id=f"s{name}-{i}", person=f"s{i}", number=f"s{i}")
            answers.append((asked.person, gate.decide(asked)))

    with opened(server.url, folder) as gate:
        threads = [threading.Thread(target=client, args=(gate, n)) for n in range(8)]
        for thread in threads:
            thread.start()
        for _ in range(2):
            time.sleep(1)
            server.stop()
            time.sleep(0.5)
            server.start()
        for thread in threads:
            thread.join()
        assert len(whole) == 8, "a client got an error where it should be forbidden"
        told = [d for _, d in answers if d.logged]
        silent = len(answers) - len(told)
        assert all(not d.may_proceed for _, d in answers if not d.logged)
        assert all(gate.explain(d.id) == d for d in told[:: max(1, len(told) // 500)])
        assert silent, "the clients did not notice"
        assert gate.decide(replace(PLAIN, id="after", person="after")).logged, "not back"
        allowed: dict[str, int] = {}
        for person, d in answers:
            allowed[person] = allowed.get(person, 0) + (d.logged and d.may_proceed)
        assert max(allowed.values()) <= 3
        gate.verify()
    print(f"PostgreSQL stopped at once and started again, twice, under 8 clients: {len(told):,} "
          f"answers kept, none lost, {silent} forbidden as store_unavailable, chains whole")  # fmt: skip


@contextmanager
def _small_disk(megabytes: int) -> Iterator[Path | None]:
    """A disk of its own of that size; None where none may be mounted."""
    with tempfile.TemporaryDirectory() as folder:
        size = f"size={megabytes}m"
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", size, "jiedun-small", folder],
            capture_output=True, check=False,
        )  # fmt: skip
        try:
            yield Path(folder) if made.returncode == 0 else None
        finally:
            if made.returncode == 0:
                subprocess.run(["umount", folder], check=True)


def full_disk() -> None:
    """Prints what a gate said when its disk was full, and once there was room again."""
    with _small_disk(20) as folder:
        if folder is None:
            print("a small disk cannot be mounted here: the full disk is left to the tests")
            return
        (folder / "ballast").write_bytes(b"x" * (8 << 20))
        with opened(str(folder / "g.db"), folder) as gate:
            asked = requests("full", 5000)
            answers = [gate.decide(request) for request in asked]
            kept = [a for a in answers if a.logged]
            lost = [a for a in answers if not a.logged]
            assert lost and all(a.codes == ("store_unavailable",) for a in lost)
            (folder / "ballast").unlink()
            again = gate.decide(asked[-1])
            assert again.logged and all(gate.explain(a.id) == a for a in kept[::50])
            gate.verify()
    print(f"full disk: {len(kept):,} kept and found again, {len(lost):,} forbidden as "
          "store_unavailable; after room was made the next was kept, chains whole")  # fmt: skip
