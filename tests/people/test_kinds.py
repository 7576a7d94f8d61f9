"""What kind of number, and what `jiedun number` says about it."""

import io
import json

import pytest

from jiedun.cli.main import Exit, main
from jiedun.people.kinds import OFFICIAL, kind


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("13800138000", "mobile"),
        ("+86 170 0000 5121", "virtual_operator"),
        ("16212345678", "virtual_operator"),
        ("95588", "call_centre_95"),
        ("9512345", "call_centre_95"),
        ("1069000005190", "sms_port_106"),
        ("106900006290", "sms_port_106"),
        ("400-000-0519", "toll_400"),
        ("8008100000", "toll_800"),
        ("026-00005190", "landline"),
        ("02600005190", "landline"),
        ("110", "government"),
        ("12368", "government"),
        ("+12378", "government"),
        ("96110", "government"),
        ("10086", "operator"),
        ("+85221234567", "international"),
        ("-1", "withheld"),
        ("", "withheld"),
        ("未知", "withheld"),
        ("138****0000", "masked"),
        ("YANCHI", "alphanumeric"),
        ("66123", "short"),
        ("00005190", "short"),
        ("123456789012345678901", "unknown"),
    ],
)
def test_kinds(number: str, name: str) -> None:
    found = kind(number)
    assert found.id == name
    for words in (found.what, found.proves, found.does_not_prove):
        assert words.zh
        assert words.en


def test_an_area_is_named_when_known_and_never_required() -> None:
    assert "深圳" in kind("0755 8888 8888").what.zh
    assert kind("02600005190").what.zh == "固定电话"


def test_official_numbers_say_that_they_can_be_forged() -> None:
    for number in OFFICIAL:
        assert "伪造" in kind(number).does_not_prove.zh
        assert "forged" in kind(number).does_not_prove.en


def test_ranges_that_were_not_checked_are_marked() -> None:
    assert kind("17000005121").certain is False
    assert kind("13800138000").certain is True


@pytest.mark.parametrize(("lang", "word"), [("zh", "不能说明"), ("en", "Does not show")])
def test_the_command(lang: str, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["number", "--lang", lang, "8602600005190", "-1"]) == Exit.DONE
    shown = capsys.readouterr().out
    assert "= 02600005190" in shown
    assert word in shown


def test_the_command_for_machines_reads_many(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("12368\n\n+86 170 0000 5121\n"))
    assert main(["number", "--json", "-"]) == Exit.DONE
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["kind"], second["number"], second["verified"]) == (
        "government",
        "17000005121",
        False,
    )
