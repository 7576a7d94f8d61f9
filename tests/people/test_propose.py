"""Proposals: said with reasons, never given, never a side that counts."""

from datetime import UTC, datetime

import pytest

from jiedun.model.evidence import (
    Channel,
    Contact,
    Direction,
    Evidence,
    ItemRef,
    LoanFile,
    Outcome,
    PartyRow,
)
from jiedun.model.party import Role, Source
from jiedun.model.time import Moment
from jiedun.people import resolve
from jiedun.people.innocent import is_innocent, is_service, phone_names
from jiedun.people.words import is_kin_name, kin_in

AT = Moment(datetime(2026, 9, 1, tzinfo=UTC), "")


def called(number: str, name: str, phone: str | None = None) -> Contact:
    return Contact(
        ItemRef("calls.csv", 1), phone, Channel.CALL, Direction.IN, Outcome.MISSED, AT, number, name
    )


@pytest.mark.parametrize(
    ("name", "kin"),
    [
        ("妈妈", True),
        ("我妈", True),
        ("妈", True),
        ("老婆❤", True),
        ("Mom", True),
        ("大姐（家）", True),
        ("舅妈", True),
        ("爸爸2", True),
        ("妈妈网", False),
        ("爸爸的朋友", False),
        ("王姐", False),
        ("老板娘", False),
        ("Tom", False),
        ("moment", False),
        ("宝妈李", False),
        ("妈妈网客服", False),
        ("爸爸手机店", False),
        ("", False),
    ],
)
def test_kinship_names(name: str, kin: bool) -> None:
    assert is_kin_name(name) is kin


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("母亲，合同里没有填她", {"mother"}),
        ("舅妈", {"aunt"}),
        ("爸爸的朋友", set()),
        ("my mom", {"mother"}),
        ("mom's friend", set()),
        ("妈妈网", set()),
        ("弟弟和妹妹", {"younger_brother", "younger_sister"}),
        ("我的妈妈", {"mother"}),
        ("甲某的母亲", {"mother"}),
        ("甲某母亲", {"mother"}),
        ("养我的妈妈", {"mother"}),
        ("是妈妈", {"mother"}),
        ("借款人的哥哥", {"elder_brother"}),
        ("mother of the debtor", {"mother"}),
        ("前女友的妈妈", set()),
        ("前女友妈妈", set()),
        ("我同学的哥哥", set()),
        ("我同学哥哥", set()),
        ("老公的妈妈", set()),
        ("乙某的母亲", set()),
        ("friend's mother", set()),
        ("my friend's mother", set()),
        ("mother of a friend", set()),
    ],
)
def test_kinship_in_notes(text: str, concepts: set[str]) -> None:
    assert kin_in(text, ("甲某",)) == concepts


def test_relatives_by_the_debtors_own_phone_only() -> None:
    contacts = (called("+8617000000002", "妈妈"), called("17000000003", "老公", "17000000002"))
    evidence = Evidence(contacts=contacts, phonebook=(("170 0000 0004", "外婆"),))
    found = resolve(evidence, collects={}, signatures={})
    mother, other, grandmother = map(found.of, ("17000000002", "17000000003", "17000000004"))
    assert mother is not None
    assert (mother.role, mother.source, mother.line) == (Role.RELATIVE, Source.PROPOSED, None)
    assert "妈妈" in mother.why
    assert other is None
    assert grandmother is not None
    assert any("17000000002,relative,妈妈," in question.zh for question in found.questions)


def test_a_given_row_is_never_proposed_over() -> None:
    rows = (PartyRow(ItemRef("parties.csv", 1), "17000000002", "friend", "妈妈", ""),)
    found = resolve(
        Evidence(contacts=(called("17000000002", "妈妈"),), parties=rows),
        collects={"17000000002": 9},
        signatures={},
    )
    party = found.of("17000000002")
    assert party is not None
    assert (party.role, party.source) == (Role.FRIEND, Source.GIVEN)


def test_collectors_by_what_their_messages_do() -> None:
    loans = (LoanFile("loan.json", {"lender": "鹭汀市砚池小额贷款有限公司"}),)
    found = resolve(Evidence(loans=loans), collects={"+8617000000009": 3}, signatures={})
    party = found.of("17000000009")
    assert party is not None
    assert (party.role, party.source) == (Role.COLLECTOR, Source.PROPOSED)
    assert party.creditor == "鹭汀市砚池小额贷款有限公司"
    assert "3" in party.why
    assert found.creditors == {}


def test_collectors_side_stays_open_between_two_lenders() -> None:
    rows = tuple(
        PartyRow(ItemRef("parties.csv", n), number, "lender", name, "")
        for n, (number, name) in enumerate(
            [("4000000001", "砚池小贷"), ("4000000002", "栗仓消费金融")], 1
        )
    )
    found = resolve(
        Evidence(parties=rows),
        collects={"17000000009": 1, "17000000008": 1},
        signatures={"17000000008": "栗仓消费金融"},
    )
    open_, signed = found.of("17000000009"), found.of("17000000008")
    assert open_ is not None
    assert open_.creditor is None
    assert signed is not None
    assert signed.creditor == "栗仓消费金融"


def test_lenders_by_signature_of_a_port_only() -> None:
    rows = (PartyRow(ItemRef("parties.csv", 1), "4000000001", "lender", "砚池小贷", ""),)
    signatures = {"1069000000001": "砚池小贷", "17000000009": "砚池小贷", "1069000000002": "别家"}
    found = resolve(Evidence(parties=rows), collects={}, signatures=signatures)
    port = found.of("861069000000001")
    assert port is not None
    assert (port.role, port.source, port.creditor) == (Role.LENDER, Source.PROPOSED, "砚池小贷")
    assert found.of("17000000009") is None
    assert found.of("1069000000002") is None
    assert found.creditors == {"砚池小贷": ("4000000001",)}


@pytest.mark.parametrize(
    ("name", "innocent", "service"),
    [
        ("快递", True, True),
        ("市医院", True, True),
        ("建设银行", True, True),
        ("小区物业", True, True),
        ("实验小学", True, True),
        ("红姐", True, False),
        ("催收小王", False, False),
        ("骚扰电话", False, False),
        ("银行逾期催收", False, False),
        ("青石消费金融", False, False),
        ("", False, False),
    ],
)
def test_names_of_no_collector(name: str, innocent: bool, service: bool) -> None:
    assert is_innocent(name) is innocent
    assert is_service(name) is service


def test_a_number_saved_as_a_service_is_asked_about_and_not_proposed() -> None:
    contacts = (called("17000000009", "小区物业"), called("17000000008", "红姐"))
    loans = (LoanFile("loan.json", {"lender": "砚池小贷"}),)
    found = resolve(
        Evidence(contacts=contacts, loans=loans),
        collects={"17000000009": 3, "17000000008": 3},
        signatures={},
    )
    service, person = found.of("17000000009"), found.of("17000000008")
    assert service is not None
    assert (service.role, service.creditor) == (Role.UNKNOWN, None)
    assert not any("17000000009,collector" in question.zh for question in found.questions)
    assert any("小区物业" in question.zh for question in found.questions)
    assert person is not None
    assert person.role is Role.COLLECTOR


def test_names_by_the_debtors_own_phone() -> None:
    contacts = (
        called("+8617000000002", "快递"),
        called("17000000003", "(Unknown)"),
        called("17000000004", "170 0000 0004"),
        called("17000000005", "外卖", "17000000002"),
    )
    evidence = Evidence(contacts=contacts, phonebook=(("17000000006", "医院"),))
    assert phone_names(evidence) == {"17000000002": "快递", "17000000006": "医院"}
