"""Redaction: the same pseudonym everywhere, nothing else changed, and that can be proved."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedun.evidence.seal import layout
from jiedun.evidence.seal.redact import Piece, Redactor, Span, prove
from jiedun.evidence.seal.skeleton import skeleton

NUMBER = re.compile("1700000000[0-9]|王小明")
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "gb18030"]


def find(text: str) -> Sequence[Span]:
    """Numbers of one block, and one name."""
    kinds = {True: "电话", False: "姓名"}
    return [Span(m.start(), m.end(), kinds[m[0].isdigit()]) for m in NUMBER.finditer(text)]


def redactor(salt: bytes = b"s" * 16) -> Redactor:
    return Redactor(find, lambda: salt)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_copy_is_the_original_but_for_the_pieces(encoding: str, tmp_path: Path) -> None:
    text = "来电 17000000001，王小明说 17000000002 和 17000000001 都是他\r\n"
    raw = text.encode(encoding)
    copy = redactor().content(raw)
    assert copy is not None and copy.changed
    expected = "来电 [电话1]，[姓名1]说 [电话2] 和 [电话1] 都是他\r\n"
    assert copy.content.decode(encoding) == expected
    (tmp_path / "copy").write_bytes(copy.content)
    assert skeleton(tmp_path / "copy", copy.cuts) == copy.skeleton == prove(raw, copy.pieces)


@given(st.text(alphabet="1700王小明0a\n,", max_size=60), st.sampled_from(ENCODINGS))
def test_skeleton_fits_copy_and_original(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str
) -> None:
    raw = text.encode(encoding)
    copy = redactor().content(raw)
    if copy is None:
        return
    path = tmp_path_factory.mktemp("copy") / "copy"
    path.write_bytes(copy.content)
    assert skeleton(path, copy.cuts) == copy.skeleton == prove(raw, copy.pieces)
    if copy.changed:
        assert prove(raw + b"x", copy.pieces) != copy.skeleton
        path.write_bytes(copy.content + b"x")
        assert skeleton(path, copy.cuts) != copy.skeleton
    else:
        assert copy.content == raw


def test_another_original_does_not_fit() -> None:
    copy = redactor().content(b"call 17000000001 now")
    assert copy is not None
    assert prove(b"call 17000000002 now", copy.pieces) != copy.skeleton
    assert prove(b"CALL 17000000001 now", copy.pieces) != copy.skeleton


@pytest.mark.parametrize("raw", [bytes(range(256)), b"PK\x03\x04\x00\x00", b"\xff\xfea"])
def test_what_is_not_text_is_withheld(raw: bytes) -> None:
    assert redactor().content(raw) is None


def test_overlapping_and_odd_spans_are_passed_over() -> None:
    spans = [Span(0, 3, "x"), Span(2, 5, "y"), Span(5, 5, "z"), Span(6, 99, "w")]
    assert Redactor(lambda _: spans, lambda: b"").text("abcdefgh") == "[x1]defgh"


def test_redacted_bag(case: Path, tmp_path: Path, seal: Any, both: Any) -> None:
    digest = hashlib.sha256((case / "sms.xml").read_bytes()).hexdigest()
    photo = hashlib.sha256((case / "photo.jpg").read_bytes()).hexdigest()
    items = [{"id": "phones/17000000009/sms.xml#1", "sha256": digest}, {"sha256": photo}]
    findings = {"findings": [{"why": "王小明 was called", "items": items}]}
    (case / "lender.txt").write_bytes(b"no person here")
    sealed = seal(case, tmp_path / "r", tmp_path / "bag", redactor=redactor(),
                  findings=json.dumps(findings).encode())  # fmt: skip
    bag = tmp_path / "bag"
    assert both(bag).product and both(bag).standalone
    content = b"".join(p.read_bytes() for p in bag.rglob("*") if p.is_file())
    names = "".join(str(p) for p in bag.rglob("*"))
    for person in ("17000000001", "17000000009", "王小明"):
        assert person.encode() not in content and person not in names
    assert digest.encode() not in content and photo.encode() not in content
    assert sealed.withheld == ("photo.jpg",)
    assert (bag / "data/evidence/lender.txt").read_bytes() == b"no person here"
    _proved(case, bag, tmp_path / "r/store/redactions" / f"{sealed.root}.json")
    shown = json.loads((bag / layout.FINDINGS).read_bytes())["findings"][0]
    copy = hashlib.sha256((bag / "data/evidence/sms.xml").read_bytes()).hexdigest()
    assert shown["items"][0] == {"id": "phones/[电话2]/sms.xml#1", "sha256": copy}
    assert shown["items"][1]["sha256"] is None and shown["why"] == "[姓名1] was called"


def _proved(case: Path, bag: Path, openings: Path) -> None:
    """With the openings kept in the store, every skeleton follows from its original."""
    noted = {f["path"]: f for f in json.loads((bag / layout.REDACTION).read_bytes())["files"]}
    opened = json.loads(openings.read_bytes())
    assert openings.stat().st_mode & 0o777 == 0o600 and len(opened["files"]) == len(noted) == 4
    for file in opened["files"]:
        original = (case / file["path"]).read_bytes()
        entry = noted[file["in_bag"]]
        assert prove(original, [Piece(**p) for p in file["pieces"]]) == entry["skeleton"]
        whole = hashlib.sha256(bytes.fromhex(file["salt"]) + hashlib.sha256(original).digest())
        assert whole.hexdigest() == entry["original"]


def test_record_that_does_not_fit_is_refused_by_both(
    case: Path, tmp_path: Path, seal: Any, both: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jiedun.evidence.seal import make

    real = make._redaction
    for n, spoil in enumerate((_other_skeleton, _cut_outside, _other_file)):
        monkeypatch.setattr(make, "_redaction", lambda work, spoil=spoil: spoil(real(work)))
        bag = tmp_path / f"bag{n}"
        seal(case, tmp_path / "r", bag, redactor=redactor())
        answer = both(bag)
        assert not answer.product and not answer.standalone


def _other_skeleton(record: dict[str, Any]) -> dict[str, Any]:
    record["files"][0]["skeleton"] = "0" * 64
    return record


def _cut_outside(record: dict[str, Any]) -> dict[str, Any]:
    record["files"][0]["cuts"][0][1] = 10_000
    return record


def _other_file(record: dict[str, Any]) -> dict[str, Any]:
    record["files"][0]["path"] = "data/evidence/absent"
    return record
