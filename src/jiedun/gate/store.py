"""The gate's store: one transaction decides a batch, and what it decided is on the disk after it.

The end of a chain is its lock and its version: whoever holds its row may decide the debtors on it,
and a chain that moved since this process last saw it was moved by another gate.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from jiedun.chain.files import write_new
from jiedun.chain.log import GENESIS
from jiedun.errors import ProofError
from jiedun.store import gate_tables as t
from jiedun.store import open_engine, upgrade

CHAINS = 1024

_HEADS = select(t.chain.c.id, t.chain.c.n, t.chain.c.head).where(
    t.chain.c.id.in_(bindparam("ids", expanding=True))
)
_KNOWN = select(t.decision).where(t.decision.c.request.in_(bindparam("ids", expanding=True)))
_ROWS = select(t.contact).where(
    t.contact.c.debtor.in_(bindparam("ids", expanding=True)),
    or_(t.contact.c.instant >= bindparam("since_"), t.contact.c.lasting),
)
_CONTACT = select(t.contact).where(t.contact.c.id == bindparam("id_"))
_MOVE = (
    update(t.chain)
    .where(t.chain.c.id == bindparam("id_"))
    .values(n=bindparam("n_"), head=bindparam("head_"))
)
_CHANGE = (
    update(t.contact)
    .where(t.contact.c.id == bindparam("id_"))
    .values(
        state=bindparam("state_"), facts=bindparam("facts_"), report=bindparam("report_"),
        lasting=bindparam("lasting_"),
    )
)  # fmt: skip

Row = Mapping[str, Any]


@dataclass(slots=True)
class Tx:
    """One transaction: reads now, writes at its end."""

    connection: Connection
    lines: list[dict[str, Any]] = field(default_factory=list)
    heads: dict[int, tuple[int, str]] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    fetched: dict[str, list[Row]] = field(default_factory=dict)

    def lock(self, chains: Collection[int]) -> None:
        """Nothing; the ends of `chains` are held by this transaction, in the order of their ids."""
        query = _HEADS.order_by(t.chain.c.id).with_for_update()
        for row in self.connection.execute(query, {"ids": sorted(chains)}):
            self.heads[row.id] = (row.n, row.head)

    def known(self, requests: Sequence[str]) -> dict[str, Row]:
        """The decisions made before, by request id."""
        found = self.connection.execute(_KNOWN, {"ids": list(requests)})
        return {row["request"]: dict(row) for row in found.mappings()}

    def fetch(self, wanted: Mapping[str, int]) -> None:
        """Nothing; the rows of many debtors are read at once, for `rows`."""
        asked = {"ids": list(wanted), "since_": min(wanted.values())}
        self.fetched.update({debtor: [] for debtor in wanted})
        for row in self.connection.execute(_ROWS, asked).mappings():
            self.fetched[row["debtor"]].append(dict(row))

    def rows(self, debtor: str, since: int) -> list[Row]:
        """The contacts of a debtor in the database from an instant on, and those that count for ever."""
        if debtor not in self.fetched:
            self.fetch({debtor: since})
        return [row for row in self.fetched.pop(debtor) if row["id"] not in self.contacts]

    def contact(self, contact_id: str) -> Row | None:
        """One contact as this transaction sees it."""
        if contact_id in self.contacts:
            return self.contacts[contact_id]
        if contact_id in self.changes:
            change = self.changes[contact_id]
            held = self.connection.execute(_CONTACT, {"id_": contact_id}).mappings().one()
            return {**held, "state": change["state_"], "facts": change["facts_"],
                    "report": change["report_"]}  # fmt: skip
        found = self.connection.execute(_CONTACT, {"id_": contact_id}).mappings().one_or_none()
        return None if found is None else dict(found)

    def change(self, contact_id: str, state: str, facts: str, report: str, lasting: bool) -> None:
        """Nothing; the contact has a new state and facts."""
        if contact_id in self.contacts:
            self.contacts[contact_id].update(
                state=state, facts=facts, report=report, lasting=lasting
            )
            return
        self.changes[contact_id] = {
            "id_": contact_id, "state_": state, "facts_": facts, "report_": report,
            "lasting_": lasting,
        }  # fmt: skip

    def write(self) -> None:
        """Nothing; everything gathered is in the database, not committed yet."""
        moves = [
            {"id_": c, "n_": n, "head_": h} for c, (n, h) in self.heads.items() if c in self.moved
        ]
        for statement, rows in (
            (insert(t.log), self.lines), (insert(t.decision), self.decisions),
            (insert(t.contact), list(self.contacts.values())), (_CHANGE, list(self.changes.values())),
            (_MOVE, moves),
        ):  # fmt: skip
            if rows:
                self.connection.execute(statement, rows)


class GateStore:
    """An open store. `key` keys the pseudonyms and the chains; it never lies in the database."""

    def __init__(self, url: str, key: bytes, chains: int = CHAINS) -> None:
        self.engine = open_engine(url)
        self.key = key
        try:
            upgrade(self.engine)
            self.chains = self._prepare(chains)
        except SQLAlchemyError as error:
            raise ProofError(
                "the store cannot be opened", why=type(error).__name__,
                next_step="check the address, the rights and the free space",
            ) from error  # fmt: skip

    def _prepare(self, chains: int) -> int:
        """How many chains the store has; they are made at its first opening."""
        with self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("LOCK TABLE gate_chain IN EXCLUSIVE MODE")
            held = connection.execute(select(func.count()).select_from(t.chain)).scalar_one()
            if held:
                return int(held)
            rows = [{"id": i, "n": 0, "head": GENESIS} for i in range(chains)]
            connection.execute(insert(t.chain), rows)
            return chains

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """A transaction that is committed, on the disk, when the block ends without error."""
        with self.engine.begin() as connection:
            tx = Tx(connection)
            yield tx
            tx.write()

    def decision(self, request_or_id: str) -> Row | None:
        """One decision as stored, by the request's id or its own."""
        match = or_(t.decision.c.request == request_or_id, t.decision.c.id == request_or_id)
        with self.engine.connect() as connection:
            found = connection.execute(select(t.decision).where(match)).mappings().first()
        return None if found is None else dict(found)

    def lines(self, chain: int) -> Iterable[bytes]:
        """The lines of one chain in order."""
        query = select(t.log.c.line).where(t.log.c.chain == chain).order_by(t.log.c.n)
        with self.engine.connect() as connection:
            found = connection.execute(query).scalars().all()
        return [line.encode() if isinstance(line, str) else bytes(line) for line in found]

    def ends(self) -> list[tuple[int, int, str]]:
        """(chain, number of lines, hash of the last) of every chain."""
        query = select(t.chain.c.id, t.chain.c.n, t.chain.c.head).order_by(t.chain.c.id)
        with self.engine.connect() as connection:
            return [(row.id, row.n, row.head) for row in connection.execute(query)]

    def contacts(self) -> Iterator[Row]:
        """Every contact in (debtor, instant, seq) order."""
        order = (t.contact.c.debtor, t.contact.c.instant, t.contact.c.seq)
        with self.engine.connect() as connection:
            for row in connection.execute(select(t.contact).order_by(*order)).mappings():
                yield dict(row)

    def add_root(self, row: Mapping[str, Any]) -> None:
        """Nothing; a signed root is kept."""
        with self.engine.begin() as connection:
            connection.execute(insert(t.root), [dict(row)])

    def roots(self) -> list[Row]:
        """The signed roots in order."""
        with self.engine.connect() as connection:
            found = connection.execute(select(t.root).order_by(t.root.c.n)).mappings()
            return [dict(row) for row in found]

    def close(self) -> None:
        """Nothing; every connection is closed."""
        self.engine.dispose()


def open_store(url: str, key_file: Path | None = None, chains: int = CHAINS) -> GateStore:
    """The store at `url`, with its key from `key_file` (for SQLite beside it, made if absent)."""
    if "://" not in url:
        url = f"sqlite:///{url}"
    if key_file is None:
        path = make_url(url).database if url.startswith("sqlite") else None
        if not path:
            raise ProofError("the store needs a key file", next_step="name one with --key FILE")
        key_file = Path(path + ".key")
    return GateStore(url, _key(key_file), chains)


def _key(path: Path) -> bytes:
    if not path.exists():
        write_new(path, os.urandom(32), 0o600)
    key = path.read_bytes()
    if len(key) != 32:
        raise ProofError("the key file is not a key of 32 bytes", where=path.name)
    return key
