"""Schema versions by Alembic: `upgrade` brings a store to the version this program writes."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine


def upgrade(engine: Engine, to: str = "head") -> None:
    """Nothing; the store has the schema of revision `to`. Does nothing where it has it already."""
    config = Config()
    with as_file(files("jiedun.store") / "migrations") as folder:
        config.set_main_option("script_location", str(folder))
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7215301)")
            config.attributes["connection"] = connection
            command.upgrade(config, to)
