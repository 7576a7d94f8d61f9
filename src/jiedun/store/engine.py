"""Engines that keep what they acknowledge: every commit is on the disk before it returns."""

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from jiedun.errors import UsageError

BUSY_MS = 10_000


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///PATH` or `postgresql://…`; UsageError for anything else.

    SQLite: WAL, `synchronous=FULL`, transactions take the write lock
    at once, save those with the execution option `reading`. PostgreSQL: through psycopg,
    `synchronous_commit=on`, read committed; writers lock the rows they build on.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError("the store's address cannot be read", why="not a URL") from error
    name = parsed.get_backend_name()
    if name == "sqlite":
        engine = create_engine(parsed, connect_args={"check_same_thread": False})
        event.listen(engine, "connect", _sqlite)
        event.listen(engine, "begin", _begin_immediate)
        return engine
    if name == "postgresql":
        address = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(address, pool_pre_ping=True, connect_args={"connect_timeout": 5})
        event.listen(engine, "connect", _postgresql)
        return engine
    raise UsageError(
        f"there is no store on {name}", next_step="use sqlite:///PATH or postgresql://…"
    )


def _sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _postgresql(connection: Any, _record: object) -> None:
    connection.execute("SET synchronous_commit = on")
    connection.commit()


def _begin_immediate(connection: Any) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
