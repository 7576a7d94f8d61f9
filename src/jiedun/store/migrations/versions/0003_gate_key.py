"""The fingerprint of the key that a gate's store is kept under."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Creates its table; the next opening writes it."""
    op.create_table("gate_key", sa.Column("fingerprint", sa.String(64), primary_key=True))


def downgrade() -> None:
    """Drops it."""
    op.drop_table("gate_key")
