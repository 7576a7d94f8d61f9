"""Durable decisions under load: at a fixed rate, as fast as they come, and by clients that wait.

Each decision is of a debtor of its own, so every one reads what is kept of that debtor.
"""

import gc
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench._gate_mix import NOON, PLAIN
from jiedun.gate import Gate, Request, load_rules
from jiedun.gate.group import Work
from jiedun.gate.store import open_store

WARM = 300


@dataclass(frozen=True)
class Load:
    """What a load showed; latencies in ms, from the moment each request was due."""

    rate: float
    p50: float
    p99: float
    worst: float
    cpu_us: float

    def __str__(self) -> str:
        return (
            f"{self.rate:,.0f}/s, p50 {self.p50:.1f} ms, p99 {self.p99:.1f} ms, "
            f"worst {self.worst:.0f} ms, {self.cpu_us:.0f} µs CPU each"
        )


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Gate]:
    """A gate over the store, and a process set up as `jiedun gate serve` sets it up."""
    from jiedun.gate.serve import calm

    gate = Gate(load_rules(), open_store(url, folder / "key"), clock=lambda: NOON)
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    try:
        for request in requests("warm", WARM):
            assert gate.decide(request).may_proceed
        calm()
        yield gate
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(interval)
        gate.close()


def requests(tag: str, count: int) -> list[Request]:
    """As many requests, each about a debtor of its own."""
    return [
        replace(PLAIN, id=f"{tag}-{i}", person=f"{tag}p{i}", number=f"{tag}n{i}", debt=f"d{i}")
        for i in range(count)
    ]


def at_rate(gate: Gate, tag: str, rate: float, seconds: float) -> Load:
    """Requests come at `rate`, whatever the gate does; verified in the store afterwards."""
    asked = requests(tag, int(rate * seconds))
    late, over = [0.0] * len(asked), threading.Semaphore(0)
    allowed = [False] * len(asked)

    def done(i: int, due: float, work: Work) -> None:
        late[i] = time.perf_counter() - due
        allowed[i] = work.error is None and work.result.may_proceed
        over.release()

    start, spent = time.perf_counter() + 0.01, time.process_time()
    for i, request in enumerate(asked):
        due = start + i / rate
        while (wait := due - time.perf_counter()) > 0:
            time.sleep(min(wait, 0.001))
        gate.decide_then(gate.desk.ready(request), lambda w, i=i, due=due: done(i, due, w))  # type: ignore[misc]
    for _ in asked:
        over.acquire()
    assert all(allowed), "an answer is wrong"
    return _told(gate, asked, late, time.perf_counter() - start, time.process_time() - spent)


def by_clients(gate: Gate, tag: str, clients: int, each: int) -> Load:
    """Clients that wait for each answer before they ask again."""
    asked = requests(tag, clients * each)
    late: list[float] = []

    def client(name: int) -> None:
        for request in asked[name * each : (name + 1) * each]:
            start = time.perf_counter()
            assert gate.decide(request).may_proceed
            late.append(time.perf_counter() - start)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    start, spent = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _told(gate, asked, late, time.perf_counter() - start, time.process_time() - spent)


def _told(gate: Gate, asked: list[Request], late: list[float], wall: float, cpu: float) -> Load:
    for request in asked[:: max(1, len(asked) // 100)]:
        found = gate.explain(request.id)
        assert found is not None and found.may_proceed, "an answer is not in the store"
    late = sorted(late)
    n = len(late)
    assert n == len(asked)
    return Load(
        n / wall, late[n // 2] * 1e3, late[int(n * 0.99)] * 1e3, late[-1] * 1e3, cpu / n * 1e6
    )
