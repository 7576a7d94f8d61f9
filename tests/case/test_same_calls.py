"""Calls that two files of one phone record are counted once; different calls stay."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from jiedun.case.same_calls import without_repeats
from jiedun.model.evidence import Channel, Contact, Direction, ItemRef, Outcome
from jiedun.model.time import SHANGHAI, Moment

NOON = datetime(2026, 3, 1, 12, tzinfo=SHANGHAI)


def _owner(label: str | None) -> str | None:
    return None if label == "stranger" else "17000009101"


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
    assert [str(c.ref) for c in without_repeats(contacts, _owner)] == kept


def test_three_sources_are_one_call() -> None:
    rows = [_call("a.csv", 1, 0), _call("b.csv", 1, 3), _call("c.xml", 1, 1)]
    assert [str(c.ref) for c in without_repeats(rows, _owner)] == ["a.csv#1"]


def test_two_folders_of_one_owner_are_one_phone() -> None:
    one = _call("calls.csv", 1, 0)
    other = replace(_call("phones/me/calls.csv", 1, 0), phone="me")
    strange = replace(_call("phones/stranger/calls.csv", 1, 0), phone="stranger")
    kept = without_repeats([one, other, strange], _owner)
    assert [str(c.ref) for c in kept] == ["calls.csv#1", "phones/stranger/calls.csv#1"]


def test_a_message_and_its_mms_copy_are_one() -> None:
    sms = replace(
        _call("sms.xml", 1, 0), channel=Channel.SMS, outcome=Outcome.DELIVERED, text="请还款"
    )
    mms = replace(sms, ref=ItemRef("sms.xml", 1, "mms"), channel=Channel.MMS)
    other = replace(mms, ref=ItemRef("sms.xml", 2, "mms"), text="请尽快还款")
    assert len(without_repeats([sms, mms, other], _owner)) == 2


def test_the_kept_row_names_the_other() -> None:
    (only,) = without_repeats([_call("a.csv", 1, 0), _call("b.csv", 7, 1)], _owner)
    assert [str(ref) for ref in only.also] == ["b.csv#7"]


def test_a_carrier_row_without_words_repeats_the_message() -> None:
    bare = replace(_call("a.csv", 1, 3), channel=Channel.SMS, outcome=Outcome.DELIVERED)
    words = replace(bare, ref=ItemRef("sms.xml", 9), text="请还款")
    assert [str(c.ref) for c in without_repeats([bare, words], _owner)] == ["sms.xml#9"]
