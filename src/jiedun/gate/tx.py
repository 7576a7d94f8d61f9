"""What one transaction has read and what it will write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Row = Mapping[str, Any]
Ends = dict[int, tuple[int, str]]


@dataclass(slots=True)
class Wanted:
    """What a batch must know. `lock`: the ends of the chains are held until the commit."""

    chains: list[int]
    debtors: dict[str, int]
    requests: list[str]
    contacts: list[str]
    lock: bool


class Session(Protocol):
    """The one connection that decides; every statement is prepared once."""

    conflicts: tuple[type[Exception], ...]
    """Another gate was faster, or the connection was lost: read again, then decide again."""
    errors: tuple[type[Exception], ...]

    def begin(self) -> bool:
        """Whether others may have written since the last commit; a transaction is open."""

    def read(self, tx: "Tx", wanted: Wanted) -> None:
        """Nothing; what is wanted stands in `tx`."""

    def write(self, tx: "Tx") -> None:
        """Nothing; everything is committed and on the disk."""

    def rollback(self) -> bool:
        """Whether the session can be used again."""

    def close(self) -> None:
        """Nothing; the connection is closed."""


@dataclass(slots=True)
class Tx:
    """One transaction: what was read, then the rows to write."""

    session: Session
    ends: Ends = field(default_factory=dict)
    known: dict[str, Row] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    held: dict[str, Row] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    lines: list[tuple[int, int, bytes]] = field(default_factory=list)
    decisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    touched: dict[str, list[str]] = field(default_factory=dict)

    def decided(self, request: str) -> Row | None:
        """The decision made before for a request id, in the store or in this transaction."""
        return self.known.get(request) or self.decisions.get(request)

    def rows_of(self, debtor: str, since: int) -> Sequence[Row]:
        """The contacts of a debtor from an instant on, and those that count for ever, as this
        transaction sees them."""
        stored = self.rows.pop(debtor, None)
        if stored is None:
            self.session.read(self, Wanted([], {debtor: since}, [], [], False))
            stored = self.rows.pop(debtor)
        mine = self.touched.get(debtor)
        if mine is None:
            return stored
        now = [row for name in mine if (row := self.contact(name)) is not None]
        return [row for row in stored if row["id"] not in mine] + now

    def contact(self, name: str) -> Row | None:
        """One contact as this transaction sees it."""
        found = self.contacts.get(name) or self.changes.get(name) or self.held.get(name)
        if found is None:
            self.session.read(self, Wanted([], {}, [], [name], False))
            found = self.held.get(name)
        return found

    def append(self, chain: int, line: bytes, head: str) -> None:
        """Nothing; the chain has one more line."""
        n = self.ends[chain][0] + 1
        self.lines.append((chain, n, line))
        self.ends[chain] = (n, head)
        self.moved.add(chain)

    def add(self, row: dict[str, Any]) -> None:
        """Nothing; there is a new contact."""
        self.contacts[row["id"]] = row
        self.touched.setdefault(row["debtor"], []).append(row["id"])

    def change(self, row: dict[str, Any]) -> None:
        """Nothing; a contact has a new state, facts and report."""
        name = row["id"]
        if name in self.contacts:
            self.contacts[name] = row
            return
        if name not in self.changes:
            self.touched.setdefault(row["debtor"], []).append(name)
        self.changes[name] = row
