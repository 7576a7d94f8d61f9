"""Every file below a folder, in one fixed order, without leaving the folder.

Links are never followed: what they point to inside the folder is read under its own name, what
lies outside is not evidence until it is copied in. Paths are POSIX and relative; bytes of a name
that are not UTF-8 show as `\\xNN`, so that a locator can always be printed (`locate` undoes it).
"""

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from jiedun.evidence.problems import problem
from jiedun.model.evidence import Problem

OUTPUT_SUFFIX = ".jiedun"
"""Folders so named hold what this program wrote, and are passed over."""

Scandir = Callable[[str], AbstractContextManager[Iterator["os.DirEntry[str]"]]]

_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
_ARCHIVE_MARK = re.compile(r"(?:\.(?:zip|tar|tgz|gz))*!$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """One regular file: its path in the folder, where it lies, its size and time of change."""

    path: str
    real: Path
    size: int
    mtime_ns: int


def walk(folder: Path, *, scandir: Scandir | None = None) -> Iterator[Found | Problem]:
    """Files and problems below `folder`, sorted by the bytes of their paths.

    `scandir` stands in for `os.scandir` in tests. Never raises for what it meets.
    """
    root = os.path.realpath(folder)
    entries = sorted(_entries(root, scandir or os.scandir), key=lambda e: e[0])
    taken: set[str] = set()
    for raw, real, broken in entries:
        label = printable(raw)
        while label in taken:
            label += "~"
        taken.add(label)
        yield problem(label, "unreadable") if broken else _look(label, real, root)


def printable(raw: bytes) -> str:
    """A name's bytes as text; what is not UTF-8 becomes `\\xNN`."""
    return raw.decode("utf-8", "backslashreplace")


def locate(folder: Path, path: str) -> Path:
    """The file that a path names; raises FileNotFoundError when there is none."""
    plain = folder / path
    if plain.exists():
        return plain
    escaped = _ESCAPED.sub(lambda m: bytes([int(m.group(1), 16)]), path.encode())
    found = folder / os.fsdecode(escaped)
    if not found.exists():
        raise FileNotFoundError(path)
    return found


def phone_of(path: str) -> str | None:
    """The folder name under `phones/`, also inside an archive or of an archive named so."""
    parts = path.split("/")
    for at, part in enumerate(parts[:-2]):
        if part.casefold() == "phones":
            return _ARCHIVE_MARK.sub("", parts[at + 1]) or None
    return None


_Entry = tuple[bytes, str, bool]


def _entries(root: str, scandir: Scandir) -> Iterator[_Entry]:
    """(relative path in bytes, real path, could not be listed) of all that is no folder."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with scandir(folder) as listed:
                names = list(listed)
        except OSError:
            yield _relative(root, folder), folder, True
            continue
        for entry in names:
            if not entry.is_dir(follow_symlinks=False):
                yield _relative(root, entry.path), entry.path, False
            elif not entry.name.endswith(OUTPUT_SUFFIX):
                waiting.append(entry.path)


def _relative(root: str, path: str) -> bytes:
    return os.fsencode(os.path.relpath(path, root))


def _look(label: str, real: str, root: str) -> Found | Problem:
    try:
        status = os.lstat(real)
    except OSError:
        return problem(label, "unreadable")
    if stat.S_ISLNK(status.st_mode):
        return problem(label, _link_kind(real, root))
    if not stat.S_ISREG(status.st_mode):
        return problem(label, "special-file")
    return Found(label, Path(real), status.st_size, status.st_mtime_ns)


def _link_kind(real: str, root: str) -> str:
    try:
        target = os.path.realpath(real, strict=True)
    except OSError:
        return "link-broken"
    inside = target == root or target.startswith(root.rstrip(os.sep) + os.sep)
    return "link-inside" if inside else "link-outside"
