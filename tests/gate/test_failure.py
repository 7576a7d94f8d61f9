"""What goes wrong with the store: full, restarted, written by others, asked with what it cannot keep."""

import hmac
import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Event, Semaphore
from time import monotonic
from typing import Any

import psycopg
import pytest

from jiedun.errors import BadValue, ProofError
from jiedun.gate import Gate, Outcome, Override, Request, Status
from jiedun.gate.facts import Pseudonyms
from jiedun.gate.group import Group, Work
from jiedun.store import open_engine

Ask = Callable[..., Request]


def writer(gate: Gate) -> sqlite3.Connection:
    session: Any = gate._committer._session
    db: sqlite3.Connection = session._db
    return db


def test_a_full_disk_forbids_until_there_is_room(file_gate: Gate, ask: Ask) -> None:
    assert file_gate.decide(ask("0")).logged
    db = writer(file_gate)
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages + 4}")
    answers = [file_gate.decide(ask(f"{i}", person=f"p{i}")) for i in range(1, 60)]
    full = [a for a in answers if not a.logged]
    assert full and all(a.codes == ("store_unavailable",) for a in full)
    assert all(not a.may_proceed for a in full)
    db.execute("PRAGMA max_page_count = 1000000")
    again = [file_gate.decide(ask(f"{i}", person=f"p{i}")) for i in range(1, 60)]
    assert all(a.logged and a.may_proceed for a in again)
    kept = [(a, b) for a, b in zip(answers, again, strict=True) if a.logged]
    assert kept and all(a == b for a, b in kept)
    assert file_gate.verify() == 60


def test_a_database_restarted_between_requests_is_not_noticed(
    gate: Gate, ask: Ask, request: pytest.FixtureRequest
) -> None:
    if gate.store.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no server to restart")
    held = gate.decide(ask("1")).reservation
    assert held is not None
    _cut(request.getfixturevalue("postgres"))
    assert gate.decide(ask("2")).may_proceed
    _cut(request.getfixturevalue("postgres"))
    assert gate.report(Outcome(held.id, ask("x").at, connected=False)).late is False
    assert gate.decide(ask("3")).counters["conversations_today"] == 2
    assert gate.verify() == 4


def _cut(server: str) -> None:
    """Ends every other connection to the server, as its restart would."""
    with psycopg.connect(server + "postgres", autocommit=True) as db:
        db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


def test_a_server_that_is_away_forbids_until_it_is_back(gate: Gate, ask: Ask) -> None:
    held = gate.decide(ask("1")).reservation
    assert held is not None
    engine, away = gate.store.engine, open_engine("postgresql://jiedun@127.0.0.1:1/none")
    gate._committer.close()
    gate.store.engine = away
    gone = gate.decide(ask("2"))
    assert gone.codes == ("store_unavailable",) and not gone.logged
    with pytest.raises(ProofError, match="cannot be written"):
        gate.report(Outcome(held.id, ask("x").at, connected=True))
    gate.store.engine = engine
    away.dispose()
    assert gate.decide(ask("2")).counters["conversations_today"] == 2


def test_a_store_that_is_locked_forbids(file_gate: Gate, ask: Ask, tmp_path: Path) -> None:
    file_gate.decide(ask("1"))
    other = sqlite3.connect(tmp_path / "gate.db", isolation_level=None)
    writer(file_gate).execute("PRAGMA busy_timeout = 50")
    other.execute("BEGIN IMMEDIATE")
    locked = file_gate.decide(ask("2"))
    other.execute("ROLLBACK")
    other.close()
    assert locked.codes == ("store_unavailable",) and not locked.logged
    assert file_gate.decide(ask("2")).counters["conversations_today"] == 2


def test_a_gate_that_is_behind_reads_again(make_gate: Callable[..., Gate], ask: Ask) -> None:
    one, two = make_gate(), make_gate()
    for i in range(12):
        gate = (one, two)[i % 2]
        answer = gate.decide(ask(f"{i}", person=f"p{i // 6}", number=f"n{i // 6}"))
        assert (answer.status is Status.NO_RULE_FORBIDS) is (i % 6 < 3)
    assert two.decide(ask("0", person="p0", number="n0")) == one.explain("0")
    assert one.verify() == 12


def test_the_same_id_at_two_gates_is_one_decision(make_gate: Callable[..., Gate], ask: Ask) -> None:
    one, two = make_gate(), make_gate()
    assert two.decide(ask("warm")).logged
    first = one.decide(ask("1"))
    assert two.decide(ask("1")) == first
    with pytest.raises(BadValue, match="another request"):
        two.decide(ask("1", person="somebody else"))


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_ids_that_no_store_can_keep(gate: Gate, ask: Ask, name: str) -> None:
    with pytest.raises(BadValue, match="id"):
        gate.decide(ask(name))
    with pytest.raises(BadValue, match="override"):
        gate.decide(ask("1", override=Override(name, "x")))
    assert gate.decide(ask("2", person=name, creditor=name)).logged


def test_one_work_that_breaks_leaves_the_others_alone(
    file_gate: Gate, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    weigh = file_gate.scales.weigh

    def broken(planned: Any, tally: Any) -> Any:
        if planned.request.id == "bad":
            raise ZeroDivisionError
        return weigh(planned, tally)

    monkeypatch.setattr(file_gate.scales, "weigh", broken)
    works = [file_gate._decision(file_gate.desk.ready(ask(n))) for n in ("1", "bad", "2")]
    file_gate._committer.commit(works)
    assert [type(w.error) for w in works] == [type(None), ZeroDivisionError, type(None)]
    assert works[2].result.counters["conversations_today"] == 2
    assert file_gate.verify() == 2


def test_what_waits_is_done_before_the_end() -> None:
    done: list[int] = []

    def commit(batch: list[Work]) -> None:
        for work in batch:
            work.result = work.chain
            done.append(work.chain)

    group = Group(commit, 4)
    for i in range(10):
        group.submit(Work(i, lambda tx: None, lambda: None))
    group.close()
    assert done == list(range(10))
    with pytest.raises(ProofError, match="closed"):
        group.submit(Work(1, lambda tx: None, lambda: None))


def test_those_who_asked_together_are_waited_for() -> None:
    batches: list[int] = []
    over, first, go_on = Semaphore(0), Event(), Event()

    def commit(batch: list[Work]) -> None:
        batches.append(len(batch))
        first.set()
        assert go_on.wait(10)

    def asked() -> Work:
        return Work(0, lambda tx: None, lambda: None, done=lambda _: over.release())

    group = Group(commit, 64, linger_s=3)
    group.submit(asked())
    assert first.wait(10)
    for _ in range(3):
        group.submit(asked())
    go_on.set()
    assert over.acquire(timeout=10)
    group.submit(asked())
    for _ in range(4):
        assert over.acquire(timeout=10)
    assert batches == [1, 4]
    group.close()


def test_who_asks_alone_does_not_wait_for_others() -> None:
    group = Group(lambda batch: None, 64, linger_s=0.1)
    for _ in range(300):
        group.submit(Work(0, lambda tx: None, lambda: None))
    for _ in range(20):
        group.wait(Work(0, lambda tx: None, lambda: None))
    start = monotonic()
    for _ in range(100):
        group.wait(Work(0, lambda tx: None, lambda: None))
    assert monotonic() - start < 5
    group.close()


def test_a_full_batch_waits_for_nobody() -> None:
    over, first, go_on = Semaphore(0), Event(), Event()

    def commit(batch: list[Work]) -> None:
        first.set()
        assert go_on.wait(10)

    group = Group(commit, 4, linger_s=60)
    for _ in range(40):
        group.submit(Work(0, lambda tx: None, lambda: None, done=lambda _: over.release()))
    assert first.wait(10)
    go_on.set()
    for _ in range(36):
        assert over.acquire(timeout=10)
    group.close()


def test_names_are_hmac_of_the_key() -> None:
    key = bytes(range(32))
    names = Pseudonyms(key)
    for text in ("", "张三", "x" * 5000):
        whole = hmac.new(key, text.encode(), "sha256").hexdigest()
        assert names.of(text) == whole[:32] and names.digest(text.encode()) == whole
