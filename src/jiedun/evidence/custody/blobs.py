"""Contents kept by their SHA-256: copied whole or not at all, never changed afterwards.

A blob is written beside its place, then renamed; hard and symbolic links are never used, so any
file system does. A killed process loses nothing that was renamed, only a machine that stops does:
where the system tells one start of the machine from another, blobs are left to it to write, and
the first run after a restart reads them all again (`restarted`); elsewhere each is synced.
With a passphrase, blobs are age files to one X25519 identity, and that
identity lies beside them encrypted with the passphrase (age, scrypt): names and sizes stay visible.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import pyrage

from jiedun.chain.files import sync_folder, write_new
from jiedun.errors import ProofError, UnreadableFile

BLOCK = 1 << 20
_IDENTITY = "identity.age"
_RECIPIENT = "recipient.txt"
_MARK = "written-since"
_SPAN = 1 << 30
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Stored:
    """What was kept: SHA-256 and size of the content; `new` when it was not there before."""

    sha256: str
    size: int
    new: bool


class Sink(Protocol):
    """Anything that takes bytes."""

    def write(self, block: bytes, /) -> object:
        """Takes all of `block`."""
        ...


class _Hashing:
    """A reader that hashes and counts what passes through it; UnreadableFile when it fails."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.hash = hashlib.sha256()
        self.size = 0
        self.failed: UnreadableFile | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            block = self._stream.read(size if size > 0 else BLOCK)
        except OSError as error:
            self.failed = UnreadableFile("a file cannot be read", why=error.strerror or "")
            raise self.failed from error
        self.hash.update(block)
        self.size += len(block)
        return block


class Blobs:
    """The contents under one folder. `recipient` is set when they are encrypted."""

    def __init__(self, folder: Path, recipient: "pyrage.x25519.Recipient | None") -> None:
        self.folder = folder
        self._recipient = recipient
        self._identity: pyrage.x25519.Identity | None = None
        self._boot = _boot()
        self._hashed: set[str] = set()  # contents this process itself wrote and hashed

    @classmethod
    def open(cls, folder: Path, passphrase: str | None) -> "Blobs":
        """The blobs at `folder`, made if absent. A store is encrypted from its first day or never:
        ProofError when a passphrase is missing, wrong, or given for a plain store."""
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / _RECIPIENT).exists():
            if passphrase is None:
                return cls(folder, None)
            _make_identity(folder, passphrase)
        return cls._encrypted(folder, passphrase)

    @classmethod
    def _encrypted(cls, folder: Path, passphrase: str | None) -> "Blobs":
        text = (folder / _RECIPIENT).read_text("ascii").strip()
        blobs = cls(folder, pyrage.x25519.Recipient.from_str(text))
        if passphrase is not None:
            blobs._identity = _read_identity(folder, passphrase)
        return blobs

    @property
    def encrypted(self) -> bool:
        """Whether the contents lie encrypted."""
        return self._recipient is not None

    def path(self, sha256: str) -> Path:
        """Where the content of that hash lies, if it does."""
        name = sha256 + (".age" if self.encrypted else "")
        return self.folder / sha256[:2] / name

    def has(self, sha256: str, size: int) -> bool:
        """Whether the content lies here, whole as far as its size tells."""
        try:
            found = self.path(sha256).stat().st_size
        except OSError:
            return False
        return found > size if self.encrypted else found == size

    def add(self, stream: BinaryIO) -> Stored:
        """The content of `stream`, kept: whole, under its hash, before this returns."""
        part = self.folder / f".{os.getpid()}.part"
        source = _Hashing(stream)
        try:
            with part.open("wb") as target:
                self._copy(source, target)
                target.flush()
                if not self._boot:
                    os.fsync(target.fileno())
            return self._place(part, source)
        finally:
            part.unlink(missing_ok=True)

    def _copy(self, source: _Hashing, target: BinaryIO) -> None:
        if self._recipient is not None:
            try:
                pyrage.encrypt_io(source, target, [self._recipient])
            except OSError:
                raise source.failed or OSError(errno.ENOSPC, "writing failed") from None
            return
        while block := source.read(BLOCK):
            target.write(block)

    def _place(self, part: Path, source: _Hashing) -> Stored:
        sha256 = source.hash.hexdigest()
        new = not self.has(sha256, source.size)
        place = self.path(sha256)
        place.parent.mkdir(exist_ok=True)
        part.chmod(0o400)
        part.replace(place)
        if not self._boot:
            sync_folder(place.parent)
        self._hashed.add(sha256)
        return Stored(sha256, source.size, new)

    def restarted(self) -> bool:
        """Whether the machine was started anew since blobs were last written here, so that they
        must all be read again; from now on this start counts."""
        mark = self.folder / _MARK
        before = mark.read_text("ascii") if mark.exists() else self._boot
        if not mark.exists() or before != self._boot:
            write_new(mark, self._boot.encode("ascii"))
        return before != self._boot

    def copy(self, sha256: str, target: Path) -> str:
        """The SHA-256 of what was copied to `target`. A content that this process itself hashed on
        its way in is copied by the system without passing through here again."""
        if sha256 in self._hashed and not self.encrypted:
            _system_copy(self.path(sha256), target)
            return sha256
        with self.reading(sha256) as pour, target.open("wb", buffering=0) as stream:
            return pour(stream)

    @contextmanager
    def reading(self, sha256: str) -> Iterator[Callable[[Sink], str]]:
        """A function that writes the content into a stream and returns the SHA-256 of what it
        wrote; the caller compares. ProofError when the content is not here or is locked."""
        if self.encrypted and self._identity is None:
            raise ProofError("the store is locked", next_step="give its passphrase")
        try:
            stream = self.path(sha256).open("rb")
        except OSError as error:
            raise ProofError("a kept file is missing from the store", where=sha256) from error
        with stream:
            yield lambda target: self._pour(stream, target)

    def _pour(self, stream: BinaryIO, target: Sink) -> str:
        hashing = HashingWriter(target)
        if self._identity is None:
            while block := stream.read(BLOCK):
                hashing.write(block)
            return hashing.hash.hexdigest()
        try:
            pyrage.decrypt_io(stream, hashing, [self._identity])
        except (pyrage.DecryptError, OSError) as error:
            if hashing.failed is not None:
                raise hashing.failed from error
            raise ProofError("a kept file cannot be decrypted", why="it was changed") from error
        return hashing.hash.hexdigest()

    def remove(self, sha256: str) -> None:
        """Nothing; the content is gone from here, if it was here."""
        self.path(sha256).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Nothing; what killed runs left half written is gone."""
        for part in self.folder.glob(".*.part"):
            part.unlink(missing_ok=True)


def _boot() -> str:
    """What tells this start of the machine from others; empty where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def _system_copy(source: Path, target: Path) -> None:
    """Copies within the system where it can (`copy_file_range`), else through this process."""
    with source.open("rb", buffering=0) as old, target.open("wb", buffering=0) as new:
        try:
            while os.copy_file_range(old.fileno(), new.fileno(), _SPAN):
                pass
        except (AttributeError, OSError) as error:
            if getattr(error, "errno", None) in _FULL:
                raise
            old.seek(new.seek(0, os.SEEK_END))
            shutil.copyfileobj(old, new, BLOCK)


class HashingWriter:
    """A writer that hashes and counts what passes through it."""

    def __init__(self, target: Sink) -> None:
        self._target = target
        self.hash = hashlib.sha256()
        self.size = 0
        self.failed: OSError | None = None

    def write(self, block: bytes) -> int:
        """The number of bytes written: all of them."""
        self.hash.update(block)
        self.size += len(block)
        try:
            self._target.write(block)
        except OSError as error:
            self.failed = error
            raise
        return len(block)

    def flush(self) -> None:
        """Nothing; whoever owns the target flushes it."""


def _make_identity(folder: Path, passphrase: str) -> None:
    if any(folder.glob("??/*")):
        raise ProofError(
            "this store was begun without a passphrase",
            next_step="go on without one, or begin a new one with --out",
        )
    identity = pyrage.x25519.Identity.generate()
    sealed = pyrage.passphrase.encrypt(str(identity).encode("ascii"), passphrase)
    write_new(folder / _IDENTITY, sealed)
    write_new(folder / _RECIPIENT, f"{identity.to_public()}\n".encode("ascii"))


def _read_identity(folder: Path, passphrase: str) -> "pyrage.x25519.Identity":
    try:
        text = pyrage.passphrase.decrypt((folder / _IDENTITY).read_bytes(), passphrase)
    except pyrage.DecryptError as error:
        raise ProofError("the passphrase does not open this store") from error
    except OSError as error:
        raise ProofError("the key file of the store is missing", where=_IDENTITY) from error
    return pyrage.x25519.Identity.from_str(text.decode("ascii"))
