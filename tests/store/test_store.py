"""Engines: what they promise is set; migrations make exactly the tables the code speaks of."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, select, text

from jiedun.errors import ProofError, UsageError
from jiedun.gate.store import open_store
from jiedun.store import open_engine, upgrade
from jiedun.store.gate_tables import decision, metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "sqlite":
        return open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    make: Callable[[], str] = request.getfixturevalue("new_database")
    return open_engine(make())


def test_migrations_make_the_tables_of_the_code(engine: Engine) -> None:
    upgrade(engine)
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert {"gate_chain", "gate_log"} <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_commits_reach_the_disk(engine: Engine) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        else:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    engine.dispose()


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite+x"])
def test_other_stores_are_refused(url: str) -> None:
    with pytest.raises(UsageError):
        open_engine(url)


def test_a_store_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    (tmp_path / "k").write_bytes(b"short")
    with pytest.raises(ProofError, match="32 bytes"):
        open_store(str(tmp_path / "a.db"), tmp_path / "k")
    with pytest.raises(ProofError, match="cannot be opened"):
        open_store(str(tmp_path / "absent" / "a.db"), tmp_path / "key2")


def test_decisions_kept_whole_by_an_older_version_are_found(engine: Engine) -> None:
    upgrade(engine, "0001")
    rows = [
        {"r": f"q{i:05}", "id": f"D-{i % 1024:04x}-{i // 1024 + 1}", "d": f"{i:064}", "b": "{}"}
        for i in range(12_000)
    ]
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO gate_decision VALUES (:r, :id, :d, :b)"), rows)
    upgrade(engine)
    with engine.connect() as connection:
        found = connection.execute(select(decision).order_by(decision.c.request)).all()
    assert found == [(f"q{i:05}", i % 1024, i // 1024 + 1, f"{i:064}") for i in range(12_000)]
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'k.db'}"
    found: str = request.getfixturevalue("new_database")()
    return found


def test_a_store_is_opened_with_its_own_key_only(url: str, tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    open_store(url, mine, chains=4).close()
    open_store(url, mine).close()
    other.write_bytes(bytes(32))
    with pytest.raises(ProofError, match="another key"):
        open_store(url, other)
    mine.rename(tmp_path / "away")
    with pytest.raises(ProofError, match="key is gone"):
        open_store(url, mine)
    assert not mine.exists()


def test_a_store_of_an_older_version_takes_the_key_it_is_opened_with(
    engine: Engine, tmp_path: Path
) -> None:
    upgrade(engine, "0002")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO gate_chain VALUES (0, 3, 'x')"))
    url = engine.url.render_as_string(hide_password=False)
    with pytest.raises(ProofError, match="key is gone"):
        open_store(url, tmp_path / "absent")
    (tmp_path / "wrong").write_bytes(b"1" * 32)
    open_store(url, tmp_path / "wrong").close()  # looking at a store is not keeping it
    (tmp_path / "key").write_bytes(bytes(32))
    store = open_store(url, tmp_path / "key")
    store.session().close()
    store.close()
    with pytest.raises(ProofError, match="another key"):
        open_store(url, tmp_path / "wrong")
    engine.dispose()


def test_a_key_that_cannot_be_made_leaves_a_store_that_can_be_opened(tmp_path: Path) -> None:
    url = str(tmp_path / "a.db")
    with pytest.raises(ProofError, match="cannot be read or made"):
        open_store(url, tmp_path / "absent" / "k")
    (tmp_path / "absent").mkdir()
    open_store(url, tmp_path / "absent" / "k").close()


def test_a_store_of_a_newer_version_is_refused(engine: Engine, tmp_path: Path) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ProofError, match="not known to this version"):
        open_store(engine.url.render_as_string(hide_password=False), tmp_path / "k")
    engine.dispose()
