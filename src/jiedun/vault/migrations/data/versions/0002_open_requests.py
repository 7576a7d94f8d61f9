"""An index of the requests that are open, and room for a purpose in the kind of an event."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Creates the index and widens the column."""
    op.create_index("request_still_open", "request", ["open"])
    with op.batch_alter_table("event") as table:
        table.alter_column("kind", type_=sa.String(120), existing_type=sa.String(40))


def downgrade() -> None:
    """Drops the index; the wider column stays, so that nothing is cut."""
    op.drop_index("request_still_open", "request")
