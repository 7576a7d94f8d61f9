"""The connections that decide, on the raw drivers: SQLite through `sqlite3`, PostgreSQL through psycopg.

SQLite: the write lock is taken first, and `data_version` tells whether another process wrote.
PostgreSQL: a batch is one statement. Decisions are made on the ends of chains as
last seen; the key (chain, n) of the log refuses a line that another gate has written first, and the
batch is then read and decided again with the ends locked.
"""

import json
import sqlite3
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from jiedun.gate.checkpoint import Checkpointer
from jiedun.gate.tx import Tx, Wanted

_DECISION = ("request", "chain", "n", "digest")
_KNOWN = (*_DECISION, "line")
_CONTACT = ("id", "debtor", "instant", "seq", "state", "expires", "lasting", "facts", "report")
_CHANGED = ("state", "facts", "report", "lasting", "id")
_IN = {"sqlite": "IN (SELECT value FROM json_each(?))", "postgresql": "= ANY(%s)"}
_MARK = {"sqlite": "?", "postgresql": "%s"}


def _reads(backend: str) -> dict[str, str]:
    among, mark = _IN[backend], _MARK[backend]
    contact = f"SELECT {', '.join(_CONTACT)} FROM gate_contact WHERE"  # noqa: S608 - names of ours
    return {
        "ends": f"SELECT id, n, head FROM gate_chain WHERE id {among} ORDER BY id",  # noqa: S608
        "known": f"SELECT {', '.join(_KNOWN)} FROM gate_decision JOIN gate_log USING (chain, n)"  # noqa: S608
        f" WHERE request {among}",
        "rows": f"{contact} debtor {among} AND (instant >= {mark} OR lasting)",
        "held": f"{contact} id {among}",
    }


def _put(tx: Tx, ends: Any = (), known: Any = (), rows: Any = (), held: Any = ()) -> None:
    tx.ends.update((chain, (n, head)) for chain, n, head in ends)
    tx.known.update((row[0], dict(zip(_KNOWN, row, strict=True))) for row in known)
    for row in rows:
        tx.rows[row[1]].append(dict(zip(_CONTACT, row, strict=True)))
    tx.held.update((row[0], dict(zip(_CONTACT, row, strict=True))) for row in held)


def _row(row: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple([row[name] for name in names])


_MOST_ROWS = 64
_OVER = " ON CONFLICT (id) DO UPDATE SET n = excluded.n, head = excluded.head"


@cache
def _insert_sql(table: str, names: tuple[str, ...], rows: int, over: str) -> str:
    one = f"({', '.join('?' * len(names))})"
    values = ", ".join([one] * rows)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES {values}{over}"  # noqa: S608


class SqliteSession:
    """Decides on a SQLite file."""

    conflicts: tuple[type[Exception], ...] = (sqlite3.IntegrityError,)
    errors: tuple[type[Exception], ...] = (sqlite3.Error, SQLAlchemyError, OSError)

    _READS = _reads("sqlite")
    _CHANGE = "UPDATE gate_contact SET state = ?, facts = ?, report = ?, lasting = ? WHERE id = ?"

    def __init__(self, engine: Engine) -> None:
        self._kept = engine.raw_connection()
        self._db: sqlite3.Connection = self._kept.driver_connection  # type: ignore[assignment]
        self._db.execute("PRAGMA wal_autocheckpoint = 0").close()
        self._seen: int | None = None
        self._checkpoints = Checkpointer(str(engine.url.database))

    def begin(self) -> bool:
        """Whether another connection has written since the last commit; the file is locked."""
        self._db.execute("BEGIN IMMEDIATE")
        seen: int = self._db.execute("PRAGMA data_version").fetchone()[0]
        moved, self._seen = seen != self._seen, seen
        return moved

    def read(self, tx: Tx, wanted: Wanted) -> None:
        """Nothing; what is wanted stands in `tx`."""
        ask = self._ask
        tx.rows.update((debtor, []) for debtor in wanted.debtors)
        _put(tx, ask("ends", wanted.chains), ask("known", wanted.requests),
             ask("rows", list(wanted.debtors), min(wanted.debtors.values(), default=0)),
             ask("held", wanted.contacts))  # fmt: skip

    def _ask(self, what: str, keys: list[Any], *more: int) -> Any:
        return self._db.execute(self._READS[what], (json.dumps(keys), *more)) if keys else ()

    def write(self, tx: Tx) -> None:
        """Nothing; everything is committed and on the disk."""
        self._insert("gate_log", ("chain", "n", "line"), tx.lines)
        self._insert(
            "gate_decision", _DECISION, [_row(d, _DECISION) for d in tx.decisions.values()]
        )
        self._insert("gate_contact", _CONTACT, [_row(c, _CONTACT) for c in tx.contacts.values()])
        if tx.changes:
            changed = [_row(c, _CHANGED) for c in tx.changes.values()]
            self._db.executemany(self._CHANGE, changed)
        ends = [(chain, *tx.ends[chain]) for chain in tx.moved]
        self._insert("gate_chain", ("id", "n", "head"), ends, _OVER)
        self._db.execute("COMMIT")
        self._checkpoints.wrote(self._db)

    def _insert(
        self, table: str, names: tuple[str, ...], rows: list[tuple[Any, ...]], over: str = ""
    ) -> None:
        """Nothing; many rows go in by one step, since each step lets other threads go first."""
        done = 0
        while done < len(rows):
            size = min(1 << (len(rows) - done).bit_length() - 1, _MOST_ROWS)
            values = [value for row in rows[done : done + size] for value in row]
            self._db.execute(_insert_sql(table, names, size, over), values)
            done += size

    def rollback(self) -> bool:
        """Whether the session can be used again."""
        self._seen = None
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error:
            return False
        return True

    def close(self) -> None:
        """Nothing; the connection is closed."""
        self._checkpoints.close()
        self._kept.invalidate()


_PG_READ = """SELECT
 (SELECT json_agg(json_build_array(id, n, head)) FROM gate_chain WHERE id = ANY(%b::int4[]))::text,
 (SELECT json_agg(d) FROM (SELECT request, chain, n, digest, convert_from(line, 'UTF8') AS line
  FROM gate_decision JOIN gate_log USING (chain, n) WHERE request = ANY(%b::text[])) d)::text,
 (SELECT json_agg(c) FROM gate_contact c
  WHERE debtor = ANY(%b::text[]) AND (instant >= %b OR lasting))::text,
 (SELECT json_agg(c) FROM gate_contact c WHERE id = ANY(%b::text[]))::text"""

_PG_ROWS = """SELECT json_agg(c)::text FROM gate_contact c
 WHERE debtor = ANY(string_to_array(%b, ',')) AND (instant >= %b OR lasting)"""

_PG_WRITE = """WITH l AS (INSERT INTO gate_log (chain, n, line)
 SELECT v.chain, v.n, convert_to(v.line, 'UTF8')
 FROM json_to_recordset(%s::json) AS v(chain int, n bigint, line text)),
d AS (INSERT INTO gate_decision (request, chain, n, digest) SELECT request, v.chain, v.n, digest
 FROM json_to_recordset(%s::json) AS v(request text, chain int, n bigint, digest text)),
c AS (INSERT INTO gate_contact (id, debtor, instant, seq, state, expires, lasting, facts, report)
 SELECT v.* FROM json_to_recordset(%s::json) AS v(id text, debtor text, instant bigint, seq bigint,
 state text, expires bigint, lasting bool, facts text, report text)),
u AS (UPDATE gate_contact c SET state = v.state, facts = v.facts, report = v.report, lasting = v.lasting
 FROM json_to_recordset(%s::json) AS v(id text, state text, facts text, report text, lasting bool)
 WHERE c.id = v.id)
UPDATE gate_chain c SET n = v.n, head = v.head
 FROM json_to_recordset(%s::json) AS v(id int, n bigint, head text) WHERE c.id = v.id"""
"""The key of the log refuses who comes second. The ends of the chains are changed in their order, in
PostgreSQL's present versions before anything else, so that gates wait for each other and seldom cross."""


_PG_PLANS = """SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SET jit = off"""
"""Every statement looks up few keys: plans made while the tables were empty must not walk them later."""


class PostgresSession:
    """Decides on a PostgreSQL database: a batch is one statement, which commits itself."""

    _READS = _reads("postgresql")
    _LOCK = "SELECT id, n, head FROM gate_chain WHERE id = ANY(%s) ORDER BY id FOR UPDATE"

    def __init__(self, engine: Engine) -> None:
        from psycopg import DatabaseError, Error
        from psycopg.errors import DeadlockDetected, UniqueViolation

        self.conflicts: tuple[type[Exception], ...] = (UniqueViolation, DeadlockDetected)
        self.errors: tuple[type[Exception], ...] = (Error, DatabaseError, SQLAlchemyError, OSError)
        self._kept = engine.raw_connection()
        db: Any = self._kept.driver_connection
        db.autocommit = True
        db.execute(_PG_PLANS)
        self._db, self._open = db, False

    def begin(self) -> bool:
        """False: the key of the log tells when another gate was faster."""
        self._open = False
        return False

    def read(self, tx: Tx, wanted: Wanted) -> None:
        """Nothing; what is wanted stands in `tx`; one round trip."""
        if not (wanted.lock or wanted.chains or wanted.debtors or wanted.contacts):
            return  # a request id that was used before is refused by its key
        tx.rows.update((debtor, []) for debtor in wanted.debtors)
        if wanted.lock:
            self._read_locked(tx, wanted)
            return
        since = min(wanted.debtors.values(), default=0)
        if wanted.chains or wanted.contacts:
            keys = (wanted.chains, wanted.requests, list(wanted.debtors), since, wanted.contacts)
            ends, known, rows, held = self._told(_PG_READ, keys)
        else:
            ends, known, held = (), (), ()
            (rows,) = self._told(_PG_ROWS, (",".join(wanted.debtors), since))
        tx.ends.update((chain, (n, head)) for chain, n, head in ends)
        tx.known.update((row["request"], row) for row in known)
        for row in rows:
            tx.rows[row["debtor"]].append(row)
        tx.held.update((row["id"], row) for row in held)

    def _told(self, query: str, keys: tuple[Any, ...]) -> list[Any]:
        told = self._db.execute(query, keys, prepare=True).fetchone()
        return [orjson.loads(text) if text else () for text in told]

    def _read_locked(self, tx: Tx, wanted: Wanted) -> None:
        """As `read`; the ends are locked first, so that each later statement sees what they stand for."""
        asked = {
            "known": (wanted.requests,), "held": (wanted.contacts,),
            "rows": (list(wanted.debtors), min(wanted.debtors.values(), default=0)),
        }  # fmt: skip
        with self._db.pipeline():
            self._db.execute("BEGIN")
            self._open = True
            found = {"ends": self._db.execute(self._LOCK, (wanted.chains,))}
            for name, keys in asked.items():
                if keys[0]:
                    found[name] = self._db.execute(self._READS[name], keys)
        _put(tx, **found)

    def write(self, tx: Tx) -> None:
        """Nothing; everything is committed and on the disk; one round trip."""
        if tx.moved:
            ends = _json(
                [{"id": c, "n": tx.ends[c][0], "head": tx.ends[c][1]} for c in sorted(tx.moved)]
            )
            lines = [{"chain": c, "n": n, "line": line.decode()} for c, n, line in sorted(tx.lines)]
            decisions = [
                {name: row[name] for name in _DECISION} for _, row in sorted(tx.decisions.items())
            ]
            rest = (lines, decisions, list(tx.contacts.values()), list(tx.changes.values()))
            self._db.execute(_PG_WRITE, (*map(_json, rest), ends), prepare=True)
        if self._open:
            self._db.execute("COMMIT")
            self._open = False

    def rollback(self) -> bool:
        """Whether the session can be used again."""
        from psycopg import Error

        self._open = False
        try:
            self._db.execute("ROLLBACK")
        except Error:
            return False
        return not self._db.broken

    def close(self) -> None:
        """Nothing; the connection is closed."""
        self._kept.invalidate()


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


def open_session(engine: Engine) -> SqliteSession | PostgresSession:
    """A new connection that decides."""
    return SqliteSession(engine) if engine.dialect.name == "sqlite" else PostgresSession(engine)
