"""The commands next, draft and lender on folders: what they print, write and refuse."""

import json
import shutil
from pathlib import Path

import pytest
from icalendar import Calendar

from jiedun.cli.main import main

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "case-linxi"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A copy of the example case, so that results lie beside it."""
    folder = tmp_path / "案子"
    shutil.copytree(EXAMPLE, folder)
    return folder


def _run(*words: str | Path) -> int:
    return main([*map(str, words), "--as-of", "2026-11-22", "--tier", "fast"])


def test_next_prints_the_plan_and_writes_a_calendar(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["filed", str(case), "lender", "--on", "2026-11-20", "--number", "T-9"]) == 0
    assert _run("next", case, "--ics", "--channels") in (0, 3)
    told = capsys.readouterr().out
    for words in (
        "马上做",
        "千万别说",
        "千万别付",
        "找谁、为什么",
        "这次用不上的",
        "T-9",
        "待与受理机关核实",
    ):
        assert words in told
    events = Calendar.from_ical((case.with_name("案子.jiedun") / "next.ics").read_bytes())
    assert list(events.walk("VEVENT"))


def test_next_json_is_whole(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("next", case, "--json", "--situation", "impersonated") in (0, 3)
    plan = json.loads(capsys.readouterr().out)
    assert plan["schema"] == "jiedun.plan/1" and plan["situation"] == "impersonated"
    assert plan["steps"][0]["urgent"] and plan["channels"] and plan["cautions"]


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_draft_writes_outside_the_evidence(
    case: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(case.rglob("*"))
    assert _run("draft", case, "--letter", "police-report", "--format", kind) in (0, 3)
    written = list((case.with_name("案子.jiedun") / "letters").iterdir())
    assert {p.suffix for p in written} == {f".{kind}"}
    assert sorted(case.rglob("*")) == before
    assert "12348" in capsys.readouterr().out


def test_draft_lists_letters_and_prints_the_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draft", "--list"]) == 0
    assert "police-report" in capsys.readouterr().out
    assert main(["draft", "--form-sample"]) == 0
    assert "impersonated:" in capsys.readouterr().out


def test_draft_refuses_what_it_cannot_do(case: Path, tmp_path: Path) -> None:
    assert _run("draft", case, "--letter", "nothing") == 2
    assert _run("draft", case, "--letter", "lender-complaint", "--to", "没有这家") == 2
    assert _run("draft", case, "--out", case / "里面") == 2
    assert main(["draft"]) == 2
    assert _run("draft", tmp_path / "没有") == 2


def test_empty_folder_still_gives_letters_with_blanks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "空"
    folder.mkdir()
    assert _run("draft", folder, "--letter", "all", "--situation", "exposed-card", "--json") in (
        0,
        3,
    )
    told = json.loads(capsys.readouterr().out)
    assert len(told["written"]) == 5 and not told["flawed"]
    assert _run("next", folder, "--situation", "exposed-card") in (0, 3)


def test_bad_form_is_named_and_nothing_is_written(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (case / "form.yaml").write_text("- 一\n", "utf-8")
    assert _run("draft", case, "--letter", "police-report") == 1
    assert "form.yaml" in capsys.readouterr().err


def _list(path: Path, names: list[str], encoding: str = "utf-8") -> Path:
    path.write_bytes(
        "\r\n".join(["序号,机构名称", *(f"{n},{x}" for n, x in enumerate(names))]).encode(encoding)
    )
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_lender_finds_a_name_in_a_downloaded_list(
    tmp_path: Path, encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = _list(tmp_path / "名单.csv", ["云岭市青禾小额贷款有限公司", "别的公司"], encoding)
    assert main(["lender", "青禾小贷", "--list", str(listed), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["hits"] == [{"file": "名单.csv", "row": 2, "name": "云岭市青禾小额贷款有限公司"}]


def test_absence_from_a_list_is_not_called_unlicensed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = _list(tmp_path / "名单.csv", ["别的小额贷款有限公司"])
    assert main(["lender", "青禾小贷", "--list", str(listed)]) == 0
    assert "没找到不等于没有牌照" in capsys.readouterr().out


def test_signs_come_from_the_contracts_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loan = {
        "lender": "快圈", "lender_type": "p2p", "date": "2026-10-01", "principal": 2000,
        "disbursed_amount": 1500, "disbursed_date": "2026-10-01", "repayment": "7天后还2000元",
        "instalments": [{"no": 1, "due_date": "2026-10-08", "amount": 2000}],
        "fees": [{"name": "会员费", "amount": 500, "timing": "放款前收取", "payee": "某某信息公司"}],
        "repayment_account": "王五", "permissions": "通讯录、短信",
    }  # fmt: skip
    path = tmp_path / "loan.json"
    path.write_text(json.dumps(loan, ensure_ascii=False), "utf-8")
    assert main(["lender", "快圈", "--contract", str(path), "--as-of", "2026-11-01", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = {s["id"] for s in told["signs"]}
    assert {"advance", "rate", "short", "third-fees", "before-payout", "private-account",
            "address-book"} == found  # fmt: skip


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"\xff\xfe\x00\x00"])
def test_unreadable_list_is_named(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "坏.xlsx"
    path.write_bytes(content)
    assert main(["lender", "青禾小贷", "--list", str(path)]) == 3
    assert "坏.xlsx" in capsys.readouterr().out
