"""Call records and collection exports: mapped, joined, broken lines rescued or named, nothing lost."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jiedun.audit.ingest import connect, ingest
from jiedun.audit.run import Audit, audit
from jiedun.gate.rules import load_rules

RULES = load_rules()
PARTIES = """number,role,person,creditor,debtor,agency,collector
13800130001,debtor,P1,甲银行,,,
+86 138 0013 0002,relative,R2,甲银行,P1,,
1001,collector,,甲银行,,乙催收,张三
13800130009,debtor,P8,,,,
138 0013 0009,debtor,P9,,,,
13800130005,uncle,,,,,
"""
LOANS = """debt,debtor,creditor,lender_type,signed,settled
L1,P1,甲银行,bank,2025-01-01,
L2,P1,甲银行,bank,2019-01-01,2020-01-01
"""
MASTER = (
    '"","1001","{number}","internal","""A"" <1001>","SIP/1","SIP/2","Dial","x","{start}","{start}","{start}",'
    '"40","30","{how}","DOC","{unique}"'
)


def raw(tmp: Path, *paths: Path, **known: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    with connect(tmp / "spill") as db:
        assert ingest(db, paths, **known) == []
        rows = db.execute("SELECT * FROM raw ORDER BY seq")
        names = [c[0] for c in rows.description]
        found = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
        told = dict(db.execute("SELECT what, sum(contacts) FROM told GROUP BY 1").fetchall())
        told |= {f"{f}#{n}": c for f, n, c in db.execute("SELECT * FROM refused").fetchall()}
    return found, told


@pytest.fixture
def known(tmp_path: Path) -> Any:
    (tmp_path / "parties.csv").write_text(PARTIES, "utf-8")
    (tmp_path / "loans.csv").write_text(LOANS, "utf-8")
    return {"parties": [tmp_path / "parties.csv"], "loans": [tmp_path / "loans.csv"]}


def master(number: str = "13800130001", how: str = "ANSWERED", unique: str = "1772380800.1") -> str:
    return MASTER.format(number=number, how=how, start="2026-03-01 16:00:00", unique=unique)


def test_asterisk_with_parties_and_loans(tmp_path: Path, known: Any) -> None:
    path = tmp_path / "Master.csv"
    lines = [master(), master("008613800130002", "NO ANSWER", "1772380801.2"),
             master("13800130003", unique="1772380802.3"), master("1002", unique="1772380803.4"),
             master("13800130009", unique="1772380804.5")]  # fmt: skip
    path.write_text("\n".join(lines), "utf-8")
    (mine, sister, stranger, inner, doubtful), told = raw(tmp_path, path, **known)
    assert (mine["role"], mine["person"], mine["debtor"], mine["creditor"]) == (
        "debtor",
        "P1",
        "P1",
        "甲银行",
    )
    assert (mine["debt"], mine["lender_type"], mine["agency"]) == ("L1", "bank", "乙催收")
    assert mine["instant"] == 1772380800 and mine["seconds"] == 30 and mine["direction"] == "in"
    assert (sister["number"], sister["role"], sister["connected"]) == (
        "13800130002",
        "relative",
        False,
    )
    assert (
        stranger["role"] is None and stranger["person"] is None and stranger["creditor"] == "甲银行"
    )
    assert inner["direction"] == "in" and inner["person"] is None
    assert doubtful["person"] is None, "a number that two rows give to two people settles nothing"
    assert told["parties.csv#6"] == ["role"] and told["contradictory entries"] == 1
    assert told["role unknown"] == 3


def test_the_zone_of_the_server_is_recovered(tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    path.write_text(
        "\n".join([master(unique="1772380800.1"), master(unique="x-1772352000.2")]), "utf-8"
    )
    (first, second), _ = raw(tmp_path, path)
    assert first["instant"] == 1772380800  # 16:00 in UTC
    assert second["instant"] == 1772352000  # 16:00 in Shanghai


def test_a_call_from_a_person_is_no_contact_by_the_creditor(tmp_path: Path, known: Any) -> None:
    path = tmp_path / "Master.csv"
    line = master("4008001234").replace('"1001"', '"13800130001"')
    path.write_text(
        "\n".join([line, master("02188886666").replace('"1001"', '"02199990000"')]), "utf-8"
    )
    (call, between), _ = raw(tmp_path, path, **known)
    assert (call["direction"], call["number"], call["person"]) == ("out", "13800130001", "P1")
    assert between["direction"] == "unknown"
    out = audit([path], tmp_path / "out", RULES, **known)
    assert out.findings == 0 and out.told["direction unknown"] == 1


def test_an_open_quote_costs_its_own_line(tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    lines = [master(unique=f"{1772380800 + i}.{i}") for i in range(400)]
    lines[10] = lines[10][:-1]
    lines[20] = lines[20] + ',"a","b","c","d"'
    lines[30] = '"only","three","cells"'
    lines[40] = lines[40].replace("ANSWERED", "PERHAPS")
    path.write_bytes("\n".join(lines).encode().replace(b'"1001"', b'"\xff\xfe"', 1))
    rows, told = raw(tmp_path, path)
    refused = {key: value for key, value in told.items() if "#" in key}
    assert refused == {
        "Master.csv#1": ["(line)"], "Master.csv#11": ["(line)"], "Master.csv#21": ["(line)"],
        "Master.csv#31": ["at"], "Master.csv#41": ["connected"],
    }  # fmt: skip
    places = [row["seq"] for row in rows]
    assert places == [n for n in range(1, 401) if n not in (1, 11, 21, 31, 41)]
    assert all(row["id"].startswith(str(1772380799 + row["seq"])) for row in rows)


OWN = "id,at,creditor,debtor,person,role,channel,text"


def test_open_quotes_far_apart_lose_no_line(tmp_path: Path) -> None:
    """DuckDB keeps 8 KB of what a quote swallowed: what lies between two open quotes is read again."""
    rows = [f"c{i},2026-03-02 10:00:00,甲,d{i},d{i},debtor,sms,短信第{i}条" for i in range(1, 901)]
    rows[99], rows[499] = '"' + rows[99], rows[499].replace(",sms,", ',"sms,')
    rows[699] = rows[699][:20]
    rows[799] = rows[799].replace("短信", '"短信\r\n').replace("条", '条，""急""\r\n"')
    path = tmp_path / "own.csv"
    path.write_bytes("\r\n".join([OWN, *rows, "", ""]).encode())
    found, told = raw(tmp_path, path)
    refused = {key: value for key, value in told.items() if "#" in key}
    assert set(refused) == {"own.csv#100", "own.csv#500", "own.csv#700"}
    assert [row["id"] for row in found] == [
        f"c{i}" for i in range(1, 901) if i not in (100, 500, 700)
    ]
    assert all(row["id"] == f"c{row['seq']}" for row in found)
    assert {r["text"] for r in found if r["id"] == "c800"} == {'短信\r\n第800条，"急"\r\n'}


def test_a_short_line_is_told_once(tmp_path: Path) -> None:
    rows = [f"c{i},2026-03-02 10:00:00,甲,d{i},d{i},debtor,sms,x" for i in range(1, 9)]
    rows[3] = rows[3][:20]
    path = tmp_path / "own.csv"
    path.write_bytes("\r\n".join([OWN, *rows, ""]).encode())
    found, told = raw(tmp_path, path)
    assert len(found) == 7 and [key for key in told if "#" in key] == ["own.csv#4"]
    assert all(row["id"] == f"c{row['seq']}" for row in found)


def record(uuid: str, **changes: str) -> str:
    told = {
        "uuid": uuid, "start_epoch": "1772380800", "billsec": "12", "caller_id_number": "1001",
        "destination_number": "%2B8613800130001", **changes,
    }  # fmt: skip
    return json.dumps({"variables": told})


def test_freeswitch_lines(tmp_path: Path, known: Any) -> None:
    path = tmp_path / "cdr.jsonl"
    leg = record("b", originating_leg_uuid="a")
    path.write_text(
        "\n".join(
            [record("a"), "{broken", leg, record("a"), record("c", billsec="0", answer_epoch="0")]
        )
    )
    rows, told = raw(tmp_path, path, **known)
    assert [(r["id"], r["connected"], r["person"]) for r in rows] == [
        ("a", True, "P1"),
        ("c", False, "P1"),
    ]
    assert told["second legs"] == 1 and told["repeated"] == 1
    assert told["cdr.jsonl#2"] == ["at"]


def test_freeswitch_documents_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "cdr"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.cdr.json").write_text(json.dumps(json.loads(record(name)), indent=1))
    (folder / "c.json").write_text(f"[{record('c')}, {record('d')}]")
    (folder / "broken.json").write_text('{"variables": {')
    result = audit([folder], tmp_path / "out", RULES)
    assert result.rows == 4 and [u.file for u in result.unread] == ["broken.json"]


COLUMNS = (
    "委托方,个案序列号,姓名,证件号,催收日期,催收时间,联络对象(关系),联络对象姓名,"
    "电话号码,催收方式,联络结果,短信内容,催收记录,催收员"
)


def collection(**changes: str) -> str:
    cells = dict(zip(COLUMNS.split(","), (
        "乙消费金融公司", "C1", "王五", "ID1", "2026年3月1日", "22:30", "本人", "王五", "13800130001",
        "电催", "接通", "", "再不还钱打断你的腿", "张三"), strict=True)) | changes  # fmt: skip
    return ",".join(cells.values())


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_collection_export(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "催收.csv"
    rows = [
        collection(), collection(**{"联络对象(关系)": "配偶", "联络结果": "无人接听"}),
        collection(催收方式="短信", 短信内容="再不还钱我们就带人上门打断你的腿"),
        collection(催收时间=""), collection(催收方式="飞鸽"), collection(**{"联络对象(关系)": "不详"}),
    ]  # fmt: skip
    path.write_bytes("\n".join([COLUMNS, *rows]).encode(encoding))
    (call, spouse, sms, stranger), told = raw(tmp_path, path)
    assert (call["creditor"], call["lender_type"], call["role"]) == (
        "乙消费金融公司",
        "consumer_finance",
        "debtor",
    )
    assert call["instant"] == 1772375400 and call["person"] == call["debtor"] == "ID1"
    assert call["text"] is None, "a collector's note is not what was said"
    assert (spouse["role"], spouse["connected"]) == ("relative", False)
    assert sms["channel"] == "sms" and sms["text"].startswith("再不还钱")
    assert stranger["role"] is None
    assert (told["催收.csv#4"], told["催收.csv#5"]) == (["at"], ["channel"])


def test_what_is_not_said_is_unknown_and_counted(tmp_path: Path, known: Any) -> None:
    path = tmp_path / "Master.csv"
    lines = [master("13800130001", unique=f"{1772380800 + i}.{i}") for i in range(6)]
    lines += [master("13800130003", unique=f"{1772390800 + i}.{i}") for i in range(6)]
    path.write_text("\n".join(lines), "utf-8")
    result = audit([path], tmp_path / "out", RULES, **known)
    accused = _accused(result)
    assert {row for row in accused if row[0] == "GATE-COL-009-A"} == {("GATE-COL-009-A", "P1")}
    assert result.told["person unknown"] == 6
    unknown = {rule: n for rule, missing, n in result.unknown if "conversations_today" in missing}
    assert unknown["GATE-COL-009-A"] == 6


def test_our_own_columns_with_parties(
    tmp_path: Path, write_csv: Any, contact: Any, known: Any
) -> None:
    rows = [
        contact(str(i), "2026-03-02 10:00:00", number="13800130002", role="", person="", debtor="")
        for i in range(2)
    ]
    rows[1] |= {"role": "friend"}
    (first, second), told = raw(tmp_path, write_csv(rows), **known)
    assert (first["role"], first["person"], first["debtor"]) == ("relative", "R2", "P1")
    assert second["role"] == "friend" and told["role said otherwise"] == 1


def test_a_day_without_a_clock_is_no_time(tmp_path: Path, write_csv: Any, contact: Any) -> None:
    rows = [contact("a", "2026-03-02"), contact("b", "1772380800"), contact("c", "1772380800000")]
    found, told = raw(tmp_path, write_csv(rows))
    assert [r["instant"] for r in found] == [1772380800, 1772380800]
    assert told["contacts.csv#1"] == ["at"]


def test_an_export_given_twice_is_counted_once(
    tmp_path: Path, write_csv: Any, contact: Any
) -> None:
    rows = [contact(str(i), "2026-03-02 22:30:00", debtor=f"p{i}") for i in range(3)]
    paths = [write_csv(rows, "a.csv"), write_csv(rows[1:], "b.csv")]
    result = audit(paths, tmp_path / "out", RULES)
    assert result.rows == 3 and result.told["repeated"] == 2
    assert len(_accused(result)) == 3


def _accused(result: Audit) -> list[tuple[str, str]]:
    files = [str(path) for path in result.files()]
    return duckdb.execute(
        "SELECT rule, person FROM read_parquet($1) WHERE rule LIKE 'GATE%' OR rule = 'CN-COL-011'",
        [files],
    ).fetchall()


def test_an_open_quote_in_the_parties_costs_its_own_line(tmp_path: Path) -> None:
    rows = [f"1390000{i:04d},p{i},debtor" for i in range(900)]
    rows[10], rows[800] = '"' + rows[10], '"' + rows[800]
    rows[400] = "13800130001,mine,debtor"
    path = tmp_path / "many.csv"
    path.write_bytes("\r\n".join(["number,person,role", *rows, ""]).encode())
    (tmp_path / "Master.csv").write_text(master(), "utf-8")
    found, told = raw(tmp_path, tmp_path / "Master.csv", parties=[path])
    assert {key for key in told if "#" in key} == {"many.csv#11", "many.csv#801"}
    assert found[0]["person"] == "mine"
