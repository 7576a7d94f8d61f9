"""`jiedun vault …` from an empty folder to an erased person."""

import json
from pathlib import Path

import pytest

from jiedun.cli.main import main

ACTOR = ["--actor", "张三", "--role", "credit"]


@pytest.fixture
def at(tmp_path: Path, cheap: None) -> list[str]:
    """Arguments that open a vault in an empty folder, its keys cheap."""
    where = ["--at", str(tmp_path / "v"), "--passphrase", "pw"]
    assert main(["vault", "init", *where]) == 0
    return where


def answer(capsys: pytest.CaptureFixture[str], argv: list[str], code: int = 0) -> object:
    capsys.readouterr()
    assert main(["vault", *argv]) == code
    out = capsys.readouterr().out
    return json.loads(out) if out.lstrip()[:1] in ("{", "[") else out


def test_a_person_from_collection_to_erasure(
    at: list[str], tmp_path: Path, person: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    people = tmp_path / "people.jsonl"
    given = {"receipt": "r0", "purpose": "loan", "scope": "sensitive", "notice": "ab" * 32}
    row = {**person, "contacts": "全部", "consents": [{**given, "detail": "bank_card"}]}
    people.write_text(json.dumps(row) + "\n")
    loan = ["--purpose", "loan"]
    told = answer(capsys, ["collect", str(people), *loan], 3)
    assert isinstance(told, dict)
    assert told["refused"][0]["field"] == "contacts"
    assert "不得过度收集" in told["refused"][0]["cites"][0]["quote"]
    put = answer(capsys, ["put", str(people), *loan, *at, *ACTOR], 3)
    assert isinstance(put, dict)
    who = put["subject"]
    assert {"id_number", "loan_amount", "contacts"} == set(put["refused"])
    found = answer(capsys, ["find", "mobile", person["mobile"], *loan, *at, *ACTOR])
    assert found == [who]
    notice = tmp_path / "n.txt"
    notice.write_text("告知书")
    consent = ["consent", "give", who, *loan, "--scope", "sensitive", "--detail", "bank_card"]
    shown = ["--notice", str(notice), "--receipt", "r1", *at, *ACTOR]
    answer(capsys, [*consent, *shown])
    answer(capsys, [*consent, *shown], 1)
    read = answer(capsys, ["read", who, "name", "bank_card", *loan, *at, *ACTOR])
    assert isinstance(read, dict)
    assert read["bank_card"]["value"] == person["bank_card"]
    exported = answer(capsys, ["consent", "export", who, *at])
    assert isinstance(exported, list)
    assert exported[0]["schema_version"] == "ISO/IEC TS 27560:2023"
    made = answer(capsys, ["request", "new", who, "--kind", "deletion", *at, *ACTOR])
    assert isinstance(made, dict)
    assert made["clause"] == "pipl#47"
    number = made["id"]
    listed = answer(capsys, ["request", "list", *at, *ACTOR])
    assert isinstance(listed, list) and [r["id"] for r in listed] == [number]
    answer(capsys, ["request", "step", number, "--to", "open", "--note", "核对", *at, *ACTOR])
    done = answer(capsys, ["request", "fulfil", number, *at, *ACTOR])
    assert isinstance(done, dict)
    assert done["keys_destroyed"] == 1
    answer(capsys, ["read", who, "name", *loan, *at, *ACTOR], 1)
    answer(capsys, ["rotate", "kek", *at, *ACTOR])
    answer(capsys, ["sweep", *at, *ACTOR])
    heads = answer(capsys, ["verify", *at, *ACTOR])
    assert isinstance(heads, dict)
    assert heads["consents"]["count"] == 2
    log = tmp_path / "v" / "access.log"
    window = [
        "--from",
        "2020-01-01T00:00",
        "--until",
        "2099-01-01T00:00",
        "--found",
        "2026-03-02T09:00",
    ]
    scope = answer(capsys, ["incident", str(log), *window])
    assert isinstance(scope, dict)
    assert scope["persons"] == 1


def test_wrong_use_says_so(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = tmp_path / "odd.jsonl"
    odd.write_text("{}\n[1]\n")
    assert main(["vault"]) == 2
    answer(capsys, ["read", "zz", "name", "--purpose", "loan", *at, *ACTOR], 2)
    answer(capsys, ["put", str(odd), "--purpose", "loan", *at, *ACTOR], 1)
    answer(capsys, ["read", "0" * 32, "name", "--purpose", "none", *at, *ACTOR], 1)
    answer(capsys, ["verify", *at[:2], "--passphrase", "other"], 1)
    answer(capsys, ["verify", *at, "--store", "postgresql://x/y"], 2)
    answer(capsys, ["init", *at], 1)
    answer(capsys, ["notice", "check"], 2)


def test_notices_from_the_command(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "n.txt"
    text.write_text("我们收集您的身份证号。")
    out = answer(capsys, ["notice", "check", str(text), "--on", "2026-03-02"], 4)
    assert "缺" in str(out) and "须经人核对" in str(out)
    register = tmp_path / "v" / "register.yaml"
    raw = register.read_text("utf-8")
    register.write_text(
        raw.replace('name: ""', "name: 某公司").replace('contact: ""', "contact: 电话 400-1", 1)
    )
    built = answer(capsys, ["notice", "build", "--register", str(register)])
    assert "处理者：某公司" in str(built)
