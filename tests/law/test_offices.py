"""Channels: every statement keeps how sure it is; what rests on memory is to be confirmed."""

import csv
from dataclasses import fields
from pathlib import Path

import pytest

from jiedun import law
from jiedun.errors import LawError
from jiedun.law.offices import Stated


@pytest.mark.parametrize(
    ("channel", "field", "to_confirm"),
    [
        ("nfra-12378", "phone_or_host", False),
        ("nfra-12378", "acceptance_time_limit", True),
        ("nfra-12378", "decision_time_limit", True),
        ("lender", "decision_time_limit", True),
        ("pboc-12363", "acceptance_time_limit", True),
        ("pboc-12363", "decision_time_limit", True),
        ("credit-dispute", "phone_or_host", True),
        ("credit-dispute", "decision_time_limit", False),
        ("samr-12315", "acceptance_time_limit", False),
        ("samr-12315", "notes", True),
        ("police-110", "decision_time_limit", False),
        ("court-online", "phone_or_host", True),
        ("court-online", "acceptance_time_limit", False),
        ("nifa-jubao", "notes", True),
        ("miit-12300", "decision_time_limit", True),
        ("mediation", "phone_or_host", True),
    ],
)
def test_what_is_to_be_confirmed(channel: str, field: str, to_confirm: bool) -> None:
    assert getattr(law.channel(channel), field).to_confirm is to_confirm


def test_nothing_from_memory_is_shown_as_sure() -> None:
    for channel in law.channels():
        for field in fields(channel):
            stated = getattr(channel, field.name)
            if isinstance(stated, Stated) and "memory" in stated.text:
                assert stated.to_confirm, (channel.id, field.name)


def test_empty_statements_need_no_confirmation() -> None:
    empty = law.channel("consumer-assoc").notes
    assert (empty.text, empty.to_confirm) == ("", False)


def test_channels_are_the_source(shared: Path) -> None:
    with (shared / "law/channels.csv").open(encoding="utf-8", newline="") as file:
        source = [(row["id"], row["name_zh"], row["phone_or_host"]) for row in csv.DictReader(file)]
    assert [(c.id, c.name.zh, c.phone_or_host.text) for c in law.channels()] == source


def test_unknown_channel_names_the_known() -> None:
    with pytest.raises(LawError, match="nfra-12378"):
        law.channel("nothing")
