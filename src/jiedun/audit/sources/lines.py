"""Text files as tables: encodings, separators, and lines that are broken.

DuckDB reads the file with its columns, separator and quotes stated, never guessed: one bad line must
not change how the others are read. What it cannot cut is looked at again line by line, so that a
quote left open costs its own line and not the ones after it.
"""

import codecs
import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from jiedun.audit.sources.interface import Lines, name, text
from jiedun.errors import UnreadableFile
from jiedun.evidence.decode import detect

_SAMPLE = 256 * 1024
_CHUNK = 1 << 20
_SEPARATORS = ",\t;|"
_ALONE = ("MISSING COLUMNS", "TOO MANY COLUMNS", "INVALID ENCODING")  # concern their own line only
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip


def encoding_of(path: Path) -> tuple[str, int]:
    """The encoding of a text file and the length of its byte order mark, from its first 256 KB."""
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            return encoding, len(bom)
    whole = sample if len(sample) < _SAMPLE else sample[: sample.rfind(b"\n") + 1]
    found = detect(whole or sample)
    return ("gb18030" if found == "gbk" else found), 0


def in_utf8(path: Path, work: Path) -> Path:
    """The file itself where it is UTF-8, or a copy of it in UTF-8 below `work`.

    A byte that means nothing becomes U+FFFD; the copy is written in pieces of 1 MB.
    """
    encoding, skip = encoding_of(path)
    if encoding == "utf-8":
        return path
    copy = work / f"{path.stem}.utf8{path.suffix}"
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with path.open("rb") as source, copy.open("w", encoding="utf-8", newline="") as out:
        source.seek(skip)
        while piece := source.read(_CHUNK):
            out.write(decoder.decode(piece))
        out.write(decoder.decode(b"", final=True))
    return copy


def first_lines(path: Path, count: int = 20) -> list[str]:
    """The first lines of a UTF-8 file, without its byte order mark."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        head = stream.read(_SAMPLE)
    return head.splitlines()[:count]


def cells(line: str, separator: str) -> list[str]:
    """The cells of one line; one cell holding the line where it cannot be cut."""
    found = cells_or_none(line, separator)
    return [line] if found is None else found


def cells_or_none(line: str, separator: str) -> list[str] | None:
    """The cells of one record; None where it cannot be cut."""
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return None


def separator_of(line: str) -> str:
    """The separator that cuts the line into most cells."""
    return max(_SEPARATORS, key=lambda s: len(cells(line, s)))


def headed(line: str) -> Lines:
    """How a file with this head is cut; UnreadableFile where two columns bear one name."""
    separator = separator_of(line)
    columns = [c.strip().lower() or f"column {i}" for i, c in enumerate(cells(line, separator))]
    twice = sorted({c for c in columns if columns.count(c) > 1})
    if twice:
        raise UnreadableFile(f"two columns bear the name {twice[0]}")
    return Lines(tuple(columns), separator, head=True)


def csv_table(path: Path, lines: Lines) -> str:
    """The table function that reads the file, every cell as text; lines it cannot cut are kept apart."""
    columns = ", ".join(f"{text(c)}: 'VARCHAR'" for c in lines.columns)
    return (
        f"read_csv({text(str(path))}, columns = {{{columns}}}, auto_detect = false, "
        f"header = {str(lines.head).lower()}, delim = {text(lines.separator)}, quote = '\"', escape = '\"', "
        "ignore_errors = true, store_rejects = true)"
    )


def numbered(source: str) -> str:
    """The rows of a table function with `row_no`, from 1, in the order of the file."""
    return f"(SELECT *, row_number() OVER () AS row_no FROM {source})"


def broken_lines(
    db: duckdb.DuckDBPyConnection, *, head: bool
) -> list[tuple[int, str, bool]] | None:
    """The lines that could not be cut: (row from 1, the line, whether it may be tried again); None
    where an open quote took in the lines after it, of which DuckDB keeps no more than some 8 KB."""
    found = db.execute(
        "SELECT line, any_value(csv_line), bool_or(error_type = 'INVALID ENCODING'), "
        f"bool_or(error_type NOT IN {_ALONE}) FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    db.execute("DROP TABLE IF EXISTS reject_errors")
    db.execute("DROP TABLE IF EXISTS reject_scans")
    told: list[tuple[int, str, bool]] = []
    for number, kept, garbled, far in found:
        line = (kept or "").strip("\r\n")  # the end of the line before may be kept with it
        if far or "\n" in line or "\r" in line:
            return None
        told.append((number - head, line, not garbled))
    return told


def rescue(lines: Lines, broken: list[tuple[int, str, bool]]) -> Iterator[tuple[int, list[str]]]:
    """(row, cells) of the lines that are whole after all: too short, or ending in empty cells."""
    width = len(lines.columns)
    for row, line, again in broken:
        if not again:
            continue
        found = fitted(cells_or_none(line, lines.separator), width)
        if found is not None:
            yield row, found


def fitted(found: list[str] | None, width: int) -> list[str] | None:
    """The cells of a line as `width` cells, empty ones added or left out; None where they are no row."""
    if found is None or len(found) < 2 or any(found[width:]):
        return None
    return (found + [""] * width)[:width]


def renumber(db: duckdb.DuckDBPyConnection, table: str, broken: list[int]) -> None:
    """Nothing; rows get the number they have in the file, broken lines counted too."""
    db.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT r.* REPLACE "
        f"(r.row_no + coalesce(b.before, 0) AS row_no) FROM {table} AS r ASOF LEFT JOIN "
        "(SELECT row - place AS good, max(place) AS before FROM (SELECT unnest($1::BIGINT[]) AS row, "
        "generate_subscripts($1::BIGINT[], 1) AS place) GROUP BY 1) AS b ON r.row_no > b.good",
        [broken],
    )


def rescued_table(
    db: duckdb.DuckDBPyConnection, lines: Lines, rows: Iterable[tuple[int, list[str]]], work: Path
) -> str:
    """A table expression like `numbered`'s over `rows`."""
    path = work / "rescued.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows([row, *found] for row, found in rows)
    columns = ", ".join(f"{text(c)}: 'VARCHAR'" for c in lines.columns)
    db.execute(
        "CREATE OR REPLACE TEMP TABLE rescued AS SELECT * FROM read_csv("
        f"{text(str(path))}, columns = {{'row_no': 'BIGINT', {columns}}}, auto_detect = false, "
        "header = false, delim = ',', quote = '\"', escape = '\"')"
    )
    path.unlink()
    return f"(SELECT {', '.join(name(c) for c in lines.columns)}, row_no FROM rescued)"
