"""A whole folder: all of it listed and hashed, readers guarded, backups merged."""

import hashlib
import os
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jiedun.errors import UnreadableFile
from jiedun.evidence.gather import gather
from jiedun.evidence.interface import Record, Source
from jiedun.evidence.readers.registry import ALL
from jiedun.model.evidence import Contact, Problem

T = 1735689600000


def _sms(body: str, n: int = 0, address: str = "95500", kind: int = 1) -> str:
    return f'<sms address="{address}" date="{T + n * 1000}" type="{kind}" body="{body}" />'


def _write(folder: Path, path: str, *elements: str, root: str = "smses") -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(f"<{root}>{''.join(elements)}</{root}>", encoding="utf-8")


def test_empty_folder(tmp_path: Path) -> None:
    evidence = gather(tmp_path)
    assert [p.code for p in evidence.problems] == ["empty-folder"]
    with pytest.raises(UnreadableFile):
        gather(tmp_path / "missing")


def test_everything_is_listed_and_hashed(tmp_path: Path) -> None:
    _write(tmp_path, "sms.xml", _sms("好"))
    (tmp_path / "story.md").write_text(f"<smses>{_sms('story')}</smses>")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (tmp_path / "nothing").write_bytes(b"")
    (tmp_path / "statements").mkdir()
    (tmp_path / "statements/同事.txt").write_bytes("他们打给我了".encode("gbk"))
    (tmp_path / "statements/scan.pdf").write_bytes(b"%PDF-1.7")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    done: list[tuple[int, int]] = []
    evidence = gather(tmp_path, progress=lambda a, b: done.append((a, b)))
    assert {f.path: (f.kind, f.reader) for f in evidence.files} == {
        "nothing": ("empty", None),
        "photo.jpg": ("jpeg", None),
        "sms.xml": ("sms-xml", "sms-backup"),
        "statements/scan.pdf": ("pdf", "statement"),
        "statements/同事.txt": ("text", "statement"),
        "story.md": ("story", None),
    }
    assert [c.text for c in evidence.contacts] == ["好"]
    assert [(s.path, s.text) for s in evidence.statements] == [
        ("statements/scan.pdf", ""),
        ("statements/同事.txt", "他们打给我了"),
    ]
    for path, sha256 in evidence.hashes.items():
        assert sha256 == hashlib.sha256((tmp_path / path).read_bytes()).hexdigest()
    assert before == {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    total = sum(len(b) for b in before.values())
    assert done[-1] == (total, total)
    assert evidence.problems == ()


def test_incremental_backups_are_merged(tmp_path: Path) -> None:
    _write(tmp_path, "sms-1.xml", _sms("a"), _sms("b", 1), _sms("草稿", 2, kind=3))
    _write(tmp_path, "sms-2.xml", _sms("b", 1, "+86 95500"), _sms("c", 3), _sms("a"))
    _write(
        tmp_path, "sms-3.xml", _sms("a"), _sms("a ", 0), _sms("a", 0, "95501"), _sms("a", 0, kind=2)
    )
    evidence = gather(tmp_path)
    listed = [(str(c.ref), c.text, [str(r) for r in c.also]) for c in evidence.contacts]
    assert listed == [
        ("sms-1.xml#1", "a", ["sms-2.xml#3", "sms-3.xml#1"]),
        ("sms-1.xml#2", "b", []),
        ("sms-1.xml#3", "草稿", []),
        ("sms-2.xml#1", "b", []),
        ("sms-2.xml#2", "c", []),
        ("sms-3.xml#2", "a ", []),
        ("sms-3.xml#3", "a", []),
        ("sms-3.xml#4", "a", []),
    ]


@pytest.mark.parametrize("written", ["17000000001", "+86 170 0000 0001", "008617000000001"])
def test_one_number_written_differently(tmp_path: Path, written: str) -> None:
    _write(tmp_path, "1.xml", _sms("a", 0, "17000000001"))
    _write(tmp_path, "2.xml", _sms("a", 0, written))
    (contact,) = gather(tmp_path).contacts
    assert [str(r) for r in contact.also] == ["2.xml#1"]
    assert contact.peer_raw == "17000000001"


def test_equal_rows_of_one_file_are_separate_records(tmp_path: Path) -> None:
    _write(tmp_path, "1.xml", _sms("a"), _sms("a"))
    _write(tmp_path, "2.xml", _sms("a"), _sms("a"), _sms("a"))
    listed = [(str(c.ref), [str(r) for r in c.also]) for c in gather(tmp_path).contacts]
    assert listed == [("1.xml#1", ["2.xml#1"]), ("1.xml#2", ["2.xml#2"]), ("2.xml#3", [])]


def test_phones_are_not_merged_with_each_other(tmp_path: Path) -> None:
    for path in ("1.xml", "phones/甲/1.xml", "phones/乙/1.xml"):
        _write(tmp_path, path, _sms("a"))
    assert [c.phone for c in gather(tmp_path).contacts] == [None, "乙", "甲"]


def test_calls_differ_by_duration(tmp_path: Path) -> None:
    call = '<call number="95500" date="1735689600000" type="1" duration="{}" />'
    _write(tmp_path, "1.xml", call.format(3), root="calls")
    _write(tmp_path, "2.xml", call.format(3), call.format(4), root="calls")
    assert [str(c.ref) for c in gather(tmp_path).contacts] == ["1.xml#1", "2.xml#2"]


class _Broken:
    name, version = "broken", "1"

    def __init__(self, where: str) -> None:
        self._where = where

    def recognises(self, source: Source) -> bool:
        if self._where == "recognises":
            raise RecursionError
        return source.name == "bad"

    def read(self, source: Source) -> Iterator[Record | Problem]:
        yield from ()
        raise ZeroDivisionError


@pytest.mark.parametrize("where", ["recognises", "read"])
def test_a_faulty_reader_stops_nothing(tmp_path: Path, where: str) -> None:
    (tmp_path / "bad").write_text("x")
    _write(tmp_path, "sms.xml", _sms("a"))
    evidence = gather(tmp_path, readers=(_Broken(where), *ALL))
    assert len(evidence.contacts) == 1
    assert {p.code for p in evidence.problems} == {"reader-failed"}
    assert "broken" in evidence.problems[0].message.zh
    assert evidence.problems[0].path == "bad"


class _Writer:
    name, version = "writer", "1"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recognises(self, source: Source) -> bool:
        return source.name == "live"

    def read(self, source: Source) -> Iterator[Record | Problem]:
        with (self._folder / "live").open("ab") as out:
            out.write(b"more")
        yield from ()


def test_a_file_that_changes_meanwhile(tmp_path: Path) -> None:
    (tmp_path / "live").write_text("x")
    evidence = gather(tmp_path, readers=(_Writer(tmp_path),))
    assert [(p.path, p.code) for p in evidence.problems] == [("live", "changed-while-read")]


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "a.xml", _sms("a"))
    _write(tmp_path, "b.xml", _sms("b"))
    real = Path.open

    def refusing(self: Path, *args: str, **options: str) -> object:
        if self.name == "a.xml":
            raise PermissionError(self)
        return real(self, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refusing)
    evidence = gather(tmp_path)
    assert [(p.path, p.code) for p in evidence.problems] == [("a.xml", "unreadable")]
    assert [c.text for c in evidence.contacts] == ["b"]


def test_odd_names_keep_usable_locators(tmp_path: Path) -> None:
    for name in ("a\nb.xml", os.fsdecode(b"c\xff.xml")):
        _write(tmp_path, name, _sms("a", 5 if "b" in name else 6))
    locators = [str(c.ref) for c in gather(tmp_path).contacts]
    assert locators == ["a\nb.xml#1", "c\\xff.xml#1"]


def test_dates_later_than_now_are_kept_and_counted(tmp_path: Path) -> None:
    _write(tmp_path, "sms.xml", _sms("a"), _sms("b", 10), _sms("c", 11))
    now = datetime.fromtimestamp(T // 1000 + 5, UTC)
    evidence = gather(tmp_path, now=now)
    assert len(evidence.contacts) == 3
    (problem,) = evidence.problems
    assert problem.code == "future-dates"
    assert "2" in problem.message.en


def test_a_gigabyte_of_zeros_is_quick_and_small(tmp_path: Path) -> None:
    with (tmp_path / "zeros.xml").open("wb") as out:
        out.truncate(1 << 30)
    tracemalloc.start()
    start = time.process_time()
    evidence = gather(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.process_time() - start < 20
    assert peak < 30_000_000
    assert [(f.size, f.kind, f.reader) for f in evidence.files] == [(1 << 30, "unknown", None)]


def test_the_reference_case(shared: Path) -> None:
    evidence = gather(shared / "cases/case-a")
    texts = [
        c for c in evidence.contacts if isinstance(c, Contact) and c.ref.path.endswith("sms.xml")
    ]
    assert len(texts) == 54
    assert not [p for p in evidence.problems if p.path.endswith(".xml")]
