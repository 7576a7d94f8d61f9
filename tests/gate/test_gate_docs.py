"""What docs/gate.md shows runs, and it names every status and every code of the gate's own."""

import re
from pathlib import Path
from typing import Any

import pytest

from jiedun.gate import Status, codes

DOC = (Path(__file__).parents[2] / "docs" / "gate.md").read_text("utf-8")


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    block = re.findall(r"```python\n(.*?)```", DOC, re.S)[0]
    space: dict[str, Any] = {}
    exec(block, space)
    assert space["decision"].request_id == "call-1"
    space["gate"].close()


def test_statuses_and_codes_are_named() -> None:
    own = (
        codes.UNKNOWN_DEBTOR,
        codes.CLOCK_SKEW,
        codes.STORE_UNAVAILABLE,
        codes.READER_UNAVAILABLE,
    )
    assert [name for name in (*Status, *own) if f"`{name}`" not in DOC] == []
