"""The gate's tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates them."""
    op.create_table(
        "gate_chain",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
    )
    op.create_table(
        "gate_log",
        sa.Column("chain", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("n", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("line", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "gate_decision",
        sa.Column("request", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(40), nullable=False, unique=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "gate_contact",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("debtor", sa.String(32), nullable=False),
        sa.Column("instant", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("expires", sa.BigInteger),
        sa.Column("lasting", sa.Boolean, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("report", sa.Text),
    )
    op.create_index("gate_contact_debtor", "gate_contact", ["debtor", "instant"])
    op.create_table(
        "gate_root",
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("chains", sa.Integer, nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.Column("public", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    """Drops them; the log goes with them, so keep a copy first."""
    for table in ("gate_root", "gate_contact", "gate_decision", "gate_log", "gate_chain"):
        op.drop_table(table)
