"""Hashes of many files, two at a time, in constant memory."""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_WORKERS = 2
_BUFFER = 1 << 18
_CHUNK = 512


def _digest(path: Path, algorithms: Sequence[str]) -> tuple[str, ...] | None:
    try:
        with path.open("rb", buffering=0) as stream:
            hashes = [hashlib.new(a, usedforsecurity=False) for a in algorithms]
            buffer = bytearray(_BUFFER)
            view = memoryview(buffer)
            while size := stream.readinto(buffer):
                for one in hashes:
                    one.update(view[:size])
    except OSError:
        return None
    return tuple(one.hexdigest() for one in hashes)


def digests(
    folder: Path, wanted: Sequence[tuple[str, tuple[str, ...]]]
) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """For each (path, algorithms), in order, the path and its hashes in lower-case hexadecimal,
    or None when it cannot be read."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            found = pool.map(lambda w: _digest(folder / w[0], w[1]), chunk)
            yield from zip((path for path, _ in chunk), found, strict=True)
