"""A bag as one encrypted file, `BAG.tar.age` (age, age-encryption.org/v1), and back.

To a recipient's key the tar is encrypted as a stream, in constant memory, whatever its size. With a
passphrase the library holds the whole tar in memory: bags over `PASSPHRASE_LIMIT` are refused.
Opening trusts nothing in the file: only files and folders, below one folder, no link, no path that
leads outside, nothing twice; what was written is thrown away when the file is cut or changed.
"""

import os
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any, BinaryIO

import pyrage

from jiedun.errors import ProofError
from jiedun.evidence.custody.store import explained
from jiedun.evidence.seal.paths import refused, spelled, walk

ENDING = ".tar.age"
PASSPHRASE_LIMIT = 512 << 20
_BLOCK = 1 << 20


def recipients(keys: Sequence[str]) -> list[Any]:
    """The age recipients (`age1…`) of these texts; ProofError for anything else."""
    try:
        return [pyrage.x25519.Recipient.from_str(key.strip()) for key in keys]
    except pyrage.RecipientError as error:
        raise ProofError("--recipient is not an age public key", why="age1… expected") from error


def identities(path: Path) -> list[Any]:
    """The age identities in a key file (`AGE-SECRET-KEY-1…`, one a line, # comments)."""
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
        found = [pyrage.x25519.Identity.from_str(t) for t in lines if t and not t.startswith("#")]
    except (OSError, ValueError, pyrage.IdentityError) as error:
        raise ProofError("the key file cannot be read", where=path.name) from error
    if not found:
        raise ProofError("the key file holds no key", where=path.name)
    return found


@contextmanager
def _piped(feed: Callable[[BinaryIO], None]) -> Iterator[BinaryIO]:
    """A stream of what `feed` writes in another thread; its error is raised at the end."""
    readable, writable = os.pipe()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(writable, "wb") as target:
                feed(target)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    with os.fdopen(readable, "rb") as source:
        thread.start()
        try:
            yield source
            while source.read(_BLOCK):
                pass
        except BaseException:
            source.close()
            thread.join()
            _prefer(failed)
            raise
    thread.join()
    _prefer(failed)


def _prefer(failed: list[BaseException]) -> None:
    if failed and not isinstance(failed[0], BrokenPipeError):
        raise failed[0]


def _tar(bag: Path, name: str, target: IO[bytes]) -> None:
    """Writes the bag as a tar in which nothing tells of this machine."""

    def bare(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = info.mtime = 0
        info.uname = info.gname = ""
        info.mode = 0o755 if info.isdir() else 0o644
        return info

    with tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for path in walk(bag).files:
            archive.add(bag / path, f"{name}/{path}", recursive=False, filter=bare)


def pack(bag: Path, target: Path, *, to: Sequence[Any] = (), passphrase: str | None = None) -> None:
    """Nothing; `target` holds the bag encrypted to the recipients or with the passphrase, whole or
    not at all. Inside, the bag's folder is named after `target`."""
    name = target.name.removesuffix(ENDING)
    part = target.with_name(f".{target.name}.part")
    with explained("the package cannot be written", target.name):
        try:
            with part.open("wb") as out:
                if passphrase is None:
                    with _piped(lambda pipe: _tar(bag, name, pipe)) as source:
                        pyrage.encrypt_io(source, out, list(to))
                else:
                    out.write(_with_passphrase(bag, name, passphrase))
                out.flush()
                os.fsync(out.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def _with_passphrase(bag: Path, name: str, passphrase: str) -> bytes:
    size = sum((bag / path).stat().st_size for path in walk(bag).files)
    if size > PASSPHRASE_LIMIT:
        raise ProofError(
            "the package is too large for a passphrase",
            why=f"over {PASSPHRASE_LIMIT >> 20} MiB",
            next_step="encrypt to a key with --recipient, or seal fewer files with --only cited",
        )
    plain = BytesIO()
    _tar(bag, name, plain)
    sealed: bytes = pyrage.passphrase.encrypt(plain.getvalue(), passphrase)
    return sealed


def unpack(
    package: Path, target: Path, *, keys: Sequence[Any] = (), passphrase: str | None = None
) -> None:
    """Nothing; `target`, which must not be there yet, is the folder the package holds, whole or not
    at all. ProofError when key or passphrase do not fit, or the file is cut, changed or unsafe."""
    if target.exists() or target.is_symlink():
        raise ProofError(
            "something is there already", where=target.name, next_step="choose another --out"
        )
    part = target.with_name(f".{target.name}.part")
    with explained("the package cannot be opened", package.name):
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            with package.open("rb") as source:
                _restore(source, part, keys, passphrase)
            part.rename(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _restore(source: BinaryIO, part: Path, keys: Sequence[Any], passphrase: str | None) -> None:
    try:
        if passphrase is not None:
            _extract(BytesIO(pyrage.passphrase.decrypt(source.read(), passphrase)), part)
            return
        with _piped(lambda pipe: pyrage.decrypt_io(source, pipe, list(keys))) as plain:
            _extract(plain, part)
    except (pyrage.DecryptError, tarfile.TarError, EOFError) as error:
        raise _unopened() from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise _unopened() from error


def _unopened() -> ProofError:
    return ProofError(
        "the package cannot be opened",
        why="the key or passphrase does not fit, or the file was cut or changed",
        next_step="check both, or ask for the file again",
    )


def _extract(stream: IO[bytes], part: Path) -> None:
    top: str | None = None
    count = 0
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            first, _, rest = member.name.partition("/")
            top = first if top is None else top
            _acceptable(member, first == top, rest)
            if member.isreg():
                _write(archive.extractfile(member), part / rest, member.size)
                count += 1
    if not count:
        raise ProofError("the package is empty")


def _acceptable(member: tarfile.TarInfo, same_top: bool, rest: str) -> None:
    """Nothing; ProofError unless the member is a plain file or folder inside the one folder."""
    plain = (member.isreg() and not member.issparse()) or member.isdir()
    inside = not refused(member.name.rstrip("/")) and (bool(rest) or member.isdir())
    fits = all(len(spelled(name)) <= 255 for name in member.name.split("/"))
    if not plain or not inside or not same_top or not fits:
        raise ProofError("the package holds a link or an unsafe path", why="it was not sealed here")


def _write(source: IO[bytes] | None, path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as target:
            if source is not None:
                shutil.copyfileobj(source, target, _BLOCK)
            whole = target.tell() == size
    except FileExistsError as error:
        raise ProofError("the package holds a path twice", why="it was not sealed here") from error
    if not whole:
        raise EOFError
