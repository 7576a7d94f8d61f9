"""Writing files so that a reader finds the old one or the whole new one, never a part."""

import os
from pathlib import Path


def write_all(fd: int, content: bytes | memoryview) -> None:
    """Nothing; all of `content` is written to `fd`, however often the system writes a part."""
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def sync_folder(folder: Path) -> None:
    """Nothing; the names in `folder` are on the disk, where the system can promise it."""
    try:
        fd = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_new(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Nothing; `path` holds `content`, durably; what was there before stays if this fails."""
    part = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    try:
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        try:
            write_all(fd, content)
            os.fsync(fd)
        finally:
            os.close(fd)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
