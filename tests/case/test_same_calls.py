"""Calls that two files of one phone record are counted once; different calls stay."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from jiedun.case.same_calls import without_repeats
from jiedun.model.evidence import Channel, Contact, Direction, ItemRef, Outcome
from jiedun.model.time import SHANGHAI, Moment

NOON = datetime(2026, 3, 1, 12, tzinfo=SHANGHAI)


def _call(path: str, n: int, after_s: int, length: int = 30, peer: str = "17000009121") -> Contact:
    return Contact(
        ref=ItemRef(path, n),
        phone=None,
        channel=Channel.CALL,
        direction=Direction.IN,
        outcome=Outcome.ANSWERED if length else Outcome.MISSED,
        moment=Moment(NOON + timedelta(seconds=after_s), ""),
        peer_raw=peer,
        duration_s=length,
    )


@pytest.mark.parametrize(
    ("contacts", "kept"),
    [
        ([_call("a.csv", 1, 0), _call("b.csv", 1, 4, 28)], ["a.csv#1"]),
        ([_call("b.csv", 1, 0), _call("a.csv", 1, 4)], ["a.csv#1"]),
        ([_call("a.csv", 1, 0), _call("a.csv", 2, 4)], ["a.csv#1", "a.csv#2"]),
        ([_call("a.csv", 1, 0), _call("b.csv", 1, 61)], ["a.csv#1", "b.csv#1"]),
        ([_call("a.csv", 1, 0), _call("b.csv", 1, 4, 0)], ["a.csv#1", "b.csv#1"]),
        ([_call("a.csv", 1, 0), _call("b.csv", 1, 4, 90)], ["a.csv#1", "b.csv#1"]),
        ([_call("a.csv", 1, 0), _call("b.csv", 1, 4, peer="17000009122")], ["a.csv#1", "b.csv#1"]),
        (
            [
                _call("a.csv", 1, 0),
                _call("a.csv", 2, 30),
                _call("b.csv", 1, 2),
                _call("b.csv", 2, 33),
            ],
            ["a.csv#1", "a.csv#2"],
        ),
    ],
)
def test_repeats(contacts: list[Contact], kept: list[str]) -> None:
    assert [str(c.ref) for c in without_repeats(contacts)] == kept


def test_the_kept_row_names_the_other() -> None:
    (only,) = without_repeats([_call("a.csv", 1, 0), _call("b.csv", 7, 1)])
    assert [str(ref) for ref in only.also] == ["b.csv#7"]


def test_a_carrier_row_without_words_repeats_the_message() -> None:
    bare = replace(_call("a.csv", 1, 3), channel=Channel.SMS, outcome=Outcome.DELIVERED)
    words = replace(bare, ref=ItemRef("sms.xml", 9), text="请还款")
    assert [str(c.ref) for c in without_repeats([bare, words])] == ["sms.xml#9"]
