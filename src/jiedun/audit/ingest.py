"""Contacts in: files of every known format, typed and joined; rows that cannot be used are named.

A row is refused when a needed column is empty or unreadable, or any column holds what it cannot
hold; the refusal names file, row and column, never the content. Everything else is audited. Who is who
may be missing where the format never says it, or where the lender's own files were to say it: such a
contact is audited with what is missing unknown.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from jiedun.audit import joining, known
from jiedun.audit.cells import WHO, bad_sql, kept, typed_sql
from jiedun.audit.sources import lines
from jiedun.audit.sources.interface import Lines, Opened, name, text
from jiedun.audit.sources.opening import open_source
from jiedun.audit.sources.salvage import salvaged_table
from jiedun.audit.totals import key_sql
from jiedun.errors import UnreadableFile
from jiedun.model.contact_record import COLUMNS

ROWS_A_FILE = 1 << 40
SHOWN_REFUSALS = 1000
_KEY = key_sql("creditor", "debtor", "seq")
_FILE_ERRORS = (duckdb.Error, UnreadableFile, OSError)

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
    db: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    lean: Lean = no_codes,
    *,
    parties: Sequence[Path] = (),
    loans: Sequence[Path] = (),
    progress: Callable[[int], None] = lambda done: None,
) -> list[Unread]:
    """The files that could not be read. `raw` shows the good rows, typed; `refused` names the others;
    `lean` has one narrow row a good row: `seq, k` (`totals.key_sql`), `instant` and what
    the expressions of `lean` give. A Parquet file that nothing is joined to is not copied: `raw` reads
    it where it lies.

    `sources` lists the files with their format, `told` counts what was unknown, said otherwise or
    seen twice. `progress` is called with the number of files that are done.
    """
    unread: list[Unread] = []
    _tables(db)
    views = [f"SELECT {_nothing()} WHERE false"]
    with tempfile.TemporaryDirectory(prefix="jiedun-audit-") as folder:
        held = known.load(db, parties, loans, Path(folder))
        reader = _Reader(db, Path(folder), lean, given=held.given)
        for number, path in enumerate(paths):
            try:
                good = reader.read(number, path)
                views.append(
                    f"SELECT * EXCLUDE (bad) FROM typed_{number}{'' if good else ' WHERE NOT bad'}"
                )
            except _FILE_ERRORS as error:
                unread.append(Unread(path.name, _why(error)))
            progress(number + 1)
    every = " UNION ALL ".join(views)
    db.execute(f"CREATE VIEW raw AS {every}")
    if _leave_out_twice(db, several=len(paths) > 1):
        db.execute(
            f"CREATE OR REPLACE VIEW raw AS SELECT * FROM ({every}) WHERE seq NOT IN (SELECT seq FROM dropped)"
        )
    _count_told(db, held)
    return unread


def _tables(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("CREATE TABLE refused (file VARCHAR, row_no BIGINT, columns_bad VARCHAR[])")
    db.execute(
        "CREATE TABLE lean (seq BIGINT, k UBIGINT, instant BIGINT, day INTEGER, code BIGINT)"
    )
    db.execute("CREATE TABLE sources (number INTEGER, name VARCHAR, format VARCHAR)")
    db.execute("CREATE TABLE told (what VARCHAR, contacts BIGINT)")
    db.execute("CREATE TABLE legs (seq BIGINT, leg VARCHAR)")
    db.execute("CREATE TABLE dropped (seq BIGINT)")


def _nothing() -> str:
    """The columns of `raw`, all null."""
    columns = [f'CAST(NULL AS {kept(c)}) AS "{c.name}"' for c in COLUMNS if c.name != "at"]
    return ", ".join(["CAST(NULL AS BIGINT) AS seq", *columns, "CAST(NULL AS BIGINT) AS instant"])


def _why(error: Exception) -> str:
    if isinstance(error, UnreadableFile):
        return error.what
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "this user may not read the file"
    return f"{type(error).__name__}: the file is not whole, or not what its name says"


class _Reader:
    """Reads one file after another: `cells_<n>` has all rows, `typed_<n>` shows them with `bad`."""

    def __init__(
        self, db: duckdb.DuckDBPyConnection, work: Path, lean: Lean, *, given: bool
    ) -> None:
        self.db = db
        self.work = work
        self.lean = lean
        self.given = given

    def read(self, number: int, path: Path) -> bool:
        """Whether all rows of the file are good."""
        opened = open_source(self.db, path, self.work)
        strict = opened.says_who and not self.given
        absent = [c.name for c in COLUMNS if c.needed and c.name not in opened.held]
        absent = [c for c in absent if strict or c not in WHO]
        if opened.says_who and absent:
            raise UnreadableFile(f"the file has no column {', '.join(absent)}")
        held = self._held(opened)
        self._cells(number, path, opened)
        free = () if strict else WHO if opened.says_who else (*WHO, "id")
        bad = bad_sql(held, free)
        self._show(number, path, opened, " OR ".join(bad.values()))
        self.db.execute(
            f"INSERT INTO lean SELECT seq, {_KEY}, instant, {self.lean(frozenset(held))} "
            f"FROM typed_{number} WHERE NOT bad"
        )
        good = self._refuse(number, path, bad)
        self._note(number, path, opened)
        return good

    def _held(self, opened: Opened) -> dict[str, str]:
        """The columns that may hold something once everything is joined."""
        more = {"id", "number", "caller", "direction"} if opened.ends else set()
        if self.given:
            more |= {*WHO, "debt", "agency", "collector", "lender_type"}
        return {**dict.fromkeys(more, "VARCHAR"), **opened.held}

    def _table(self, opened: Opened, base: str) -> str:
        extra = ", ".join(
            f"s.{column}" if column in opened.held else f"CAST(NULL AS VARCHAR) AS {column}"
            for column in joining.EXTRA
        )
        table = (
            f"(SELECT {typed_sql(opened.held)}, s.row_no, {extra} FROM {opened.mapped(base)} AS s)"
        )
        if opened.ends:
            table = joining.directed(table)
        return joining.joined(table) if self.given else table

    def _cells(self, number: int, path: Path, opened: Opened) -> None:
        plain = opened.lines is None and opened.says_who and not self.given
        kind = "VIEW" if plain else "TABLE"
        self.db.execute(
            f"CREATE {kind} cells_{number} AS SELECT * FROM {self._table(opened, opened.base)}"
        )
        if opened.lines is None:
            return
        broken = lines.broken_lines(self.db, head=opened.lines.head)
        if broken is None:
            self._line_by_line(number, path, opened, opened.lines)
        elif broken:
            lines.renumber(self.db, f"cells_{number}", [row for row, _, _ in broken])
            rows = list(lines.rescue(opened.lines, broken))
            if rows:
                base = lines.rescued_table(self.db, opened.lines, rows, self.work)
                self.db.execute(
                    f"INSERT INTO cells_{number} BY NAME SELECT * FROM {self._table(opened, base)}"
                )
            saved = {row for row, _ in rows}
            self._lose(path, [row for row, _, _ in broken if row not in saved])

    def _line_by_line(self, number: int, path: Path, opened: Opened, cut: Lines) -> None:
        base, lost = salvaged_table(self.db, opened.copy or path, cut, self.work)
        self.db.execute(
            f"CREATE OR REPLACE TABLE cells_{number} AS SELECT * FROM {self._table(opened, base)}"
        )
        self._lose(path, lost)

    def _lose(self, path: Path, rows: list[int]) -> None:
        self.db.execute(
            "INSERT INTO refused SELECT $1, unnest($2::BIGINT[]), ['(line)']", [path.name, rows]
        )

    def _show(self, number: int, path: Path, opened: Opened, bad: str) -> None:
        """A contact of a format that numbers none is called by its place."""
        place = f"coalesce(c_id, {text(path.name + '#')} || row_no)"
        told = ", ".join(
            f'{place if c.name == "id" and not opened.says_who else f"c_{c.name}"} AS "{c.name}"'
            for c in COLUMNS
            if c.name != "at"
        )
        self.db.execute(
            f"CREATE VIEW typed_{number} AS SELECT {number * ROWS_A_FILE} + row_no AS seq, {told}, "
            f"c_at AS instant, coalesce({bad or 'false'}, false) AS bad FROM cells_{number}"
        )

    def _refuse(self, number: int, path: Path, bad: dict[str, str]) -> bool:
        whole, good = self.db.execute(
            f"SELECT (SELECT count(*) FROM cells_{number}), "
            f"(SELECT count(*) FROM lean WHERE seq > {number * ROWS_A_FILE})"
        ).fetchone() or (0, 0)
        if whole != good:
            names = ", ".join(
                f"CASE WHEN coalesce({t}, false) THEN '{c}' END" for c, t in bad.items()
            )
            self.db.execute(
                "INSERT INTO refused SELECT $1, row_no, bad FROM (SELECT row_no, CAST(list_filter([" + names
                + f"], lambda x: x IS NOT NULL) AS VARCHAR[]) AS bad FROM cells_{number}) WHERE len(bad) > 0",
                [path.name],
            )  # fmt: skip
        return bool(whole == good)

    def _note(self, number: int, path: Path, opened: Opened) -> None:
        """Nothing; the file, the second legs in it and what was said otherwise are noted."""
        self.db.execute(
            "INSERT INTO sources VALUES ($1, $2, $3)", [number, path.name, opened.label]
        )
        if opened.ends:
            self.db.execute(
                f"INSERT INTO legs SELECT {number * ROWS_A_FILE} + row_no, second_leg_of FROM cells_{number} "
                "WHERE second_leg_of IS NOT NULL"
            )
        if self.given:
            for column in joining.CHECKED:
                self.db.execute(
                    f"INSERT INTO told SELECT '{column} said otherwise', count(*) FROM cells_{number} WHERE d_{column}"
                )
        if opened.copy:
            opened.copy.unlink()


def _leave_out_twice(db: duckdb.DuckDBPyConnection, *, several: bool) -> bool:
    """Whether any contact is left out: the second leg of a call, or a contact exported twice.

    Contacts are looked at for that where there are several files, or files of call records.
    """
    if not several and not _some(db, "SELECT 1 FROM sources WHERE format <> 'own' LIMIT 1"):
        return False
    db.execute(
        "INSERT INTO dropped SELECT seq FROM legs WHERE leg IN (SELECT id FROM raw) "
        "AND seq IN (SELECT seq FROM raw)"
    )
    db.execute("INSERT INTO told SELECT 'second legs', count(*) FROM dropped")
    db.execute(
        "CREATE OR REPLACE TEMP TABLE twice AS SELECT seq FROM (SELECT seq, row_number() OVER (PARTITION BY id "
        "ORDER BY connected DESC NULLS LAST, seconds DESC NULLS LAST, seq) AS n FROM raw WHERE id IN "
        "(SELECT id FROM raw GROUP BY id HAVING count(*) > 1) AND seq NOT IN (SELECT seq FROM dropped)) WHERE n > 1"
    )
    db.execute("INSERT INTO told SELECT 'repeated', count(*) FROM twice")
    db.execute("INSERT INTO dropped SELECT seq FROM twice")
    db.execute("DELETE FROM lean WHERE seq IN (SELECT seq FROM dropped)")
    return _some(db, "SELECT 1 FROM dropped LIMIT 1")


def _some(db: duckdb.DuckDBPyConnection, query: str) -> bool:
    return db.execute(query).fetchone() is not None


def _count_told(db: duckdb.DuckDBPyConnection, held: known.Known) -> None:
    """Who is who can be missing only where nothing insisted on it."""
    if held.given or _some(db, "SELECT 1 FROM sources WHERE format <> 'own' LIMIT 1"):
        for column in WHO:
            db.execute(
                f"INSERT INTO told SELECT '{column} unknown', count(*) FROM raw WHERE {name(column)} IS NULL"
            )
        db.execute(
            "INSERT INTO told SELECT 'direction unknown', count(*) FROM raw WHERE direction = 'unknown'"
        )
    db.execute("INSERT INTO told VALUES ('contradictory entries', $1)", [held.contradictory])
