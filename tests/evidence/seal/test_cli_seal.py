"""The three commands: seal, verify, open."""

import importlib
import json
import sys
import types
from pathlib import Path
from typing import Any

import pyrage
import pytest

from jiedun.cli._others import finder
from jiedun.cli.main import Exit, main
from jiedun.evidence.seal.ots import parse


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command line; gives exit code, output, error output."""

    def call(*words: object) -> tuple[int, str, str]:
        code = main([str(w) for w in words])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def hook(monkeypatch: pytest.MonkeyPatch, cites: str) -> list[Path]:
    """Puts a check in place that cites one file."""
    calls: list[Path] = []

    def check_folder(folder: Path, out: Path, *, as_of: object, lang: str) -> None:
        calls.append(folder)
        out.mkdir(exist_ok=True)
        found = {"schema": "jiedun.findings/1", "findings": [{"items": [f"{cites}#1"]}]}
        (out / "findings.json").write_text(json.dumps(found))

    module = types.ModuleType("jiedun.case.check")
    vars(module)["check_folder"] = check_folder
    monkeypatch.setitem(sys.modules, "jiedun.case.check", module)
    return calls


def absent(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, name, None)


def test_seal_checks_first_then_verify(
    case: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = hook(monkeypatch, "sms.xml")
    code, out, _ = run("seal", case, "--json")
    sealed = json.loads(out)
    assert code == Exit.DONE and sealed["files"] == 2 and len(calls) == 1
    bag = sealed["path"]
    assert bag == str(case) + ".bag"
    code, out, _ = run("verify", bag, "--root", sealed["root"], "--key", sealed["key"], "--json")
    assert code == Exit.DONE and json.loads(out)["whole"] is True
    code, out, _ = run("verify", bag, "--root", "0" * 64, "--lang", "en")
    assert code == Exit.FAILED and "not the root you hold" in out
    assert run("verify", "--bagit", bag)[0] == Exit.DONE
    run("seal", case, "--out", bag + "2")
    assert len(calls) == 1, "nothing has changed, so nothing is checked again"


def test_seal_without_a_check_says_what_to_do(
    case: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent(monkeypatch, "jiedun.case.check")
    code, _, err = run("seal", case)
    assert code == Exit.NOTHING and "jiedun check" in err and "--only all" in err
    code, out, _ = run("seal", case, "--only", "all")
    assert code == Exit.DONE and "已封存" in out and "请把根和指纹另外记下来" in out


def test_changed_evidence_is_checked_again(
    case: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = hook(monkeypatch, "sms.xml")
    run("seal", case)
    (case / "sms.xml").write_bytes(b"<smses/> changed")
    assert run("seal", case, "--out", str(case) + "2")[0] == Exit.DONE
    assert len(calls) == 2


def test_wrong_use(case: Path, tmp_path: Path, run: Any) -> None:
    key = str(pyrage.x25519.Identity.generate().to_public())
    assert run("seal", tmp_path / "absent")[0] == Exit.NOTHING
    assert run("seal", case, "--out", case / "bag")[0] == Exit.USAGE
    assert run("seal", case, "--passphrase", "a", "--recipient", key)[0] == Exit.USAGE
    assert run("seal", case, "--passphrase", "")[0] == Exit.USAGE
    assert run("verify", tmp_path / "absent")[0] == Exit.NOTHING
    assert run("verify", tmp_path, "--root", "xyz")[0] == Exit.USAGE
    assert run("verify", tmp_path)[0] == Exit.FAILED
    assert run("open", tmp_path / "absent.tar.age")[0] == Exit.USAGE
    assert run("open", tmp_path / "absent.tar.age", "--passphrase", "x")[0] == Exit.NOTHING


def test_encrypted_to_a_key_and_opened(
    case: Path, tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(monkeypatch, "sms.xml")
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key.txt").write_text(str(identity))
    code, out, _ = run("seal", case, "--out", tmp_path / "p", "--recipient", identity.to_public())
    assert code == Exit.DONE and (tmp_path / "p.tar.age").is_file()
    assert not (tmp_path / "p").exists()
    assert not (tmp_path / "case.jiedun/store/sealing").exists()
    code, out, _ = run("open", tmp_path / "p.tar.age", "--identity", tmp_path / "key.txt")
    assert code == Exit.DONE and "完整" in out and (tmp_path / "p/verify.py").is_file()
    assert (
        run("open", tmp_path / "p.tar.age", "--identity", tmp_path / "key.txt")[0] == Exit.NOTHING
    )


def test_opened_bag_that_is_not_whole_is_said(
    case: Path, tmp_path: Path, run: Any, seal: Any
) -> None:
    from jiedun.evidence.seal.package import pack

    seal(case, tmp_path / "r", tmp_path / "bag")
    (tmp_path / "bag/index.html").write_text("changed")
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key.txt").write_text(str(identity))
    pack(tmp_path / "bag", tmp_path / "b.tar.age", to=[identity.to_public()])
    words = ("open", tmp_path / "b.tar.age", "--identity", tmp_path / "key.txt", "--json")
    code, out, _ = run(*words, "--out", tmp_path / "back")
    assert code == Exit.FAILED and json.loads(out)["faults"] == ["hash"]


def test_redaction_needs_a_reader_of_personal_information(
    case: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent(monkeypatch, "jiedun.case.check")
    absent(monkeypatch, "jiedun.reading.pii")
    code, _, err = run("seal", case, "--only", "all", "--redact")
    assert code == Exit.NOTHING and "without --redact" in err


def test_redacted_from_the_command_line(
    case: Path, tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent(monkeypatch, "jiedun.case.check")
    module = types.ModuleType("jiedun.reading.pii")
    vars(module)["find"] = lambda text: []
    monkeypatch.setitem(sys.modules, "jiedun.reading.pii", module)
    code, _, _ = run("seal", case, "--only", "all", "--redact", "--out", tmp_path / "bag")
    assert code == Exit.DONE
    content = (tmp_path / "bag/data/evidence/parties.csv").read_text()
    assert "王小明" not in content and "[姓名1]" in content
    assert (tmp_path / "bag/data/evidence/phones/[电话1]/sms.xml").is_file()


def test_finder_keeps_the_parties_to_the_debt_and_the_longer_piece() -> None:
    class Hit:
        def __init__(self, start: int, end: int, kind: str) -> None:
            self.start, self.end, self.type = start, end, kind

    text = "+86 17000000001 王小明 17000000002"
    hits = [Hit(0, 15, "MOBILE"), Hit(16, 18, "PERSON"), Hit(20, 31, "MOBILE")]
    spans = finder(lambda _: hits, {"17000000001"}, {"王小明": "姓名"})(text)
    assert [text[s.start : s.end] for s in spans] == ["王小明", "17000000002"]


def test_proof_of_another_bag(case: Path, tmp_path: Path, run: Any, seal: Any) -> None:
    seal(case, tmp_path / "r", tmp_path / "bag")
    (tmp_path / "x.ots").write_bytes(b"nothing")
    code, out, _ = run("verify", tmp_path / "bag", "--ots", tmp_path / "x.ots", "--lang", "en")
    assert code == Exit.FAILED and "OpenTimestamps" in out
    assert callable(parse)


@pytest.mark.parametrize("name", ["seal", "verify", "open"])
def test_help_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([name, "--help"])
    assert f"jiedun {name}" in capsys.readouterr().out
    assert importlib.import_module(f"jiedun.cli.{name}").EXAMPLE
