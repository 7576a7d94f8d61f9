"""`jiedun rules`: list, show, test, their JSON and exit codes."""

import json
from pathlib import Path

import pytest

from jiedun.cli.main import main
from jiedun.rules.pack import rulebook


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "list"]) == 0
    out = capsys.readouterr().out
    assert all(rule.id in out and rule.title.zh in out for rule in rulebook())
    assert main(["rules", "--lang", "en", "list"]) == 0
    assert f"{len(rulebook())} rules" in capsys.readouterr().out


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--json", "list"]) == 0
    assert [r["id"] for r in json.loads(capsys.readouterr().out)] == [r.id for r in rulebook()]


@pytest.mark.parametrize("rule_id", [rule.id for rule in rulebook()])
def test_show(rule_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    rule = next(r for r in rulebook() if r.id == rule_id)
    assert main(["rules", "show", rule_id]) == 0
    out = capsys.readouterr().out
    assert rule.when.text in out and rule.source in out
    assert all(cite.instrument in out for cite in rule.cites)
    assert main(["rules", "--json", "show", rule_id]) == 0
    assert json.loads(capsys.readouterr().out)["when"] == rule.when.text


@pytest.mark.parametrize("words", [["show"], ["show", "NONE"], ["list", "x"]])
def test_wrong_use(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", *words]) == 2
    assert "jiedun:" in capsys.readouterr().err


def test_test_says_n_of_m(capsys: pytest.CaptureFixture[str]) -> None:
    count = sum(len(rule.examples) for rule in rulebook())
    assert main(["rules", "test"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"{count} of {count} agree"


def test_a_case_that_does_not_agree_is_exit_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = rulebook()[0]
    path = tmp_path / "cases.yaml"
    path.write_text(
        f"- {{name: none known, rule: {rule.id}, on: 2026-03-01, facts: {{}}, expect: violates}}\n",
        encoding="utf-8",
    )
    count = sum(len(r.examples) for r in rulebook())
    assert main(["rules", "test", str(path)]) == 4
    out = capsys.readouterr().out.splitlines()
    assert "cases.yaml" in out[0] and "expected violates" in out[0]
    assert out[-1] == f"{count} of {count + 1} agree"
    assert main(["rules", "--json", "test", str(path)]) == 4
    assert len(json.loads(capsys.readouterr().out)["failed"]) == 1


def test_a_file_that_is_not_there_is_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "test", "nowhere.yaml"]) == 1
    assert "nowhere.yaml" in capsys.readouterr().err
