"""Contacts in: Parquet and CSV files into one typed table; rows that cannot be used are named.

A row is refused when a needed column is empty or unreadable, or any column holds what it cannot
hold; the refusal names file, row and column, never the content. Everything else is audited.
"""

from collections.abc import Callable, Sequence
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


Lean = Callable[[frozenset[str]], str]
"""From the columns a file holds to the expressions `day, code` over its typed rows."""


def no_codes(held: frozenset[str]) -> str:
    """Nothing told of a row."""
    return "0, 0"


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


def ingest(
    db: duckdb.DuckDBPyConnection, paths: Sequence[Path], lean: Lean = no_codes
) -> list[Unread]:
    """The files that could not be read. `raw` shows the good rows, typed; `refused` names the others;
    `lean` has one narrow row a good row: `seq, k` (a hash of creditor and debtor), `instant` and what
    the expressions of `lean` give. A Parquet file is not copied: `raw` reads it where it lies."""
    unread: list[Unread] = []
    db.execute("CREATE TABLE refused (file VARCHAR, row_no BIGINT, columns_bad VARCHAR[])")
    db.execute(
        "CREATE TABLE lean (seq BIGINT, k UBIGINT, instant BIGINT, day INTEGER, code BIGINT)"
    )
    views = [f"SELECT {_nothing()} WHERE false"]
    for number, path in enumerate(paths):
        try:
            good = _read(db, number, path, lean)
            views.append(
                f"SELECT * EXCLUDE (bad) FROM typed_{number}{'' if good else ' WHERE NOT bad'}"
            )
        except (*_FILE_ERRORS, UnreadableFile, OSError) as error:
            unread.append(Unread(path.name, _why(error)))
    db.execute(f"CREATE VIEW raw AS {' UNION ALL '.join(views)}")
    return unread


def _nothing() -> str:
    """The columns of `raw`, all null."""
    columns = [f'CAST(NULL AS {_kept(c)}) AS "{c.name}"' for c in COLUMNS if c.name != "at"]
    return ", ".join(["CAST(NULL AS BIGINT) AS seq", *columns, "CAST(NULL AS BIGINT) AS instant"])


def _kept(column: Column) -> str:
    return "INTEGER" if column.type is ColumnType.CLOCK else column.type.value


def _why(error: Exception) -> str:
    if isinstance(error, UnreadableFile):
        return error.what
    return f"{type(error).__name__}: the file is not whole, or not what its name says"


def _source(path: Path) -> str:
    """The table function that reads the file; CSV as text, so that every bad value can be named."""
    name = str(path).replace("'", "''")
    if _is_parquet(path):
        return f"read_parquet('{name}', file_row_number = true)"
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return f"read_csv('{name}', {_CSV})"
    raise UnreadableFile(f"{path.suffix or 'this'} is no kind of file an audit reads")


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() in (".parquet", ".pq")


def _read(db: duckdb.DuckDBPyConnection, number: int, path: Path, lean: Lean) -> bool:
    """Whether all rows of the file are good; `typed_<number>` shows them, with `bad`."""
    source = _source(path)
    held = {
        row[0].lower(): row[1] for row in db.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    }
    absent = [c.name for c in COLUMNS if c.needed and c.name not in held]
    if absent:
        raise UnreadableFile(f"the file has no column {', '.join(absent)}")
    _typed_rows(db, number, path, held)
    db.execute(
        f"INSERT INTO lean SELECT seq, hash(creditor, debtor), instant, {lean(frozenset(held))} "
        f"FROM typed_{number} WHERE NOT bad"
    )
    return _refuse(db, number, path, held)


def _typed_rows(
    db: duckdb.DuckDBPyConnection, number: int, path: Path, held: dict[str, str]
) -> None:
    """`cells_<number>` has values (`c`), whether something was given (`g`) and the row's number."""
    typed = ", ".join(f"{_typed(c, held)} AS c{i}" for i, c in enumerate(COLUMNS))
    row = "file_row_number + 1" if _is_parquet(path) else "row_number() OVER ()"
    kind = "VIEW" if _is_parquet(path) else "TABLE"
    db.execute(
        f"CREATE {kind} cells_{number} AS SELECT {typed}, {_given(held)}, {row} AS row_no "
        f"FROM {_source(path)} AS s"
    )
    kept = ", ".join(f'c{i} AS "{c.name}"' for i, c in enumerate(COLUMNS) if c.name != "at")
    bad = " OR ".join(filter(None, (_bad(c, i, held) for i, c in enumerate(COLUMNS))))
    db.execute(
        f"CREATE VIEW typed_{number} AS SELECT {number * _ROWS_A_FILE} + row_no AS seq, {kept}, "
        f"c1 AS instant, coalesce({bad}, false) AS bad FROM cells_{number}"
    )


def _refuse(db: duckdb.DuckDBPyConnection, number: int, path: Path, held: dict[str, str]) -> bool:
    first = number * _ROWS_A_FILE
    query = f"SELECT (SELECT count(*) FROM cells_{number}), (SELECT count(*) FROM lean WHERE seq > {first})"
    whole, good = db.execute(query).fetchone() or (0, 0)
    if whole != good:
        names = ", ".join(
            f"CASE WHEN coalesce({_bad(c, i, held)}, false) THEN '{c.name}' END"
            for i, c in enumerate(COLUMNS)
            if _bad(c, i, held)
        )
        db.execute(
            "INSERT INTO refused SELECT $1, row_no, CAST(list_filter(columns_bad, lambda x: x IS NOT NULL) "
            f"AS VARCHAR[]) FROM (SELECT row_no, [{names}] AS columns_bad FROM cells_{number}) "
            "WHERE len(list_filter(columns_bad, lambda x: x IS NOT NULL)) > 0",
            [path.name],
        )
    _broken_lines(db, path)
    return bool(whole == good)


def _broken_lines(db: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Lines of a CSV file that could not be cut into columns are refused too."""
    if _is_parquet(path):
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
        f"{_present(c, held[c.name])} AS g{i}" if c.name in held else f"false AS g{i}"
        for i, c in enumerate(COLUMNS)
    )


def _present(column: Column, kind: str) -> str:
    """Texts are told from nothing by their first letter; only those that begin with a blank are trimmed."""
    cell = f's."{column.name}"'
    if kind != "VARCHAR":
        return f"({cell} IS NOT NULL)"
    return f"({cell} IS NOT NULL AND ({cell} >= '!' OR trim({cell}) <> ''))"


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
    if kind.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"(epoch_us({cell}) // 1000000)"
    return f"CAST(floor(epoch(TRY_CAST({cell} AS TIMESTAMPTZ))) AS BIGINT)"


def _bad(column: Column, i: int, held: dict[str, str]) -> str:
    """When a row is refused for this column; nothing where it never is."""
    kind = held.get(column.name)
    if kind is None:
        return ""
    checks = [] if _always_had(column, kind) else [f"(g{i} AND c{i} IS NULL)"]
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
    return " OR ".join(checks)


def _always_had(column: Column, kind: str) -> bool:
    """Whether what is given is always a value of the column."""
    return column.type is ColumnType.TEXT or kind == column.type.value
