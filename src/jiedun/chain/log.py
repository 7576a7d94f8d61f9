"""An append-only log whose every line holds the hash of the line before it.

A line is `{"body":…,"hash":H,"head":{"at","digest","kind","prev","seq"},"salt":S}` in canonical
spelling. `H` is the SHA-256 of the head, `prev` the `H` of the line before (64 zeros at first),
`digest` the SHA-256 of `{"body","salt"}`. A body may be taken out later, with its salt, without
breaking the chain: `withheld` does so for copies that leave the machine. `at` is the clock's word;
where it runs back, the head says by how many seconds in `back_s`, and order stays that of writing.

The chain shows change, not truncation: whole lines missing at the end are seen only by whoever
keeps a later `Head` elsewhere.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

from jiedun.chain import canonical
from jiedun.chain.files import sync_folder, write_all, write_new
from jiedun.chain.lock import held
from jiedun.errors import Place, ProofError

GENESIS = "0" * 64
RECOVERED = "log.recovered"
_HEAD_KEYS = {"at", "digest", "kind", "prev", "seq"}
_TAIL = 1 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `body` is None where it was withheld; `back_s` > 0 where the clock ran back."""

    seq: int
    at: datetime
    kind: str
    body: Mapping[str, Any] | None
    prev: str
    hash: str
    back_s: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: number of lines, hash of the last, its time, times the clock ran back."""

    count: int = 0
    hash: str = GENESIS
    at: datetime | None = None
    turned_back: int = 0


@dataclass(frozen=True, slots=True)
class Torn:
    """A half-written last line that was kept aside: the file it is in, its size and SHA-256."""

    path: Path
    size: int
    sha256: str


def _entry(line: bytes, where: Place) -> Entry:
    try:
        record = canonical.decode(line)
        return _checked(record)
    except ProofError as error:
        raise ProofError(error.what, where=where, why=error.why) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProofError("a line lacks what a record needs", where=where) from error


def _checked(record: dict[str, Any]) -> Entry:
    head = record["head"]
    if set(head) - {"back_s"} != _HEAD_KEYS or set(record) - {"body", "salt"} != {"hash", "head"}:
        raise ProofError("a line has fields that no record has")
    if record["hash"] != canonical.digest_decoded(head):
        raise ProofError("a line was changed", why="its hash does not fit its head")
    body = record.get("body")
    if ("body" in record) != ("salt" in record):
        raise ProofError("a line has a body without salt, or salt without body")
    if body is not None and head["digest"] != canonical.digest_decoded(
        {"body": body, "salt": record["salt"]}
    ):
        raise ProofError("a line was changed", why="its body does not fit its head")
    return Entry(
        seq=head["seq"],
        at=datetime.fromisoformat(head["at"]),
        kind=head["kind"],
        body=body,
        prev=head["prev"],
        hash=record["hash"],
        back_s=head.get("back_s", 0),
    )


def spell(
    kind: str,
    body: Mapping[str, Any],
    at: datetime,
    *,
    prev: str,
    seq: int,
    salt: bytes,
    back_s: int = 0,
) -> tuple[bytes, str]:
    """The line of one entry with its newline, and its hash; for logs that are kept elsewhere too."""
    inner = canonical.encode(body)
    return spell_encoded(kind, inner, at, prev=prev, seq=seq, salt=salt, back_s=back_s)


def spell_encoded(
    kind: str,
    inner: bytes,
    at: datetime,
    *,
    prev: str,
    seq: int,
    salt: bytes,
    back_s: int = 0,
) -> tuple[bytes, str]:
    """As `spell`; `inner` is the body in its canonical spelling, which is not checked again."""
    tail = b'"salt":"' + salt.hex().encode() + b'"}'
    digest = hashlib.sha256(b'{"body":' + inner + b"," + tail).hexdigest()
    back = f'"back_s":{back_s},' if back_s else ""
    spelled = (
        f'{{"at":"{at.isoformat()}",{back}"digest":"{digest}","kind":{_quoted(kind)},'
        f'"prev":"{prev}","seq":{seq}}}'
    ).encode()
    hashed = hashlib.sha256(spelled).hexdigest()
    middle = b',"hash":"' + hashed.encode() + b'","head":' + spelled + b","
    return b'{"body":' + inner + middle + tail + b"\n", hashed


@lru_cache(maxsize=256)
def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def entries(path: Path) -> Iterator[Entry]:
    """The lines in order, each checked against the one before; ProofError at the first break."""
    with path.open("rb") as stream:
        yield from checked(stream, path.name)


def checked(lines: Iterable[bytes], name: str) -> Iterator[Entry]:
    """As `entries`, over lines that are kept elsewhere under `name`."""
    seq, prev = 0, GENESIS
    for raw in lines:
        where = Place(name, str(seq + 1))
        if not raw.endswith(b"\n"):
            raise ProofError("the last line is half written", where=where)
        entry = _entry(raw[:-1], where)
        if entry.seq != seq + 1 or entry.prev != prev:
            raise ProofError(
                "the chain is broken", where=where, why="a line is missing, added or moved"
            )
        yield entry
        seq, prev = entry.seq, entry.hash


def verify(path: Path) -> Head:
    """The head of a whole chain; ProofError naming the line where it is not whole."""
    head = Head()
    for entry in entries(path):
        back = head.turned_back + (entry.back_s > 0)
        head = Head(entry.seq, entry.hash, entry.at, back)
    return head


def withheld(line: bytes) -> bytes:
    """The same line without body and salt; the chain still verifies over it."""
    record = canonical.decode(line)
    return canonical.encode({"hash": record["hash"], "head": record["head"]})


def _last_line(path: Path) -> tuple[bytes, int]:
    """The last whole line (empty if none) and the number of bytes up to its end."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        start, block = size, b""
        while start > 0:
            step = min(_TAIL, start)
            start -= step
            stream.seek(start)
            block = stream.read(step) + block
            end = block.rfind(b"\n")
            before = block.rfind(b"\n", 0, end) if end > 0 else -1
            if before >= 0 or (end >= 0 and start == 0):
                return block[before + 1 : end], start + end + 1
    return b"", 0


def _unwritable(path: Path, error: OSError) -> ProofError:
    return ProofError(
        "the log cannot be written",
        where=path.name,
        why=error.strerror or type(error).__name__,
        next_step="free space on this disk or choose another folder, then run this again",
    )


class Log:
    """An open log, held by this process alone until closed. Use `Log.open`.

    With `sync` every append is on the disk before it returns; without, after `flush` or `close`.
    """

    def __init__(self, path: Path, fd: int, head: Head, salt: Callable[[], bytes]) -> None:
        self.path = path
        self.head = head
        self.torn: Torn | None = None
        self.sync = True
        self._fd = fd
        self._salt = salt
        self._lock: AbstractContextManager[None] | None = None

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Callable[[], datetime],
        sync: bool = True,
        wait_s: float = 0.0,
        salt: Callable[[], bytes] = lambda: os.urandom(16),
    ) -> "Log":
        """The log at `path`, made if absent; a half-written last line is moved to
        `<name>.torn-<hash>` and recorded. Reads the last line only: `verify` reads them all.
        ProofError when another process holds it, the last line is damaged or nothing can be
        written.
        """
        lock = held(path.with_name(path.name + ".lock"), wait_s)
        try:
            lock.__enter__()
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            lock.__exit__(None, None, None)
            raise _unwritable(path, error) from error
        log = cls(path, fd, Head(), salt)
        log._lock = lock
        try:
            log._recover(clock)
        except BaseException:
            log.close()
            raise
        log.sync = sync
        return log

    def _recover(self, clock: Callable[[], datetime]) -> None:
        line, end = _last_line(self.path)
        if line:
            last = _entry(line, Place(self.path.name, "last line"))
            self.head = Head(last.seq, last.hash, last.at)
        size = os.fstat(self._fd).st_size
        if size > end:
            self._set_aside(end, size - end)
        for pending in sorted(self.path.parent.glob(self.path.name + ".torn-*.new")):
            self._record(pending, clock)

    def _set_aside(self, end: int, size: int) -> None:
        rest = os.pread(self._fd, size, end)
        name = f"{self.path.name}.torn-{hashlib.sha256(rest).hexdigest()[:16]}.new"
        write_new(self.path.with_name(name), rest)
        os.ftruncate(self._fd, end)
        os.fsync(self._fd)

    def _record(self, pending: Path, clock: Callable[[], datetime]) -> None:
        rest = pending.read_bytes()
        kept = pending.with_suffix("")
        self.torn = Torn(kept, len(rest), hashlib.sha256(rest).hexdigest())
        body = {"kept_in": kept.name, "sha256": self.torn.sha256, "size": len(rest)}
        self.append(RECOVERED, body, clock())
        pending.replace(kept)
        sync_folder(self.path.parent)

    def append(self, kind: str, body: Mapping[str, Any], at: datetime) -> Entry:
        """The entry written; `at` must be aware. ProofError when it cannot be written whole:
        the log is then as it was before."""
        if at.tzinfo is None:
            raise ProofError("a time without a zone", where=self.path.name)
        back = self._ran_back(at)
        line, head = spell(
            kind,
            body,
            at,
            prev=self.head.hash,
            seq=self.head.count + 1,
            salt=self._salt(),
            back_s=back,
        )
        self._write(line)
        turned = self.head.turned_back + (back > 0)
        entry = Entry(self.head.count + 1, at, kind, body, self.head.hash, head, back)
        self.head = Head(entry.seq, entry.hash, at, turned)
        return entry

    def _ran_back(self, at: datetime) -> int:
        last = self.head.at
        if last is None or at >= last:
            return 0
        return max(1, int((last - at).total_seconds()))

    def _write(self, line: bytes) -> None:
        before = os.fstat(self._fd).st_size
        try:
            write_all(self._fd, line)
            if self.sync:
                os.fsync(self._fd)
        except OSError as error:
            os.ftruncate(self._fd, before)
            raise _unwritable(self.path, error) from error

    def flush(self) -> None:
        """Nothing; every line appended so far is on the disk."""
        os.fsync(self._fd)

    def close(self) -> None:
        """Nothing; the lines are on the disk and the lock is free. May be called again."""
        if self._lock is None:
            return
        lock, self._lock = self._lock, None
        try:
            os.fsync(self._fd)
        finally:
            os.close(self._fd)
            lock.__exit__(None, None, None)

    def __enter__(self) -> "Log":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
