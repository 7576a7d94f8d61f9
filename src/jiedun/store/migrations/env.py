"""Runs migrations on the connection that `jiedun.store.migrate` gives."""

from alembic import context

from jiedun.store.gate_tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
