"""The tables of the vault: data on one side, wrapped data keys on the other.

Keys live in a database of their own, so that a backup of the data holds none. Triggers refuse
UPDATE and DELETE on the consent ledger against accidents; against the owner of the database stands
the keyed chain whose head is kept outside.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from jiedun.vault.database import writing

DATA = MetaData()
KEYS = MetaData()

subject = Table(
    "subject",
    DATA,
    Column("id", LargeBinary(16), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("cells", LargeBinary, nullable=False),
    Column("restricted", String(40)),
    sqlite_with_rowid=False,
)
blind = Table(
    "blind",
    DATA,
    Column("tag", LargeBinary(16), primary_key=True),
    Column("field", SmallInteger, primary_key=True),
    Column("subject", LargeBinary(16), primary_key=True),
    Column("key", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
consent = Table(
    "consent",
    DATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("receipt", String(64), nullable=False, unique=True),
    Column("subject", LargeBinary(16), nullable=False),
    Column("purpose", String(64), nullable=False),
    Column("scope", String(16), nullable=False),
    Column("act", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("notice", String(64), nullable=False),
    Column("at", String(40), nullable=False),
    Column("mac", String(64), nullable=False),
    Index("consent_subject", "subject", "purpose", "scope", "seq"),
)
approval = Table(
    "approval",
    DATA,
    Column("id", String(32), primary_key=True),
    Column("asked_by", String(80), nullable=False),
    Column("approved_by", String(80)),
    Column("terms", Text, nullable=False),
    Column("until", String(40), nullable=False),
    Column("used", Integer, nullable=False),
)
request = Table(
    "request",
    DATA,
    Column("id", String(32), primary_key=True),
    Column("subject", LargeBinary(16), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("open", Integer),
    Column("steps", Text, nullable=False),
    Index("request_open", "subject", "kind", "open", unique=True),
    Index("request_still_open", "open"),
)
hold = Table(
    "hold",
    DATA,
    Column("id", String(32), primary_key=True),
    Column("subject", LargeBinary(16), nullable=False, index=True),
    Column("why", Text, nullable=False),
    Column("until", String(40)),
)
event = Table(
    "event",
    DATA,
    Column("subject", LargeBinary(16), primary_key=True),
    Column("kind", String(120), primary_key=True),
    Column("at", String(40), nullable=False),
)
key = Table(
    "key",
    KEYS,
    Column("subject", LargeBinary(16), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kek", String(24), nullable=False),
    Column("box", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

_SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS consent_no_{act} BEFORE {act} ON consent "
    "BEGIN SELECT RAISE(ABORT, 'the consent ledger is append-only'); END"
    for act in ("UPDATE", "DELETE")
]
_POSTGRES = [
    "CREATE OR REPLACE FUNCTION consent_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the consent ledger is append-only'; END $$",
    "CREATE OR REPLACE TRIGGER consent_no_change BEFORE UPDATE OR DELETE ON consent "
    "FOR EACH ROW EXECUTE FUNCTION consent_append_only()",
    "CREATE OR REPLACE TRIGGER consent_no_truncate BEFORE TRUNCATE ON consent "
    "FOR EACH STATEMENT EXECUTE FUNCTION consent_append_only()",
]


def create(data: Engine, keys: Engine) -> None:
    """Nothing; the tables and triggers of this program's version stand in both databases, made or
    brought forward where needed. VaultError where a newer program wrote them, or a database refuses.
    """
    from jiedun.vault import migrate

    migrate.check(data, "data")
    migrate.upgrade(keys, "keys")
    migrate.upgrade(data, "data")
    wanted = _SQLITE if data.dialect.name == "sqlite" else _POSTGRES
    with writing(data) as link:
        for statement in wanted:
            link.execute(text(statement))
