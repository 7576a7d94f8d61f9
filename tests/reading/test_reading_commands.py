"""`jiedun read`, `pii` and `mask` on the command line."""

import io
import json
from pathlib import Path

import pytest

from jiedun.cli.main import Exit, main

LINES = [
    '{"id":"a","channel":"sms","recipient":"debtor","text":"你这个畜生，电话17000001234"}',
    "not json",
    '{"id":"b"}',
    "",
    '{"text":"\\ud800 还款"}',
]


@pytest.fixture
def given_file(tmp_path: Path) -> Path:
    """Good, bad and odd lines."""
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + "\n".join(LINES).encode("utf-8", "surrogatepass"))
    return path


def _rows(text: str) -> list[dict[str, object]]:
    return [json.loads(x) for x in text.splitlines()]


def test_read_names_bad_lines(given_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(given_file), "--tier", "fast"]) == Exit.PARTLY
    out, err = capsys.readouterr()
    rows = _rows(out)
    assert [r["id"] for r in rows] == ["a", "5"]
    assert set(rows[0]) == {"id", "labels", "probable", "scores", "spans"}
    assert f"{given_file}#2" in err
    assert f"{given_file}#3" in err


def test_pii_and_mask(given_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.jsonl"
    assert main(["pii", str(given_file), "--out", str(out)]) == Exit.PARTLY
    spans = _rows(out.read_text("utf-8"))[0]["spans"]
    shown = {"start": 8, "end": 19, "type": "CN_MOBILE", "value": "17000001234", "score": 0.97}
    assert spans == [shown]
    assert main(["mask", str(given_file)]) == Exit.PARTLY
    assert "170****1234" in capsys.readouterr().out
    key = tmp_path / "key"
    key.write_bytes(b"secret")
    assert (
        main(["mask", str(given_file), "--pseudonyms", str(key), "--only", "CN_MOBILE"])
        == Exit.PARTLY
    )
    assert "手机-" in capsys.readouterr().out


def test_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(LINES[0].encode()), "utf-8")
    monkeypatch.setattr("sys.stdin", stream)
    assert main(["pii"]) == Exit.DONE
    assert _rows(capsys.readouterr().out)[0]["id"] == "a"


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(tmp_path / "none.jsonl")]) == Exit.NOTHING
    assert "none.jsonl" in capsys.readouterr().err
