"""Hashes of many files in constant memory, the large ones two at a time."""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_WORKERS = 2
_BUFFER = 1 << 18
_LARGE = 1 << 20
_CHUNK = 512

Hashes = tuple[str, ...]


def _digest(path: Path, algorithms: Hashes) -> Hashes | None:
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


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def digests(
    folder: Path, wanted: Sequence[tuple[str, Hashes]]
) -> Iterator[tuple[str, Hashes | None]]:
    """For each (path, algorithms) the path and its hashes in lower-case hexadecimal, or None when
    it cannot be read; the small files come first."""
    large = []
    for path, algorithms in wanted:
        if _size(folder / path) >= _LARGE:
            large.append((path, algorithms))
        else:
            yield path, _digest(folder / path, algorithms)
    if not large:
        return
    with ThreadPoolExecutor(_WORKERS) as pool:
        for start in range(0, len(large), _CHUNK):
            chunk = large[start : start + _CHUNK]
            found = pool.map(lambda w: _digest(folder / w[0], w[1]), chunk)
            yield from zip((path for path, _ in chunk), found, strict=True)
