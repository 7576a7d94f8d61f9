"""The wrapped data keys, as vaults had them before versions were kept."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ALL = sa.MetaData()
sa.Table(
    "key",
    _ALL,
    sa.Column("subject", sa.LargeBinary(16), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kek", sa.String(24), nullable=False),
    sa.Column("box", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    """Creates the table where a vault of before does not have it."""
    _ALL.create_all(op.get_bind())
