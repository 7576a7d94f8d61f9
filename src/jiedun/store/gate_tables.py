"""The tables of the gate. No column holds a name, a number or words: pseudonyms and facts only."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

chain = Table(
    "gate_chain", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("n", BigInteger, nullable=False),
    Column("head", String(64), nullable=False),
)  # fmt: skip
"""The end of every chain; its row is the lock under which the debtors on it are decided."""

log = Table(
    "gate_log", metadata,
    Column("chain", Integer, primary_key=True, autoincrement=False),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("line", LargeBinary, nullable=False),
)  # fmt: skip
"""The lines of the chains, in the one spelling of `jiedun.chain.log`."""

decision = Table(
    "gate_decision", metadata,
    Column("request", String(64), primary_key=True),
    Column("chain", Integer, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
"""On which line of which chain the decision for a request stands."""

contact = Table(
    "gate_contact", metadata,
    Column("id", String(40), primary_key=True),
    Column("debtor", String(32), nullable=False),
    Column("instant", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("expires", BigInteger),
    Column("lasting", Boolean, nullable=False),
    Column("facts", Text, nullable=False),
    Column("report", Text),
    Index("gate_contact_debtor", "debtor", "instant"),
)  # fmt: skip
"""One row a contact: `reserved`, `settled`, `released` or a `refusal` told in another one."""

root = Table(
    "gate_root", metadata,
    Column("n", Integer, primary_key=True),
    Column("at", String(40), nullable=False),
    Column("chains", Integer, nullable=False),
    Column("root", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
    Column("public", String(64), nullable=False),
)  # fmt: skip
"""Signed roots over the heads of all chains; keep copies of them elsewhere."""

key = Table("gate_key", metadata, Column("fingerprint", String(64), primary_key=True))
"""What tells the key of the store from every other one, and tells nothing of it."""
