"""Database engines, tables, migrations and what differs between SQLite and PostgreSQL."""

from jiedun.store.engine import open_engine
from jiedun.store.migrate import upgrade

__all__ = ["open_engine", "upgrade"]
