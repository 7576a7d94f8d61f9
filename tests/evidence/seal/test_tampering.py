"""Nobody changes a sealed bag unseen: both verifiers refuse, and always agree."""

import os
import random
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bagit
import pytest

from jiedun.evidence.seal import layout

SEAL_FILES = [layout.SIGNATURE, layout.TOKEN, layout.TOKEN_SIGNATURE, layout.SEAL, layout.CUSTODY,
              layout.PAGE, layout.VERIFIER, layout.TAG_MANIFEST]  # fmt: skip


@pytest.fixture
def bag(case: Path, tmp_path: Path, seal: Any, authority: Any) -> Path:
    """A stamped bag of the case."""
    seal(case, tmp_path / "results", tmp_path / "bag", tsa=authority.url)
    return tmp_path / "bag"


def files(bag: Path) -> list[Path]:
    return sorted(p for p in bag.rglob("*") if p.is_file())


def test_sealed_bag_is_whole_for_everyone(bag: Path, both: Any) -> None:
    assert both(bag).product and both(bag).standalone
    bagit.Bag(str(bag)).validate()
    run = [sys.executable, "-I", str(bag / "verify.py"), str(bag)]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "WHOLE" in done.stdout


def test_300_single_bits(bag: Path, both: Any, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(3)
    for path in (files(bag) * 30)[:300]:
        content = path.read_bytes()
        changed = bytearray(content)
        bit = chance.randrange(len(content) * 8)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        answer = both(bag)
        assert not answer.product and not answer.standalone, (path.name, bit)
        path.write_bytes(content)
    assert both(bag).product and both(bag).standalone


Change = tuple[str, Callable[[Path], object]]


def _put(name: str, content: bytes) -> Callable[[Path], object]:
    def change(bag: Path) -> None:
        (bag / name).parent.mkdir(parents=True, exist_ok=True)
        (bag / name).write_bytes(content)

    return change


def _edit(name: str, edit: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda bag: (bag / name).write_bytes(edit((bag / name).read_bytes()))


def _move(old: str, new: str) -> Callable[[Path], object]:
    def change(bag: Path) -> None:
        (bag / new).parent.mkdir(parents=True, exist_ok=True)
        (bag / old).rename(bag / new)

    return change


def _swap(one: str, two: str) -> Callable[[Path], object]:
    def change(bag: Path) -> None:
        first, second = (bag / one).read_bytes(), (bag / two).read_bytes()
        (bag / one).write_bytes(second)
        (bag / two).write_bytes(first)

    return change


def _link(name: str) -> Callable[[Path], object]:
    def change(bag: Path) -> None:
        (bag / name).rename(bag.parent / "moved")
        (bag / name).symlink_to(bag.parent / "moved")

    return change


def _folder_for(name: str) -> Callable[[Path], object]:
    def change(bag: Path) -> None:
        (bag / name).unlink()
        (bag / name).mkdir()

    return change


def _line(text: str) -> Callable[[bytes], bytes]:
    return lambda content: content + text.encode()


def _make(folder: str, kind: str) -> Callable[[Path], object]:
    def change(bag: Path) -> None:
        (bag / folder).mkdir(exist_ok=True)
        path = bag / folder / "made"
        if kind == "folder":
            path.mkdir()
        elif kind == "link":
            path.symlink_to("/")
        else:
            os.mkfifo(path)

    return change


def _strip(*names: str) -> Callable[[Path], object]:
    def change(bag: Path) -> None:
        for name in names:
            shutil.rmtree(bag / name) if (bag / name).is_dir() else (bag / name).unlink()

    return change


def _of_one(name: str) -> Iterator[Change]:
    yield f"delete {name}", lambda bag: (bag / name).unlink()
    yield f"empty {name}", _put(name, b"")
    yield f"truncate {name}", _edit(name, lambda c: c[: len(c) // 2])
    yield f"cut last byte of {name}", _edit(name, lambda c: c[:-1])
    yield f"append to {name}", _edit(name, lambda c: c + b"\n")
    yield f"prepend BOM to {name}", _edit(name, lambda c: b"\xef\xbb\xbf" + c)
    yield f"double {name}", _edit(name, lambda c: c + c)
    yield f"rename {name}", _move(name, name + ".bak")
    yield f"move {name}", _move(name, "data/evidence/sub/" + name.rpartition("/")[2])
    yield f"link {name}", _link(name)
    yield f"copy {name}", lambda bag: shutil.copy(bag / name, bag / (name + "~"))
    yield f"replace {name} by a folder", _folder_for(name)
    other = name.swapcase()
    if other != name:
        yield f"case of {name}", _move(name, other)


def _of_lists() -> Iterator[Change]:
    for name in (layout.MANIFEST, layout.TAG_MANIFEST, layout.SEAL, layout.CUSTODY):
        yield f"upper {name}", _edit(name, _upper)
        yield f"crlf {name}", _edit(name, lambda c: c.replace(b"\n", b"\r\n"))
        yield f"reverse {name}", _edit(name, lambda c: b"\n".join(c.split(b"\n")[::-1]))
        yield f"first line twice {name}", _edit(name, lambda c: c.split(b"\n")[0] + b"\n" + c)
        yield f"without first line {name}", _edit(name, lambda c: c.partition(b"\n")[2])
        yield f"spaces {name}", _edit(name, lambda c: c.replace(b"  ", b" ") + b" ")
    for path in ("../x", "/etc/passwd", "C:\\x", "\\\\server\\x", "~/x", "data/../../x"):
        line = f"{'0' * 64}  {path}\n"
        for name in (layout.MANIFEST, layout.TAG_MANIFEST):
            yield f"{path} in {name}", _edit(name, _line(line))
    yield "fetch.txt", _put("fetch.txt", b"http://localhost/x - data/evidence/x\n")
    yield "other manifest", _put("manifest-md5.txt", b"")
    yield "other tag manifest", _put("tagmanifest-md5.txt", b"")


def _upper(content: bytes) -> bytes:
    return b"".join(bytes([c - 32]) if 97 <= c <= 102 else bytes([c]) for c in content)


def _additions() -> Iterator[Change]:
    for folder in ("", "data/", "data/evidence/", "data/evidence/phones/", "new/"):
        for name in ("x", ".hidden", "长.txt", unicodedata.normalize("NFD", "é"), "x\ny"):
            yield f"add {folder}{name!r}", _put(folder + name, b"x")
        for kind in ("folder", "link", "pipe"):
            yield f"add {kind} in {folder}", _make(folder, kind)


def _strippings() -> Iterator[Change]:
    yield "strip the token", _strip(layout.TOKEN, layout.TOKEN_SIGNATURE)
    yield "strip the seal", _strip(*SEAL_FILES)
    yield "strip the signature", _strip(layout.SIGNATURE)
    yield "strip evidence", _strip("data/evidence")
    yield "strip data", _strip("data")


def changes(names: list[str]) -> list[Change]:
    """More than 300 ways to tamper with a bag of these files."""
    found = [change for name in names for change in _of_one(name)]
    found += [*_of_lists(), *_additions(), *_strippings()]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[:i]]
    some = random.Random(5).sample(pairs, 12)
    return found + [(f"swap {a} and {b}", _swap(a, b)) for a, b in some]


def test_300_structural_changes(
    bag: Path, tmp_path: Path, both: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [p.relative_to(bag).as_posix() for p in files(bag)]
    tried = 0
    for n, (what, change) in enumerate(changes(names)):
        copy = tmp_path / f"copy{n}" / "bag"
        shutil.copytree(bag, copy, symlinks=True)
        change(copy)
        answer = both(copy)
        assert not answer.product and not answer.standalone, what
        shutil.rmtree(copy.parent)
        tried += 1
    assert tried >= 300


def test_another_whole_bag_shows_only_against_what_is_kept_elsewhere(
    bag: Path, case: Path, tmp_path: Path, seal: Any, both: Any
) -> None:
    (case / "calls.csv").write_bytes(b"forged")
    first = seal(case, tmp_path / "results", tmp_path / "mine")
    forged = seal(case, tmp_path / "forger", tmp_path / "forged")
    for other in ("mine", "forged"):
        assert both(tmp_path / other).product and both(tmp_path / other).standalone
    answers = both(tmp_path / "forged", key=first.fingerprint)
    assert answers.faults == ("other-key",) and not answers.standalone
    answers = both(bag, root=forged.root)
    assert answers.faults == ("other-root",) and not answers.standalone
    assert both(tmp_path / "mine", root=first.root, key=first.fingerprint).standalone
    assert first.root == forged.root


@pytest.mark.parametrize("name", ["no", "plain", "text"])
def test_what_is_no_sealed_bag(tmp_path: Path, both: Any, name: str) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "text").write_text("x")
    answer = both(tmp_path / name)
    assert not answer.product and not answer.standalone


def test_wrong_use_of_the_standalone_verifier(bag: Path, capsys: Any) -> None:
    from jiedun.evidence.seal.verify_standalone import main

    for words in ([], ["--help"], [str(bag), "more"], [str(bag), "--root"]):
        assert main(words) == 2
