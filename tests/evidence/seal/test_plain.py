"""Plain BagIt: the conformance suite, and what the stock library lets through."""

import hashlib
import unicodedata
from collections.abc import Callable
from pathlib import Path

import bagit
import pytest

from jiedun.evidence.seal import plain

SUITE = "samples/bagit/LibraryOfCongress+bagit-conformance-suite"


@pytest.mark.parametrize(
    ("kind", "whole"),
    [
        ("valid", True),
        ("warning", True),
        ("invalid", False),
        ("linux-only", False),
        ("windows-only", False),
    ],
)
def test_conformance_suite(shared: Path, kind: str, whole: bool) -> None:
    bags = sorted((shared / SUITE).glob(f"v*/{kind}/*"))
    assert bags
    wrong = {b.name: plain.check(b).faults for b in bags if plain.check(b).whole is not whole}
    assert wrong == {}
    if kind == "warning":
        assert all(plain.check(b).remarks for b in bags)


def write(folder: Path, files: dict[str, bytes], version: str = "1.0") -> Path:
    """A bag of `files` (below data/), as the standard says."""
    (folder / "data").mkdir(parents=True)
    lines = []
    for name, content in files.items():
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        spelled = name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")
        lines.append(f"{hashlib.sha256(content).hexdigest()}  data/{spelled}\n")
    text = f"BagIt-Version: {version}\nTag-File-Character-Encoding: UTF-8\n"
    (folder / "bagit.txt").write_text(text)
    (folder / "manifest-sha256.txt").write_text("".join(lines))
    return folder


def line(content: bytes, path: str) -> str:
    return f"{hashlib.sha256(content).hexdigest()}  {path}\n"


def test_made_by_the_stock_library(tmp_path: Path) -> None:
    for name in ("a.txt", "sub/b.bin", "长名.txt", "new\nline"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    bagit.make_bag(str(tmp_path), {"Contact-Name": "A\nB"}, checksums=["sha256", "sha512"])
    report = plain.check(tmp_path)
    assert report.whole and report.remarks == []


def test_percent_line_ends_and_remarks(tmp_path: Path) -> None:
    bag = write(tmp_path / "bag", {"100%.txt": b"a", "a%0Ab": b"b", "c\r\nd": b"c"})
    assert plain.check(bag).whole
    path = bag / "manifest-sha256.txt"
    path.write_text(path.read_text().replace("%25.txt", "%.txt").rstrip("\n"))
    report = plain.check(bag)
    assert report.whole and {n.code for n in report.remarks} == {"percent", "no-newline"}


def test_upper_case_is_remarked(tmp_path: Path) -> None:
    bag = write(tmp_path / "bag", {"a": b"a"})
    digest = hashlib.sha256(b"a").hexdigest()
    (bag / "manifest-sha256.txt").write_text(f"{digest.upper()}  data/a\n")
    report = plain.check(bag)
    assert report.whole and [n.code for n in report.remarks] == ["upper-case"]


@pytest.mark.parametrize(
    "path",
    [
        "../out",
        "data/../../out",
        "/etc/passwd",
        "~/x",
        "~root/x",
        "C:\\x",
        "C:/x",
        "data\\x",
        "\\\\server\\share",
        "//server/share",
        "data//x",
        "data/./x",
        "outside",
        "data/",
    ],
)
@pytest.mark.parametrize("listing", ["manifest-sha256.txt", "fetch.txt"])
def test_unsafe_paths(tmp_path: Path, path: str, listing: str) -> None:
    bag = write(tmp_path / "bag", {"a": b"a"})
    (tmp_path / "out").write_bytes(b"x")
    with (bag / listing).open("a") as stream:
        stream.write(line(b"x", path) if listing.startswith("m") else f"http://x - {path}\n")
    assert {"path"} <= {n.code for n in plain.check(bag).faults}


def _append(name: str, text: str) -> Callable[[Path], object]:
    return lambda bag: (bag / name).write_text(
        ((bag / name).read_text() if (bag / name).exists() else "") + text
    )


def _bytes(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda bag: (bag / name).write_bytes(content)


def _nfd(bag: Path) -> None:
    nfd = unicodedata.normalize("NFD", "é")
    (bag / "data" / nfd).write_bytes(b"e")
    _append("manifest-sha256.txt", line(b"e", f"data/{nfd}"))(bag)


DECLARED = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_bytes("data/a", b"b"), "hash"),
        (_bytes("data/more", b"b"), "extra"),
        (lambda bag: (bag / "data/a").unlink(), "missing"),
        (lambda bag: (bag / "data/l").symlink_to(bag / "data/a"), "link"),
        (lambda bag: (bag / "bagit.txt").unlink(), "declaration"),
        (_bytes("bagit.txt", b"\xef\xbb\xbf" + DECLARED), "declaration"),
        (_bytes("bagit.txt", DECLARED + b"\n"), "declaration"),
        (_bytes("bagit.txt", DECLARED.replace(b"1.0", b"1.0 ")), "declaration"),
        (_bytes("bagit.txt", DECLARED.replace(b"1.0", b"2.0")), "version"),
        (_bytes("bagit.txt", DECLARED.replace(b"UTF-8", b"base64")), "declaration"),
        (_bytes("manifest-sha256.txt", b"\xef\xbb\xbf"), "encoding"),
        (_bytes("manifest-sha256.txt", b"\xff\xfe"), "encoding"),
        (_append("manifest-sha256.txt", "nonsense\n"), "line"),
        (_append("manifest-sha256.txt", "\n"), "line"),
        (_append("manifest-sha256.txt", "abcd  data/a\n"), "line"),
        (_append("manifest-sha256.txt", line(b"a", "data/a")), "twice"),
        (_append("manifest-sha256.txt", line(b"a", "data/A")), "collision"),
        (_nfd, "collision"),
        (_append("manifest-md5.txt", ""), "unlisted"),
        (_append("manifest-crc32.txt", ""), "algorithm"),
        (lambda bag: (bag / "manifest-sha256.txt").unlink(), "no-manifest"),
        (_append("tagmanifest-sha256.txt", line(b"x", "bagit.txt")), "hash"),
        (_append("tagmanifest-sha256.txt", line(b"x", "tagmanifest-md5.txt")), "path"),
        (_append("tagmanifest-sha256.txt", line(b"a", "data/a")), "path"),
        (_append("tagmanifest-sha256.txt", line(b"a", "absent.txt")), "missing"),
        (_append("fetch.txt", "nonsense\n"), "line"),
        (_append("bag-info.txt", "Payload-Oxum: 3.2\n"), "oxum"),
        (_append("bag-info.txt", "Payload-Oxum: many\n"), "oxum"),
        (_append("bag-info.txt", "no colon\n"), "info"),
    ],
)
def test_one_fault_each(tmp_path: Path, change: Callable[[Path], object], code: str) -> None:
    bag = write(tmp_path / "bag", {"a": b"a", unicodedata.normalize("NFC", "é"): b"e"})
    assert plain.check(bag).whole
    change(bag)
    report = plain.check(bag)
    assert code in {n.code for n in report.faults}
    assert all(n.words().zh and n.words().en for n in [*report.faults, *report.remarks])


def test_file_to_be_fetched_is_never_fetched(tmp_path: Path) -> None:
    bag = write(tmp_path / "bag", {"a": b"a"})
    _append("fetch.txt", "http://localhost:1/a - data/a\n")(bag)
    assert plain.check(bag).whole
    (bag / "data/a").unlink()
    assert {"fetch", "missing"} == {n.code for n in plain.check(bag).faults}


def test_no_bag_at_all(tmp_path: Path) -> None:
    assert [n.code for n in plain.check(tmp_path / "absent").faults] == ["no-bag"]
    assert [n.code for n in plain.check(tmp_path).faults] == ["declaration"]
