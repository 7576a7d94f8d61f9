"""`jiedun owe` as a person types it."""

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from jiedun.cli.main import main
from jiedun.ledger.export import inert

LOAN = {
    "lender": "=cmd|'/c calc'!A1", "lender_type": "private", "date": "2025-06-02", "disbursed_date": "2025-06-02",
    "principal": 10000, "disbursed_amount": 8000, "contract_annual_rate": 0.24,
    "instalments": [{"no": 1, "due_date": "2026-06-02", "amount": 12400}],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "loan.json").write_text(json.dumps(LOAN, ensure_ascii=False), "utf-8")
    rows = "date,amount,payee,note\n2025-12-02,1000.00,=cmd|'/c calc'!A1,转账\n"
    (tmp_path / "payments.csv").write_text(rows, "utf-8")
    return tmp_path


def _json(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    data: dict[str, object] = json.loads(capsys.readouterr().out)
    return data


def test_json_has_the_stated_shape(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["owe", str(folder / "loan.json"), "--as-of", "2026-06-02", "--json"]) == 0
    out = capsys.readouterr().out
    data = json.loads(out)
    assert {"rate", "caps", "owed", "findings", "ledger"} <= set(data)
    assert {"monthly_irr", "annual_nominal", "annual_effective", "xirr_365"} <= set(data["rate"])
    keys = {
        "id",
        "assumption",
        "principal",
        "interest",
        "fees",
        "penalty",
        "paid",
        "total",
        "overpaid",
        "cites",
    }
    assert all(keys <= set(answer) for answer in data["owed"])
    assert '"principal": 8000.00' in out or '"principal": 7' in out
    assert all("lines" in ledger for ledger in data["ledger"])


def test_text_in_both_languages(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for lang, word in (("zh", "依法应还"), ("en", "lawfully owed")):
        args = ["owe", str(folder / "loan.json"), "--as-of", "2026-06-02", "--lang", lang, "--outlook",
                "--limitation", "--afford", "900/month"]  # fmt: skip
        assert main(args) == 0
        assert word in capsys.readouterr().out


def test_a_refund_is_told_and_never_dropped(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (folder / "payments.csv").open("a", encoding="utf-8") as file:
        file.write("2026-01-02,-200.00,=cmd|'/c calc'!A1,退款\n")
    args = ["owe", str(folder / "loan.json"), "--as-of", "2026-06-02"]
    assert main(args) == 0
    told = capsys.readouterr().out
    assert "payments.csv#2  金额是-200.00" in told and "要减去它" in told
    assert main([*args, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [one["code"] for one in data["payments_not_counted"]] == ["not_positive"]


def test_two_loans_give_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loan = str(folder / "loan.json")
    assert main(["owe", loan, loan, "--as-of", "2026-06-02"]) == 0
    assert "先处理谁" in capsys.readouterr().out
    assert main(["owe", loan, loan, "--as-of", "2026-06-02", "--json"]) == 0
    assert len(_json(capsys)["loans"]) == 2  # type: ignore[arg-type]


def test_exports_cannot_execute(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = {name: folder / f"out.{name}" for name in ("csv", "xlsx", "ics")}
    args = ["owe", str(folder / "loan.json"), "--as-of", "2026-06-02"]
    for name, path in target.items():
        args += [f"--{name}", str(path)]
    assert main(args) == 0
    rows = list(csv.reader(io.StringIO(target["csv"].read_text("utf-8-sig"))))
    assert len({len(row) for row in rows}) == 1
    assert not any(
        cell[:1] in "=+-@\t" for row in rows for cell in row if cell and not cell[0].isdigit()
    )
    book = openpyxl.load_workbook(target["xlsx"])
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert target["ics"].read_text("utf-8").startswith("BEGIN:VCALENDAR")
    assert "out.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\tx", " =1", "＝1", "\r=1", "\u3000=1"]
)
def test_inert_text(text: str) -> None:
    assert inert(text).startswith("'")


def test_plain_text_is_left_alone() -> None:
    assert inert("payments.csv#3") == "payments.csv#3"
    assert inert("") == ""


def test_unclear_input_is_named_and_the_rest_worked_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "loan.json").write_text(json.dumps({**LOAN, "contract_annual_rate": 24}), "utf-8")
    assert main(["owe", str(folder / "loan.json"), "--as-of", "2026-06-02"]) == 3
    out = capsys.readouterr().out
    assert "contract_rate_as_fraction" in out
    assert "loan.json" in out


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"lender": NaN}'])
def test_what_is_no_loan_is_refused(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "loan.json"
    path.write_text(text, "utf-8")
    assert main(["owe", str(path)]) == 1
    assert "loan.json" in capsys.readouterr().err


def test_wrong_use(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["owe"]) == 2
    assert main(["owe", str(folder / "absent.json")]) == 1
    assert main(["owe", str(folder / "loan.json"), "--afford", "much"]) == 2
    assert main(["owe", str(folder / "loan.json"), "--csv", str(folder / "no" / "x.csv")]) == 1
    with pytest.raises(SystemExit) as stopped:
        main(["owe", "x.json", "--as-of", "yesterday"])
    assert stopped.value.code == 2
    capsys.readouterr()


def test_shared_case_through_the_command(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in sorted(p.parent for p in (shared / "cases").glob("*/expected.json")):
        expected = json.loads((folder / "expected.json").read_text("utf-8"))
        assert main(["owe", str(folder / "loan.json"), "--as-of", expected["as_of"], "--json"]) == 0
        data = json.loads(capsys.readouterr().out)
        assert [p["id"] for p in data["payments_counted"]] == expected["loan"]["payments_counted"]
        assert abs(data["total_paid"] - expected["loan"]["total_paid"]) < 0.005
