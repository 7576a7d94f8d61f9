"""A fully reported stream replayed through the gate gives the audit's facts, row by row."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiedun.audit.ingest import connect, ingest
from jiedun.audit.plain import base_tables
from jiedun.audit.run import rows_of
from jiedun.gate import Gate, Kind, Outcome, Override, Request, load_rules
from jiedun.gate.spell import facts_in
from jiedun.gate.state import REFUSAL, RELEASED
from jiedun.gate.store import open_store
from jiedun.gate.tally import CounterPlan, Tally
from jiedun.model.evidence import Channel
from jiedun.model.loan import LenderType
from jiedun.model.party import Role
from jiedun.model.reading import Reading
from jiedun.rules import counters

START = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
RULES = load_rules()
IDENTITIES = {"owner", "creditor", "debtor", "debt", "dialled", "peer"}
KINDS = {
    Channel.CALL: (Kind.ATTEMPT, Kind.NOTIFICATION, Kind.INTERACTIVE),
    Channel.SMS: (Kind.MESSAGE,),
    Channel.VISIT: (Kind.VISIT,),
}
ROLES = (Role.DEBTOR, Role.DEBTOR, Role.EMERGENCY_CONTACT, Role.RELATIVE, Role.GUARANTOR)


def stream(
    rng: Random, count: int, debtors: int, span_s: int
) -> list[tuple[Request, dict[str, Any]]]:
    """Requests in time order, some at the same second, with the outcome each will have."""
    instants = sorted(rng.randrange(span_s) for _ in range(count))
    return [_contact(rng, i, second, debtors) for i, second in enumerate(instants)]


def _contact(rng: Random, i: int, second: int, debtors: int) -> tuple[Request, dict[str, Any]]:
    debtor = f"d{rng.randrange(debtors)}"
    role, channel = (
        rng.choice(ROLES),
        rng.choice((Channel.CALL, Channel.CALL, Channel.SMS, Channel.VISIT)),
    )
    person = debtor if role is Role.DEBTOR else f"{debtor}-{role.value}-{rng.randrange(3)}"
    request = Request(
        id=f"r{i}", creditor=rng.choice("甲乙"), debt=f"{debtor}-{rng.randrange(2)}", person=person,
        role=role, channel=channel, number=f"{person}-{rng.randrange(2)}",
        kind=rng.choice(KINDS[channel]), at=START + timedelta(seconds=second), debtor=debtor,
        zone=rng.choice(("Asia/Shanghai",) * 4 + ("Asia/Tokyo", "America/New_York")),
        agency=rng.choice("AB"), lender_type=LenderType.BANK,
        agreed_hours=(time(9), time(20)) if rng.random() < 0.1 else None,
        debtor_reachable=rng.choice((None, True, False)),
        declared=rng.choice((None, True, False)), in_phonebook=rng.choice((None, True, False)),
        override=Override("x", "replayed"),
    )  # fmt: skip
    connected = rng.random() < 0.6 or channel is not Channel.CALL
    told = {
        "connected": connected,
        "seconds": rng.randrange(300) if connected and channel is Channel.CALL else None,
        "refused_contact": connected and rng.random() < 0.05,
        "wrong_person": channel is Channel.CALL and connected and rng.random() < 0.05,
    }
    return request, told


def replay(path: Path, made: list[tuple[Request, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Every contact's facts with counters, by request id, once all outcomes are reported."""
    now = [START]
    gate = Gate(
        RULES,
        open_store(str(path), chains=4),
        clock=lambda: now[0],
        reading=lambda m: Reading(m.id),
    )
    names = {}
    for request, told in made:
        now[0] = request.at
        held = gate.decide(request).reservation
        assert held is not None
        names[held.id] = request.id
        gate.report(Outcome(held.id, request.at, **told))
    facts = settled(gate, names)
    gate.close()
    return facts


def settled(gate: Gate, names: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The facts of every contact in the store, each counted in the order of the whole stream."""
    by_debtor: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for row in gate.store.contacts():
        assert row["state"] != RELEASED
        kind = names.get(row["id"]) if row["state"] != REFUSAL else None
        by_debtor.setdefault(row["debtor"], []).append((kind or "", facts_in(row["facts"])))
    found = {}
    for rows in by_debtor.values():
        tally = Tally(gate.plan)
        places = [gate.plan.counting(facts, open_outcome=False) for _, facts in rows]
        for (_, facts), counting in zip(rows, places, strict=True):
            tally.add(facts, counting)
        for (name, facts), counting in zip(rows, places, strict=True):
            if name:
                found[name] = {**facts, **tally.settled(facts, counting)}
    return found


def table(made: list[tuple[Request, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The same stream as a lender's system would export it; a refusal is a row of its own."""
    rows = []
    for request, told in made:
        hours = request.agreed_hours
        row = {
            "id": request.id, "at": request.at.isoformat(), "creditor": request.creditor,
            "debtor": request.debtor, "person": request.person, "role": request.role.value,
            "channel": request.channel.value, "kind": request.kind.value, "direction": "in",
            "debt": request.debt, "number": request.number, "agency": request.agency,
            "lender_type": request.lender_type.value, "zone": request.zone,
            "connected": told["connected"], "seconds": told["seconds"],
            "agreed_from": hours[0] if hours else None, "agreed_to": hours[1] if hours else None,
            "debtor_reachable": request.debtor_reachable, "refusal_on_file": False,
            "wrong_person": told["wrong_person"], "declared": request.declared,
            "in_phonebook": request.in_phonebook, "refuses_contact": False,
        }  # fmt: skip
        rows.append(row)
        if told["refused_contact"]:
            rows.append({**row, "id": f"{request.id}-refusal", "direction": "out",
                         "refuses_contact": True, "wrong_person": False})  # fmt: skip
    return rows


def audited(tmp: Path, path: Path) -> dict[str, dict[str, Any]]:
    with connect(tmp / "spill") as db:
        assert ingest(db, [path]) == []
        assert db.execute("SELECT count(*) FROM refused").fetchone() == (0,)
        base_tables(db, RULES, "true", [c.name for c in RULES.counters])
        return {row["contact_id"]: row for row in rows_of(db, "SELECT * FROM judged_facts")}


def differing(ours: dict[str, dict[str, Any]], theirs: dict[str, dict[str, Any]]) -> list[str]:
    skipped = IDENTITIES | {"seq"}
    return [
        f"{name}.{fact}: gate {value!r}, audit {theirs[name][fact]!r}"
        for name, facts in ours.items()
        for fact, value in facts.items()
        if fact not in skipped and theirs[name][fact] != value
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_replay_gives_the_facts_of_the_audit(
    tmp_path: Path, write_csv: Callable[..., Path], seed: int
) -> None:
    made = stream(Random(seed), 220, debtors=1, span_s=86400)
    ours = replay(tmp_path / "gate.db", made)
    theirs = audited(tmp_path, write_csv(table(made)))
    assert len(ours) == len(made)
    assert differing(ours, theirs) == []
    assert any(f["third_persons_last_week"] > 1 for f in ours.values())
    assert any(f["wrong_person_before"] for f in ours.values())
    assert any(f["conversations_today"] > 2 for f in ours.values())


def test_every_fact_of_the_rules_is_compared(
    tmp_path: Path, write_csv: Callable[..., Path]
) -> None:
    made = stream(Random(4), 20, debtors=1, span_s=3600)
    ours = replay(tmp_path / "gate.db", made)
    assert set(RULES.table.facts) - set(next(iter(ours.values()))) == set()
    assert set(RULES.table.facts) <= set(
        next(iter(audited(tmp_path, write_csv(table(made))).values()))
    )


_PLAN = CounterPlan(RULES.counters, frozenset())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(1, 40), st.integers(1, 400_000))
def test_the_tally_equals_the_counters_in_any_order_of_arrival(
    rng: Random, count: int, span: int
) -> None:
    made = stream(rng, count, debtors=1, span_s=span)
    rows = [_row(request, told, i) for i, (request, told) in enumerate(made)]
    wanted = [dict(row) for row in rows]
    counters.fill(RULES.counters, wanted)
    tally = Tally(_PLAN)
    places = [_PLAN.counting(row, open_outcome=False) for row in rows]
    for i in rng.sample(range(len(rows)), len(rows)):
        tally.add(rows[i], places[i])
    got = [{**row, **tally.settled(row, p)} for row, p in zip(rows, places, strict=True)]
    assert got == wanted
    for row, counting in zip(rows, places, strict=True):
        tally.remove(row, counting)
    assert not any(entries for lists in tally.entries.values() for entries in lists.values())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(1, 30))
def test_a_planned_contact_counts_what_came_before_and_itself(rng: Random, count: int) -> None:
    made = stream(rng, count, debtors=1, span_s=200_000)
    rows = [_row(request, told, i) for i, (request, told) in enumerate(made)]
    wanted = [dict(row) for row in rows]
    counters.fill(RULES.counters, wanted)
    tally = Tally(_PLAN)
    tied = {c.name for c in RULES.counters if c.before or c.distinct}
    for row, want in zip(rows, wanted, strict=True):
        counting = _PLAN.counting(row, open_outcome=False)
        values = tally.planned(row, counting)
        same = sum(other["instant"] == row["instant"] for other in rows) > 1
        for name, value in values.items():
            assert value == want[name] or (same and name in tied)
        tally.add(row, counting)


def _row(request: Request, told: dict[str, Any], seq: int) -> dict[str, Any]:
    from jiedun.gate.facts import planned

    facts = planned(request, str, f"{request.creditor}{request.debtor}", lambda m: Reading(m.id))
    facts.update(seq=seq, connected=told["connected"], wrong_person=told["wrong_person"])
    return facts


def test_the_log_tells_the_facts_of_a_decision(tmp_path: Path) -> None:
    made = stream(Random(5), 5, debtors=1, span_s=3600)
    now = [START]
    gate = Gate(RULES, open_store(str(tmp_path / "g.db"), chains=1), clock=lambda: now[0])
    for request, _ in made:
        now[0] = request.at
        gate.decide(request)
    lines = [json.loads(line) for line in gate.store.lines(0)]
    gate.close()
    assert [line["head"]["kind"] for line in lines] == ["decision"] * 5
    assert all(line["body"]["rules_version"] == RULES.version for line in lines)
