"""Schema versions of the vault's two databases by Alembic.

A vault made before versions were kept counts as version 0. What is at the version of this program
costs one query; otherwise the database is brought forward in one transaction, other writers kept out.
Values are never touched: they are sealed, and a change of schema needs no key.
"""

from importlib.resources import as_file, files

from sqlalchemy import Connection, Engine, inspect, text

from jiedun.errors import VaultError
from jiedun.vault.database import reading, writing

VERSIONS = "vault_version"
HEADS = {"data": "0002", "keys": "0001"}
_NOW = text(f"SELECT version_num FROM {VERSIONS}")  # noqa: S608 - a constant


def version(engine: Engine) -> str | None:
    """The schema version of a database; None where it holds no vault, or one from before versions."""
    with reading(engine) as link:
        return _version(link)


def _version(link: Connection) -> str | None:
    if not inspect(link).has_table(VERSIONS):
        return None
    return link.execute(_NOW).scalar()


def check(engine: Engine, which: str) -> str | None:
    """`version`; VaultError where a newer program wrote the database."""
    found = version(engine)
    if found is not None and found > HEADS[which]:
        raise VaultError(
            "this vault was written by a newer version of this program",
            where=f"{which}, schema {found[:8]}; known up to {HEADS[which]}",
            next_step="install the newer version; nothing was changed",
        )
    return found


def upgrade(engine: Engine, which: str, to: str | None = None) -> bool:
    """Whether anything had to be done to bring the database `which` (data or keys) to version `to`,
    this program's own by default. VaultError where a newer program wrote it; nothing is changed then.
    """
    wanted = to or HEADS[which]
    if check(engine, which) == wanted:
        return False
    with writing(engine, alone=True) as link:
        _run(link, which, wanted)
    return True


def _run(link: Connection, which: str, to: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    with as_file(files("jiedun.vault") / "migrations" / which) as folder:
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = link
        command.upgrade(config, to)
