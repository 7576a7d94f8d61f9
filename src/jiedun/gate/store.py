"""The gate's store: what is kept of decisions, contacts, chains and signed roots, and how it is read.

The end of a chain is its version: a chain that moved since this process last saw it was moved by
another gate. What decides writes through a session (`gate.sessions`); all else is read here.
"""

import hmac
import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from jiedun.chain.files import write_new
from jiedun.chain.log import GENESIS
from jiedun.errors import ProofError
from jiedun.gate.sessions import PostgresSession, SqliteSession, open_session
from jiedun.gate.tx import Row
from jiedun.store import gate_tables as t
from jiedun.store import open_engine, upgrade

CHAINS = 1024
LINGER_S = {"sqlite": 0.0007, "postgresql": 0.0015}
"""How long a batch waits for those who are likely to ask: longer where a commit is a round trip."""
_DECISION_ID = re.compile(r"D-([0-9a-f]{4,8})-([0-9]{1,18})")


class GateStore:
    """An open store. `key` keys the pseudonyms and the chains; it never lies in the database.

    `key_of(new)` gives the key; `new` says whether the store was kept under none yet.
    """

    def __init__(self, url: str, key_of: Callable[[bool], bytes], chains: int = CHAINS) -> None:
        self.engine = open_engine(url)
        self.linger_s = LINGER_S[self.engine.dialect.name]
        self._reader = self.engine.execution_options(reading=True)
        try:
            upgrade(self.engine)
            with self.engine.begin() as connection:
                self.chains, new = _prepared(connection, chains)
                self.key = key_of(new)
                _agree(connection, self.key, pin=new)
        except (ProofError, OSError):
            self.engine.dispose()
            raise
        except SQLAlchemyError as error:
            self.engine.dispose()
            raise ProofError(
                "the store cannot be opened", why=type(error).__name__,
                next_step="check the address, the rights and the free space",
            ) from error  # fmt: skip

    def session(self) -> SqliteSession | PostgresSession:
        """A new connection that decides; ProofError where there is none to be had."""
        try:
            with self.engine.begin() as connection:
                _agree(connection, self.key, pin=True)
            return open_session(self.engine)
        except (SQLAlchemyError, OSError, self.engine.dialect.loaded_dbapi.Error) as error:
            raise ProofError("the store cannot be reached", why=type(error).__name__) from error

    def decision(self, request_or_id: str) -> Row | None:
        """One decision as stored, by the request's id or its own."""
        d, log = t.decision.c, t.log.c
        on = (d.chain == log.chain) & (d.n == log.n)
        query = select(t.decision, log.line).join_from(t.decision, t.log, on)
        named = _DECISION_ID.fullmatch(request_or_id)
        with self._reader.connect() as connection:
            found = connection.execute(query.where(d.request == request_or_id)).mappings().first()
            if found is not None:
                return dict(found)
            return named and self._by_id(connection, named)

    def _by_id(self, connection: Connection, named: re.Match[str]) -> Row | None:
        """The decision of an id, which names its line; None where that line tells of something else."""
        chain, n = int(named[1], 16), int(named[2])
        where = (t.log.c.chain == chain) & (t.log.c.n == n)
        found = connection.execute(select(t.log.c.line).where(where)).first()
        if found is None or orjson.loads(found.line)["body"].get("id") != named[0]:
            return None
        return {"chain": chain, "n": n, "line": found.line}

    def lines(self, chain: int) -> Iterator[bytes]:
        """The lines of one chain in order, not all held at once."""
        query = select(t.log.c.line).where(t.log.c.chain == chain).order_by(t.log.c.n)
        with self._reader.connect() as connection:
            found = connection.execution_options(yield_per=1000).execute(query).scalars()
            for line in found:
                yield line.encode() if isinstance(line, str) else bytes(line)

    def ends(self) -> list[tuple[int, int, str]]:
        """(chain, number of lines, hash of the last) of every chain."""
        query = select(t.chain.c.id, t.chain.c.n, t.chain.c.head).order_by(t.chain.c.id)
        with self._reader.connect() as connection:
            return [(row.id, row.n, row.head) for row in connection.execute(query)]

    def contacts(self) -> Iterator[Row]:
        """Every contact in (debtor, instant, seq) order."""
        order = (t.contact.c.debtor, t.contact.c.instant, t.contact.c.seq)
        with self._reader.connect() as connection:
            for row in connection.execute(select(t.contact).order_by(*order)).mappings():
                yield dict(row)

    def add_root(self, row: Mapping[str, Any]) -> None:
        """Nothing; a signed root is kept."""
        with self.engine.begin() as connection:
            connection.execute(insert(t.root), [dict(row)])

    def roots(self) -> list[Row]:
        """The signed roots in order."""
        with self._reader.connect() as connection:
            found = connection.execute(select(t.root).order_by(t.root.c.n)).mappings()
            return [dict(row) for row in found]

    def close(self) -> None:
        """Nothing; every connection is closed."""
        self.engine.dispose()


def _prepared(connection: Connection, chains: int) -> tuple[int, bool]:
    """How many chains the store has, made at its first opening, and whether they are all empty."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE gate_chain IN EXCLUSIVE MODE")
    count, lines = connection.execute(select(func.count(), func.sum(t.chain.c.n))).one()
    if count:
        known = connection.execute(select(t.key.c.fingerprint)).first()
        return int(count), known is None and not lines
    rows = [{"id": i, "n": 0, "head": GENESIS} for i in range(chains)]
    connection.execute(insert(t.chain), rows)
    return chains, True


def _agree(connection: Connection, key: bytes, *, pin: bool) -> None:
    """Nothing; the store is kept under this key, from now on if `pin`. ProofError where it is kept
    under another one."""
    mine = hmac.digest(key, b"jiedun.gate key of this store", "sha256").hex()
    known = connection.execute(select(t.key.c.fingerprint)).scalars().first()
    if known is None and pin:
        connection.execute(insert(t.key), [{"fingerprint": mine}])
    if known not in (None, mine):
        raise ProofError(
            "the store is kept under another key",
            why="nobody would be known again, and every count would begin anew",
            next_step="name the store's own key file with --key",
        )


def open_store(url: str, key_file: Path | None = None, chains: int = CHAINS) -> GateStore:
    """The store at `url`, with its key from `key_file` (for SQLite beside it, made if absent).

    ProofError where the key cannot be read or made, or is gone while the database is there: under
    another key nobody would be known again, and every count would begin anew.
    """
    if "://" not in url:
        url = f"sqlite:///{url}"
    path = make_url(url).database if url.startswith("sqlite") else None
    if key_file is None:
        if not path:
            raise ProofError("the store needs a key file", next_step="name one with --key FILE")
        key_file = Path(path + ".key")
    return GateStore(url, partial(_key, key_file), chains)


def _gone(path: Path) -> ProofError:
    return ProofError(
        "the store's key is gone", where=path.name, why="the store is there",
        next_step="put the key back from its copy, or name it with --key",
    )  # fmt: skip


def _key(path: Path, new: bool) -> bytes:
    try:
        if not path.exists():
            if not new:
                raise _gone(path)
            write_new(path, os.urandom(32), 0o600)
        key = path.read_bytes()
    except OSError as error:
        raise ProofError("the key file cannot be read or made", where=path.name,
                         why=error.strerror or type(error).__name__) from None  # fmt: skip
    if len(key) != 32:
        raise ProofError("the key file is not a key of 32 bytes", where=path.name)
    return key
