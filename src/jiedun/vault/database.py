"""Engines for SQLite (default) and PostgreSQL, with the settings the vault relies on.

SQLite: WAL, `synchronous=FULL` (a commit is on the disk before it returns), `secure_delete` (what
is deleted is overwritten), and writers that take the lock when they begin, so that nobody loses
work to a late conflict. PostgreSQL: the server's `synchronous_commit`, which must not be off.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.types import TypeEngine

from jiedun.errors import VaultError

_BUSY_MS = 30_000
_COPIED = 50  # from so many rows on COPY is quicker than INSERT
_WIRE: dict[type[TypeEngine[Any]], str] = {
    LargeBinary: "bytea",
    SmallInteger: "int2",
    Integer: "int4",
    String: "text",
}
_MAINTENANCE = 0x6A696564  # any constant: names this lock among a server's advisory locks


def _sqlite(path: Path) -> Engine:
    path.touch(mode=0o600, exist_ok=True)
    engine = create_engine(
        f"sqlite:///{path}", hide_parameters=True, connect_args={"timeout": _BUSY_MS / 1000}
    )

    @event.listens_for(engine, "connect")
    def _connected(link: Any, _record: object) -> None:
        link.isolation_level = None
        for pragma in (
            "page_size=8192",
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "cache_size=-65536",
            "wal_autocheckpoint=4096",
        ):
            link.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begun(link: Connection) -> None:
        if link.get_execution_options().get("writing", False):
            link.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def connect(where: Path | str) -> Engine:
    """The engine for a SQLite file or a `postgresql://…` URL. No statement's values are ever put
    into an error. VaultError where the URL is not one of these."""
    if isinstance(where, Path):
        return _sqlite(where)
    try:
        url = make_url(where)
    except ArgumentError:
        raise VaultError("not the address of a database") from None
    if url.get_backend_name() != "postgresql":
        raise VaultError("only SQLite files and postgresql:// are known")
    return create_engine(url.set(drivername="postgresql+psycopg"), hide_parameters=True)


@contextmanager
def writing(engine: Engine, *, alone: bool = False) -> Iterator[Connection]:
    """A connection inside a write transaction; `alone` keeps other writers out meanwhile (SQLite
    always does). VaultError, without any value, where the database refuses."""
    try:
        with engine.connect().execution_options(writing=True) as link, link.begin():
            if engine.dialect.name == "postgresql":
                kind = "" if alone else "_shared"
                link.execute(
                    text(f"SELECT pg_advisory_xact_lock{kind}(:lock)"), {"lock": _MAINTENANCE}
                )
            yield link
    except SQLAlchemyError as error:
        raise failed(error) from None


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for reading, each statement seeing what is committed when it begins (as READ
    COMMITTED does in a transaction, at two fewer trips to a server). VaultError, without any value,
    where the database refuses."""
    try:
        with engine.connect() as link:
            if engine.dialect.name == "postgresql":
                link.execution_options(isolation_level="AUTOCOMMIT")
            yield link
    except SQLAlchemyError as error:
        raise failed(error) from None


def failed(error: SQLAlchemyError) -> VaultError:
    """What may be told of a database's error: its kind, never its statement or values."""
    original = getattr(error, "orig", None)
    return VaultError(
        "the database refused",
        why=type(original or error).__name__,
        next_step="nothing was kept; look at the disk and the server, then run this again",
    )


def add_rows(
    link: Connection,
    table: Table,
    rows: Sequence[tuple[Any, ...]],
    fixed: Mapping[str, int | None] = MappingProxyType({}),
) -> None:
    """Nothing; the rows are inserted by the driver itself, without the cost of building each
    statement's parameters. `fixed` holds columns that are equal in all; rows hold the others, in
    the order of the table's columns. Many rows go to PostgreSQL by COPY. VaultError, without any
    value, where the database refuses."""
    if not rows:
        return
    varying = [column for column in table.columns if column.name not in fixed]
    if link.dialect.name == "postgresql" and len(rows) >= _COPIED:
        _copy(link, table, [*varying, *(table.columns[name] for name in fixed)], rows, fixed)
        return
    columns = ", ".join(f'"{c}"' for c in [*(v.name for v in varying), *fixed])
    mark = "?" if link.dialect.name == "sqlite" else "%s"
    same = ["NULL" if value is None else str(int(value)) for value in fixed.values()]
    marks = ", ".join([mark] * len(varying) + same)
    statement = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'  # noqa: S608
    link.exec_driver_sql(statement, list(rows))


def _copy(
    link: Connection,
    table: Table,
    columns: Sequence[Column[Any]],
    rows: Sequence[tuple[Any, ...]],
    fixed: Mapping[str, int | None],
) -> None:
    names = ", ".join(f'"{column.name}"' for column in columns)
    statement = f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)'
    same = tuple(fixed.values())
    cursor = link.connection.cursor()
    try:
        with cursor.copy(statement) as into:
            into.set_types([_WIRE[type(column.type)] for column in columns])
            for row in rows:
                into.write_row(row + same)
    except Exception as error:
        raise VaultError("the database refused", why=type(error).__name__) from None
    finally:
        cursor.close()


def fetch(link: Connection, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement with `?` marks, asked of the driver itself: a third of the time."""
    if link.dialect.name != "sqlite":
        statement = statement.replace("?", "%s")
    cursor = link.connection.cursor()
    try:
        cursor.execute(statement, values)
        return [tuple(row) for row in cursor.fetchall()]
    except Exception as error:
        raise VaultError("the database refused", why=type(error).__name__) from None
    finally:
        cursor.close()


def settle(engine: Engine) -> None:
    """Nothing; what was deleted from a SQLite file is gone from its write-ahead log as well."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as link:
            link.exec_driver_sql("SELECT 1")
            raw = link.connection.driver_connection
            link.rollback()
            if raw is not None:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
