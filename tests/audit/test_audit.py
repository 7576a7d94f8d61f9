"""Audits: findings with clause and certainty, corrupt rows named, resumed runs, the page."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jiedun.audit.chance import wilson
from jiedun.audit.run import audit
from jiedun.audit.summary import summarise
from jiedun.cli.main import main
from jiedun.errors import InputError
from jiedun.gate.rules import load_rules

Contact = Callable[..., dict[str, Any]]
RULES = load_rules()


def findings(out: Path) -> list[tuple[Any, ...]]:
    query = "SELECT rule, contact_id, force, certainty, cites FROM read_parquet($1) ORDER BY ALL"
    return duckdb.execute(query, [str(out / "findings" / "*.parquet")]).fetchall()


def test_findings_of_a_day(tmp_path: Path, write_csv: Any, contact: Contact) -> None:
    rows = [contact(str(i), f"2026-03-02 1{i}:00:00") for i in range(5)]
    rows.append(contact("late", "2026-03-02T22:00:00+08:00", connected="false"))
    rows.append(contact("mother", "2026-03-02 09:00:00", person="p2", role="relative"))
    result = audit([write_csv(rows)], tmp_path / "out", RULES)
    found = findings(tmp_path / "out")
    assert ("GATE-COL-009-A", "3", "standard", "certain", ["gbt-45251-2025#5.3"]) in found
    assert [row[1] for row in found if row[0] == "GATE-COL-009-A"] == ["3", "4"]
    assert [row[1] for row in found if row[0] == "CN-COL-011"] == ["late"]
    (mother,) = [row for row in found if row[0] == "CN-COL-002"]
    assert mother[2] == "law" and mother[4][0] == "civil-code#1033"
    assert result.rows == 7 and result.findings == len(found)
    assert ("CN-PI-001-sign", ["declared", "in_phonebook"], 1) in result.unknown


def test_somebody_of_unknown_role_is_no_third_person(
    tmp_path: Path, write_csv: Any, contact: Contact
) -> None:
    row = contact("x", "2026-03-02 09:00:00", person="p2", role="unknown")
    result = audit([write_csv([row])], tmp_path / "out", RULES)
    assert not [found for found in findings(tmp_path / "out") if found[0] == "CN-COL-002"]
    assert any(
        rule == "CN-COL-002" and "to_third_person" in names for rule, names, _ in result.unknown
    )


def test_the_type_of_lender_decides(tmp_path: Path, write_csv: Any, contact: Contact) -> None:
    rows = [
        contact(f"{kind}{i}", f"2026-03-02 1{i}:00:00", lender_type=kind, creditor=kind or "x")
        for kind in ("bank", "private", "")
        for i in range(4)
    ]
    result = audit([write_csv(rows)], tmp_path / "out", RULES)
    accused = {row[1] for row in findings(tmp_path / "out") if row[0] == "GATE-COL-009-A"}
    assert accused == {"bank3"}
    assert ("GATE-COL-009-A", ["lender_type"], 1) in result.unknown


def test_corrupt_rows_are_named_and_the_rest_audited(
    tmp_path: Path, write_csv: Any, contact: Contact
) -> None:
    rows = [contact(str(i), "2026-03-02 22:30:00", debtor=f"p{i}") for i in range(10)]
    rows[1]["at"] = "not a time"
    rows[2]["role"] = "uncle"
    rows[3]["connected"] = "perhaps"
    rows[4]["person"] = ""
    rows[5]["at"] = "1601-01-01 00:00:00"
    rows[6] |= {"kind": "shout", "channel": "fax"}
    result = audit([write_csv(rows)], tmp_path / "out", RULES)
    assert result.refused == [
        ("contacts.csv", 2, ["at"]), ("contacts.csv", 3, ["role"]),
        ("contacts.csv", 4, ["connected"]), ("contacts.csv", 5, ["person"]),
        ("contacts.csv", 6, ["at"]), ("contacts.csv", 7, ["channel", "kind"]),
    ]  # fmt: skip
    assert result.rows == 4 and result.partly
    assert {row[1] for row in findings(tmp_path / "out")} == {"0", "7", "8", "9"}


def test_one_percent_of_a_parquet_file_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "c.parquet"
    duckdb.execute(
        f"""COPY (SELECT i AS id, CASE WHEN i % 100 = 7 THEN NULL ELSE 1772380800 + i * 60 END AS at,
        'a' AS creditor, 'd' || i % 50 AS debtor, 'd' || i % 50 AS person, 'debtor' AS "role",
        'call' AS channel, 'yes' AS connected FROM range(10000) t(i)) TO '{path}' (FORMAT parquet)"""
    )
    result = audit([path], tmp_path / "out", RULES)
    assert (result.rows, result.refused_count) == (9900, 100)
    assert result.refused[0] == ("c.parquet", 8, ["at"])


def test_files_that_cannot_be_read_are_named(
    tmp_path: Path, write_csv: Any, contact: Contact
) -> None:
    good = write_csv([contact("1", "2026-03-02 22:30:00")])
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and nothing more")
    (tmp_path / "short.csv").write_text("id,at\n1,2026-03-02 10:00:00\n")
    paths = [tmp_path / "broken.parquet", tmp_path / "short.csv", tmp_path / "absent.csv", good]
    result = audit(paths, tmp_path / "out", RULES)
    assert [u.file for u in result.unread] == ["broken.parquet", "short.csv", "absent.csv"]
    assert "creditor" in result.unread[1].why and result.findings == 1
    with pytest.raises(InputError, match="no file of contacts"):
        audit(paths[:2], tmp_path / "out2", RULES)


def test_a_second_run_does_nothing_twice(
    tmp_path: Path, write_csv: Any, contact: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiedun.audit.pruned.Pruned.rows_a_partition", 10)
    rows = [contact(str(i), f"2026-03-02 22:{i:02}:00", debtor=f"p{i}") for i in range(40)]
    path = write_csv(rows)
    first = audit([path], tmp_path / "out", RULES)
    before = findings(tmp_path / "out")
    (first.files()[1]).unlink()
    again = audit([path], tmp_path / "out", RULES)
    assert (first.partitions, first.resumed, again.resumed) == (4, 0, 3)
    assert findings(tmp_path / "out") == before and again.findings == first.findings == len(before)


def test_partitions_do_not_change_the_findings(
    tmp_path: Path, write_csv: Any, contact: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        contact(str(i), f"2026-03-02 {8 + i % 14:02}:{i % 60:02}:00", debtor=f"p{i % 9}")
        for i in range(200)
    ]
    path = write_csv(rows)
    audit([path], tmp_path / "one", RULES)
    monkeypatch.setattr("jiedun.audit.pruned.Pruned.rows_a_partition", 30)
    audit([path], tmp_path / "many", RULES)
    assert findings(tmp_path / "one") == findings(tmp_path / "many")


def test_words_are_read(tmp_path: Path, write_csv: Any, contact: Contact) -> None:
    say = {"channel": "sms", "kind": "message"}
    rows = [
        contact("threat", "2026-03-02 10:00:00", text="再不还钱我们就带人上门打断你的腿", **say),
        contact("bill", "2026-03-02 10:00:01", text="您好，您的账单已到期，请及时还款。", **say),
    ]
    audit([write_csv(rows)], tmp_path / "out", RULES)
    assert {row[1] for row in findings(tmp_path / "out") if row[0] == "CN-COL-005"} == {"threat"}


def test_the_command(
    tmp_path: Path,
    write_csv: Any,
    contact: Contact,
    capsys: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [
        contact(str(i), f"2026-03-02 22:0{i}:00", agency="<script>x</script>") for i in range(5)
    ]
    rows[4]["at"] = "?"
    path = write_csv(rows)
    assert main(["audit", str(path), "--out", str(tmp_path / "o"), "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert told["refused_rows"] == [{"file": "contacts.csv", "row": 5, "columns": ["at"]}]
    page = (tmp_path / "o" / "audit.html").read_text("utf-8")
    assert "&lt;script&gt;" in page and "<script" not in page and ">推荐性标准<" in page
    monkeypatch.setattr("jiedun.audit.spark.why_not", lambda: "there is no Java runtime")
    assert main(["audit", str(path), "--out", str(tmp_path / "o"), "--engine", "spark"]) == 2
    assert "no Java runtime" in capsys.readouterr().err


def test_rates_by_agency(tmp_path: Path, write_csv: Any, contact: Contact) -> None:
    rows = [contact(str(i), "2026-03-02 22:30:00", agency="A", debtor=f"p{i}") for i in range(2)]
    rows += [contact(f"b{i}", "2026-03-02 12:30:00", agency="B", debtor=f"q{i}") for i in range(4)]
    summary = summarise(audit([write_csv(rows)], tmp_path / "out", RULES))
    assert [(r.name, r.part, r.whole) for r in summary.agencies] == [("A", 2, 2), ("B", 0, 4)]
    assert wilson(0, 0) == (0.0, 1.0)
    assert [round(x, 4) for x in wilson(50, 100)] == [0.4038, 0.5962]


def test_nothing_decided_is_not_told_as_nothing_wrong(tmp_path: Path, capsys: Any) -> None:
    """Call records without parties judge nobody: the screen, the page and the JSON say so first."""
    row = (
           '"","0571","13800130001","a","c","PJSIP/1","PJSIP/t","Dial","x","2026-03-01 16:00:00",'
           '"2026-03-01 16:00:10","2026-03-01 16:00:40",40,30,"ANSWERED","DOCUMENTATION","1772380800.1",""'
    )  # fmt: skip
    path = tmp_path / "Master.csv"
    path.write_text(row + "\n", "utf-8")
    assert main(["audit", str(path), "--out", str(tmp_path / "o")]) == 0
    assert "至少 1 次联系" in capsys.readouterr().out
    page = (tmp_path / "o" / "audit.html").read_text("utf-8")
    assert "缺少事实、至少有一条规则不能判断的联系：1" in page
    assert "by_creditor" not in page and "<svg" not in page
