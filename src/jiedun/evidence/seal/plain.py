"""Plain BagIt, versions 0.93 to 1.0 (RFC 8493), checked without mercy and without network.

Stricter than the stock library: `bagit.txt` to the letter, no links, no path that leads outside,
no two paths that differ in case or composition only, every payload file in every manifest (1.0),
Payload-Oxum, and a file to be fetched that is absent makes the bag incomplete.
"""

import codecs
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from jiedun.evidence.seal.hashing import digests
from jiedun.evidence.seal.paths import Tree, collisions, refused, walk
from jiedun.evidence.seal.report import Report

VERSIONS = ("0.93", "0.94", "0.95", "0.96", "0.97", "1.0")
_VERSION = re.compile(r"^BagIt-Version: (\d+\.\d+)$")
_ENCODING = re.compile(r"^Tag-File-Character-Encoding: (\S+)$")
_LINE = re.compile(r"^([0-9a-fA-F]+)[ \t]+(.*)$", re.DOTALL)
_FETCH = re.compile(r"^(\S+)[ \t]+(\d+|-)[ \t]+(.+)$")
_OXUM = re.compile(r"^(\d+)\.(\d+)$")
_NAME = re.compile(r"^(tag)?manifest-([a-zA-Z0-9-]+)\.txt$")
_BREAK = re.compile(r"\r\n|\n|\r")
_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512")


@dataclass
class _Bag:
    """One bag under check: its folder, version, encoding, and hashes by path and algorithm."""

    folder: Path
    report: Report
    tree: Tree
    version: str = ""
    encoding: str = ""
    payload: dict[str, dict[str, str]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)


def check(folder: Path) -> Report:
    """The report on `folder` as a plain bag. Reads every file; never fetches."""
    report = Report()
    if not folder.is_dir():
        report.fault("no-bag")
        return report
    bag = _Bag(folder, report, walk(folder))
    for path in bag.tree.odd:
        report.fault("link", path)
    if _declaration(bag):
        _manifests(bag)
        _fetch(bag)
        _complete(bag)
        _hashes(bag)
        _info(bag)
    return report


def _declaration(bag: _Bag) -> bool:
    try:
        text = (bag.folder / "bagit.txt").read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        bag.report.fault("declaration", "bagit.txt")
        return False
    lines = _BREAK.split(text)
    if lines[-1] == "":
        lines.pop()
    first = _VERSION.match(lines[0]) if len(lines) == 2 else None
    second = _ENCODING.match(lines[1]) if len(lines) == 2 else None
    if first is None or second is None:
        bag.report.fault("declaration", "bagit.txt")
        return False
    bag.version, bag.encoding = first[1], second[1]
    if bag.version not in VERSIONS:
        bag.report.fault("version", "bagit.txt")
        return False
    return _known_encoding(bag)


def _known_encoding(bag: _Bag) -> bool:
    try:
        known = "a".encode(codecs.lookup(bag.encoding).name)
    except (LookupError, UnicodeError):
        known = b""
    if not known:
        bag.report.fault("declaration", "bagit.txt")
    return bool(known)


def _text(bag: _Bag, name: str) -> str | None:
    """The text of a tag file in the declared encoding, or None with a fault."""
    try:
        text = (bag.folder / name).read_bytes().decode(bag.encoding)
    except OSError:
        bag.report.fault("unreadable", name)
    except UnicodeError:
        bag.report.fault("encoding", name)
    else:
        if not text.startswith("\ufeff"):
            return text
        bag.report.fault("encoding", name)
    return None


def _manifests(bag: _Bag) -> None:
    found = [m for m in map(_NAME.match, bag.tree.files) if m]
    if not any(m[1] is None for m in found):
        bag.report.fault("no-manifest")
    if not any(p.startswith("data/") for p in bag.tree.files) and not _has_data(bag):
        bag.report.fault("missing", "data/")
    for match in found:
        algorithm = match[2].lower().replace("-", "_")
        if algorithm not in _ALGORITHMS:
            bag.report.fault("algorithm", match[0])
        else:
            _manifest(bag, match[0], algorithm, bag.tags if match[1] else bag.payload)


def _has_data(bag: _Bag) -> bool:
    return (bag.folder / "data").is_dir() and not (bag.folder / "data").is_symlink()


def _manifest(bag: _Bag, name: str, algorithm: str, into: dict[str, dict[str, str]]) -> None:
    text = _text(bag, name)
    if text is None:
        return
    lines = _BREAK.split(text)
    if lines[-1] == "":
        lines.pop()
    elif text:
        bag.report.remark("no-newline", name)
    for number, line in enumerate(lines, 1):
        _listed(bag, f"{name}#{number}", line, algorithm, into)
    for path in collisions(p for p, hashes in into.items() if algorithm in hashes):
        bag.report.fault("collision", path)


def _listed(
    bag: _Bag, where: str, line: str, algorithm: str, into: dict[str, dict[str, str]]
) -> None:
    match = _LINE.match(line)
    size = hashlib.new(algorithm, usedforsecurity=False).digest_size * 2
    if match is None or len(match[1]) != size:
        bag.report.fault("line", where)
        return
    if match[1] != match[1].lower():
        bag.report.remark("upper-case", where)
    path = _path(bag, where, match[2])
    if refused(path) or path.startswith("data/") != (into is bag.payload) or _is_tag_list(path):
        bag.report.fault("path", where)
        return
    hashes = into.setdefault(path, {})
    if algorithm not in hashes:
        hashes[algorithm] = match[1].lower()
    elif bag.version != "1.0" and hashes[algorithm] == match[1].lower():
        bag.report.remark("listed-again", where)
    else:
        bag.report.fault("twice", where)


def _is_tag_list(path: str) -> bool:
    return path.startswith("tagmanifest-") and "/" not in path


def _path(bag: _Bag, where: str, raw: str) -> str:
    """The path that a manifest line names, its old spellings undone with a remark."""
    if raw.startswith("*"):
        bag.report.remark("star", where)
        raw = raw[1:]
    if raw.startswith("./"):
        bag.report.remark("dot-slash", where)
        raw = raw[2:]
    return _decoded(bag, where, raw)


def _decoded(bag: _Bag, where: str, raw: str) -> str:
    """The path with `%0A`, `%0D` and, since 1.0, `%25` undone."""
    codes = "0[aAdD]|25" if bag.version == "1.0" else "0[aAdD]"
    path = re.sub(f"%({codes})", lambda m: chr(int(m[1], 16)), raw)
    if bag.version == "1.0" and re.search("%(?!0[aAdD]|25)", raw):
        bag.report.remark("percent", where)
    return path


def _fetch(bag: _Bag) -> None:
    if "fetch.txt" not in bag.tree.files:
        return
    text = _text(bag, "fetch.txt") or ""
    present = set(bag.tree.files)
    for number, line in enumerate(_BREAK.split(text), 1):
        where = f"fetch.txt#{number}"
        match = _FETCH.match(line)
        if not line:
            continue
        path = _path(bag, where, match[3]) if match else ""
        if refused(path) or path not in bag.payload:
            bag.report.fault("path" if match else "line", where)
        elif path not in present:
            bag.report.fault("fetch", path)


def _complete(bag: _Bag) -> None:
    """Every payload file in every manifest (before 1.0: in one), every listed file there."""
    payload = {p for p in bag.tree.files if p.startswith("data/")}
    count = sum(1 for m in map(_NAME.match, bag.tree.files) if m and not m[1])
    for path in sorted(payload):
        listed = len(bag.payload.get(path, {}))
        if listed == 0:
            bag.report.fault("extra", path)
        elif bag.version == "1.0" and listed < count:
            bag.report.fault("unlisted", path)
    there = set(bag.tree.files)
    for path in [*bag.payload, *bag.tags]:
        if path not in there:
            bag.report.fault("missing", path)


def _hashes(bag: _Bag) -> None:
    there = set(bag.tree.files)
    listed = {**bag.payload, **bag.tags}
    wanted = [(path, tuple(hashes)) for path, hashes in listed.items() if path in there]
    for path, found in digests(bag.folder, wanted):
        if found is None:
            bag.report.fault("unreadable", path)
        elif found != tuple(listed[path].values()):
            bag.report.fault("hash", path)


def _info(bag: _Bag) -> None:
    name = next((n for n in ("bag-info.txt", "package-info.txt") if n in bag.tree.files), None)
    text = _text(bag, name) if name else None
    if name is None or text is None:
        return
    for number, line in enumerate(_BREAK.split(text), 1):
        label, colon, value = line.partition(":")
        if line and not line[0].isspace() and not colon:
            bag.report.fault("info", f"{name}#{number}")
        if label.strip().lower() == "payload-oxum" and not _oxum(bag, value.strip()):
            bag.report.fault("oxum", name)


def _oxum(bag: _Bag, stated: str) -> bool:
    match = _OXUM.match(stated)
    if match is None:
        return False
    payload = [p for p in bag.tree.files if p.startswith("data/")]
    size = sum((bag.folder / p).stat().st_size for p in payload)
    return (int(match[1]), int(match[2])) == (size, len(payload))
