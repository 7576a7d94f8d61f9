"""The store of one case: originals by content hash, and the custody log it writes itself.

Events (kind: body), in `store/custody.jsonl`, a `jiedun.chain.log`:
`received`: path, sha256, size, modified, came_from, replaces? · `read`: path, sha256, reader,
version, rows · `differs`: path, read, kept (the file changed between reading and keeping) ·
`exporting` / `exported`: what left the store, and as which package · `opened`: who read what ·
`deleted`: sha256, paths, why · `lost`: sha256, why (found missing or changed after the machine was
started anew; the next run keeps it again). An event is written only after the content it names is
in its place; a deletion is written before it is done and finished by the next run if that is cut off.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jiedun.chain.log import Entry, Log, entries
from jiedun.errors import JiedunError, ProofError
from jiedun.evidence.custody.blobs import Blobs, Sink, Stored

FOLDER = "store"
LOG = "custody.jsonl"
WAIT_S = 600.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One path of the case as last received; `modified` is the file's own time, UTC, ISO 8601."""

    path: str
    sha256: str
    size: int
    modified: str = ""


@dataclass
class _Index:
    """What the log says lies in the store, path by path, and what was deleted."""

    kept: dict[str, Kept] = field(default_factory=dict)
    readers: dict[tuple[str, str], str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    exporting: set[str] = field(default_factory=set)

    def take(self, kind: str, body: Mapping[str, Any] | None) -> None:
        if body is None:
            return
        if kind == "received":
            self.kept[body["path"]] = Kept(
                body["path"], body["sha256"], body["size"], body["modified"]
            )
            self.deleted.discard(body["sha256"])
        elif kind == "read":
            self.readers[body["path"], body["sha256"]] = f"{body['reader']}/{body['version']}"
        elif kind == "exporting":
            self.exporting.add(body["package"])
        elif kind == "exported":
            self.exporting.discard(body["package"])
        elif kind == "deleted":
            self.deleted.add(body["sha256"])
            self._forget(body["sha256"])
        elif kind == "lost":
            self._forget(body["sha256"])

    def _forget(self, sha256: str) -> None:
        self.kept = {p: k for p, k in self.kept.items() if k.sha256 != sha256}


@contextmanager
def explained(doing: str, where: str) -> Iterator[None]:
    """Turns a disk's refusal inside the block into a ProofError that says what to do."""
    try:
        yield
    except OSError as error:
        raise ProofError(
            doing,
            where=where,
            why=error.strerror or type(error).__name__,
            next_step="free space or choose another folder with --out, then run this again",
        ) from error


class Store:
    """The open store of a case, held by this process alone. Use as a context manager.

    `out` is the case's result folder (`FOLDER.jiedun`); the store lies in `out/store`.
    `clock` gives aware times. A second run waits until the first has ended.
    ProofError when nothing can be written, the log is not whole, or the passphrase is wrong.
    """

    def __init__(
        self,
        out: Path,
        *,
        passphrase: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        wait_s: float = WAIT_S,
    ) -> None:
        self.folder = out / FOLDER
        self._clock = clock
        self._passphrase = passphrase
        self._wait_s = wait_s
        self._stack = ExitStack()
        self._index = _Index()
        self._log: Log
        self._blobs: Blobs

    def __enter__(self) -> "Store":
        with explained("the store cannot be written", self.folder.name):
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / LOG
            log = Log.open(path, clock=self._clock, sync=False, wait_s=self._wait_s)
        self._stack.callback(log.close)
        try:
            with explained("the store cannot be written", self.folder.name):
                self._log = log
                self._blobs = Blobs.open(self.folder / "blobs", self._passphrase)
                self._settle()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with explained("the store cannot be written", self.folder.name):
            self._stack.close()

    def _settle(self) -> None:
        """Reads the whole log, and ends what a killed run had begun."""
        for entry in entries(self._log.path):
            self._index.take(entry.kind, entry.body)
        self._blobs.sweep()
        for sha256 in self._index.deleted:
            self._blobs.remove(sha256)
        if self._blobs.restarted() and (self._passphrase is not None or not self.encrypted):
            for sha256 in self.check():
                self.record("lost", {"sha256": sha256, "why": "the machine stopped"})

    @property
    def log_path(self) -> Path:
        """The custody log; flushed, so that it may be read."""
        self._log.flush()
        return self._log.path

    @property
    def encrypted(self) -> bool:
        """Whether contents lie encrypted."""
        return self._blobs.encrypted

    def kept(self) -> list[Kept]:
        """Every path as last received, ordered by the bytes of its UTF-8 spelling."""
        found = self._index.kept.values()
        return sorted(found, key=lambda k: k.path.encode("utf-8", "surrogateescape"))

    def exporting(self, package: str) -> bool:
        """Whether making that package was begun and never recorded as ended."""
        return package in self._index.exporting

    def record(self, kind: str, body: Mapping[str, Any]) -> Entry:
        """The event written to the custody log; on the disk at the latest when the store closes."""
        entry = self._log.append(kind, body, self._clock())
        self._index.take(kind, body)
        return entry

    def has(self, path: str, sha256: str) -> bool:
        """Whether `path` was last received with this content and the content is here."""
        kept = self._index.kept.get(path)
        return kept is not None and kept.sha256 == sha256 and self._blobs.has(sha256, kept.size)

    def fresh(self, path: str, status: os.stat_result) -> bool:
        """Whether `path` was received when it had this size and time of change, and is here."""
        kept = self._index.kept.get(path)
        same = kept is not None and kept.size == status.st_size
        if kept is None or not same or kept.modified != _time(status.st_mtime_ns):
            return False
        return self._blobs.has(kept.sha256, kept.size)

    def receive(self, path: str, source: Path, came_from: str) -> Stored:
        """The file kept under `path`: its content is in its place, then the log says so."""
        with source.open("rb") as stream:
            modified = os.fstat(stream.fileno()).st_mtime_ns
            with explained("the store cannot take another file", self.folder.name):
                stored = self._blobs.add(stream)
        before = self._index.kept.get(path)
        same = before is not None and before.sha256 == stored.sha256
        if before is not None and same and before.modified == _time(modified):
            return stored
        body: dict[str, Any] = {
            "path": path,
            "sha256": stored.sha256,
            "size": stored.size,
            "modified": _time(modified),
            "came_from": came_from,
        }
        if before is not None and not same:
            body["replaces"] = before.sha256
        self.record("received", body)
        return stored

    def read_by(self, path: str, sha256: str, reader: str, version: str, rows: int) -> None:
        """Nothing; the log says which reader read that content, once for each reader version."""
        if self._index.readers.get((path, sha256)) != f"{reader}/{version}":
            body = {"path": path, "sha256": sha256, "reader": reader, "version": version}
            self.record("read", {**body, "rows": rows})

    def pour(self, sha256: str, target: Sink) -> None:
        """Nothing; the content is written to `target`. ProofError when it is not the content that
        was received; what was written by then is to be thrown away."""
        with self._blobs.reading(sha256) as pour:
            found = pour(target)
        if found != sha256:
            raise _changed(sha256)

    def copy(self, sha256: str, target: Path) -> None:
        """Nothing; `target` is a file with the content. ProofError as for `pour`."""
        if self._blobs.copy(sha256, target) != sha256:
            raise _changed(sha256)

    def open(self, path: str, target: Sink, why: str) -> None:
        """Nothing; the content last received as `path` is in `target`, and the log says why."""
        kept = self._index.kept.get(path)
        if kept is None:
            raise ProofError("no such file was kept", next_step="see custody.jsonl in the store")
        self.record("opened", {"path": path, "sha256": kept.sha256, "why": why})
        self.pour(kept.sha256, target)

    def delete(self, path: str, why: str) -> None:
        """Nothing; the content of `path`, and of every path with the same content, is gone and the
        log says so. Its hash and name stay in the log."""
        kept = self._index.kept.get(path)
        if kept is None:
            raise ProofError("no such file was kept", next_step="see custody.jsonl in the store")
        same = sorted(p for p, k in self._index.kept.items() if k.sha256 == kept.sha256)
        self.record("deleted", {"paths": same, "sha256": kept.sha256, "why": why})
        self._log.flush()
        self._blobs.remove(kept.sha256)

    def check(self) -> list[str]:
        """The hashes of received, undeleted contents that are missing or changed; empty when the
        store is whole. Reads every content."""
        bad = []
        for sha256 in sorted({k.sha256 for k in self._index.kept.values()}):
            try:
                self.pour(sha256, _Nowhere())
            except JiedunError:
                bad.append(sha256)
        return bad


def _changed(sha256: str) -> ProofError:
    return ProofError(
        "a kept file was changed in the store",
        where=sha256,
        next_step="remove that file under store/blobs and run jiedun check again on the originals",
    )


def _time(ns: int) -> str:
    """A file's time in UTC to the microsecond; years a calendar cannot hold are said as such."""
    try:
        at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=ns // 1000)
        return at.isoformat(timespec="microseconds")
    except OverflowError:
        return "outside the calendar"


class _Nowhere:
    """A sink that keeps nothing."""

    def write(self, block: bytes, /) -> object:
        """Takes all of `block`."""
        return len(block)
