"""Contacts in: Parquet and CSV files into one typed table; rows that cannot be used are named.

A row is refused when a needed column is empty or unreadable, or any column holds what it cannot
hold; the refusal names file, row and column, never the content. Everything else is audited.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from jiedun.errors import UnreadableFile
from jiedun.model.contact_record import COLUMNS, Column, ColumnType

FIRST, LAST = 694_224_000, 4_102_444_800  # 1992-01-01, 2100-01-01 UTC
_ROWS_A_FILE = 1 << 40
SHOWN_REFUSALS = 1000
_FILE_ERRORS = (duckdb.IOException, duckdb.InvalidInputException, duckdb.ConversionException)
_CSV = "all_varchar = true, header = true, null_padding = true, ignore_errors = true, store_rejects = true"


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be read at all, and why."""

    file: str
    why: str


def connect(work: Path, *, threads: int = 2, memory: str = "6GB") -> duckdb.DuckDBPyConnection:
    """A connection that spills into `work`; instants without a zone are Asia/Shanghai."""
    db = duckdb.connect()
    db.execute("SET TimeZone = 'Asia/Shanghai'")
    db.execute(f"SET threads = {int(threads)}")
    db.execute("SET memory_limit = $1", [memory])
    db.execute("SET temp_directory = $1", [str(work)])
    db.execute("SET enable_progress_bar = false")
    return db


def ingest(db: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> list[Unread]:
    """The files that could not be read; `raw` holds the good rows, `refused` names the others."""
    unread: list[Unread] = []
    db.execute(f"CREATE TABLE raw (file INTEGER, seq BIGINT, {_declared()}, instant BIGINT)")
    db.execute("CREATE TABLE refused (file VARCHAR, row_no BIGINT, columns_bad VARCHAR[])")
    for number, path in enumerate(paths):
        try:
            _read(db, number, path)
        except (*_FILE_ERRORS, UnreadableFile, OSError) as error:
            unread.append(Unread(path.name, _why(error)))
    return unread


def _declared() -> str:
    return ", ".join(f'"{c.name}" {_kept(c)}' for c in COLUMNS if c.name != "at")


def _kept(column: Column) -> str:
    return "INTEGER" if column.type is ColumnType.CLOCK else column.type.value


def _why(error: Exception) -> str:
    if isinstance(error, UnreadableFile):
        return error.what
    return f"{type(error).__name__}: the file is not whole, or not what its name says"


def _source(path: Path) -> str:
    """The table function that reads the file; CSV as text, so that every bad value can be named."""
    name = str(path).replace("'", "''")
    if path.suffix.lower() in (".parquet", ".pq"):
        return f"read_parquet('{name}')"
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return f"read_csv('{name}', {_CSV})"
    raise UnreadableFile(f"{path.suffix or 'this'} is no kind of file an audit reads")


def _read(db: duckdb.DuckDBPyConnection, number: int, path: Path) -> None:
    source = _source(path)
    held = {
        row[0].lower(): row[1] for row in db.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    }
    absent = [c.name for c in COLUMNS if c.needed and c.name not in held]
    if absent:
        raise UnreadableFile(f"the file has no column {', '.join(absent)}")
    typed = ", ".join(f"{_typed(c, held)} AS c{i}" for i, c in enumerate(COLUMNS))
    bad = ", ".join(
        f"CASE WHEN {_bad(c, i, held)} THEN '{c.name}' END" for i, c in enumerate(COLUMNS)
    )
    base = number * _ROWS_A_FILE
    db.execute(
        f"""CREATE OR REPLACE TEMP TABLE reading AS
        SELECT *, CAST(list_filter([{bad}], lambda x: x IS NOT NULL) AS VARCHAR[]) AS bad_columns
        FROM (SELECT {typed}, {_given(held)}, row_number() OVER () AS row_no FROM {source} AS s)"""
    )
    kept = ", ".join(f"c{i}" for i, c in enumerate(COLUMNS) if c.name != "at")
    db.execute(
        f"INSERT INTO raw SELECT {number}, {base} + row_no, {kept}, c1 FROM reading WHERE len(bad_columns) = 0"
    )
    db.execute(
        "INSERT INTO refused SELECT $1, row_no, bad_columns FROM reading WHERE len(bad_columns) > 0",
        [path.name],
    )
    _broken_lines(db, path)
    db.execute("DROP TABLE reading")


def _broken_lines(db: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Lines of a CSV file that could not be cut into columns are refused too."""
    if path.suffix.lower() in (".parquet", ".pq"):
        return
    db.execute(
        "INSERT INTO refused SELECT $1, line - 1, ['(line)'] FROM (SELECT DISTINCT line FROM reject_errors)",
        [path.name],
    )
    db.execute("DROP TABLE IF EXISTS reject_errors")
    db.execute("DROP TABLE IF EXISTS reject_scans")


def _given(held: dict[str, str]) -> str:
    """For each column whether the file holds something there: an empty text is nothing."""
    return ", ".join(
        f"{_present(c)} AS g{i}" if c.name in held else f"false AS g{i}"
        for i, c in enumerate(COLUMNS)
    )


def _present(column: Column) -> str:
    return f'(s."{column.name}" IS NOT NULL AND trim(CAST(s."{column.name}" AS VARCHAR)) <> \'\')'


def _typed(column: Column, held: dict[str, str]) -> str:
    """The column's value, or NULL where it cannot be had."""
    kind = held.get(column.name)
    if kind is None:
        return f"CAST(NULL AS {'BIGINT' if column.type is ColumnType.INSTANT else _kept(column)})"
    cell = f's."{column.name}"'
    if column.type is ColumnType.INSTANT:
        return _instant(cell, kind)
    if column.type is ColumnType.CLOCK:
        clock = f"TRY_CAST({cell} AS TIME)"
        return f"CAST(epoch({clock}) AS INTEGER)"
    if column.type is ColumnType.TEXT:
        text = cell if kind == "VARCHAR" else f"CAST({cell} AS VARCHAR)"
        return f"nullif(trim({text}), '')" if column.values else f"nullif({text}, '')"
    return cell if kind == column.type.value else f"TRY_CAST({cell} AS {column.type.value})"


def _instant(cell: str, kind: str) -> str:
    """Epoch seconds; whole numbers from 1e11 on are milliseconds."""
    if kind in ("BIGINT", "INTEGER", "UBIGINT", "HUGEINT"):
        return (
            f"CAST(CASE WHEN {cell} >= 100000000000 THEN {cell} // 1000 ELSE {cell} END AS BIGINT)"
        )
    return f"CAST(floor(epoch(TRY_CAST({cell} AS TIMESTAMPTZ))) AS BIGINT)"


def _bad(column: Column, i: int, held: dict[str, str]) -> str:
    """When a row is refused for this column."""
    checks = [f"(g{i} AND c{i} IS NULL)"]
    if column.needed:
        checks.append(f"NOT g{i}")
    if column.values:
        values = ", ".join(f"'{v}'" for v in column.values)
        checks.append(f"(c{i} IS NOT NULL AND c{i} NOT IN ({values}))")
    if column.type is ColumnType.INSTANT:
        checks.append(f"(c{i} < {FIRST} OR c{i} >= {LAST})")
    if column.name == "seconds":
        checks.append(f"(c{i} < 0 OR c{i} > 864000)")
    if column.name == "zone":
        checks.append(f"(c{i} IS NOT NULL AND c{i} NOT IN (SELECT name FROM pg_timezone_names()))")
    return f"coalesce({' OR '.join(checks)}, false)"
