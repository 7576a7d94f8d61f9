"""A file that one process at a time may hold; the system lets go of it when the process dies."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jiedun.errors import ProofError

_POLL_S = 0.05

if sys.platform == "win32":
    import msvcrt

    def _try(fd: int) -> bool:
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def held(path: Path, wait_s: float = 0.0) -> Iterator[None]:
    """Holds `path` for the block; ProofError when another process still has it after `wait_s`."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + wait_s
        while not _try(fd):
            if time.monotonic() >= until:
                raise ProofError(
                    "another run is at work here",
                    where=path.name,
                    next_step="wait until it has ended, then run this again",
                )
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(fd)
