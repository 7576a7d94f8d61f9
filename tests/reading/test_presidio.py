"""The recogniser behind Presidio's interface, with a stand-in for Presidio's two classes."""

import sys
from types import ModuleType
from typing import NamedTuple

import pytest

from jiedun.errors import UsageError
from jiedun.reading.presidio import ENTITIES, recogniser


class _Result(NamedTuple):
    entity: str
    start: int
    end: int
    score: float


class _Base:
    def __init__(self, supported_entities: list[str], name: str, supported_language: str) -> None:
        self.supported_entities = supported_entities
        self.name, self.supported_language = name, supported_language


def test_without_presidio_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    with pytest.raises(UsageError, match="presidio"):
        recogniser()


def test_it_finds_what_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = ModuleType("presidio_analyzer")
    stand_in.EntityRecognizer = _Base  # type: ignore[attr-defined]
    stand_in.RecognizerResult = _Result  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "presidio_analyzer", stand_in)
    held = recogniser(names=False)
    text = "电话17000001234，邮箱a.b@example.com"
    assert held.supported_entities == ENTITIES
    assert [r.entity for r in held.analyze(text, [])] == ["CN_MOBILE", "EMAIL"]
    assert [r.entity for r in held.analyze(text, ["EMAIL"])] == ["EMAIL"]
