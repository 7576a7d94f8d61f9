"""XLSX and XLS workbooks as rows of text, guarded against files that are made to exhaust memory.

Cells become the text that a CSV of the same table would hold: whole numbers without `.0`, days and
times in ISO form. `python-calamine` decodes; before it is called, an XLSX is measured with a
bounded stream, since a sheet with two far cells would be laid out in full.
"""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from jiedun.evidence.interface import Source
from jiedun.model.text import Words

MAX_FILE = 64 << 20
MAX_UNPACKED = 256 << 20
MAX_CELLS = 5_000_000
MAX_MEMBERS = 10_000
_XLSX, _XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENDINGS = (".xlsx", ".xlsm", ".xls")
_KEPT_BELOW = 4 << 20
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?r=[\"']([A-Z]{1,3})(\d{1,7})[\"']")

Sheet = tuple[str, list[list[str]]]


class Refused(Exception):  # noqa: N818 - a result with a reason, caught in this package
    """Why a workbook is not opened."""

    def __init__(self, code: str, message: Words, next_step: Words) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.next_step = next_step


def is_workbook(source: Source) -> bool:
    """Whether name and first bytes are those of an XLSX or XLS file."""
    return source.name.lower().endswith(_ENDINGS) and source.head.startswith((_XLSX, _XLS))


def workbook_rows(source: Source, limit: int | None = None) -> Iterator[Sheet]:
    """Name and rows of each sheet, at most `limit` rows a sheet. Raises `Refused`."""
    if source.size > MAX_FILE:
        raise _refused("too-big", "文件太大", "the file is too big")
    book = _small(source) if source.size <= _KEPT_BELOW else _sheets(source)
    for name, rows in book:
        yield name, rows[:limit]


@lru_cache(maxsize=1)
def _small(source: Source) -> tuple[Sheet, ...]:
    """The last small workbook, kept: it is looked at to know it and once more to read it."""
    return tuple(_sheets(source))


def _sheets(source: Source) -> Iterator[Sheet]:
    with source.open() as stream:
        data = stream.read(MAX_FILE + 1)
    if data.startswith(_XLSX):
        _measure(data)
    try:
        book = CalamineWorkbook.from_object(BytesIO(data))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield name, [[_text(cell) for cell in row] for row in rows]
    except PasswordError:
        raise Refused(
            "password",
            Words("表格有密码，打不开", "the workbook needs a password"),
            Words(
                "用 Excel 或 WPS 打开，另存为不带密码的 .xlsx", "open it and save it without one"
            ),
        ) from None
    except BaseException as error:
        if isinstance(error, CalamineError | OSError | ValueError) or _is_panic(error):
            raise _refused("damaged-workbook", "表格文件损坏", "the workbook is damaged") from error
        raise


def _is_panic(error: BaseException) -> bool:
    """Whether the decoder stopped itself on bytes that it did not expect; no `Exception` in PyO3."""
    return type(error).__name__ == "PanicException"


def _refused(code: str, zh: str, en: str) -> Refused:
    return Refused(
        code,
        Words(zh, en),
        Words("用 Excel 或 WPS 另存为 CSV 后再放进来", "save it as CSV and add that file"),
    )


def _measure(data: bytes) -> None:
    """Refuses an archive whose real unpacked size or sheet area is beyond the limits."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED:
                raise _refused("too-big", "表格解压后太大", "the workbook unpacks to too much")
            for member in members:
                _measure_member(archive, member)
    except Refused:
        raise
    except Exception as error:  # zipfile raises a dozen kinds on damaged archives
        raise _refused("damaged-workbook", "表格文件损坏", "the workbook is damaged") from error


def _measure_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Reads one member through: a wrong declared size fails its checksum, a vast area is refused."""
    columns, rows, tail = 1, 1, b""
    with archive.open(member) as stream:
        while chunk := stream.read(1 << 20):
            found = _CELL.findall(tail + chunk)
            tail = chunk[-200:]
            columns = max(columns, max(map(_column, {cell[0] for cell in found}), default=1))
            rows = max(rows, max(map(int, {cell[1] for cell in found}), default=1))
            if columns * rows > MAX_CELLS:
                raise _refused("too-wide", "表格的行列范围太大", "the sheet spans too many cells")


def _column(letters: bytes) -> int:
    value = 0
    for letter in letters:
        value = value * 26 + letter - 64
    return value


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        rounded = cell + timedelta(microseconds=500_000)
        return rounded.replace(microsecond=0).isoformat(sep=" ")
    if isinstance(cell, timedelta):
        return str(round(cell.total_seconds()))
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
