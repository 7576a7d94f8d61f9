"""A gate over a fresh store, with a clock that tests set."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from jiedun.gate import Gate, Kind, Request, load_rules
from jiedun.gate.store import open_store
from jiedun.model.evidence import Channel
from jiedun.model.loan import LenderType
from jiedun.model.party import Role
from jiedun.model.reading import Message, Reading
from jiedun.model.time import SHANGHAI

MORNING = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)


class Clock:
    """The time that a test says it is."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        return self.now


def silent(message: Message) -> Reading:
    return Reading(message.id)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_gate(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Gate]]:
    opened: list[Gate] = []

    def make(path: str = "gate.db", **more: Any) -> Gate:
        store = open_store(str(tmp_path / path), chains=16)
        gate = Gate(load_rules(more.pop("house", ())), store, clock=clock, reading=silent, **more)
        opened.append(gate)
        return gate

    yield make
    for gate in opened:
        gate.close()


@pytest.fixture
def gate(make_gate: Callable[..., Gate]) -> Gate:
    return make_gate()


@pytest.fixture
def ask() -> Callable[..., Request]:
    """A request for an interactive call by a bank to its debtor, with the fields given changed."""
    plain = Request(
        id="0",
        creditor="甲银行",
        debt="D1",
        person="p1",
        role=Role.DEBTOR,
        channel=Channel.CALL,
        number="13900000001",
        kind=Kind.INTERACTIVE,
        at=MORNING,
        lender_type=LenderType.BANK,
    )

    def make(request_id: str, **changes: Any) -> Request:
        return replace(plain, id=request_id, **changes)

    return make
