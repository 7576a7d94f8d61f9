"""Schema versions by Alembic: `upgrade` brings a store to the version this program writes."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine

from jiedun.errors import ProofError


def upgrade(engine: Engine, to: str = "head") -> None:
    """Nothing; the store has the schema of revision `to`. Does nothing where it has it already.

    ProofError where a newer version has written it.
    """
    config = Config()
    with as_file(files("jiedun.store") / "migrations") as folder:
        config.set_main_option("script_location", str(folder))
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7215301)")
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, to)
            except CommandError as error:
                raise ProofError(
                    "the store's schema is not known to this version",
                    why="a newer version has written it",
                    next_step="install that version again",
                ) from error
