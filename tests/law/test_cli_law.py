"""`jiedun law`: each form of the command, its exit codes, and that it starts fast."""

import io
import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from jiedun.cli.main import Exit, main

ROOT = Path(__file__).resolve().parents[2]


class _Bytes(io.TextIOWrapper):
    """Standard input over given bytes."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8")


def test_one_clause_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "pipl#23", "--on", "2025-06-01"]) == Exit.DONE
    shown = capsys.readouterr().out
    assert "第 23 条: 当日有效" in shown
    assert "并取得个人的单独同意" in shown


def test_one_clause_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "csl#第四十三条", "--on", "2025-06-01", "--json"]) == Exit.DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["in_force"], told["text"], told["verified"]) == (False, None, False)
    assert told["predecessor"] == {"instrument": "csl-2016", "article": "41"}


def test_one_act(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "criminal-law", "--lang", "en"]) == Exit.DONE
    shown = capsys.readouterr().out
    assert "criminal law" in shown
    assert "286 286-1 287 287-1 287-2" in shown
    assert main(["law", "pipl", "--json"]) == Exit.DONE
    assert len(json.loads(capsys.readouterr().out)["articles"]) == 74


def test_one_unnumbered_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "npcsc-interp-credit-card"]) == Exit.DONE
    assert "刑法规定的“信用卡”，是指" in capsys.readouterr().out


def test_a_text_not_held_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "gbt-45251-2025#5.3", "--on", "2025-03-01"]) == Exit.DONE
    shown = capsys.readouterr().out
    assert "待核实" in shown
    assert "本身不是违法依据" in shown


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law"]) == Exit.DONE
    shown = capsys.readouterr().out
    assert "pipl" in shown
    assert "cba-guide-2026" in shown
    assert main(["law", "--json"]) == Exit.DONE
    assert len(json.loads(capsys.readouterr().out)) > 90


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["pip#3"], Exit.NOTHING, "pipl"),
        (["pipl#99"], Exit.NOTHING, "pipl#74"),
        (["pipl#23", "--on", "06/01/2025"], Exit.USAGE, "YYYY-MM-DD"),
    ],
)
def test_wrong_input_is_plain(
    words: list[str], code: Exit, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["law", *words]) == code
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(("bad", "code"), [(b"", Exit.DONE), (b"{\n", Exit.PARTLY)])
def test_bulk(
    bad: bytes,
    code: Exit,
    capsysbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = b'{"id": "\\ud800", "instrument": "pipl", "article": "23", "on": "2025-06-01"}\n'
    monkeypatch.setattr(sys, "stdin", _Bytes(good + bad + good))
    assert main(["law", "-"]) == code
    lines = capsysbinary.readouterr().out.splitlines()
    assert len(lines) == 2 + bool(bad)
    assert json.loads(lines[0])["id"] == "\ud800"
    assert json.loads(lines[-1])["in_force"] is True


def test_one_look_up_starts_fast() -> None:
    command = [sys.executable, "-m", "jiedun.cli.main", "law", "pipl#23", "--on", "2025-06-01"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, capture_output=True, check=True, env={"PYTHONPATH": str(ROOT / "src")}
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "单独同意" in done.stdout.decode()
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.5


def test_import_reads_no_data() -> None:
    code = (
        "import jiedun.law, sys;"
        "from jiedun.law import articles, register, renumbering, prime_rate, offices;"
        "assert articles._lines._value is None and register._register._value is None;"
        "assert prime_rate._rows._value is None and offices._channels._value is None"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(ROOT / "src")})
