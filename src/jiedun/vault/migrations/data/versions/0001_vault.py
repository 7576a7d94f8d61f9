"""The tables of the data, as vaults had them before versions were kept."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ALL = sa.MetaData()
sa.Table(
    "subject", _ALL,
    sa.Column("id", sa.LargeBinary(16), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("cells", sa.LargeBinary, nullable=False),
    sa.Column("restricted", sa.String(40)),
    sqlite_with_rowid=False,
)  # fmt: skip
sa.Table(
    "blind", _ALL,
    sa.Column("tag", sa.LargeBinary(16), primary_key=True),
    sa.Column("field", sa.SmallInteger, primary_key=True),
    sa.Column("subject", sa.LargeBinary(16), primary_key=True),
    sa.Column("key", sa.SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
sa.Table(
    "consent", _ALL,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("receipt", sa.String(64), nullable=False, unique=True),
    sa.Column("subject", sa.LargeBinary(16), nullable=False),
    sa.Column("purpose", sa.String(64), nullable=False),
    sa.Column("scope", sa.String(16), nullable=False),
    sa.Column("act", sa.String(16), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("notice", sa.String(64), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("mac", sa.String(64), nullable=False),
    sa.Index("consent_subject", "subject", "purpose", "scope", "seq"),
)  # fmt: skip
sa.Table(
    "approval", _ALL,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("asked_by", sa.String(80), nullable=False),
    sa.Column("approved_by", sa.String(80)),
    sa.Column("terms", sa.Text, nullable=False),
    sa.Column("until", sa.String(40), nullable=False),
    sa.Column("used", sa.Integer, nullable=False),
)  # fmt: skip
sa.Table(
    "request", _ALL,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("subject", sa.LargeBinary(16), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("open", sa.Integer),
    sa.Column("steps", sa.Text, nullable=False),
    sa.Index("request_open", "subject", "kind", "open", unique=True),
)  # fmt: skip
sa.Table(
    "hold", _ALL,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("subject", sa.LargeBinary(16), nullable=False, index=True),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("until", sa.String(40)),
)  # fmt: skip
sa.Table(
    "event", _ALL,
    sa.Column("subject", sa.LargeBinary(16), primary_key=True),
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("at", sa.String(40), nullable=False),
)  # fmt: skip


def upgrade() -> None:
    """Creates the tables that a vault of before does not have."""
    _ALL.create_all(op.get_bind())
