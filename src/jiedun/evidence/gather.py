"""A folder of evidence, read: every file hashed and listed, every record with its locator.

Nothing in the folder is changed. What cannot be read becomes a problem naming file and place, and
everything else is still read; no fault of a reader stops the rest.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from jiedun.errors import UnreadableFile
from jiedun.evidence import archive
from jiedun.evidence.archive import Budget, Limits
from jiedun.evidence.hashing import hash_stream
from jiedun.evidence.interface import Declared, PhonebookEntry, Reader, Record, Source
from jiedun.evidence.merge import merged
from jiedun.evidence.problems import problem
from jiedun.evidence.readers.registry import ALL
from jiedun.evidence.sniff import HEAD, kind_of
from jiedun.evidence.walk import Found, phone_of, walk
from jiedun.model.evidence import (
    Contact,
    Event,
    Evidence,
    FileEntry,
    LoanFile,
    PartyRow,
    Payment,
    Problem,
    Statement,
)

Progress = Callable[[int, int], None]
"""Called after each file with the bytes done and the bytes of the whole folder."""

STORY = "story.md"
"""The borrower's own account: listed, never read, never evidence."""

_IN_MEMORY = 16 * 1024 * 1024


def gather(
    folder: Path,
    *,
    readers: Sequence[Reader] = ALL,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    progress: Progress | None = None,
    now: datetime | None = None,
) -> Evidence:
    """Everything below `folder`, in the order of its paths; archives' members follow them.

    With `now` given (aware), records dated later are kept and counted in a problem. Raises
    `UnreadableFile` only when `folder` itself is no folder that can be listed.
    """
    if not folder.is_dir():
        raise UnreadableFile(
            "这不是一个文件夹 / not a folder",
            where=str(folder),
            next_step="请给出证据所在的文件夹 / give the folder that holds the evidence",
        )
    work = _Gathering(tuple(readers), limits, now)
    found = list(walk(folder))
    total = sum(f.size for f in found if isinstance(f, Found))
    done = 0
    for one in found:
        if isinstance(one, Problem):
            work.problems.append(one)
            continue
        work.file(one)
        done += one.size
        if progress is not None:
            progress(done, total)
    if not found:
        work.problems.append(problem(".", "empty-folder"))
    return work.evidence()


@dataclass(slots=True)
class _Gathering:
    """What has been read so far."""

    readers: tuple[Reader, ...]
    limits: Limits
    now: datetime | None
    files: list[FileEntry] = field(default_factory=list)
    records: dict[type[Any], list[Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def file(self, found: Found) -> None:
        """Reads one file of the folder and looks whether it stood still meanwhile."""

        def opener() -> io.BufferedReader:
            return found.real.open("rb")

        try:
            with opener() as stream:
                head = stream.read(HEAD)
            source = Source(found.path, found.size, head, opener, phone_of(found.path))
            self.source(source, 0, Budget.of(self.limits))
            after = found.real.stat()
        except OSError:
            self.problems.append(problem(found.path, "unreadable"))
            return
        if (after.st_size, after.st_mtime_ns) != (found.size, found.mtime_ns):
            self.problems.append(problem(found.path, "changed-while-read"))

    def source(self, source: Source, depth: int, budget: Budget) -> None:
        """Hashes, lists and reads one file or member; raises OSError when it cannot be read."""
        source, sha256 = _hashed(source)
        kind = kind_of(source.head, source.name, source.size)
        if source.name.casefold() == STORY:
            self.files.append(FileEntry(source.path, sha256, source.size, "story"))
            return
        reader = self._reader_of(source)
        place = len(self.files)
        self.files.append(FileEntry(source.path, sha256, source.size, kind))
        if reader is not None:
            rows = self._read(reader, source)
            self.files[place] = replace(
                self.files[place], reader=reader.name, reader_version=reader.version, rows=rows
            )
        elif kind in archive.KINDS:
            self._expand(source, kind, depth, budget)

    def _expand(self, source: Source, kind: str, depth: int, budget: Budget) -> None:
        if depth >= self.limits.depth:
            self.problems.append(problem(source.path, "archive-too-deep", limit=self.limits.depth))
            return
        for member in archive.members(source, kind, self.limits, budget):
            if isinstance(member, Problem):
                self.problems.append(member)
                continue
            try:
                self.source(member, depth + 1, budget)
            except archive.DAMAGE:
                self.problems.append(problem(member.path, "archive-damaged"))

    def _reader_of(self, source: Source) -> Reader | None:
        for reader in self.readers:
            try:
                if reader.recognises(source):
                    return reader
            except Exception:
                self.problems.append(problem(source.path, "reader-failed", reader=reader.name))
        return None

    def _read(self, reader: Reader, source: Source) -> int:
        """Takes in the records of one file; gives how many there were."""
        rows = future = 0
        for item in self._guarded(reader, source):
            if isinstance(item, Problem):
                self.problems.append(item)
            elif isinstance(item, PhonebookEntry) and source.phone is not None:
                rows += 1  # the book of another person's phone says nothing of the debtor's
            else:
                rows += 1
                self.records.setdefault(type(item), []).append(item)
                if self.now is not None and isinstance(item, Contact):
                    future += item.moment.at > self.now
        if future:
            self.problems.append(problem(source.path, "future-dates", n=future))
        return rows

    def _guarded(self, reader: Reader, source: Source) -> Iterator[Record | Problem]:
        """What the reader gives; whatever it raises becomes a problem."""
        try:
            yield from reader.read(source)
        except Exception:
            yield problem(source.path, "reader-failed", reader=reader.name)

    def evidence(self) -> Evidence:
        """All of it, backups of the same phone merged."""
        return Evidence(
            files=tuple(self.files),
            contacts=merged(self._of(Contact)),
            parties=tuple(self._of(PartyRow)),
            loans=tuple(self._of(LoanFile)),
            payments=tuple(self._of(Payment)),
            events=tuple(self._of(Event)),
            statements=tuple(self._of(Statement)),
            declared=tuple(dict.fromkeys(d.number for d in self._of(Declared))),
            phonebook=tuple(dict.fromkeys((e.number, e.name) for e in self._of(PhonebookEntry))),
            problems=tuple(self.problems),
            hashes={entry.path: entry.sha256 for entry in self.files},
        )

    def _of(self, kind: type[Any]) -> list[Any]:
        return self.records.get(kind, [])


def _hashed(source: Source) -> tuple[Source, str]:
    """The source and its SHA-256; a small one is held in memory so that it is read once."""
    if source.size > _IN_MEMORY:
        with source.open() as stream:
            return source, hash_stream(stream)[0]
    with source.open() as stream:
        data = stream.read(_IN_MEMORY + 1)
    if len(data) > _IN_MEMORY:  # it grew; the hash must still be of all of it
        with source.open() as stream:
            return source, hash_stream(stream)[0]
    sha256, _ = hash_stream(io.BytesIO(data))
    return replace(source, size=len(data), open=lambda: io.BytesIO(data)), sha256
