"""JSON lines in and out for the reading commands, with every unreadable line named and kept."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from jiedun.errors import Place, UnreadableFile

BATCH = 512
LONGEST = 16 * 1024 * 1024


@dataclass
class Lines:
    """Lines of one input; `bad` counts those that could not be used."""

    path: str
    bad: int = 0

    def rows(self, stream: BinaryIO) -> Iterator[dict[str, object]]:
        """The JSON objects, in order; a bad line is named on stderr and skipped."""
        for number, raw in enumerate(stream, 1):
            if not raw.strip():
                continue
            row = self._row(raw)
            if isinstance(row, dict) and isinstance(row.get("text"), str):
                row.setdefault("id", str(number))
                yield row
            else:
                self._report(number, row)

    def _row(self, raw: bytes) -> object:
        if len(raw) > LONGEST:
            return "行太长 / line longer than 16 MB"
        try:
            return json.loads(raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "strict"))
        except (ValueError, RecursionError):
            return "不是 UTF-8 的 JSON / not JSON in UTF-8"

    def _report(self, number: int, row: object) -> None:
        self.bad += 1
        why = row if isinstance(row, str) else "没有 text 字段 / no field `text`"
        print(f"{Place(self.path, str(number))}: 跳过 / skipped: {why}", file=sys.stderr)


def batches(rows: Iterator[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    """The rows in lists of at most BATCH."""
    held: list[dict[str, object]] = []
    for row in rows:
        held.append(row)
        if len(held) == BATCH:
            yield held
            held = []
    if held:
        yield held


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """The file's bytes, or standard input for `-`."""
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(path).open("rb") as stream:
            yield stream
    except OSError as error:
        raise UnreadableFile(
            "读不了这个文件 / the file cannot be read",
            where=Place(path),
            why=error.strerror or type(error).__name__,
            next_step="看路径和权限对不对 / check the path and the permissions",
        ) from error


@contextmanager
def written(path: Path | None) -> Iterator[TextIO]:
    """Where the answers go: the file, or standard output."""
    if path is None:
        yield sys.stdout
        return
    try:
        with path.open("w", encoding="utf-8", errors="backslashreplace") as stream:
            yield stream
    except OSError as error:
        raise UnreadableFile(
            "写不了这个文件 / the file cannot be written",
            where=Place(str(path)),
            why=error.strerror or type(error).__name__,
            next_step="换一个位置 / choose another place",
        ) from error


def line(row: dict[str, object]) -> str:
    """One JSON line; lone surrogates are escaped so that any stream can carry it."""
    text = json.dumps(row, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(row)
    return text + "\n"
