"""Runs migrations of the keys on the connection that `jiedun.vault.migrate` gives."""

from alembic import context

from jiedun.vault.migrate import VERSIONS
from jiedun.vault.tables import KEYS

context.configure(
    connection=context.config.attributes["connection"], target_metadata=KEYS, version_table=VERSIONS
)
with context.begin_transaction():
    context.run_migrations()
