"""One well-formed small file of every format that is read, for `bench.fuzz` to damage."""

import gzip
import io
import json
import sqlite3
import tarfile
import tempfile
import zipfile
from pathlib import Path

from openpyxl import Workbook

Seed = tuple[str, bytes]
"""Path and bytes."""


def seeds() -> list[Seed]:
    """One well-formed small file of every format read."""
    sms = (
        '<?xml version="1.0" encoding="UTF-8"?><!-- c --><smses count="3">\n'
        '<sms address="95500" date="1735689600999" type="1" body="逾期&#10;&#55357;&#56838;" '
        'date_sent="1735689600000" contact_name="x" />\n'
        '<mms date="1735689600000" msg_box="1" address="1~2"><parts><part seq="0" ct="text/plain" '
        'text="彩信"/><part ct="image/png" data="' + "QUJD" * 400 + '"/></parts><addrs><addr '
        'address="3" type="137"/></addrs></mms>\n'
    )
    sms += (
        '<sms address="95500" date="1735689700000" type="2" body="ok" date_sent="0" contact_name="x" />\n'
        * 3
    )
    sms += "</smses>"
    calls = '<calls><call number="1" duration="3" date="1735689600000" type="1"/></calls>'
    logs = '<alllogs><log number="1" time="17.09.2018 21:58:22" type="1" dur="9"/></alllogs>'
    return [
        ("sms.xml", sms.encode()),
        ("phones/1/sms.xml", sms.encode("utf-16")),
        ("calls.xml", calls.encode()),
        ("log.xml", logs.encode()),
        ("contacts.vcf", "BEGIN:VCARD\nN:张;三\nTEL;CELL:170\nEND:VCARD\n".encode()),
        ("statements/a.txt", "他们打给我".encode("gbk")),
        ("mmssms.db", _database()),
        *_tables(),
        *_archives(sms.encode()),
    ]


def _tables() -> list[Seed]:
    calls = "time,direction,peer_number,peer_name,duration_s\n2025-01-02 03:04:05,incoming,+86 95500,x,67\n"
    carrier = (
        "起始时间,通信地点,通信方式,对方号码,通信时长,通信类型\r\n"
        "2025-01-02 03:04:05,北京,被叫,95500\t,1分7秒,国内\r\n09-18 14:07:37,--,主叫,-,0秒,--\r\n"
    )
    parties = (
        "number,role,name,note\n95500,lender,某贷,\n17000000001,collector,王,代表某贷（外包）\n"
    )
    loan = {
        "lender": "某贷",
        "lender_type": "micro_loan",
        "date": "2024-01-01",
        "principal": 10000,
        "disbursed_amount": 9000.5,
        "contract_annual_rate": 0.24,
        "instalments": [{"no": 1, "due_date": "2024-02-01", "amount": 900}],
        "fees": [{"name": "服务费", "amount": 1000, "timing": "放款时扣除", "payee": "某贷"}],
    }
    book = Workbook()
    for row in carrier.splitlines():
        book.worksheets[0].append(row.split(","))
    out = io.BytesIO()
    book.save(out)
    return [
        ("calls.csv", calls.encode("utf-8-sig")),
        ("通话详单.csv", carrier.encode("gbk")),
        ("通话详单.xlsx", out.getvalue()),
        ("parties.csv", parties.encode()),
        ("payments.csv", "date,amount,payee,note\n2024-02-01,900.00,某贷,第一期\n".encode()),
        (
            "events.csv",
            "time,kind,place,who,what,proof_file\n2025-01-01 10:00,visit,家,x,y,\n".encode(),
        ),
        ("loan.json", json.dumps(loan, ensure_ascii=False).encode()),
    ]


def _database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        con = sqlite3.connect(path)
        con.execute(
            "CREATE TABLE sms (_id INTEGER PRIMARY KEY, address, date, date_sent, type, body)"
        )
        con.execute(
            "CREATE TABLE calls (_id INTEGER PRIMARY KEY, number, date, duration, type, name)"
        )
        con.execute("INSERT INTO sms VALUES (1, '1', 1735689600000, 0, 1, 'x')")
        con.execute("INSERT INTO calls VALUES (1, '1', 1735689600000, 5, 1, 'x')")
        con.commit()
        con.close()
        return path.read_bytes()


def _archives(data: bytes) -> list[Seed]:
    packed, taped = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("phones/1/sms.xml", data)
        file.writestr("短信.xml", data)
    with tarfile.open(fileobj=taped, mode="w") as tape:
        info = tarfile.TarInfo("sms.xml")
        info.size = len(data)
        tape.addfile(info, io.BytesIO(data))
    return [
        ("a.zip", packed.getvalue()),
        ("a.tar", taped.getvalue()),
        ("a.xml.gz", gzip.compress(data)),
    ]
