"""The dialplan examples against a gate that is played: they dial only when it says so."""

import importlib.util
import io
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest

from jiedun.gate.client import Answer

FOLDER = Path(__file__).parents[2] / "examples" / "integrations"
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Played:
    """A gate that gives one answer and remembers what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: dict[str, Any] = {}
        self.told: dict[str, Any] = {}

    def decide(self, **fields: Any) -> Answer:
        self.asked = fields
        return self.answer

    def report(self, reservation: str, **fields: Any) -> bool:
        self.told = {"reservation": reservation, **fields}
        return True


YES = Answer(True, "no_rule_forbids", (), "R-0001-7", {})
NO = Answer(False, "forbid", ("CN-COL-002",), None, {})
AGI = (
    "agi_uniqueid: 1772.5\nagi_extension: 13900000001\nagi_callerid: 400\n\n" + "200 result=1\n" * 4
)


@pytest.mark.parametrize(("answer", "gate"), [(YES, "yes"), (NO, "no")])
def test_asterisk(monkeypatch: pytest.MonkeyPatch, answer: Answer, gate: str) -> None:
    script, played, out = load("asterisk_gate"), Played(answer), io.StringIO()
    monkeypatch.setattr(script, "GateClient", lambda *_: played)
    assert script.main(["x", "D1", "p1", "debtor", "interactive"], io.StringIO(AGI), out) == 0
    assert out.getvalue().splitlines()[0] == f'SET VARIABLE GATE "{gate}"'
    assert (played.asked["number"], played.asked["kind"], played.asked["id"]) == (
        "13900000001", "interactive", "ast-1772.5",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "seconds", "connected", "told"),
    [("ANSWER", "61", True, 61), ("NOANSWER", "", False, None)],
)
def test_asterisk_reports(
    monkeypatch: pytest.MonkeyPatch, status: str, seconds: str, connected: bool, told: int | None
) -> None:
    script, played = load("asterisk_gate"), Played(YES)
    monkeypatch.setattr(script, "GateClient", lambda *_: played)
    argv = ["x", "report", "R-0001-7", status, seconds]
    assert script.main(argv, io.StringIO("\n"), io.StringIO()) == 0
    assert (played.told["connected"], played.told["seconds"]) == (connected, told)


def test_asterisk_with_a_wrong_dialplan_does_not_dial(capsys: pytest.CaptureFixture[str]) -> None:
    script, out = load("asterisk_gate"), io.StringIO()
    assert script.main(["x", "D1", "p1"], io.StringIO(AGI), out) == 1
    assert out.getvalue() == 'SET VARIABLE GATE "no"\n'
    assert "ROLE" in capsys.readouterr().err


def test_what_the_gate_refused_is_told() -> None:
    why = {"status": 422, "error": "role must be one of a, b"}
    played = Played(Answer(False, "forbid", ("gate_refused",), None, why))
    told = load("freeswitch_gate").document(played, {}, NOW)
    assert "gate gate_refused role must be one of a, b</log><hangup" in told


def test_freeswitch() -> None:
    script = load("freeswitch_gate")
    form = {
        "Caller-Destination-Number": "1<39>", "Unique-ID": "u1", "variable_gate_debt": "D1",
        "variable_gate_person": "p1", "variable_gate_role": "debtor",
    }  # fmt: skip
    let = ElementTree.fromstring(script.document(Played(YES), form, NOW))
    assert let.findtext("work/dial") == "sofia/gateway/trunk/1<39>"
    stopped = ElementTree.fromstring(script.document(Played(NO), form, NOW))
    assert stopped.find("work/hangup") is not None and stopped.find("work/dial") is None
