"""Runs migrations of the data on the connection that `jiedun.vault.migrate` gives."""

from alembic import context

from jiedun.vault.migrate import VERSIONS
from jiedun.vault.tables import DATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=DATA, version_table=VERSIONS
)
with context.begin_transaction():
    context.run_migrations()
