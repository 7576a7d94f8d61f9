"""Tables: no cell executes, every cell can be turned back, numbers stay numbers."""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from jiedun.model.report import Report
from jiedun.present.tables import (
    Table,
    neutralise,
    report_tables,
    restore,
    save,
    write_csv,
    write_xlsx,
)

RISKY = "=+-@\t\r＝＋－＠"
ALPHABET = st.sampled_from("=+-@'\"\t\r\n,;| \u3000＝＠a1还⟨U+000D⟩\x00\u202e\ud83d")
TEXTS = st.text(ALPHABET) | st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|'' /C calc'!A0"),
        ("+8613800000000", "'+8613800000000"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1+1", "' =1+1"),
        ("＝1+1", "'＝1+1"),
        ("'abc", "''abc"),
        ("a;=1+1", "a;'=1+1"),
        ("a\n=1+1", "a\n'=1+1"),
        ('a";=1', "a\";'=1"),
        ("2026-03-02 22:44:02", "2026-03-02 22:44:02"),
        ("还钱！", "还钱！"),
        ("", ""),
    ],
)
def test_cells_cannot_execute(text: str, cell: str) -> None:
    assert neutralise(text) == cell
    assert restore(cell) == text


@given(TEXTS)
def test_cells_can_be_turned_back(text: str) -> None:
    assert restore(neutralise(text)) == text


@given(TEXTS)
def test_no_piece_begins_riskily(text: str) -> None:
    cell = neutralise(text).replace("\n", ";").replace(",", ";").replace("|", ";")
    for piece in cell.replace("\t", ";").replace('"', ";").split(";"):
        assert piece.lstrip(" \u3000\u00a0")[:1] not in tuple(RISKY)


@settings(deadline=None, max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_csv_reads_back_whole(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    write_csv(Table("t", ("a",) * len(texts), [texts]), path)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert [restore(cell) for cell in rows[1]] == texts


def test_numbers_stay_numbers(tmp_path: Path) -> None:
    write_csv(
        Table("t", ("a", "b", "c", "d"), [(-3, Decimal("-1.50"), date(2026, 1, 2), None)]),
        tmp_path / "t.csv",
    )
    assert (tmp_path / "t.csv").read_text("utf-8-sig").splitlines()[
        1
    ] == '"-3","-1.50","2026-01-02",""'


def test_xlsx_cells_are_text_or_numbers_never_formulas(tmp_path: Path) -> None:
    texts = ["=1+1", "@x", "a\x00b", "\ud83d", "#N/A", "x" * 40_000]
    path = tmp_path / "t.xlsx"
    write_xlsx([Table("=t", ("=head",) * 6, [texts]), Table("空", ("a",), []),
                Table("n", ("a", "b"), [(-3, Decimal("1.50"))])], path)  # fmt: skip
    book = load_workbook(path)
    assert book.sheetnames == ["'=t", "空", "n"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    found = [cell.value for cell in book["'=t"][2]]
    assert [restore(str(value)) for value in found[:5]] == texts[:5]
    assert str(found[5]).endswith("x… [CSV]")
    assert [cell.value for cell in book["n"][2]] == [-3, 1.5]


def test_a_second_sheet_takes_what_one_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiedun.present.tables._SHEET_ROWS", 2)
    write_xlsx([Table("t", ("n",), [(n,) for n in range(5)])], tmp_path / "t.xlsx")
    book = load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["t", "t_2", "t_3"]
    assert [[c.value for c in sheet["A"][1:]] for sheet in book] == [[0, 1], [2, 3], [4]]


def test_the_reports_lists(tmp_path: Path, sample_report: Report) -> None:
    paths = save(sample_report, tmp_path, "zh")
    assert [path.name for path in paths] == [
        "timeline.csv", "findings.csv", "owed.csv", "files.csv", "problems.csv",
    ]  # fmt: skip
    timeline, findings, owed, files, problems = (
        list(csv.DictReader(path.read_text("utf-8-sig").splitlines())) for path in paths
    )
    assert len(timeline) == len(sample_report.timeline)
    assert [row["time"] for row in timeline] == sorted(row["time"] for row in timeline)
    assert {row["findings"] for row in timeline if row["item"] == "sms.xml#1"} == {
        "threat call_outside_hours"
    }
    assert next(row["id"] for row in findings) == "f-7"
    assert [row["contrast"] for row in owed] == ["", "", "contrast"]
    assert {row["sha256"] for row in files} == {f.sha256 for f in sample_report.files}
    assert problems[0]["at"] == "17"
    assert len(report_tables(sample_report, "en")) == len(paths)
