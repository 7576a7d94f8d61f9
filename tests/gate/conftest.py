"""A gate over a fresh store, with a clock that tests set."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from jiedun.gate import Gate, Kind, Request, load_rules
from jiedun.gate.store import GateStore, open_store
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


@pytest.fixture(params=["sqlite", "postgresql"])
def make_store(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], GateStore]:
    """Opens the store of a name on each kind of database; the same name is the same store."""
    urls: dict[str, str] = {}

    def make(name: str) -> GateStore:
        if request.param == "sqlite":
            return open_store(str(tmp_path / name), chains=16)
        if name not in urls:
            urls[name] = request.getfixturevalue("new_database")()
        return open_store(urls[name], tmp_path / f"{name}.key", chains=16)

    return make


def _made(stores: Callable[[str], GateStore], clock: Clock) -> Iterator[Callable[..., Gate]]:
    opened: list[Gate] = []

    def make(path: str = "gate.db", **more: Any) -> Gate:
        rules = load_rules(more.pop("house", ()))
        more.setdefault("reading", silent)
        gate = Gate(rules, stores(path), clock=clock, **more)
        opened.append(gate)
        return gate

    yield make
    for gate in opened:
        gate.close()


@pytest.fixture
def make_gate(
    make_store: Callable[[str], GateStore], clock: Clock
) -> Iterator[Callable[..., Gate]]:
    yield from _made(make_store, clock)


@pytest.fixture
def make_file_gate(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Gate]]:
    """Makes gates on SQLite alone, for tests that look inside the file."""
    yield from _made(lambda name: open_store(str(tmp_path / name), chains=16), clock)


@pytest.fixture
def gate(make_gate: Callable[..., Gate]) -> Gate:
    return make_gate()


@pytest.fixture
def file_gate(make_file_gate: Callable[..., Gate]) -> Gate:
    return make_file_gate()


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


@pytest.fixture
def lunch(tmp_path: Path) -> Path:
    """A pack of one house rule: nobody is called between noon and two."""
    path = tmp_path / "house.yaml"
    path.write_text(
        """
- id: HOUSE-NOON
  version: "1"
  subject: contact
  violation: call_outside_hours
  title: {zh: 午休, en: lunch}
  when: "second_of_day >= 43200 AND second_of_day < 50400"
  certainty: certain
  explain: {zh: 午休时间, en: lunch hours}
  severity: 1
  source: house
  examples:
    - {name: a, kind: violating, on: 2026-03-01, facts: {second_of_day: 43200}, expect: advisory}
    - {name: b, kind: lawful, on: 2026-03-01, facts: {second_of_day: 50400}, expect: lawful}
    - {name: c, kind: borderline, on: 2026-03-01, facts: {second_of_day: 43199}, expect: lawful}
""",
        "utf-8",
    )
    return path
