"""Bulk look-ups: one answer a line, bad lines named by number, nothing lost."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedun import law

TODAY = date(2026, 11, 20)


def _ask(*lines: bytes) -> list[dict[str, Any]]:
    return [json.loads(answer.line) for answer in law.answers(lines, TODAY)]


def _line(**asked: object) -> bytes:
    return json.dumps(asked, ensure_ascii=False).encode()


def test_an_answer_holds_the_fields() -> None:
    (answer,) = _ask(_line(id=7, instrument="csl-2016", article="41", on="2026-02-01"))
    assert answer == {
        "id": 7,
        "in_force": False,
        "text": None,
        "in_force_from": "2017-06-01",
        "in_force_to": "2025-12-31",
        "successor": {"instrument": "csl", "article": "43"},
        "predecessor": None,
    }


def test_in_force_gives_the_text() -> None:
    (answer,) = _ask(_line(id="a", instrument="pipl", article="23", on="2025-06-01"))
    assert answer["in_force"] is True
    assert answer["text"] == law.clause("pipl", "23", date(2025, 6, 1)).text


def test_day_and_article_may_be_left_out() -> None:
    whole, numbered = _ask(
        _line(id=1, instrument="npcsc-interp-313", article=None),
        _line(id=2, instrument="pipl", article=23, on=None),
    )
    assert whole["text"]
    assert numbered["in_force"] is True


@pytest.mark.parametrize(
    "bad",
    [
        b"not json",
        b"[1]",
        b"null",
        b'{"id": 1}',
        b'{"id": 1, "instrument": 5}',
        b'{"id": 1, "instrument": "pipl", "article": true}',
        b'{"id": 1, "instrument": "pipl", "article": "23", "on": "yesterday"}',
        b'{"id": 1, "instrument": "pipl", "article": "23", "on": 20250601}',
        b'{"id": 1, "instrument": "pipl", "article": "9999"}',
        b'{"id": 1, "instrument": "no-such-law", "article": "1"}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"id": 1, "instrument": "pipl", "article": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_bad_line_is_named_and_passed_by(bad: bytes) -> None:
    good = _line(id="ok", instrument="pipl", article="1", on="2025-01-01")
    answers = list(law.answers([good, b"\n", bad, good], TODAY))
    assert [answer.ok for answer in answers] == [True, False, True]
    told = json.loads(answers[1].line)
    assert told["error"].startswith("line 3:")
    assert (told["in_force"], told["text"]) == (None, None)


def test_a_byte_order_mark_is_passed_by() -> None:
    (answer,) = _ask(b"\xef\xbb\xbf" + _line(id=1, instrument="pipl", article="1"))
    assert answer["in_force"] is True


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes_are_answered(lines: list[bytes]) -> None:
    answers = list(law.answers(lines, TODAY))
    assert len(answers) == sum(bool(line.strip()) for line in lines)
    assert all(json.loads(answer.line) for answer in answers)
