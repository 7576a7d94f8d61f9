"""Paths inside a bag: which are refused, and safe names for files whose own name would be.

A sealed bag must open alike on Linux, macOS and Windows, so a name that one of them cannot hold,
or that differs from another only in case or Unicode composition, is given a safe one; the real
name is listed in `data/names.json`.
"""

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_DRIVE = re.compile(r"^[A-Za-z]:")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\%~\ud800-\udfff]')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
_NAME_BYTES = 255


def refused(path: str) -> bool:
    """Whether no bag may list `path`: absolute, above, home, drive, UNC, or empty parts.
    RFC 8493 section 5.1.2 names these as dangers."""
    if not path or path[0] in "/\\~" or _DRIVE.match(path) or "\\" in path or "\x00" in path:
        return True
    return any(part in ("", ".", "..") for part in path.split("/"))


def fold(path: str) -> str:
    """What two paths share that differ only in case or Unicode composition."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def collisions(paths: Iterable[str]) -> Iterator[str]:
    """Every path that collides with an earlier, different one."""
    seen: dict[str, str] = {}
    for path in paths:
        if seen.setdefault(fold(path), path) != path:
            yield path


def encode(path: str) -> str:
    """The path as a BagIt 1.0 manifest spells it."""
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _safe_part(part: str) -> bool:
    ends_well = part[-1] not in ". "
    fits = len(part.encode("utf-8", "surrogateescape")) <= _NAME_BYTES
    return ends_well and fits and not _UNSAFE.search(part) and not _RESERVED.match(part)


def _renamed(part: str, whole: str) -> str:
    tag = "_" + hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    stem, dot, ending = _UNSAFE.sub("_", part).rstrip(". ").rpartition(".")
    if not dot or len(ending.encode()) > 16:
        stem, ending = stem + dot + ending, ""
    room = _NAME_BYTES - len(tag) - len((dot + ending).encode() if ending else b"")
    short = stem.encode("utf-8")[:room].decode("utf-8", "ignore")
    return short + tag + (dot + ending if ending else "")


@dataclass
class Names:
    """Safe, distinct names for the files of one bag, given one after another."""

    taken: dict[str, str] = field(default_factory=dict)
    changed: dict[str, str] = field(default_factory=dict)

    def of(self, path: str) -> str:
        """A safe name for `path`, itself where that is safe; the same path gets the same name."""
        parts: list[str] = []
        for part in path.split("/"):
            parts.append(self._part("/".join([*parts, ""]), part))
        name = "/".join(parts)
        if name != path:
            self.changed[name] = path
        return name

    def _part(self, above: str, part: str) -> str:
        name = part if _safe_part(part) else _renamed(part, part)
        real = above + part
        if self.taken.setdefault(fold(above + name), real) != real:
            name = _renamed(part, real)
            self.taken[fold(above + name)] = real
        return name


@dataclass
class Tree:
    """What lies in a folder: files by path with `/`, in byte order; odd things; empty folders."""

    files: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)


def walk(folder: Path) -> Tree:
    """Everything below `folder`, following no link."""
    tree = Tree()
    for here, folders, files in os.walk(folder):
        above = os.path.relpath(here, folder).replace(os.sep, "/")
        prefix = "" if above == "." else above + "/"
        if not folders and not files and prefix:
            tree.empty.append(above)
        for name in [*folders, *files]:
            mode = os.lstat(os.path.join(here, name)).st_mode  # noqa: PTH118
            if stat.S_ISREG(mode):
                tree.files.append(prefix + name)
            elif not stat.S_ISDIR(mode):
                tree.odd.append(prefix + name)
    tree.files.sort(key=spelled)
    return tree


def spelled(path: str) -> bytes:
    """The bytes by which paths are ordered: UTF-8, raw bytes kept."""
    return path.encode("utf-8", "surrogateescape")
