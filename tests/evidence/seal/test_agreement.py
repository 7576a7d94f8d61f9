"""Bags that a forger signs with a key of their own: whole or not, both verifiers say the same."""

import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jiedun.chain import canonical, merkle, sign
from jiedun.evidence.seal import layout
from jiedun.evidence.seal.redact import Redactor, Span


@pytest.fixture
def forge(tmp_path: Path) -> Callable[[Path], None]:
    """Signs whatever a bag now holds, as its maker would."""
    key = sign.create(tmp_path / "forger.key")

    def again(bag: Path) -> None:
        try:
            record = json.loads((bag / layout.SEAL).read_bytes())
            record["key"] = key.public.hex()
            (bag / layout.SEAL).write_bytes(canonical.encode(record) + b"\n")
        except (ValueError, TypeError):
            pass
        tags = sorted(p.name for p in bag.iterdir() if p.is_file())
        tags = [t for t in tags if t not in (layout.TAG_MANIFEST, layout.SIGNATURE)]
        lines = [f"{hashlib.sha256((bag / t).read_bytes()).hexdigest()}  {t}\n" for t in tags]
        content = "".join(lines).encode()
        (bag / layout.TAG_MANIFEST).write_bytes(content)
        (bag / layout.SIGNATURE).write_bytes(key.sign(content))

    return again


@pytest.fixture
def bag(case: Path, tmp_path: Path, seal: Any) -> Path:
    """A redacted bag."""

    def find(text: str) -> list[Span]:
        at = text.find("17000000001")
        return [Span(at, at + 11, "电话")] if at >= 0 else []

    seal(case, tmp_path / "r", tmp_path / "bag", redactor=Redactor(find, lambda: b"s" * 16))
    return tmp_path / "bag"


def test_signed_by_another_key_it_is_whole(bag: Path, both: Any, forge: Any) -> None:
    forge(bag)
    assert both(bag).product and both(bag).standalone


def test_random_edits_signed_again(bag: Path, both: Any, forge: Any) -> None:
    chance, whole = random.Random(9), 0
    names = [layout.SEAL, layout.CUSTODY, layout.MANIFEST, layout.INFO, "bagit.txt",
             layout.REDACTION, layout.PAGE]  # fmt: skip
    kept = {p: p.read_bytes() for p in bag.rglob("*") if p.is_file()}
    for n in range(140):
        path = bag / names[n % len(names)]
        changed = bytearray(path.read_bytes())
        at = chance.randrange(len(changed))
        changed[at : at + chance.randrange(3)] = chance.choice(
            [b"", b"0", b"a", b"A", b" ", b"\n", b"\r\n", b'"', b"\xff", b"../", b"%", b"1.5"]
        )
        path.write_bytes(changed)
        forge(bag)
        answer = both(bag)
        assert answer.product is answer.standalone, (path.name, at, answer.faults)
        whole += answer.product
        for file, content in kept.items():
            file.write_bytes(content)
    assert 0 < whole < 140, "some edits, as in index.html, leave a whole bag of the forger's"


def _seal(**fields: Any) -> Callable[[Path], None]:
    def edit(bag: Path) -> None:
        record = {**json.loads((bag / layout.SEAL).read_bytes()), **fields}
        record = {k: v for k, v in record.items() if v != "gone"}
        (bag / layout.SEAL).write_bytes(canonical.encode(record) + b"\n")

    return edit


def _payload(name: str) -> Callable[[Path], None]:
    """One more evidence file, listed as a maker would list it."""

    def edit(bag: Path) -> None:
        (bag / name).parent.mkdir(parents=True, exist_ok=True)
        (bag / name).write_bytes(b"x")
        line = f"{hashlib.sha256(b'x').hexdigest()}  {name}"
        lines = (bag / layout.MANIFEST).read_text().splitlines() + [line]  # noqa: RUF005
        lines.sort(key=lambda text: text[66:].encode())
        (bag / layout.MANIFEST).write_text("\n".join(lines) + "\n")
        record = json.loads((bag / layout.SEAL).read_bytes())
        record["root"] = merkle.root(merkle.leaf(t.encode()) for t in lines).hex()
        record["files"], record["bytes"] = record["files"] + 1, record["bytes"] + 1
        (bag / layout.SEAL).write_bytes(canonical.encode(record) + b"\n")
        info = (bag / layout.INFO).read_text().partition("Payload")[0]
        info += f"Payload-Oxum: {record['bytes']}.{record['files']}\n"
        (bag / layout.INFO).write_text(info)

    return edit


def _file(name: str, content: bytes) -> Callable[[Path], None]:
    def edit(bag: Path) -> None:
        (bag / name).write_bytes(content)

    return edit


@pytest.mark.parametrize(
    ("edit", "whole"),
    [
        (_payload("data/more"), True),
        (_payload("data/evidence/ space.txt"), True),
        (_payload("data/EVIDENCE.txt"), True),
        (_payload("data/evidence/SMS.xml"), False),
        (_payload("data/100%.txt"), False),
        (_payload("data/a%0Ab"), False),
        (_payload("data/back\\slash"), False),
        (_payload("outside.txt"), False),
        (_seal(schema="jiedun.seal/2"), False),
        (_seal(more=1), False),
        (_seal(story="gone"), False),
        (_seal(files="many"), False),
        (_seal(files=None), False),
        (_seal(root="0" * 64), False),
        (_seal(redacted=False), False),
        (_seal(timestamp="rfc3161"), False),
        (_seal(timestamp="other"), False),
        (_seal(created="whenever"), False),
        (_seal(created=None), False),
        (_file("note.txt", b"x"), False),
        (_file(layout.CUSTODY, b""), False),
        (_file(layout.CUSTODY, b"\n"), False),
        (_file(layout.MANIFEST, b""), False),
        (_file(layout.MANIFEST, b"\n"), False),
        (_file("manifest-md5.txt", b""), False),
        (_file("fetch.txt", b""), False),
        (_file(layout.TOKEN, b"x"), False),
        (_file(layout.REDACTION, b'{"files":[]}\n'), True),
        (_file(layout.REDACTION, b"{}\n"), False),
        (_file("bagit.txt", b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"), False),
    ],
)
def test_edits_signed_again(
    bag: Path, both: Any, forge: Any, edit: Callable[[Path], None], whole: bool
) -> None:
    edit(bag)
    forge(bag)
    answer = both(bag)
    assert (answer.product, answer.standalone) == (whole, whole), answer.faults
