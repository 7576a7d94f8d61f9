"""What goes into a bag, under which name, and what is left when making it fails."""

import errno
import hashlib
import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import bagit
import pytest

from jiedun.chain.log import entries, verify
from jiedun.errors import ProofError
from jiedun.evidence.custody.blobs import HashingWriter
from jiedun.evidence.custody.store import Kept, Store
from jiedun.evidence.seal import choose as choosing
from jiedun.evidence.seal.badge import badge, text
from jiedun.evidence.seal.paths import Names


def evidence(bag: Path) -> list[str]:
    below = bag / "data/evidence"
    return sorted(p.relative_to(below).as_posix() for p in below.rglob("*") if p.is_file())


def finding(path: str, content: bytes, **more: Any) -> dict[str, Any]:
    item = {"id": path, "sha256": hashlib.sha256(content).hexdigest()}
    return {"id": "f1", "items": [item], **more}


def test_cited_takes_what_findings_name_and_no_more(
    case: Path, tmp_path: Path, seal: Any, both: Any
) -> None:
    more = {"files": [{"path": "photo.jpg"}], "unknown": [{"items": ["photo.jpg#1"]}]}
    findings = {"schema": "jiedun.findings/1", **more, "findings": [
        finding("sms.xml#1", (case / "sms.xml").read_bytes(), facts={"role_from": "parties.csv#1"}),
        finding("phones/17000000009/sms.xml#mms2", b"x"),
    ]}  # fmt: skip
    content = json.dumps(findings).encode()
    seal(case, tmp_path / "r", tmp_path / "bag", only="cited", cited=findings, findings=content)
    assert evidence(tmp_path / "bag") == ["parties.csv", "phones/17000000009/sms.xml", "sms.xml"]
    shown = json.loads((tmp_path / "bag/data/findings.json").read_text())
    assert shown == {**findings, "files": [], "unknown": [], "questions": []}
    assert both(tmp_path / "bag").product and both(tmp_path / "bag").standalone


def test_all_takes_everything_but_the_story(case: Path, tmp_path: Path, seal: Any) -> None:
    content = b'{"findings": [], "files": [{"path": "story.md"}]}'
    seal(case, tmp_path / "r", tmp_path / "bag", findings=content)
    assert (tmp_path / "bag/data/findings.json").read_bytes() == content
    assert len(evidence(tmp_path / "bag")) == 6
    assert "story.md" not in evidence(tmp_path / "bag")


def test_story_goes_only_when_asked() -> None:
    kept = [Kept("a.csv", "0" * 64, 1), Kept("story.md", "1" * 64, 1)]
    for only, story, expected in (
        ("all", False, ["a.csv"]),
        ("all", True, ["a.csv", "story.md"]),
        ("cited", True, ["a.csv", "story.md"]),
    ):
        chosen = choosing.choose(
            kept, [{"items": ["a.csv#1", "story.md#1"]}], only=only, story=story
        )
        assert [k.path for k in chosen] == expected
    with pytest.raises(ProofError, match="nothing to seal"):
        choosing.choose(kept, [], only="cited", story=False)


def test_archive_member_cites_the_archive() -> None:
    kept = [Kept("a.zip", "0" * 64, 1), Kept("b.zip", "1" * 64, 1)]
    assert choosing.cited([{"items": [{"id": "a.zip!/x.csv#3"}]}], kept) == {"a.zip"}


def test_findings_of_other_content_are_stale() -> None:
    kept = [Kept("a.csv", hashlib.sha256(b"new").hexdigest(), 3)]
    assert choosing.stale({"findings": [finding("a.csv#1", b"old")]}, kept) == ["a.csv"]
    assert choosing.stale({"findings": [finding("a.csv#1", b"new")]}, kept) == []
    assert choosing.stale({"findings": [finding("gone.csv#1", b"x")]}, kept) == ["gone.csv"]


def test_custody_log_in_the_bag_tells_nothing_of_what_stays_behind(
    case: Path, tmp_path: Path, seal: Any
) -> None:
    findings = {"findings": [finding("sms.xml#1", b"")]}
    seal(case, tmp_path / "r", tmp_path / "bag", only="cited", cited=findings)
    content = (tmp_path / "bag/custody.jsonl").read_bytes()
    assert b"photo.jpg" not in content and b"17000000009" not in content
    bodies = [e.body for e in entries(tmp_path / "bag/custody.jsonl") if e.body is not None]
    assert [b["path"] for b in bodies if "path" in b] == ["sms.xml"]
    whole = list(entries(tmp_path / "r/store/custody.jsonl"))
    assert [e.kind for e in whole][-2:] == ["exporting", "exported"]
    sent = list(entries(tmp_path / "bag/custody.jsonl"))
    assert [e.hash for e in sent] == [e.hash for e in whole[:-1]]


def test_names_no_other_system_could_hold(tmp_path: Path, seal: Any, both: Any) -> None:
    case = tmp_path / "case"
    case.mkdir()
    names = [
        "账单100%.png",
        "a\nb",
        "A.txt",
        "a.txt",
        "x:y",
        "back\\slash",
        "con.txt",
        "dot.",
        "长" * 85,
    ]
    names += [unicodedata.normalize(f, "é") for f in ("NFC", "NFD")] + [os.fsdecode(b"raw\xff")]
    names += ["~home", "名" * 83 + ".txt"]
    for n, name in enumerate(names):
        (case / name).write_bytes(b"%d" % n)
    seal(case, tmp_path / "r", tmp_path / "bag")
    answer = both(tmp_path / "bag")
    assert answer.product and answer.standalone
    bagit.Bag(str(tmp_path / "bag")).validate()
    found = {(tmp_path / "bag/data/evidence" / p).read_bytes() for p in evidence(tmp_path / "bag")}
    assert found == {b"%d" % n for n in range(len(names))}
    listed = json.loads((tmp_path / "bag/data/names.json").read_text())["names"]
    assert "账单100%.png" in {n["case"] for n in listed}
    assert all((tmp_path / "bag" / n["bag"]).is_file() for n in listed)


def test_names_are_distinct_and_short() -> None:
    names = Names()
    given = [names.of(p) for p in ("a/B", "A/b", "a/b", "a/B", "x" * 300 + ".csv", "?", "*")]
    assert len({n.casefold() for n in given}) == 6 and given[0] == given[3] == "a/B"
    assert all(len(part.encode()) <= 255 for n in given for part in n.split("/"))


def test_page_shows_markup_in_names_as_text(tmp_path: Path, seal: Any) -> None:
    case = tmp_path / "case"
    case.mkdir()
    (case / "&lt;b&gt;'onload=x'.txt").write_bytes(b"x")
    sealed = seal(case, tmp_path / "r", tmp_path / "bag")
    page = (tmp_path / "bag/index.html").read_text()
    assert "&amp;lt;b&amp;gt;&#x27;onload=x&#x27;.txt" in page and "<script" not in page
    assert "怎样核验" in page and "How to verify" in page and "<svg" in page
    assert page.count(" ".join(sealed.root[i : i + 4] for i in range(0, 64, 4))) == 1


def test_badge_says_root_and_key() -> None:
    assert badge("a" * 64, "b" * 64).startswith("<svg")
    assert text("a" * 64, "b" * 64).endswith("key=" + "b" * 64)


def test_place_that_is_taken(case: Path, tmp_path: Path, seal: Any) -> None:
    seal(case, tmp_path / "r", tmp_path / "bag")
    before = (tmp_path / "bag/seal.json").read_bytes()
    with pytest.raises(ProofError, match="already"):
        seal(case, tmp_path / "r", tmp_path / "bag")
    assert (tmp_path / "bag/seal.json").read_bytes() == before


def test_full_disk_leaves_no_bag_and_a_whole_store(
    case: Path, tmp_path: Path, seal: Any, monkeypatch: pytest.MonkeyPatch, both: Any
) -> None:
    def refuse(self: HashingWriter, block: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    seal(case, tmp_path / "r", tmp_path / "first")
    monkeypatch.setattr(HashingWriter, "write", refuse)
    with pytest.raises(ProofError, match="No space left"):
        seal(case, tmp_path / "r", tmp_path / "out/bag")
    monkeypatch.undo()
    assert list((tmp_path / "out").iterdir()) == []
    verify(tmp_path / "r/store/custody.jsonl")
    seal(case, tmp_path / "r", tmp_path / "out/bag")
    assert both(tmp_path / "out/bag").standalone


def test_changed_original_is_not_sealed(case: Path, tmp_path: Path, seal: Any) -> None:
    seal(case, tmp_path / "r", tmp_path / "first")
    digest = hashlib.sha256((case / "photo.jpg").read_bytes()).hexdigest()
    blob = tmp_path / "r/store/blobs" / digest[:2] / digest
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes()[::-1])
    with pytest.raises(ProofError, match="changed in the store"):
        seal(case, tmp_path / "r", tmp_path / "second")
    assert not (tmp_path / "second").exists()


def test_run_that_died_after_the_last_step_is_recorded(
    case: Path, tmp_path: Path, seal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Store.record

    def die(self: Any, kind: str, body: Any) -> Any:
        if kind == "exported":
            raise KeyboardInterrupt
        return record(self, kind, body)

    monkeypatch.setattr(Store, "record", die)
    with pytest.raises(KeyboardInterrupt):
        seal(case, tmp_path / "r", tmp_path / "bag")
    monkeypatch.undo()
    sealed = seal(case, tmp_path / "r", tmp_path / "bag")
    last = list(entries(tmp_path / "r/store/custody.jsonl"))[-1]
    assert last.body is not None and last.body["root"] == sealed.root
