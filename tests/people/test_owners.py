"""Whose phone: numbers, names, kinship words; one answer or a question."""

from datetime import UTC, datetime

import pytest

from jiedun.model.evidence import (
    Channel,
    Contact,
    Direction,
    Evidence,
    FileEntry,
    ItemRef,
    Outcome,
    PartyRow,
)
from jiedun.model.party import Role, Source
from jiedun.model.time import Moment
from jiedun.people import People, resolve

ROWS = (
    ("17000000001", "debtor", "祁某", "本人"),
    ("17000000002", "relative", "邹某兰", "母亲，合同里没有填她"),
    ("17000000003", "relative", "祁某峰", "弟弟"),
    ("17000000004", "relative", "老祁", "爸爸"),
    ("17000000005", "friend", "阿泽", "爸爸的朋友"),
    ("17000000006", "妻子", "麦某", ""),
    ("17000000007", "relative", "舅妈", ""),
)


def case(*labels: str | None, rows: tuple[tuple[str, str, str, str], ...] = ROWS) -> People:
    at = Moment(datetime(2026, 9, 1, tzinfo=UTC), "")
    contacts = tuple(
        Contact(ItemRef("c", 1), label, Channel.CALL, Direction.IN, Outcome.MISSED, at, "95588")
        for label in labels
    )
    parties = tuple(PartyRow(ItemRef("parties.csv", n), *row) for n, row in enumerate(rows, 1))
    return resolve(Evidence(contacts=contacts, parties=parties), collects={}, signatures={})


@pytest.mark.parametrize(
    ("label", "number"),
    [
        (None, "17000000001"),
        ("17000000002", "17000000002"),
        ("+86 170-0000-0002", "17000000002"),
        ("邹某兰", "17000000002"),
        ("邹 某兰", "17000000002"),
        ("mother", "17000000002"),
        ("妈妈", "17000000002"),
        ("Mom", "17000000002"),
        ("我妈", "17000000002"),
        ("母亲", "17000000002"),
        ("father", "17000000004"),
        ("brother", "17000000003"),
        ("老婆", "17000000006"),
        ("wife", "17000000006"),
        ("spouse", "17000000006"),
        ("舅妈", "17000000007"),
        ("阿泽", "17000000005"),
    ],
)
def test_owner_found(label: str | None, number: str) -> None:
    found = case(label)
    owner = found.owner(label)
    assert owner is not None
    assert owner.number == number
    assert found.questions == ()


@pytest.mark.parametrize("label", ["姐姐", "无名氏", "sister"])
def test_nobody_fits(label: str) -> None:
    found = case(label)
    assert found.owner(label) is None
    assert len(found.questions) == 1
    assert f"phones/{label}" in found.questions[0].zh
    assert "parties.csv" in found.questions[0].en


def test_two_fit() -> None:
    found = case("妈妈", rows=(*ROWS, ("17000000008", "relative", "妈妈", "")))
    assert found.owner("妈妈") is not None, "a name that equals the label comes first"
    found = case("妈妈", rows=(*ROWS, ("17000000008", "relative", "养母", "养我的妈妈")))
    assert found.owner("妈妈") is None
    assert "2、8" in found.questions[0].zh


def test_an_unlisted_number_is_unknown_and_proposed() -> None:
    found = case("17000000099")
    owner = found.owner("17000000099")
    assert owner is not None
    assert (owner.role, owner.source) == (Role.UNKNOWN, Source.PROPOSED)
    assert "17000000099,unknown" in found.questions[0].zh


def test_no_debtor_and_two_debtors_are_asked_about() -> None:
    assert case(None, rows=ROWS[1:]).owner(None) is None
    two = case(None, rows=(*ROWS, ("17000000010", "debtor", "另一人", "")))
    assert two.owner(None) is None
    assert "1、8" in two.questions[0].zh


def test_folders_without_contacts_are_asked_about_too() -> None:
    files = (FileEntry("phones/同桌/voice.amr", "0" * 64, 1, "audio/amr"),)
    found = resolve(Evidence(files=files), collects={}, signatures={})
    assert any("phones/同桌" in question.zh for question in found.questions)


@pytest.mark.parametrize(
    ("label", "name", "note"),
    [
        ("妈妈", "丙某", "前女友的妈妈"),
        ("妈妈", "妈妈", "前女友的妈妈"),
        ("哥哥", "丙某", "我同学的哥哥"),
        ("mother", "my friend's mother", ""),
    ],
)
def test_kin_of_somebody_else_is_asked_about(label: str, name: str, note: str) -> None:
    rows = (ROWS[0], ("17000000031", "relative", name, note))
    found = case(label, rows=rows)
    assert found.owner(label) is None
    assert "第 2 行" in found.questions[0].zh
    assert case("17000000031", rows=rows).owner("17000000031") is not None


def test_kin_of_the_debtor_by_name_is_found() -> None:
    rows = (ROWS[0], ("17000000031", "relative", "丙某", "祁某的妈妈"))
    owner = case("妈妈", rows=rows).owner("妈妈")
    assert owner is not None
    assert owner.number == "17000000031"
