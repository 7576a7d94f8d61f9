"""Android's databases, read from a copy, whole or damaged."""

import io
import sqlite3
from pathlib import Path

import pytest

from jiedun.evidence.interface import PhonebookEntry, Source
from jiedun.evidence.readers.android_db import AndroidDatabase
from jiedun.model.evidence import Channel, Contact, Direction, Outcome, Problem

T = 1735689600
SCHEMA = """
CREATE TABLE sms (_id INTEGER PRIMARY KEY, address TEXT, date INTEGER, date_sent INTEGER,
                  type INTEGER, body TEXT);
CREATE TABLE pdu (_id INTEGER PRIMARY KEY, date INTEGER, date_sent INTEGER, msg_box INTEGER, sub TEXT);
CREATE TABLE part (_id INTEGER PRIMARY KEY, mid INTEGER, seq INTEGER, ct TEXT, text TEXT);
CREATE TABLE addr (_id INTEGER PRIMARY KEY, msg_id INTEGER, address TEXT, type INTEGER);
CREATE TABLE calls (_id INTEGER PRIMARY KEY, number TEXT, date INTEGER, duration INTEGER,
                    type INTEGER, name TEXT);
CREATE TABLE mimetypes (_id INTEGER PRIMARY KEY, mimetype TEXT);
CREATE TABLE raw_contacts (_id INTEGER PRIMARY KEY, display_name TEXT);
CREATE TABLE data (_id INTEGER PRIMARY KEY, mimetype_id INTEGER, raw_contact_id INTEGER, data1 TEXT);
INSERT INTO mimetypes VALUES (5, 'vnd.android.cursor.item/phone_v2');
INSERT INTO raw_contacts VALUES (1, '母亲');
INSERT INTO data VALUES (1, 5, 1, '170 0000 0003');
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "mmssms.db"
    con = sqlite3.connect(path)
    con.executescript(SCHEMA)
    con.execute("INSERT INTO sms VALUES (7, '95500', ?, ?, 1, '催收')", (T * 1000 + 999, T * 1000))
    con.execute("INSERT INTO sms VALUES (9, '95500', -11644473600000, 0, 1, 'x')")
    con.execute("INSERT INTO pdu VALUES (1, ?, 0, 1, NULL)", (T,))
    con.execute("INSERT INTO part VALUES (1, 1, -1, 'application/smil', '<smil/>')")
    con.execute("INSERT INTO part VALUES (2, 1, 0, 'text/plain', '彩信')")
    con.execute(
        "INSERT INTO addr VALUES (1, 1, '17000000001', 137), (2, 1, '17000000002', 151)".strip()
    )
    con.execute("INSERT INTO calls VALUES (1, '95500', ?, 30, 1, '银行')", (T * 1000,))
    con.commit()
    con.close()
    return path


def _source(data: bytes, path: str = "mmssms.db") -> Source:
    return Source(path, len(data), data[:65536], lambda: io.BytesIO(data))


def test_all_tables(database: Path) -> None:
    items = list(AndroidDatabase().read(_source(database.read_bytes())))
    sms, bad, mms, call, entry = items
    assert isinstance(sms, Contact)
    assert (str(sms.ref), sms.text, sms.direction) == ("mmssms.db#1", "催收", Direction.IN)
    assert isinstance(bad, Problem)
    assert (bad.code, bad.at) == ("bad-date", "2")
    assert isinstance(mms, Contact)
    assert (str(mms.ref), mms.text, mms.channel) == ("mmssms.db#mms1", "彩信", Channel.MMS)
    assert mms.peer_raw == "17000000001"
    assert mms.moment.at.timestamp() == T
    assert isinstance(call, Contact)
    assert (str(call.ref), call.outcome, call.peer_name) == (
        "mmssms.db#call1",
        Outcome.ANSWERED,
        "银行",
    )
    assert entry == PhonebookEntry("170 0000 0003", "母亲")


@pytest.mark.parametrize("keep", [16, 100, 4096, 8192, 20000])
def test_a_cut_database_is_a_problem(database: Path, keep: int) -> None:
    items = list(AndroidDatabase().read(_source(database.read_bytes()[:keep])))
    assert isinstance(items[-1], Problem)
    assert items[-1].code == "database"


def test_other_databases_are_left_alone(tmp_path: Path) -> None:
    con = sqlite3.connect(tmp_path / "notes.db")
    con.execute("CREATE TABLE notes (x)")
    con.commit()
    con.close()
    assert not AndroidDatabase().recognises(
        _source((tmp_path / "notes.db").read_bytes(), "notes.db")
    )


def test_published_sample(shared: Path) -> None:
    path = shared / "samples/android/log2timeline+plaso/mmssms.db"
    source = _source(path.read_bytes())
    assert AndroidDatabase().recognises(source)
    contacts = [i for i in AndroidDatabase().read(source) if isinstance(i, Contact)]
    assert len(contacts) == 9
    assert {c.direction for c in contacts} == {Direction.IN, Direction.OUT}
    for contact in contacts:
        assert (contact.sent_at is None) == (contact.direction is Direction.OUT)
