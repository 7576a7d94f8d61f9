"""SHA-256 of a stream in constant memory."""

import hashlib
from typing import BinaryIO

CHUNK = 1 << 20


def hash_stream(stream: BinaryIO) -> tuple[str, int]:
    """SHA-256 in lower-case hex, and the number of bytes, from where the stream stands to its end.

    Raises whatever reading the stream raises.
    """
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size
