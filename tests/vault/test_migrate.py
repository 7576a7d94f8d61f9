"""Schema versions: an older vault is brought forward whole, a newer one is refused untouched."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from jiedun.errors import VaultError
from jiedun.vault import change, migrate, rights, tables
from jiedun.vault.access import Actor, verify
from jiedun.vault.consent import Scope, given
from jiedun.vault.database import connect
from jiedun.vault.keyring import Keyring
from jiedun.vault.register import example
from jiedun.vault.store import Places, Vault, open_vault

OLDER = Path(__file__).with_name("older")  # written by the program before it kept versions
MIGRATIONS = Path(migrate.__file__).with_name("migrations")
FIELDS = ["mobile", "name", "bank_card"]


def older(folder: Path) -> Places:
    """The older vault, laid out in an empty folder."""
    for name in ("data", "keys"):
        with sqlite3.connect(folder / f"{name}.db") as link:
            link.executescript((OLDER / f"{name}.sql").read_text("utf-8"))
        link.close()
    (folder / "outside").mkdir()
    shutil.copy(OLDER / "access.log", folder)
    shutil.copy(OLDER / "heads.log", folder / "outside")
    return Places.below(folder)


def both(vault: Vault) -> list[tuple[Engine, str]]:
    return [(vault.data, "data"), (vault.keys, "keys")]


def test_an_older_vault_is_brought_forward_with_nothing_lost(
    tmp_path: Path, clock: Callable[..., object], credit: Actor
) -> None:
    places = older(tmp_path)
    one, two = (bytes.fromhex(x) for x in (OLDER / "subjects.txt").read_text().split())
    ring = Keyring.open(OLDER / "keyring.json", "open sesame")
    with open_vault(places, ring, example(), clock=clock) as vault:  # type: ignore[arg-type]
        assert [migrate.version(e) for e, _ in both(vault)] == ["0002", "0001"]
        seen = vault.read(one, FIELDS, "loan", credit)
        assert [seen[f].value for f in FIELDS] == ["13800001234", "欧阳测试", "6222020000000000000"]
        assert vault.find("mobile", "13900001234", "loan", credit) == [two]
        assert given(vault.ledger.standing(one, "loan"), Scope.SENSITIVE, "bank_card")
        assert vault.ledger.verify().count == 1
        assert change.held(vault, two) and not change.held(vault, one)
        assert [r.subject for r in rights.still_open(vault)] == [one]
        assert verify(vault.log.path).count == 6
        with pytest.raises(Exception, match="append-only"), vault.data.begin() as link:
            link.execute(text("DELETE FROM consent"))


def test_tables_of_before_are_brought_forward_on_a_server(
    postgres: Callable[[Places], Places], tmp_path: Path
) -> None:
    data = connect(postgres(Places.below(tmp_path)).data)
    migrate.upgrade(data, "data", "0001")
    row = {"id": "r", "subject": b"s" * 16, "kind": "copy", "state": "open", "open": 1, "steps": ""}
    with data.begin() as link:
        link.execute(tables.request.insert().values(row))
        link.execute(text("DROP TABLE vault_version"))
    assert migrate.upgrade(data, "data") and migrate.version(data) == "0002"
    with data.begin() as link:
        assert link.execute(text("SELECT id FROM request")).scalar() == "r"
    data.dispose()


def test_a_newer_vault_is_refused_and_not_touched(
    vault: Vault, opener: Callable[..., Vault]
) -> None:
    for engine, which in both(vault):
        with engine.begin() as link:
            link.execute(text("UPDATE vault_version SET version_num = '9001'"))
        with pytest.raises(VaultError, match="newer version") as caught:
            opener()
        assert which in str(caught.value)
        assert migrate.version(engine) == "9001"
        with engine.begin() as link:
            link.execute(text(f"UPDATE vault_version SET version_num = '{migrate.HEADS[which]}'"))
        engine.dispose()
    assert opener().ledger.verify().count == 0


def test_migrations_end_where_the_tables_are(vault: Vault) -> None:
    for (engine, which), wanted in zip(both(vault), (tables.DATA, tables.KEYS), strict=True):
        with engine.connect() as link:
            found = MigrationContext.configure(link, opts={"version_table": migrate.VERSIONS})
            assert compare_metadata(found, wanted) == []
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS / which))
        assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEADS[which]


def test_a_vault_at_this_version_is_left_alone(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_run", lambda *_: pytest.fail("nothing was to be done"))
    assert [migrate.upgrade(*one) for one in both(vault)] == [False, False]


def test_killed_while_brought_forward_it_is_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = older(tmp_path)
    whole = migrate._run

    def killed(*args: object) -> None:
        whole(*args)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    data = connect(places.data)
    monkeypatch.setattr(migrate, "_run", killed)
    with pytest.raises(KeyboardInterrupt):
        migrate.upgrade(data, "data")
    assert migrate.version(data) is None
    monkeypatch.setattr(migrate, "_run", whole)
    assert migrate.upgrade(data, "data")
    with data.connect() as link:
        assert link.execute(text("SELECT count(*) FROM subject")).scalar() == 2
    data.dispose()
