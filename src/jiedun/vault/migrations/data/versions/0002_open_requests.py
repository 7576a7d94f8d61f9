"""An index of the requests that are open: the list of those that are due reads no others."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Creates the index."""
    op.create_index("request_still_open", "request", ["open"])


def downgrade() -> None:
    """Drops it."""
    op.drop_index("request_still_open", "request")
