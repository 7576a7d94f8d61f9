"""A hash that a redacted copy and its original share when nothing but the cuts was changed.

It runs over the pieces in file order: for each kept piece `K`, its length (8 bytes, big-endian)
and its SHA-256; for each cut `R` and the 32-byte commitment SHA-256(salt ‖ original bytes). Whoever
holds the copy computes it from the bytes of the copy; whoever is shown the original and the salts
computes it from those.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from jiedun.errors import ProofError

SALT = 16


class Cut(NamedTuple):
    """One replaced piece: where its pseudonym begins in the copy, how many bytes it has, and the
    commitment to what stood there, 64 hexadecimal digits."""

    start: int
    length: int
    commitment: str


def commitment(salt: bytes, original: bytes) -> str:
    """The commitment to the original bytes of a cut, 64 hexadecimal digits."""
    return hashlib.sha256(salt + original).hexdigest()


def of_pieces(pieces: Iterable[tuple[bytes, str | None]]) -> str:
    """The hash over (bytes, None) for kept pieces and (anything, commitment) for cuts, in order.
    A kept piece stands before, between and after the cuts, empty where nothing was kept."""
    total = hashlib.sha256()
    for piece, commit in pieces:
        if commit is None:
            total.update(b"K" + len(piece).to_bytes(8, "big") + hashlib.sha256(piece).digest())
        else:
            total.update(b"R" + bytes.fromhex(commit))
    return total.hexdigest()


def skeleton(path: Path, cuts: Sequence[Cut]) -> str:
    """The hash computed from a redacted copy; ProofError when a cut is not inside the file."""
    with path.open("rb") as stream:
        return of_pieces(_pieces_of(stream, cuts))


def _pieces_of(stream: BinaryIO, cuts: Sequence[Cut]) -> Iterator[tuple[bytes, str | None]]:
    size, at = os.fstat(stream.fileno()).st_size, 0
    for start, length, commit in [*cuts, Cut(size, 0, "")]:
        if not at <= start <= size or length < 0:
            raise ProofError("a redaction is out of place")
        yield stream.read(start - at), None
        if commit:
            yield b"", commit
        at = stream.seek(length, os.SEEK_CUR)
    if at != size:
        raise ProofError("a redaction is out of place")
