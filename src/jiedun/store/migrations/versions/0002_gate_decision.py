"""A decision is kept once, in its line of the log; the table says on which line it stands."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from jiedun.errors import ProofError

revision = "0002"
down_revision = "0001"

ROWS = 5000


def upgrade() -> None:
    """Makes the table anew from the decisions' ids, which name chain and line."""
    op.rename_table("gate_decision", "gate_decision_whole")
    made = op.create_table(
        "gate_decision",
        sa.Column("request", sa.String(64), primary_key=True),
        sa.Column("chain", sa.Integer, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    for rows in _places(connection):
        connection.execute(sa.insert(made), rows)
    op.drop_table("gate_decision_whole")


def _places(connection: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    last = ""
    query = sa.text(
        "SELECT request, id, digest FROM gate_decision_whole"
        " WHERE request > :last ORDER BY request LIMIT :rows"
    )
    while rows := connection.execute(query, {"last": last, "rows": ROWS}).all():
        last = rows[-1].request
        yield [
            {"request": row.request, "chain": int(c, 16), "n": int(n), "digest": row.digest}
            for row in rows
            for _, c, n in [row.id.split("-")]
        ]


def downgrade() -> None:
    """Refused: an older program cannot read this store; keep a copy of the database instead."""
    raise ProofError(
        "the store cannot be taken back to an older version",
        why="decisions are kept in the log from this version on",
        next_step="use a copy of the database made before",
    )
