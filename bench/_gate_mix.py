"""Requests for measurements: one plain call, and the mix of a day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

from jiedun.gate import Gate, Kind, Request
from jiedun.gate.tally import Tally
from jiedun.gate.weigh import Planned
from jiedun.model.evidence import Channel
from jiedun.model.loan import LenderType
from jiedun.model.party import Role
from jiedun.model.time import SHANGHAI

NOON = datetime(2026, 3, 2, 12, tzinfo=SHANGHAI)
PLAIN = Request(
    "0", "bank", "d", "p", Role.DEBTOR, Channel.CALL, "1", Kind.INTERACTIVE, NOON,
    lender_type=LenderType.BANK, declared=True, in_phonebook=True, debtor_reachable=False,
)  # fmt: skip
KINDS = (Kind.ATTEMPT, Kind.NOTIFICATION, Kind.INTERACTIVE)


def day(count: int) -> list[Request]:
    """Calls at any second of a day, so that four in ten fall into the night."""
    rng = Random(1)
    return [
        replace(PLAIN, id=f"m{i}", person=f"p{i}", kind=rng.choice(KINDS),
                at=NOON.replace(hour=rng.randrange(24), minute=rng.randrange(60), second=i % 60))
        for i in range(count)
    ]  # fmt: skip


def planned(gate: Gate, request: Request, debtor: str) -> Planned:
    """The request ready to be weighed as one of `debtor`."""
    profile = gate.scales.profile(request, gate.desk._reading)
    return gate.desk.planned(request, profile, gate.names.of(f"bank\x1f{debtor}"))


def history(gate: Gate) -> Tally:
    """What is counted of the debtor `p` after a call at nine and one at ten."""
    tally = Tally(gate.plan)
    for i in range(2):
        before = planned(gate, replace(PLAIN, at=NOON.replace(hour=9 + i)), "p")
        before.facts["seq"] = i
        tally.add(before.facts, before.profile.counting)
    return tally


def counted(asked: Planned, tally: Tally) -> Mapping[str, Any]:
    """The facts with the counters, as the rules and the peers see them."""
    return {**asked.facts, **tally.planned(asked.facts, asked.profile.counting)}
