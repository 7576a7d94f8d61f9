"""The files inside ZIP, TAR and GZIP archives, as sources named `archive.zip!/inside/name`.

Nothing is unpacked to where a member's name points: names are labels only, and bytes go to
unnamed temporary files. Depth, bytes, ratio and number of members are limited, so that an archive
built to fill the machine costs little and is named.
"""

import gzip
import io
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO, TypeVar, cast

from jiedun.evidence.interface import Source
from jiedun.evidence.problems import problem
from jiedun.evidence.sniff import HEAD
from jiedun.evidence.walk import phone_of, printable
from jiedun.model.evidence import Problem

KINDS = frozenset({"zip", "tar", "gzip"})
"""The kinds of `sniff.kind_of` that are opened here."""

DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, ValueError)
"""What the standard library raises on archives that are not whole."""

_IN_MEMORY = 8 * 1024 * 1024
_CHUNK = 1 << 20
_SMALL = 1 << 20
_Info = TypeVar("_Info")


@dataclass(frozen=True, slots=True)
class Limits:
    """How far archives are followed. `ratio` binds members that expand past 1 MiB."""

    depth: int = 5
    members: int = 20_000
    total_bytes: int = 8 * 1024**3
    ratio: int = 200


@dataclass(slots=True)
class Budget:
    """What one archive and all that lies in it may still use."""

    members: int
    total_bytes: int

    @classmethod
    def of(cls, limits: Limits) -> "Budget":
        """The whole of it."""
        return cls(limits.members, limits.total_bytes)


def members(
    archive: Source, kind: str, limits: Limits, budget: Budget
) -> Iterator[Source | Problem]:
    """The archive's files, sorted by name, and what could not be had.

    A source can be opened until the next one is asked for. Never raises for bad content.
    """
    with ExitStack() as stack:
        try:
            yield from _OPENERS[kind](archive, limits, budget, stack)
        except DAMAGE:
            yield problem(archive.path, "archive-damaged")
        except (NotImplementedError, RuntimeError):
            yield problem(archive.path, "archive-damaged")


def _zip(
    archive: Source, limits: Limits, budget: Budget, stack: ExitStack
) -> Iterator[Source | Problem]:
    file = stack.enter_context(zipfile.ZipFile(_seekable(archive, stack)))
    listed = [(_zip_name(info), info) for info in file.infolist() if not info.is_dir()]
    for label, info in _unique(sorted(listed, key=lambda pair: pair[0].encode())):
        path = f"{archive.path}!/{label}"
        code = _refusal(info, limits, budget)
        if code is not None:
            yield problem(path, code, limit=_limit(code, limits))
            if code in ("archive-members", "archive-bytes"):
                return
            continue
        yield _source(path, info.file_size, _zip_opener(file, info))


def _zip_opener(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: cast(BinaryIO, file.open(info))


def _refusal(info: zipfile.ZipInfo, limits: Limits, budget: Budget) -> str | None:
    """Why a member is not read, or None after its size has been taken off the budget."""
    if info.flag_bits & 0x1:
        return "archive-encrypted"
    if info.file_size > max(_SMALL, info.compress_size * limits.ratio):
        return "archive-ratio"
    return _spend(budget, info.file_size)


def _spend(budget: Budget, size: int) -> str | None:
    if budget.members < 1:
        return "archive-members"
    if budget.total_bytes < size:
        return "archive-bytes"
    budget.members -= 1
    budget.total_bytes -= size
    return None


def _limit(code: str, limits: Limits) -> int:
    return {
        "archive-ratio": limits.ratio,
        "archive-members": limits.members,
        "archive-bytes": limits.total_bytes,
    }.get(code, 0)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name as its writer meant it: UTF-8 if marked or valid, else GBK, else code page 437."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        name = _from_cp437(name)
    return name.replace("\\", "/").lstrip("/") or "_"


def _from_cp437(name: str) -> str:
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _tar(
    archive: Source, limits: Limits, budget: Budget, stack: ExitStack
) -> Iterator[Source | Problem]:
    stream = _seekable(archive, stack)
    file = stack.enter_context(tarfile.TarFile(fileobj=stream, errors="surrogateescape"))
    listed = [(_tar_name(info), info) for info in file if info.isreg()]
    for label, info in _unique(sorted(listed, key=lambda pair: pair[0].encode())):
        path = f"{archive.path}!/{label}"
        code = _spend(budget, info.size)
        if code is not None:
            yield problem(path, code, limit=_limit(code, limits))
            return
        yield _source(path, info.size, _tar_opener(file, info))


def _tar_opener(file: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], BinaryIO]:
    return lambda: cast(BinaryIO, file.extractfile(info))


def _tar_name(info: tarfile.TarInfo) -> str:
    raw = info.name.encode("utf-8", "surrogateescape")
    return printable(raw).removeprefix("./").lstrip("/") or "_"


def _gzip(
    archive: Source, limits: Limits, budget: Budget, _: ExitStack
) -> Iterator[Source | Problem]:
    """The one file inside; its size is what unpacking it once gives."""
    path = f"{archive.path}!/{_gzip_name(archive.name)}"
    most = min(budget.total_bytes, max(_SMALL, archive.size * limits.ratio))
    with _unzipped(archive) as stream:
        size = _size_up_to(stream, most)
    code = _spend(budget, size)
    if size > most:
        code = "archive-bytes" if most == budget.total_bytes else "archive-ratio"
    if code is not None:
        yield problem(path, code, limit=_limit(code, limits))
    else:
        yield _source(path, size, lambda: _unzipped(archive))


def _size_up_to(stream: BinaryIO, most: int) -> int:
    """The stream's length, or the first length above `most` that was met."""
    size = 0
    while size <= most and (chunk := stream.read(_CHUNK)):
        size += len(chunk)
    return size


def _unzipped(archive: Source) -> BinaryIO:
    raw = archive.open()
    file = gzip.GzipFile(fileobj=raw)
    file.myfileobj = cast(io.FileIO, raw)  # closed together with it
    return cast(BinaryIO, file)


def _gzip_name(name: str) -> str:
    lower = name.lower()
    if lower.endswith(".tgz"):
        return name[:-4] + ".tar"
    return name[:-3] if lower.endswith(".gz") and len(name) > 3 else name + ".inside"


def _source(path: str, size: int, opener: Callable[[], BinaryIO]) -> Source | Problem:
    """The member with its head, or a problem when its first bytes already fail."""
    try:
        with opener() as stream:
            head = stream.read(min(HEAD, size))
    except (*DAMAGE, NotImplementedError, RuntimeError):
        return problem(path, "archive-damaged")
    return Source(path, size, head, opener, phone_of(path))


def _unique(pairs: list[tuple[str, _Info]]) -> Iterator[tuple[str, _Info]]:
    taken: set[str] = set()
    for name, info in pairs:
        label = name
        while label in taken:
            label += "~"
        taken.add(label)
        yield label, info


def _seekable(archive: Source, stack: ExitStack) -> BinaryIO:
    """The archive's bytes; a member of another archive is first copied to a temporary file."""
    stream = stack.enter_context(archive.open())
    if "!/" not in archive.path:
        return stream
    spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the stack closes it
    stack.enter_context(spool)
    shutil.copyfileobj(stream, spool, _CHUNK)
    spool.seek(0)
    return cast(BinaryIO, spool)


_OPENERS = {"zip": _zip, "tar": _tar, "gzip": _gzip}
