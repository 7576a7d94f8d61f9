"""Rows under a header found by content, from CSV in any usual encoding, XLSX or XLS.

A `Layout` names the columns a reader wants and the headers that mean them. The first row of a
file or sheet that carries all required ones is its header; what stands above is the preamble.
Data rows are numbered from 1 in file order below that first header: blank lines are not counted
(as in Python's `csv.DictReader`), rows of empty cells, subtotals and repeated headers are counted.
In a workbook with several fitting sheets the numbers run on from sheet to sheet.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO

from jiedun.evidence.decode import decode_text
from jiedun.evidence.interface import Source
from jiedun.evidence.readers.table_sheet import MAX_FILE, Refused, is_workbook, workbook_rows
from jiedun.model.evidence import Problem
from jiedun.model.text import Words

HEADER_WITHIN = 80  # rows
MAX_COLUMNS = 1000
_DELIMITERS = (",", "\t", ";", "|")
_TABLE_ENDINGS = (".csv", ".tsv", ".txt")
_SPAN = 50  # physical lines a quoted cell may plausibly hold

_REMARK = re.compile(r"_?\([^)]*\)$")  # 通话时长(秒)

Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns by key: the headers that mean each, best first, and the keys that must be there."""

    columns: Mapping[str, tuple[str, ...]]
    required: frozenset[str]

    def match(self, cells: Sequence[str]) -> dict[str, int] | None:
        """Column index by key when `cells` is a header of this layout, else None."""
        return self.among(header_index(cells))

    def among(self, at: Mapping[str, int]) -> dict[str, int] | None:
        """`match` for a row's `header_index`, made once where there are several layouts."""
        found: dict[str, int] = {}
        for key, names in self.columns.items():
            place = next((at[name] for name in names if name in at), None)
            if place is not None and place not in found.values():
                found[key] = place
        return found if self.required <= found.keys() else None


@dataclass(frozen=True, slots=True)
class Grid:
    """One table: its layout, column index by key, the header's cells, the preamble, and the numbered rows."""

    layout: Layout
    columns: Mapping[str, int]
    header: tuple[str, ...]
    preamble: tuple[tuple[str, ...], ...]
    rows: Iterator[Row | Problem]


@lru_cache(maxsize=4096)
def header_name(cell: str) -> str:
    """A header cell in the form that layouts are written in: NFKC, lower case, no spaces."""
    text = unicodedata.normalize("NFKC", cell).casefold().strip("\ufeff*:\"' \t")
    return re.sub(r"\s+", "", text) if not text.isascii() else re.sub(r"[\s_]+", "_", text.strip())


def header_index(cells: Sequence[str]) -> dict[str, int]:
    """Where each name stands that the cells of a row may mean; empty for what is no header."""
    at: dict[str, int] = {}
    if not 1 < len(cells) <= MAX_COLUMNS:
        return at
    for place, cell in enumerate(cells):
        if len(cell) > 60:
            continue
        name = header_name(cell)
        at.setdefault(name, place)
        if name.endswith(")"):
            at.setdefault(_REMARK.sub("", name), place)
    return at


def fits(source: Source, *layouts: Layout) -> bool:
    """Whether a header of one of `layouts` stands in the first rows of the file."""
    return any(_find(rows, layouts) is not None for rows in _peek(source))


def _find(
    rows: Sequence[Sequence[str]], layouts: Sequence[Layout]
) -> tuple[int, Layout, dict[str, int]] | None:
    """The first row that is a header, with the first layout that it fits."""
    for place, cells in enumerate(rows[:HEADER_WITHIN]):
        at = header_index(cells)
        for layout in layouts if at else ():
            if (columns := layout.among(at)) is not None:
                return place, layout, columns
    return None


@lru_cache(maxsize=8)
def _peek(source: Source) -> tuple[list[list[str]], ...]:
    """The first rows: of each sheet, or by each delimiter. Pure in the file, so kept for a while."""
    if is_workbook(source):
        try:
            return tuple(rows for _, rows in workbook_rows(source, HEADER_WITHIN))
        except Refused:
            return ()
    if not source.name.lower().endswith(_TABLE_ENDINGS):
        return ()
    text = _head_text(source)
    if text.count("\0") * 10 > len(text):
        return ()
    return tuple(_first_rows(text, delimiter) for delimiter in _DELIMITERS)


def _head_text(source: Source) -> str:
    head = source.head
    if len(head) < source.size and (cut := head.rfind(b"\n")) > 0 and b"\0" not in head[:200]:
        head = head[:cut]
    return decode_text(head)[0]


def _first_rows(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for cells in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            rows.append(cells)
            if len(rows) == HEADER_WITHIN:
                break
    except csv.Error:
        pass  # an over-long cell: what stands above it is enough to know the file
    return rows


def grids(source: Source, *layouts: Layout) -> Iterator[Grid | Problem]:
    """Each table of one of `layouts` in the file, and a problem for what cannot be read as one."""
    if is_workbook(source):
        yield from _sheet_grids(source, layouts)
    elif source.size > MAX_FILE:
        yield problem(
            source, None, "too-big", "文件太大，没有读", "the file is too big to be read", _SPLIT
        )
    else:
        yield from _text_grids(source, layouts)


_SPLIT = Words("按月份拆成小文件", "split it by month")
_EXPORT = Words(
    "从手机或营业厅重新导出，不要改表头", "export it again and leave the header row as it is"
)


def problem(
    source: Source, at: int | str | None, code: str, zh: str, en: str, step: Words | None = None
) -> Problem:
    """A problem at row `at` of this file."""
    return Problem(source.path, None if at is None else str(at), code, Words(zh, en), step)


def _sheet_grids(source: Source, layouts: Sequence[Layout]) -> Iterator[Grid | Problem]:
    done, found = 0, False
    try:
        for _, rows in workbook_rows(source):
            if (header := _find(rows, layouts)) is None:
                continue
            found = True
            body = rows[header[0] + 1 :]
            yield _grid(rows, header, enumerate(body, done + 1))
            done += len(body)
    except Refused as refused:
        yield Problem(source.path, None, refused.code, refused.message, refused.next_step)
        return
    if not found:
        yield _no_header(source)


def _grid(
    rows: Sequence[Sequence[str]],
    found: tuple[int, Layout, dict[str, int]],
    body: Iterator[Row | Problem],
) -> Grid:
    start, layout, columns = found
    preamble = tuple(tuple(cells) for cells in rows[:start])
    return Grid(layout, columns, tuple(rows[start]), preamble, body)


def _no_header(source: Source) -> Problem:
    return problem(
        source, None, "no-header", "没有找到能认出的表头", "no header row that is known", _EXPORT
    )


def _text_grids(source: Source, layouts: Sequence[Layout]) -> Iterator[Grid | Problem]:
    if source.head.count(0) * 10 > 7 * len(source.head):
        yield problem(
            source, None, "not-text", "文件里不是文字", "the file does not hold text", _EXPORT
        )
        return
    with source.open() as stream:
        text, _, bad = decode_text(stream.read(MAX_FILE))
    if bad:
        yield problem(
            source,
            None,
            "undecodable",
            f"有 {bad} 处字符无法解码",
            f"{bad} characters cannot be decoded",
        )
    if "\0" in text:
        yield problem(source, None, "nul", "文件里有空字符，已略过", "NUL characters were left out")
        text = text.replace("\0", "")
    yield from _delimited(source, layouts, text)


def _delimited(source: Source, layouts: Sequence[Layout], text: str) -> Iterator[Grid | Problem]:
    for delimiter in _DELIMITERS:
        rows = _first_rows(text[: 1 << 18], delimiter)
        if (header := _find(rows, layouts)) is not None:
            start = header[0]
            body = _Body(source, text, delimiter, len(rows[start]))
            yield _grid(rows, header, body.below(start))
            return
    yield _no_header(source)


class _Body:
    """The rows of a delimited text; a quote that is never closed costs its own row only."""

    def __init__(self, source: Source, text: str, delimiter: str, width: int) -> None:
        self._source = source
        self._lines = list(StringIO(text, newline=""))
        self._delimiter = delimiter
        self._width = width

    def below(self, start: int) -> Iterator[Row | Problem]:
        """The numbered rows below the header, which is the `start`-th parsed row (from 0)."""
        n = -start - 1
        for cells in self._parsed():
            if isinstance(cells, str):
                yield problem(self._source, max(n + 1, 1), cells, *_MISHAPS[cells])
                continue
            if cells or n < 0:
                n += 1
            if not cells or n < 1:
                continue
            if len(cells) > MAX_COLUMNS:
                yield problem(self._source, n, "too-wide", *_MISHAPS["too-wide"])
            else:
                yield n, cells

    def _parsed(self) -> Iterator[list[str] | str]:
        done, lines = 0, iter(self._lines)
        while done < len(self._lines):
            reader = csv.reader(lines, delimiter=self._delimiter)
            base, at = done, done
            try:
                for cells in reader:
                    done = base + reader.line_num
                    if done - at > 1 and self._runs_on(cells, at, done):
                        yield from self._one_by_one(at, done)
                    else:
                        yield cells
                    at = done
            except csv.Error:
                done = max(base + reader.line_num, at + 1)
                yield from self._one_by_one(at, done)

    def _runs_on(self, cells: list[str], start: int, end: int) -> bool:
        """Whether a row over several lines is really several rows behind an unclosed quote."""
        lines = self._lines[start:end]
        if end - start > _SPAN:
            return True
        if end == len(self._lines) and sum(line.count('"') for line in lines) % 2:
            return True  # the file ends inside a quote
        if len(cells) == self._width:
            return False
        return any(len(self._alone(line)) == self._width for line in lines[1:])

    def _alone(self, line: str) -> list[str]:
        try:
            return next(csv.reader([line], delimiter=self._delimiter), [])
        except csv.Error:
            return []

    def _one_by_one(self, start: int, end: int) -> Iterator[list[str] | str]:
        yield "unclosed-quote"
        for line in self._lines[start:end]:
            cells = self._alone(line)
            if not cells and line.strip():
                yield "cell-too-long"
            else:
                yield [cell.rstrip("\r\n") for cell in cells]


_MISHAPS = {
    "unclosed-quote": ("引号没有配对，从这里起逐行读", "a quote is not closed; read line by line from here"),
    "cell-too-long": ("一格内容太长，这一行没有读", "a cell is too long; this row was not read"),
    "too-wide": ("这一行的列太多，没有读", "this row has too many columns; it was not read"),
}  # fmt: skip
