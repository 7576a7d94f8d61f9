"""A text file read line by line, where a quote left open would take in the lines after it."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import duckdb

from jiedun.audit.sources.interface import Lines
from jiedun.audit.sources.lines import cells_or_none, fitted, rescued_table

LONGEST_CELL = 200
"""Lines that one record may go over."""


def salvaged(path: Path, lines: Lines) -> Iterator[tuple[int, list[str] | None]]:
    """(row from 1, its cells) of every record; None for the cells of a line that is no record.

    A record goes over several lines only where these close its quote and none of them is a record by
    itself. `path` is UTF-8; a line with other bytes is none. Empty lines are no rows.
    """
    width, row = len(lines.columns), 0
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        ahead = _Ahead(line for line in stream if line.strip("\r\n"))
        if lines.head:
            ahead.take(1)
        while ahead.look(0) is not None:
            row += 1
            count, found = _record(ahead, lines.separator, width)
            ahead.take(count)
            yield row, found


def salvaged_table(
    db: duckdb.DuckDBPyConnection, path: Path, lines: Lines, work: Path
) -> tuple[str, list[int]]:
    """A table expression like `numbered`'s over the records of the file, and the rows that are none."""
    lost: list[int] = []

    def kept() -> Iterator[tuple[int, list[str]]]:
        for row, cells in salvaged(path, lines):
            if cells is None:
                lost.append(row)
            else:
                yield row, cells

    return rescued_table(db, lines, kept(), work), lost


class _Ahead:
    """Lines of a stream that can be looked at before they are taken."""

    def __init__(self, stream: Iterator[str]) -> None:
        self._stream = stream
        self._held: deque[str] = deque()

    def look(self, place: int) -> str | None:
        while len(self._held) <= place:
            line = next(self._stream, None)
            if line is None:
                return None
            self._held.append(line)
        return self._held[place]

    def take(self, count: int) -> None:
        for _ in range(count):
            if self.look(0) is not None:
                self._held.popleft()


def _record(ahead: _Ahead, separator: str, width: int) -> tuple[int, list[str] | None]:
    """How many lines the next record takes, and its cells."""
    first = ahead.look(0) or ""
    found = _cut(first, separator)
    if found is not None or '"' not in first:
        return 1, fitted(found, width)
    joined = first
    for count in range(1, LONGEST_CELL):
        line = ahead.look(count)
        if line is None or _whole(line, separator, width):
            break
        joined += line
        if '"' in line:
            found = fitted(_cut(joined, separator), width)
            if found is not None:
                return count + 1, found
    return 1, None


def _whole(line: str, separator: str, width: int) -> bool:
    found = _cut(line, separator)
    return found is not None and len(found) == width > 1


def _cut(record: str, separator: str) -> list[str] | None:
    if not record.isascii() and any("\udc80" <= char <= "\udcff" for char in record):
        return None
    return cells_or_none(record.rstrip("\r\n"), separator)
