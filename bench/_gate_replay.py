"""A fully reported stream through the gate, and the audit over the same contacts: the same facts."""

import csv
import os
import threading
import time
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.audit.test_replay import RULES, START, audited, differing, settled, stream, table

from jiedun.gate import Gate, Outcome, Request
from jiedun.gate.group import Work
from jiedun.gate.store import open_store
from jiedun.model.reading import Reading

CONTACTS = int(os.environ.get("JIEDUN_REPLAY", "100000"))
DEBTORS = 1000


def replay(folder: Path) -> bool:
    """Whether every fact of every contact is the audit's."""
    made = stream(Random(6), CONTACTS, DEBTORS, 7 * 86_400)
    start = time.perf_counter()
    ours = _gate(folder / "replay.db", made)
    between = time.perf_counter()
    theirs = audited(folder, _csv(folder / "contacts.csv", table(made)))
    wrong = differing(ours, theirs)
    assert len(ours) == len(made) == CONTACTS
    facts = sum(map(len, ours.values()))
    print(f"replay: {len(made):,} contacts decided and reported in {between - start:.0f} s, audited "
          f"in {time.perf_counter() - between:.0f} s: {facts:,} facts, {len(wrong)} differ")  # fmt: skip
    for line in wrong[:5]:
        print(f"  {line}")
    return not wrong


def _csv(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _gate(path: Path, made: list[tuple[Request, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """The facts by request id; each debtor's contacts in order, debtors side by side."""
    gate = Gate(
        RULES, open_store(str(path)), clock=lambda: START, reading=lambda m: Reading(m.id),
        reserved_for=timedelta(days=30),
    )  # fmt: skip
    turns: dict[str | None, list[tuple[Request, dict[str, Any]]]] = {}
    for request, told in made:
        turns.setdefault(request.debtor, []).append((request, told))
    names: dict[str, str] = {}
    for wave in range(max(map(len, turns.values()))):
        now = [rows[wave] for rows in turns.values() if wave < len(rows)]
        held = _all(gate, [lambda d, r=r: gate.decide_then(gate.desk.ready(r), d) for r, _ in now])
        names.update((d.reservation.id, r.id) for d, (r, _) in zip(held, now, strict=True))
        outcomes = [
            Outcome(d.reservation.id, r.at, **told) for d, (r, told) in zip(held, now, strict=True)
        ]
        _all(gate, [lambda d, o=o: gate.report_then(o, d) for o in outcomes])
    facts = settled(gate, names)
    gate.close()
    return facts


def _all(gate: Gate, asked: list[Any]) -> list[Any]:
    works: list[Work | None] = [None] * len(asked)
    over = threading.Semaphore(0)

    def done(i: int, work: Work) -> None:
        works[i] = work
        over.release()

    for i, ask in enumerate(asked):
        ask(lambda w, i=i: done(i, w))
    for _ in asked:
        over.acquire()
    return [work.outcome() for work in works if work is not None]
