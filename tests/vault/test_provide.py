"""Consent at collection and at hand-over: what lacks it stays, with the clause word for word."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from jiedun import law
from jiedun.chain.log import entries
from jiedun.cli.main import main
from jiedun.errors import InputError, VaultError
from jiedun.vault import admit, bulk, handover, provide, retention
from jiedun.vault.access import Actor
from jiedun.vault.consent import Act, Event, Scope
from jiedun.vault.consent_acts import Given
from jiedun.vault.register import Basis, Recipient, Register, example, parse
from jiedun.vault.store import Vault

NOTICE = "ab" * 32
BOSS = Actor("boss", "service")
BANK = Recipient("某合作银行", "400-1", False, False)


def with_recipient(register: Register, one: Recipient) -> Register:
    purposes = dict(register.purposes)
    purposes["loan"] = replace(purposes["loan"], recipients=(one,))
    return replace(register, purposes=purposes)


def consented(vault: Vault, subject: bytes, scope: Scope, detail: str, act: Act = Act.GIVE) -> None:
    receipt = f"{subject.hex()}-{scope}-{detail}-{act}-{vault.ledger.verify().count}"[-64:]
    event = Event(receipt, subject, "loan", scope, act, NOTICE, vault.clock(), detail)
    vault.ledger.record([event], vault.clock())


def approved(vault: Vault, actor: Actor, most: int) -> str:
    number = bulk.ask(vault, bulk.Terms("loan", ("name", "mobile"), most, "co-lending"), actor)
    bulk.approve(vault, number, BOSS)
    return number


def test_only_those_who_agreed_are_handed_over(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    vault.register = with_recipient(vault.register, BANK)
    yes, no, other, back = vault.put_many([person] * 4, ["loan"], credit)
    consented(vault, yes, Scope.PROVIDE, BANK.name)
    consented(vault, other, Scope.PROVIDE, "另一家银行")
    consented(vault, back, Scope.PROVIDE, BANK.name)
    consented(vault, back, Scope.PROVIDE, BANK.name, Act.WITHDRAW)
    number = approved(vault, credit, 4)
    found = provide.provide(vault, number, [yes, no, other, back], BANK.name, credit)
    assert found.rows == ({"name": person["name"], "mobile": person["mobile"]},)
    assert [(o.subject, o.code) for o in found.left_out] == [
        (no, "provide"), (other, "provide"), (back, "provide"),
    ]  # fmt: skip
    cite = found.left_out[0].cites[0]
    assert (cite.article, cite.verified) == ("23", True)
    assert cite.quote is not None and "取得个人的单独同意" in cite.quote
    held = law.cite("pipl", "23", vault.clock().date())
    assert held is not None and cite.quote == held.quote
    note = next(e for e in entries(vault.log.path) if e.kind == "provide")
    assert note.body is not None
    assert (note.body["persons"], note.body["left_out"]) == (1, 3)
    read = [e.body["subject"] for e in entries(vault.log.path) if e.kind == "read" and e.body]
    assert read == [yes.hex()]  # nothing of the others was opened
    assert person["name"] not in repr(found)


@pytest.mark.parametrize(
    ("one", "needed"),
    [
        (BANK, ["provide"]),
        (replace(BANK, overseas=True), ["provide", "overseas"]),
        (replace(BANK, entrusted=True), []),
        (replace(BANK, entrusted=True, overseas=True), ["overseas"]),
        (replace(BANK, basis=Basis.LEGAL_DUTY, why="征信业管理条例"), []),
    ],
)
def test_which_consents_a_recipient_asks_for(one: Recipient, needed: list[str]) -> None:
    assert [s.value for s in provide.scopes(one)] == needed


def test_another_basis_stands_where_the_register_says_so(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    duty = replace(BANK, basis=Basis.LEGAL_DUTY, why="征信业管理条例第二十九条")
    vault.register = with_recipient(vault.register, duty)
    one = vault.put(person, ["loan"], credit)
    found = provide.provide(vault, approved(vault, credit, 1), [one], BANK.name, credit)
    assert len(found.rows) == 1
    note = next(e for e in entries(vault.log.path) if e.kind == "provide")
    assert note.body is not None and note.body["basis"] == "legal_duty: 征信业管理条例第二十九条"


def test_a_recipient_must_be_registered_and_the_read_approved(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    vault.register = with_recipient(vault.register, replace(BANK, entrusted=True))
    one = vault.put(person, ["loan"], credit)
    with pytest.raises(VaultError, match="register"):
        provide.provide(vault, approved(vault, credit, 1), [one], "谁也不是", credit)
    alone = bulk.ask(vault, bulk.Terms("loan", ("name",), 1, "x"), credit)
    for number in (alone, "none"):
        with pytest.raises(VaultError):
            provide.provide(vault, number, [one], BANK.name, credit)


def test_a_row_goes_whole_and_in_clear_or_not_at_all(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    vault.register = with_recipient(vault.register, replace(BANK, entrusted=True))
    one = vault.put(person, ["loan"], credit)
    number = bulk.ask(vault, bulk.Terms("loan", ("name", "bank_card"), 2, "x"), credit)
    bulk.approve(vault, number, BOSS)
    found = provide.provide(vault, number, [one], BANK.name, credit)
    assert (found.rows, [o.code for o in found.left_out]) == ((), ["separate_consent"])
    consented(vault, one, Scope.SENSITIVE, "bank_card")
    found = provide.provide(vault, number, [one], BANK.name, credit)
    assert found.rows[0]["bank_card"] == person["bank_card"]


def test_a_register_that_gives_without_consent_says_why() -> None:
    from importlib import resources

    good = resources.files("jiedun.vault").joinpath("data/register.yaml").read_text("utf-8")
    stated = "entrusted: true, basis: legal_duty"
    with pytest.raises(InputError, match="without a reason"):
        parse(good.replace("entrusted: true", stated, 1), "r")
    found = parse(good.replace("entrusted: true", stated + ", why: 某法第一条", 1), "r")
    assert found.purposes["collection"].recipients[0].basis is Basis.LEGAL_DUTY
    assert example().purposes["collection"].recipients[0].basis is Basis.CONSENT


def give(purpose: str, scope: Scope = Scope.GENERAL, detail: str = "", n: str = "") -> Given:
    return Given(f"r-{purpose}-{scope}-{detail}{n}", purpose, scope, detail, NOTICE)


def test_what_rests_on_consent_is_kept_only_with_it(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    values = {**person, "email": "a@b.cn"}
    bare = admit.take(vault, values, ["loan", "marketing"], [], credit)
    assert bare.subject is not None
    assert {(r.field, r.code) for r in bare.found.refused} == {
        ("id_number", "separate_consent"), ("bank_card", "separate_consent"),
        ("loan_amount", "separate_consent"), ("email", "consent"),
    }  # fmt: skip
    refusal = next(r for r in bare.found.refused if r.field == "bank_card")
    assert refusal.cites[0].article == "29" and "单独同意" in str(refusal.cites[0].quote)
    assert "bank_card" in bare.found.missing and "email" not in bare.found.missing
    seen = vault.read(bare.subject, ["name", "bank_card", "email"], "loan", credit)
    assert [seen[f].value for f in ("name", "bank_card", "email")] == [person["name"], None, None]
    consents = [give("loan", Scope.SENSITIVE, "bank_card"), give("marketing")]
    full = admit.take(vault, values, ["loan", "marketing"], consents, credit)
    assert full.subject is not None
    assert {r.field for r in full.found.refused} == {"id_number", "loan_amount"}
    seen = vault.read(full.subject, ["bank_card"], "loan", credit)
    assert seen["bank_card"].value == person["bank_card"]
    sent = vault.read(full.subject, ["email"], "marketing", Actor("m", "marketing"))
    assert sent["email"].value == "a@b.cn"
    assert ("loan", "bank_card") not in full.found.consent_needed


def test_a_purpose_without_consent_does_not_get_the_field_of_another(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    taken = admit.take(vault, {"mobile": person["mobile"]}, ["account", "marketing"], [], credit)
    assert taken.subject is not None
    seen = vault.read(taken.subject, ["mobile"], "marketing", Actor("m", "marketing"))
    assert seen["mobile"].decision.reason == "purpose"


def test_collecting_starts_the_clock_of_what_is_kept_from_then(vault: Vault, credit: Actor) -> None:
    purposes = dict(vault.register.purposes)
    kept = replace(purposes["account"].retention, days=30, after="collected")
    purposes["account"] = replace(purposes["account"], retention=kept)
    vault.register = replace(vault.register, purposes=purposes)
    admit.take(vault, {"mobile": "13800001234"}, ["account"], [], credit)
    vault.clock.move(days=29)  # type: ignore[attr-defined]
    assert retention.sweep(vault, credit) == []
    vault.clock.move(days=1)  # type: ignore[attr-defined]
    assert retention.sweep(vault, credit)[0].rules == ("account: 30d after collected",)
    assert vault.find("mobile", "13800001234", "account", BOSS) == []


def test_more_is_kept_about_a_person_as_far_as_consents_stand(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    who = admit.take(vault, {"mobile": person["mobile"]}, ["account"], [], credit).subject
    assert who is not None
    more = {"email": "a@b.cn", "mobile": person["mobile"]}
    bare = admit.add(vault, who, more, ["marketing"], [], credit)
    assert ([r.code for r in bare.found.refused], dict(bare.found.kept)) == (["consent"] * 2, {})
    admit.add(vault, who, more, ["marketing"], [give("marketing")], credit)
    seller = Actor("m", "marketing")
    assert vault.read(who, ["email"], "marketing", seller)["email"].value == "a@b.cn"
    admit.add(vault, who, {"email": "c@d.cn"}, ["marketing"], [], credit)  # the consent stands
    assert vault.read(who, ["email"], "marketing", seller)["email"].value == "c@d.cn"
    assert vault.find("mobile", person["mobile"], "account", BOSS) == [who]
    with pytest.raises(VaultError, match="no such person"):
        admit.add(vault, b"0" * 16, more, ["marketing"], [], credit)


def test_a_replayed_consent_leaves_nobody_behind(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    admit.take(vault, {"email": "a@b.cn"}, ["marketing"], [give("marketing")], credit)
    with pytest.raises(VaultError, match="recorded before"):
        admit.take(vault, person, ["loan", "marketing"], [give("marketing")], credit)
    assert vault.find("mobile", person["mobile"], "loan", credit) == []
    nobody = admit.take(vault, {"email": "a@b.cn"}, ["marketing"], [], credit)
    assert nobody.subject is None and nobody.found.service


def test_the_command_leaves_out_who_did_not_agree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cheap: None
) -> None:
    at = ["--at", str(tmp_path / "v"), "--passphrase", "pw"]
    assert main(["vault", "init", *at]) == 0
    register = tmp_path / "v" / "register.yaml"
    raw = register.read_text("utf-8")
    raw = raw.replace(
        "fields: [mobile, name, loan_amount]", "fields: [mobile, name, loan_amount, email]"
    )
    register.write_text(raw.replace("entrusted: true", "entrusted: false", 1), "utf-8")
    people = tmp_path / "p.jsonl"
    people.write_text('{"mobile": "13800001234"}\n{"mobile": "13900001234"}\n')
    who = [*at, "--actor", "a", "--role", "collector"]
    capsys.readouterr()
    assert main(["vault", "put", str(people), "--purpose", "collection", *who]) == 0
    ids = [json.loads(x)["subject"] for x in capsys.readouterr().out.splitlines()]
    notice = tmp_path / "n.txt"
    notice.write_text("告知书")
    scope = ["--scope", "provide", "--detail", "受托催收机构", "--purpose", "collection"]
    shown = ["--notice", str(notice), "--receipt", "r1"]
    assert main(["vault", "consent", "give", ids[0], *scope, *shown, *who]) == 0
    (tmp_path / "f.csv").write_text(
        "Subject ,mobile,email\n" + "".join(f"{i},1390000000{n},\n" for n, i in enumerate(ids))
    )
    (tmp_path / "g.csv").write_text("mobile,email\n13900000000,\n")
    run = [*at, "--campaign", "c1"]
    assert main(["vault", "decoys", *run, "--domain", "d.example.cn", "--count", "20"]) == 0
    to = ["--to", "受托催收机构", "--purpose", "collection", "--out", str(tmp_path / "out.csv")]
    assert main(["vault", "handover", str(tmp_path / "g.csv"), *run, *to]) == 1
    assert "PIPL 23" in capsys.readouterr().err
    assert main(["vault", "handover", str(tmp_path / "f.csv"), *run, *to]) == 3
    told = json.loads(capsys.readouterr().out)
    assert [o["subject"] for o in told["left_out"]] == [ids[1]]
    assert "单独同意" in told["clauses"][0]["quote"]
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert [r["mobile"] for r in rows if r["mobile"]] == ["13900000000"]
    assert set(rows[0]) == {"mobile", "email"}
    made = handover.recorded(tmp_path / "v" / "handovers.log")
    assert [(m.purpose, m.basis, m.rows) for m in made] == [("collection", "consent", 1)]
    nobody = ["--to", "谁", *to[2:]]
    assert main(["vault", "handover", str(tmp_path / "f.csv"), *run, *nobody]) == 1
    (tmp_path / "m.csv").write_text("subject,mobile,email,身份证,证件号码\n")
    assert main(["vault", "handover", str(tmp_path / "m.csv"), *run, *to]) == 1
    told = capsys.readouterr().err
    assert "证件号码" in told and "PIPL 6" in told and "身份证" not in told


def test_columns_are_known_by_id_or_title() -> None:
    columns = ["mobile", "手机号码", " Address ", "bank_card", "loan no"]
    assert provide.beyond(example(), "collection", columns) == (
        [" Address ", "bank_card"],
        ["loan no"],
    )
    tricks = ["ｂａｎｋ＿ｃａｒｄ", "bank_card\u200b", "Bank-Card", "银行卡号码\ufeff"]
    assert provide.beyond(example(), "collection", tricks) == (tricks, [])
    with pytest.raises(VaultError):
        provide.beyond(example(), "none", [])
