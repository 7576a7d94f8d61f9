"""`jiedun check` as a person types it: outputs, exit codes, bad input, being killed, a full disk."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

import jiedun
from jiedun.cli.main import Exit, main

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "case-linxi"
HEAD = b"time,direction,peer_number,peer_name,duration_s\n"
SCHEMA = Path(jiedun.__file__).parent / "case" / "findings.schema.json"


def _tree(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _run(folder: Path, out: Path, *more: str) -> int:
    return main(
        ["check", str(folder), "--out", str(out), "--as-of", "2026-11-20", "--tier", "fast", *more]
    )


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A small case folder that can be spoiled."""
    folder = tmp_path / "案件"
    folder.mkdir()
    (folder / "parties.csv").write_text(
        "number,role,name,note\n17000009101,debtor,甲某,本人\n17000009121,collector,乙某,代表丙消金\n"
        "4000000919,lender,丙消金,客服\n",
        encoding="utf-8",
    )
    (folder / "calls.csv").write_text(
        "time,direction,peer_number,peer_name,duration_s\n"
        "2026-09-01 22:00:00,incoming,17000009121,,30\n"
        "2026-09-01 21:59:59,incoming,17000009121,,30\n",
        encoding="utf-8",
    )
    return folder


def test_example_writes_a_report_and_valid_findings(tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = _tree(EXAMPLE)
    assert _run(EXAMPLE, out) == Exit.DONE
    assert _tree(EXAMPLE) == before
    document = json.loads((out / "findings.json").read_text("utf-8"))
    jsonschema.validate(document, json.loads(SCHEMA.read_text("utf-8")))
    assert (out / "report.html").read_text("utf-8").startswith("<!doctype html>")
    hashes = {f["path"]: f["sha256"] for f in document["files"]}
    for finding in document["findings"]:
        for item in finding["items"]:
            path = item["id"].rsplit("#", 1)[0]
            assert item["sha256"] == hashes[path]
            assert hashes[path] == hashlib.sha256((EXAMPLE / path).read_bytes()).hexdigest()


def test_the_same_folder_gives_the_same_findings(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert _run(EXAMPLE, tmp_path / name) == Exit.DONE
    one, two = ((tmp_path / n / "findings.json").read_bytes() for n in ("one", "two"))
    assert one == two


def test_english_report_and_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(EXAMPLE, tmp_path / "out", "--lang", "en") == Exit.DONE
    assert "not legal advice" in capsys.readouterr().out.lower()
    assert '<html lang="en"' in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_json_is_the_findings_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(EXAMPLE, tmp_path / "out", "--json") == Exit.DONE
    shown = json.loads(capsys.readouterr().out)
    assert shown == json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))


def test_findings_on_words_of_people_are_at_most_possible(tmp_path: Path) -> None:
    _run(EXAMPLE, tmp_path / "out")
    document = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))
    told = [
        f
        for f in document["findings"]
        if any(i["id"].startswith(("events.csv", "statements/")) for i in f["items"])
    ]
    assert told
    assert {f["certainty"] for f in told} == {"possible"}
    assert all("word_of" in f["facts"] for f in told)
    assert not any(i["id"].startswith("story.md") for f in document["findings"] for i in f["items"])


def test_empty_folder_is_nothing_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "空").mkdir()
    assert _run(tmp_path / "空", tmp_path / "out") == Exit.NOTHING


def test_no_such_folder_is_said_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(tmp_path / "没有", tmp_path / "out") == Exit.NOTHING
    assert "Traceback" not in capsys.readouterr().err


def test_output_inside_the_evidence_is_wrong_use(case: Path) -> None:
    assert _run(case, case / "out") == Exit.USAGE
    assert not (case / "out").exists()


@pytest.mark.parametrize(
    "words",
    [["--as-of", "昨天"], ["--as-of", "0001-01-01"], ["--as-of", "9999-12-31"], ["--out", ""]],
)
def test_wrong_words_are_wrong_use(case: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["check", str(case), *words])
    assert stop.value.code == Exit.USAGE


def test_script_and_formula_in_evidence_are_shown_as_text(case: Path, tmp_path: Path) -> None:
    evil = '&lt;script&gt;alert(1)&lt;/script&gt;=cmd|" /C calc"!A0 {{7*7}} 再不还就弄死你'
    (case / "sms.xml").write_text(
        f"<smses><sms address='17000009121' date='1788000000000' type='1' body='{evil}'/></smses>",
        encoding="utf-8",
    )
    assert _run(case, tmp_path / "out") == Exit.DONE
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "<script>alert" not in page
    table = (tmp_path / "out" / "tables" / "timeline.csv").read_text("utf-8-sig")
    assert not any(cell.startswith("=") for cell in table.replace('"', "").split(","))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("sms.xml", b"<smses><sms address='1' date='17880", Exit.PARTLY),
        ("loan.json", b'{"lender": ', Exit.PARTLY),
        ("calls2.csv", HEAD + b"1601-01-01 00:00:00,incoming,1,,5\n", Exit.PARTLY),
        ("照片.jpg", b"\xff\xd8\xff\xe0rest", Exit.DONE),
        ("a.zip", b"PK\x03\x04broken", Exit.PARTLY),
        ("bad\nname.csv", b"a,b\n1,2\n", Exit.DONE),
    ],
)  # fmt: skip
def test_bad_input_is_named_and_the_rest_is_processed(
    case: Path, tmp_path: Path, name: str, content: bytes, code: int
) -> None:
    (case / name).write_bytes(content)
    assert _run(case, tmp_path / "out") == code
    document = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))
    assert {f["violation"] for f in document["findings"]} >= {"call_outside_hours"}
    assert name in {f["path"] for f in document["files"]}
    if code == Exit.PARTLY:
        assert any(p["path"] == name for p in document["problems"])


def test_dangling_link_and_pipe_are_named_and_never_opened(case: Path, tmp_path: Path) -> None:
    (case / "loan.json").symlink_to(tmp_path / "nowhere.json")
    os.mkfifo(case / "pipe.csv")
    assert _run(case, tmp_path / "out") == Exit.PARTLY
    document = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))
    assert {"loan.json", "pipe.csv"} <= {p["path"] for p in document["problems"]}


def test_a_name_that_is_no_utf8_is_read_and_kept(case: Path, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\xb0.csv")
    (case / name).write_bytes(HEAD + b"2026-09-02 23:00:00,incoming,17000009121,,30\n")
    assert _run(case, tmp_path / "out") == Exit.DONE
    document = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))
    items = {i["id"] for f in document["findings"] for i in f["items"]}
    assert "\\xff\\xb0.csv#1" in items


def test_full_disk_is_said_and_leaves_no_half_file(case: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "jiedun.cli.main", "check", str(case), "--out", str(out)]
    limit = "import resource as r,os,sys;r.setrlimit(r.RLIMIT_FSIZE,(20000,20000));os.execv(sys.argv[1],sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", limit, *command, "--tier", "fast"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == Exit.NOTHING
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (out / "report.html").exists()
    assert not list(out.glob(".*.part"))


def test_killed_at_any_moment_and_run_again(case: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert _run(case, out) == Exit.DONE
    wanted = json.loads((out / "findings.json").read_text("utf-8"))
    command = [sys.executable, "-m", "jiedun.cli.main", "check", str(case), "--out", str(out)]
    command += ["--as-of", "2026-11-20", "--tier", "fast"]
    for delay in (0.1, 0.4, 0.8, 1.2):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert json.loads((out / "findings.json").read_text("utf-8")) == wanted
    assert _run(case, out) == Exit.DONE
    assert json.loads((out / "findings.json").read_text("utf-8")) == wanted


def test_example_golden_findings(tmp_path: Path, rewrite: Callable[[Path, str], None]) -> None:
    assert _run(EXAMPLE, tmp_path / "out") == Exit.DONE
    document = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))
    lines = [
        f"{f['occurred_at'][:16]} {f['rule']} {f['force']} {f['certainty']} "
        f"{' '.join(i['id'] for i in f['items'])}"
        for f in document["findings"]
    ]
    rewrite(Path(__file__).parent / "golden" / "case-linxi.txt", "\n".join(lines) + "\n")


def test_gbk_and_bom_tables_read_the_same(case: Path, tmp_path: Path) -> None:
    assert _run(case, tmp_path / "plain") == Exit.DONE
    other = tmp_path / "gbk" / case.name
    shutil.copytree(case, other)
    for name, encoding in (("parties.csv", "gb18030"), ("calls.csv", "utf-8-sig")):
        text = (case / name).read_text("utf-8")
        (other / name).write_bytes(text.encode(encoding))
    assert _run(other, tmp_path / "coded") == Exit.DONE
    ids = [
        [(f["rule"], [i["id"] for i in f["items"]]) for f in json.loads(p.read_text("utf-8"))["findings"]]
        for p in (tmp_path / "plain" / "findings.json", tmp_path / "coded" / "findings.json")
    ]  # fmt: skip
    assert ids[0] == ids[1]


def test_numbers_the_phone_knows_get_no_collectors_line(case: Path, tmp_path: Path) -> None:
    calls = "".join(
        f"2026-09-0{day} 10:00:00,incoming,{number},{name},30\n"
        for day in range(1, 7)
        for number, name in (("17000009177", "快递"), ("17000009188", ""))
    )
    (case / "calls.csv").write_bytes(HEAD + calls.encode())
    assert _run(case, tmp_path / "out") == Exit.DONE
    document = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))
    jsonschema.validate(document, json.loads(SCHEMA.read_text("utf-8")))
    asked = [question["zh"] for question in document["questions"]]
    assert any("17000009188,collector" in question for question in asked)
    assert any("“快递”" in question for question in asked)
    assert not any("17000009177,collector" in question for question in asked)


def test_an_event_of_a_day_only_loses_nothing(case: Path, tmp_path: Path) -> None:
    (case / "events.csv").write_text(
        "time,kind,place,who,what,proof_file\n2026-09-01,visit,家,乙某,砸门,\n", encoding="utf-8"
    )
    assert _run(case, tmp_path / "out") == Exit.DONE
    document = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))
    assert [p["code"] for p in document["problems"]] == ["time-day-only"]
    hours = [u for u in document["unknown"] if "second_of_day" in u["missing"]]
    assert hours
    timeline = (tmp_path / "out" / "tables" / "timeline.csv").read_text("utf-8-sig")
    assert "2026-09-01,events.csv#1" in timeline.replace('"', "")
    assert not any(
        item["id"] == "events.csv#1" and finding["violation"] == "call_outside_hours"
        for finding in document["findings"]
        for item in finding["items"]
    )
