"""parties.csv as parties: roles, sides, contradictions, and what is asked."""

import csv
import io
import json
from pathlib import Path

import pytest

from jiedun.model.evidence import Evidence, ItemRef, PartyRow
from jiedun.model.party import Role, Source
from jiedun.people import People, resolve
from jiedun.people.short_forms import is_abbreviation
from jiedun.people.sides import is_verified, match_name, on_behalf_of, same_name
from jiedun.people.words import role_of


def people(text: str) -> People:
    rows = [
        PartyRow(ItemRef("parties.csv", n), *row)
        for n, row in enumerate(csv.reader(io.StringIO(text)), 1)
    ]
    return resolve(Evidence(parties=tuple(rows)), collects={}, signatures={})


@pytest.mark.parametrize("case", ["case-a", "case-b"])
def test_sides_of_the_shared_cases(case: str, shared: Path) -> None:
    folder = shared / "cases" / case
    text = (folder / "parties.csv").read_text("utf-8-sig")
    found = people(text.split("\n", 1)[1])
    expected = json.loads((folder / "expected.json").read_text())["creditor_sides"]
    assert {name: list(numbers) for name, numbers in found.creditors.items()} == expected
    assert found.questions == ()
    assert found.problems == ()


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("debtor", Role.DEBTOR),
        ("债务人", Role.DEBTOR),
        ("本人", Role.DEBTOR),
        ("Lender ", Role.LENDER),
        ("出借人", Role.LENDER),
        ("放贷方", Role.LENDER),
        ("平台", Role.LENDER),
        ("催收", Role.COLLECTOR),
        ("担保人", Role.GUARANTOR),
        ("保证人", Role.GUARANTOR),
        ("紧急联系人", Role.EMERGENCY_CONTACT),
        ("emergency contact", Role.EMERGENCY_CONTACT),
        ("亲属", Role.RELATIVE),
        ("母亲", Role.RELATIVE),
        ("mom", Role.RELATIVE),
        ("同事", Role.COLLEAGUE),
        ("朋友", Role.FRIEND),
        ("未知", Role.UNKNOWN),
        ("貔貅", None),
        ("", None),
    ],
)
def test_role_words(word: str, role: Role | None) -> None:
    assert role_of(word) is role


@pytest.mark.parametrize(
    ("note", "name"),
    [
        ("拓临信用管理 代表砚池小贷", "砚池小贷"),
        ("代表栗仓消费金融（另一笔借款）", "栗仓消费金融"),
        ("代表栗仓消费金融(另一笔)", "栗仓消费金融"),
        ("都叫她红姐 代表狄长庚", "狄长庚"),
        ("代表甲、乙两人", "甲"),
        ("代表甲，已确认", "甲"),
        ("代表人人贷 外包", "人人贷"),
        ("代表：甲", "甲"),
        ("公司法定代表人 代表甲", "甲"),
        ("on behalf of Yanchi Loans (second loan)", "Yanchi Loans"),
        ("法定代表人", None),
        ("", None),
        ("催收", None),
    ],
)
def test_whom_a_collector_stands_for(note: str, name: str | None) -> None:
    assert on_behalf_of(note) == name


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("砚池小贷", "鹭汀市砚池小额贷款有限公司", True),
        ("砚池", "砚池小贷", True),
        ("砚池小贷", "砚池小贷", True),
        ("栗仓消费金融", "栗仓消费金融有限公司", True),
        ("砚池小贷", "栗仓消费金融", False),
        ("砚", "砚池小贷", False),
        ("小贷", "砚池小额贷款", False),
        ("池砚小贷", "砚池小额贷款", False),
        ("", "砚池小贷", False),
    ],
)
def test_forms_of_a_name(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same
    assert same_name(other, one) is same


def test_a_name_that_two_fit_is_nobodys() -> None:
    assert match_name("砚池", ["砚池小贷", "砚池消费金融"]) is None
    assert match_name("砚池", ["砚池小贷", "栗仓"]) == "砚池小贷"


def test_collectors_join_the_one_lender_that_fits() -> None:
    found = people(
        "4000000519,lender,砚池小贷,\n17000000001,collector,甲,代表鹭汀市砚池小额贷款有限公司\n"
        "17000000002,collector,乙,代表别家\n1069000005190,出借人,砚池小贷,\n"
    )
    assert found.creditors == {
        "砚池小贷": ("1069000005190", "17000000001", "4000000519"),
        "别家": ("17000000002",),
    }


def test_what_is_not_said_is_asked_and_not_guessed() -> None:
    found = people(
        "4000000519,lender,砚池小贷,\n4000000520,lender,砚池消费金融,\n"
        "17000000001,collector,甲,\n17000000002,collector,乙,代表砚池\n"
    )
    first, second = found.of("17000000001"), found.of("+86 170 0000 0002")
    assert first is not None
    assert first.creditor is None
    assert second is not None
    assert (second.creditor, second.source) == ("砚池", Source.PROPOSED)
    assert "砚池" not in found.creditors
    asked = " ".join(question.zh for question in found.questions)
    assert "17000000001,collector,甲,代表（出借人名称）" in asked
    assert "砚池小贷、砚池消费金融" in asked


def test_contradictions_are_reported_and_not_trusted() -> None:
    found = people(
        "17000000001,collector,甲,代表A社\n86 170 0000 0001,friend,甲,\n"
        "17000000002,relative,乙,\n17000000002,relative,乙妈,已核实\n"
    )
    party = found.of("17000000001")
    assert party is not None
    assert (party.role, party.source) == (Role.COLLECTOR, Source.PROPOSED)
    assert found.creditors == {}
    assert [(p.at, p.code) for p in found.problems] == [
        ("2", "party-contradiction"),
        ("4", "party-twice"),
    ]
    repeated = found.of("17000000002")
    assert repeated is not None
    assert (repeated.source, repeated.line, repeated.verified) == (Source.GIVEN, 3, True)


def test_bad_rows_are_named() -> None:
    found = people("-1,relative,甲,\n17000000001,貔貅,乙,\n")
    assert [(p.path, p.at, p.code) for p in found.problems] == [
        ("parties.csv", "1", "party-number"),
        ("parties.csv", "2", "party-role"),
    ]
    party = found.of("17000000001")
    assert party is not None
    assert party.role is Role.UNKNOWN


def test_lenders_with_like_names_are_asked_about() -> None:
    found = people("4000000519,lender,砚池小贷,\n4000000520,lender,砚池小额贷款公司,\n")
    assert len(found.creditors) == 2
    assert any("砚池小额贷款公司" in question.zh for question in found.questions)


@pytest.mark.parametrize(
    ("note", "verified"),
    [
        ("已回拨02600006290核实，确有其事", True),
        ("已确认", True),
        ("派出所核实过", True),
        ("没有核实到身份", False),
        ("未核实", False),
        ("尚未确认", False),
        ("待核实", False),
        ("无法核实", False),
        ("核实不了", False),
        ("自称警官", False),
        ("", False),
        ("第一次没有核实，后来去派出所核实了", True),
    ],
)
def test_verified_only_when_the_note_says_so(note: str, verified: bool) -> None:
    assert is_verified(note) is verified


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("青石消费金融有限公司", "青石消金", True),
        ("青石消费金融", "青石消金", True),
        ("青石小额贷款有限责任公司", "青石小贷", True),
        ("青石融资担保有限公司", "青石担保", True),
        ("青石（北京）消费金融有限公司", "青石北京消金", True),
        ("青石消费金融股份有限公司", "青石消金", False),
        ("青石消金", "青石小贷", False),
        ("上海青石消费金融有限公司", "青石消金", False),
        ("青石", "青石消金", False),
        ("消费金融有限公司", "消金", False),
    ],
)
def test_exact_abbreviations(one: str, other: str, same: bool) -> None:
    assert is_abbreviation(one, other) is same
    assert is_abbreviation(other, one) is same


def test_a_lender_and_its_exact_abbreviation_are_one_side_and_said() -> None:
    found = people(
        "4000000911,lender,青石消费金融有限公司,\n1069000911,lender,青石消金,短信\n"
        "17000009021,collector,乙某,代表青石消金\n17000009022,collector,丙某,代表青石\n"
    )
    assert found.creditors == {
        "青石消费金融有限公司": ("1069000911", "17000009021", "17000009022", "4000000911")
    }
    (question,) = found.questions
    assert "第 1 行" in question.zh
    assert "第 2 行" in question.zh


def test_a_collectors_exact_abbreviation_comes_before_a_like_name() -> None:
    found = people(
        "4000000911,lender,青石消费金融有限公司,\n4000000912,lender,青石小额贷款有限公司,\n"
        "17000009021,collector,乙某,代表青石小贷\n17000009022,collector,丙某,代表青石\n"
    )
    assert found.creditors["青石小额贷款有限公司"] == ("17000009021", "4000000912")
    open_ = found.of("17000009022")
    assert open_ is not None
    assert (open_.creditor, open_.source) == ("青石", Source.PROPOSED)
    assert "青石消费金融有限公司、青石小额贷款有限公司" in found.questions[-1].zh
    assert match_name("青石消金", ["青石消费金融有限公司", "青石消费金融科技"]) == (
        "青石消费金融有限公司"
    )
