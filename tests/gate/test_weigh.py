"""Cells and waiting: the same answers as rules judged one by one, the earliest moment and no later."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiedun.gate import Gate, Kind, Override, Request, Status, load_rules
from jiedun.gate.facts import planned, set_time
from jiedun.gate.interface import Effect
from jiedun.gate.judge import Bench
from jiedun.gate.tally import CounterPlan, Tally
from jiedun.gate.weigh import Planned, Scales
from jiedun.model.evidence import Channel
from jiedun.model.loan import LenderType
from jiedun.model.party import Role
from jiedun.model.reading import Label, Message, Reading
from jiedun.model.time import SHANGHAI
from jiedun.rules.cuts import cuts
from jiedun.rules.language import Predicate

RULES = load_rules()
BENCH = Bench(RULES)
PLAN = CounterPlan(RULES.counters, BENCH.sure)
SCALES = Scales(BENCH, PLAN)
KINDS = (
    (Channel.CALL, Kind.ATTEMPT), (Channel.CALL, Kind.INTERACTIVE), (Channel.CALL, Kind.NOTIFICATION),
    (Channel.SMS, Kind.MESSAGE), (Channel.VISIT, Kind.VISIT),
)  # fmt: skip


def read(message: Message) -> Reading:
    """A reading that the words themselves name."""
    possible = frozenset(label for label in Label if label.value in message.text)
    return Reading(message.id, possible=possible, probable=frozenset(sorted(possible)[:1]))


def some(rng: Random, i: int) -> Request:
    """Any request a lender could make about one debtor."""
    channel, kind = rng.choice(KINDS)
    at = datetime(2026, 3, 2, tzinfo=SHANGHAI) + timedelta(seconds=rng.randrange(3 * 86_400))
    if rng.random() < 0.3:
        at = at.replace(hour=rng.choice((0, 8, 21, 22)), minute=0, second=0)
    three = (None, True, False)
    return Request(
        str(i), "甲", rng.choice("DE"), rng.choice(("p", "q", "r", "s")), rng.choice(list(Role)),
        channel, rng.choice("12"), kind, at, debtor="p", zone=rng.choice(("Asia/Shanghai", "Asia/Tokyo")),
        lender_type=rng.choice(list(LenderType)), debtor_reachable=rng.choice(three),
        agreed_hours=rng.choice((None, (time(9), time(20)), (time(22), time(6)))),
        refusal_on_file=rng.choice(three), declared=rng.choice(three),
        in_phonebook=rng.choice(three),
        words=rng.choice((None, *(label.value for label in rng.sample(list(Label), 2)))),
    )  # fmt: skip


def ready(request: Request) -> Planned:
    facts = planned(request, str, "甲p", read)
    return Planned(request, facts, SCALES.profile(request, read), request.lender_type)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(1, 25))
def test_a_cell_says_what_the_rules_say(rng: Random, count: int) -> None:
    tally = Tally(PLAN)
    for i in range(count):
        asked = ready(some(rng, i))
        weighed = SCALES.weigh(asked, tally)
        facts = {**asked.facts, **weighed.counters, "seq": 1 << 40}
        hits = BENCH.hits(facts, asked.lender)
        assert [r.code.removeprefix("unknown:") for r in weighed.reasons] == [
            h.rule.id for h in hits
        ]
        assert [r.effect for r in weighed.reasons] == [h.effect for h in hits]
        forbids = any(h.effect is Effect.FORBID for h in hits)
        assert forbids is (weighed.status is not Status.NO_RULE_FORBIDS)
        asked.facts["seq"] = i
        tally.add(asked.facts, weighed.counting)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(1, 12))
def test_the_moment_is_lawful_and_none_before_it_is(rng: Random, count: int) -> None:
    tally = Tally(PLAN)
    for i in range(count):
        asked = ready(some(rng, i))
        weighed = SCALES.weigh(asked, tally)
        if weighed.not_before is not None:
            until = int(weighed.not_before.timestamp())
            first = asked.facts["instant"] + 1
            later = dict(asked.facts)
            tried = {*(rng.randrange(first, until + 1) for _ in range(20)), until - 1, until}
            for instant in sorted(t for t in tried if first <= t):
                set_time(later, asked.request, instant)
                counters = tally.planned(later, weighed.counting)
                hits = BENCH.hits({**later, **counters, "seq": 1 << 40}, asked.lender)
                free = not any(h.effect is Effect.FORBID for h in hits)
                assert free is (instant == until)
        asked.facts["seq"] = i
        tally.add(asked.facts, weighed.counting)


def test_a_house_rule_of_lunch_ends_when_lunch_does(
    make_file_gate: Callable[..., Gate], ask: Callable[..., Request], lunch: Path, clock: Any
) -> None:
    gate = make_file_gate(house=[lunch])
    clock.now = clock.now.replace(hour=12, minute=30)
    answer = gate.decide(ask("1", at=clock.now))
    assert answer.status is Status.DELAY and answer.not_before == clock.now.replace(
        hour=14, minute=0
    )


def test_more_contacts_than_a_window_allows_by_far(
    gate: Gate, ask: Callable[..., Request], clock: Any
) -> None:
    relative = {"role": Role.EMERGENCY_CONTACT, "debtor": "p1", "declared": True,
                "debtor_reachable": False, "lender_type": LenderType.PRIVATE}  # fmt: skip
    for i in range(30):
        at = clock.now + timedelta(minutes=i)
        gate.decide(ask(f"{i}", at=at, person=f"c{i}", override=Override("王", "x"), **relative))
    late = gate.decide(ask("late", at=clock.now + timedelta(minutes=40), person="c0", **relative))
    assert late.counters["third_persons_last_week"] == 30


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("second_of_day >= 8 AND second_of_day < 10", {"second_of_day": (8, 10)}),
        ("7 < calls_today OR calls_today = 2", {"calls_today": (2, 3, 8)}),
        ("NOT (calls_today <= 3)", {"calls_today": (4,)}),
        ("calls_today > connected_today", {"calls_today": None, "connected_today": None}),
        ("calls_today > 3 OR calls_today IS NULL", {"calls_today": None}),
        ("calls_today IN (1, 2) AND connected", {"calls_today": None, "connected": None}),
    ],
)
def test_cuts(text: str, wanted: dict[str, Any]) -> None:
    assert cuts([Predicate.of(text, RULES.table)]) == wanted


def test_a_request_with_other_words_is_judged_anew(
    make_file_gate: Callable[..., Gate], ask: Callable[..., Request]
) -> None:
    gate = make_file_gate(reading=read)
    said = ask("1", kind=Kind.MESSAGE, channel=Channel.SMS, words="threat_violence")
    assert "CN-COL-005" in gate.decide(said).codes
    mild = gate.decide(replace(said, id="2", words="您好"))
    assert mild.status is Status.NO_RULE_FORBIDS
