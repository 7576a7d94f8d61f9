"""Registers, collection, notices, consent records."""

import json
from dataclasses import replace
from datetime import date

import pytest

from jiedun.errors import InputError, VaultError
from jiedun.vault import notice
from jiedun.vault.access import Actor
from jiedun.vault.collect import collect
from jiedun.vault.consent import Act, Event, Scope
from jiedun.vault.export import records
from jiedun.vault.fields import Kind, fits, mask, normal
from jiedun.vault.register import Basis, Recipient, Register, example, load, parse
from jiedun.vault.store import Vault

DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def register() -> Register:
    return replace(example(), handler="某某小额贷款有限公司", contact="电话：400-0000-000")


def test_what_no_purpose_needs_is_refused_and_the_service_goes_on(
    register: Register, person: dict[str, str]
) -> None:
    given = {**person, "id_type": "身份证", "id_valid_until": "2030-01-01"}
    found = collect(register, {**given, "address": "x", "contacts": "全部"}, ["loan"], DAY)
    assert dict(found.kept) == given
    assert {(r.field, r.code) for r in found.refused} == {
        ("address", "no_purpose"),
        ("contacts", "unknown"),
    }
    assert found.service
    cites = found.refused[0].cites
    assert [(c.instrument, c.article, c.verified) for c in cites] == [
        ("pipl", "6", True),
        ("pipl", "16", True),
    ]
    assert "不得过度收集个人信息" in str(cites[0].quote)
    assert ("loan", "bank_card") in found.consent_needed
    assert "138" not in repr(found)


def test_only_missing_necessary_fields_stand_in_the_way(register: Register) -> None:
    assert collect(register, {}, ["marketing"], DAY).service
    found = collect(register, {"mobile": "12345"}, ["account"], DAY)
    assert (found.missing, found.refused[0].code) == (("mobile",), "bad_value")
    assert collect(register, {"mobile": "x"}, ["account"], date(2021, 1, 1)).refused[0].cites == ()
    with pytest.raises(VaultError):
        collect(register, {}, ["anything"], DAY)


@pytest.mark.parametrize(
    ("kind", "value", "ok"),
    [
        (Kind.ID_NUMBER, "11010519491231002X", True),
        (Kind.ID_NUMBER, "11010519491231002x", True),
        (Kind.ID_NUMBER, "110105194912310021", False),
        (Kind.ID_NUMBER, "110105491231002", True),
        (Kind.BANK_CARD, "6222 0200 0000 0000 000", True),
        (Kind.BANK_CARD, "6222020000000000001", False),
        (Kind.MOBILE, "+86 138-0000-1234", True),
        (Kind.MOBILE, "１３８００００１２３４", True),
        (Kind.MOBILE, "02600005190", False),
        (Kind.EMAIL, "a@b.cn", True),
        (Kind.EMAIL, "a b@c", False),
        (Kind.MONEY, "1000.00", True),
        (Kind.MONEY, "1e3", False),
        (Kind.DATE, "2026-01-01", True),
        (Kind.TEXT, "", False),
    ],
)
def test_shapes(kind: Kind, value: str, ok: bool) -> None:
    assert fits(kind, value) is ok


def test_normal_forms_and_masks(register: Register) -> None:
    assert normal(Kind.MOBILE, "0086 138 0000 1234") == "13800001234"
    assert normal(Kind.EMAIL, "A@B.CN ") == "a@b.cn"
    for field, value, wanted in (
        ("mobile", "8613800001234", "138****1234"),
        ("name", "张三", "张*"),
        ("id_number", "11010519491231002x", "1" + "*" * 16 + "X"),
        ("email", "alice@example.cn", "a***@example.cn"),
        ("address", "北京市朝阳区某路一号院", "北京市******"),
        ("pin_hash", "anything", "******"),
        ("loan_amount", "5000", "******"),
        ("id_valid_until", "2030-01-01", "2030-**-**"),
    ):
        assert mask(register.field(field), value) == wanted


def test_a_register_that_breaks_the_law_or_itself_is_refused(tmp_path: object) -> None:
    from importlib import resources
    from pathlib import Path

    good = resources.files("jiedun.vault").joinpath("data/register.yaml").read_text("utf-8")
    assert parse(good, "r").purposes.keys() == example().purposes.keys()
    for old, new in (
        ("separate_consent: [id_number, bank_card, loan_amount]", "separate_consent: []"),
        ("number: 2, kind: name", "number: 1, kind: name"),
        ("fields: [pin_hash]", "fields: [nothing]"),
        ("basis: contract", "basis: because"),
        ("schema: jiedun.register/1", "schema: x"),
        ("kind: mobile", "kind: thing"),
        ("number: 10, kind", "number: 70000, kind"),
    ):
        assert old in good
        with pytest.raises(InputError):
            parse(good.replace(old, new, 1), "r")
    for odd in ("", "[]", "{", "schema: jiedun.register/1"):
        with pytest.raises(InputError):
            parse(odd, "r")
    with pytest.raises(InputError):
        load(Path(str(tmp_path)) / "none.yaml")


def states(text: str, register: Register | None = None) -> dict[str, str]:
    return {c.id: c.state for c in notice.check(text, DAY, register)}


def test_a_built_notice_states_all_that_it_can(register: Register) -> None:
    text = notice.build(register)
    found = states(text, register)
    assert [k for k, v in found.items() if v == "missing"] == ["recipient_contact"]
    purposes = dict(register.purposes)
    one = purposes["collection"].recipients[0]
    filled = replace(one, contact="电话 400-1111-111")
    purposes["collection"] = replace(purposes["collection"], recipients=(filled,))
    text = notice.build(replace(register, purposes=purposes))
    assert "missing" not in states(text).values()
    with pytest.raises(InputError):
        notice.build(example())


def test_a_notice_says_on_what_a_recipient_rests(register: Register) -> None:
    purposes = dict(register.purposes)
    some = (
        Recipient("征信机构", "电话 1", False, False, Basis.LEGAL_DUTY, "征信业管理条例"),
        Recipient("海外银行", "电话 2", False, True),
    )
    purposes["loan"] = replace(purposes["loan"], recipients=some)
    text = notice.build(replace(register, purposes=purposes))
    lines = {n: next(x for x in text.splitlines() if n in x) for n in ("征信机构", "海外银行")}
    assert "征信业管理条例" in lines["征信机构"] and "单独同意" not in lines["征信机构"]
    assert "在境外" in lines["海外银行"] and "行使权利" in lines["海外银行"]


@pytest.mark.parametrize(
    ("cut", "missing", "article"),
    [
        ("一、处理者", "contact", "17"),
        ("五、您的权利", "rights", "17"),
        ("三、敏感个人信息", "sensitive_necessity", "30"),
        ("三、敏感个人信息", "sensitive_impact", "30"),
        ("三、敏感个人信息", "separate_consent", "29"),
    ],
)
def test_what_is_missing_is_named_with_the_clause(
    register: Register, cut: str, missing: str, article: str
) -> None:
    parts = notice.build(register).split("\n\n")
    text = "\n\n".join(
        p for p in parts if not p.startswith((cut, "四", "五" if cut[0] == "一" else "#"))
    )
    if cut[0] == "三":
        text = text.replace("须取得您的单独同意", "")
    found = {c.id: c for c in notice.check(text, DAY)}
    assert found[missing].state == "missing"
    cite = found[missing].cite
    assert cite is not None
    assert (cite.article, cite.verified) == (article, True)
    assert "告知" in str(cite.quote) or "同意" in str(cite.quote)


def test_a_bare_notice_lacks_nearly_everything() -> None:
    found = states(
        "我们重视您的隐私。使用本应用即表示同意我们收集您的身份证号和银行卡号，并向合作机构提供。"
    )
    lacking = {k for k, v in found.items() if v == "missing"}
    assert lacking >= {
        "handler", "contact", "manner", "retention", "rights", "withdrawal", "recipient_name",
        "recipient_contact", "recipient_purpose", "separate_consent", "sensitive_necessity",
        "sensitive_impact",
    }  # fmt: skip
    assert found["kinds"] == "stated"
    assert states("我们不会向任何第三方提供您的信息。")["recipient_name"] == "not_asked"


def test_a_field_the_notice_leaves_out_is_certain(register: Register) -> None:
    text = notice.build(register).replace("银行卡号码", "")
    lacking = {c.id: c.certain for c in notice.missing(notice.check(text, DAY, register))}
    assert lacking["field:bank_card"] is True
    for odd in ("", " \n", "字" * 1_000_001):
        with pytest.raises(InputError):
            notice.check(odd, DAY)


def test_consent_records_follow_the_ledger(vault: Vault) -> None:
    who, now = b"w" * 16, vault.clock()
    made = [
        Event("r1", who, "marketing", Scope.GENERAL, Act.GIVE, "ab" * 32, now),
        Event("r2", who, "loan", Scope.SENSITIVE, Act.GIVE, "ab" * 32, now, "bank_card"),
        Event("r3", who, "marketing", Scope.GENERAL, Act.WITHDRAW, "cd" * 32, now),
    ]
    vault.ledger.record(made, now)
    first, second = records(vault.register, vault.ledger.history(who))
    assert first["dpv:hasConsentStatus"] == "dpv:ConsentWithdrawn"
    assert [e["event_state"] for e in first["event"]] == [
        "dpv:ConsentGiven",
        "dpv:ConsentWithdrawn",
    ]
    assert first["pii_processing"]["privacy_notice"] == [
        "urn:sha256:" + x * 32 for x in ("ab", "cd")
    ]
    assert second["event"][0]["clause"] == "pipl#29"
    assert second["pii_processing"]["purposes"][0]["retention_period"] == "P1095D"
    assert [i["pii_type"] for i in second["pii_processing"]["purposes"][0]["pii_information"]] == [
        "bank_card"
    ]
    json.dumps([first, second])
    more = [
        Event("r4", who, "loan", Scope.SENSITIVE, Act.GIVE, "ab" * 32, now, "id_number"),
        Event("r5", who, "loan", Scope.SENSITIVE, Act.WITHDRAW, "ab" * 32, now, "bank_card"),
    ]
    vault.ledger.record(more, now)
    states = [r["dpv:hasConsentStatus"] for r in records(vault.register, vault.ledger.history(who))]
    assert states == ["dpv:ConsentWithdrawn", "dpv:ConsentWithdrawn", "dpv:ConsentGiven"]
    assert Actor("a", "b").name == "a"
