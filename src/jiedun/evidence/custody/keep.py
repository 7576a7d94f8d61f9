"""Every file of a case into its store, once."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from jiedun.errors import UnreadableFile
from jiedun.evidence.custody.store import Store
from jiedun.model.evidence import Evidence, FileEntry, Problem
from jiedun.model.text import Words

_CHANGED = Words(
    "读取之后文件又被改动；两种内容的哈希都已记入保管日志，以保存的为准",
    "the file changed after it was read; both hashes are in the custody log, the kept one counts",
)
_GONE = Words("文件没能存入证据库", "the file could not be kept in the store")
_AGAIN = Words(
    "确认文件可以打开，然后再运行一次", "make sure it can be opened, then run this again"
)


@dataclass(frozen=True, slots=True)
class Report:
    """What one run did: files new in the store, files that were there, and what went wrong."""

    received: int
    already: int
    problems: tuple[Problem, ...]


def spelled(path: str) -> str:
    """The path as the log spells it: bytes that are not UTF-8 become `\\xff`."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def keep(
    evidence: Evidence,
    folder: Path,
    store: Store,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """What was kept of `evidence`, read from `folder`. A file that cannot be kept is a problem,
    and the others are kept; ProofError only when the store itself can take no more.

    A file already kept with the content that was just read is not copied again. Members of
    archives (`a.zip!/b`) lie inside a kept file; for them only the reader is recorded.
    """
    received, already, problems = 0, 0, []
    for done, given in enumerate(evidence.files):
        source = folder / given.path
        entry = replace(given, path=spelled(given.path))
        if "!/" in entry.path and not source.exists():
            _record_reader(store, entry, entry.sha256)
        elif store.has(entry.path, entry.sha256):
            already += 1
            _record_reader(store, entry, entry.sha256)
        else:
            found = _keep_one(store, entry, source, folder.name)
            received += found is None or found.code == "kept.changed"
            problems += [found] if found else []
        if progress is not None:
            progress(done + 1, len(evidence.files))
    return Report(received, already, tuple(problems))


def _record_reader(store: Store, entry: FileEntry, sha256: str) -> None:
    if entry.reader is not None:
        store.read_by(entry.path, sha256, entry.reader, entry.reader_version or "", entry.rows)


def _keep_one(store: Store, entry: FileEntry, source: Path, came_from: str) -> Problem | None:
    try:
        stored = store.receive(entry.path, source, came_from)
    except (OSError, UnreadableFile):
        return Problem(entry.path, None, "kept.unreadable", _GONE, _AGAIN)
    _record_reader(store, entry, entry.sha256)
    if entry.sha256 and stored.sha256 != entry.sha256:
        body = {"path": entry.path, "read": entry.sha256, "kept": stored.sha256}
        store.record("differs", body)
        return Problem(entry.path, None, "kept.changed", _CHANGED)
    return None


def pending(folder: Path, store: Store) -> list[str]:
    """The files of `folder` that the store does not hold in their present form, told by size and
    time of change; links are not followed and not kept."""
    found = []
    for here, _, names in os.walk(folder):
        above = Path(here)
        for name in names:
            source = above / name
            status = source.lstat()
            path = spelled(source.relative_to(folder).as_posix())
            if stat.S_ISREG(status.st_mode) and not store.fresh(path, status):
                found.append(source.relative_to(folder).as_posix())
    return sorted(found)


def keep_folder(
    folder: Path, store: Store, *, progress: Callable[[int, int], None] | None = None
) -> Report:
    """What was kept of `folder` without reading it: every file the store does not hold yet."""
    files = tuple(FileEntry(path, "", 0, "") for path in pending(folder, store))
    return keep(Evidence(files=files), folder, store, progress=progress)
