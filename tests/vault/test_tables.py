"""Column types in a model of one's own; masking of pandas, Polars and Arrow tables."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, select, text

from jiedun.errors import VaultError
from jiedun.vault.ciphers import INTL
from jiedun.vault.fields import Kind
from jiedun.vault.frames import masked
from jiedun.vault.keyring import Cost, Keyring, Use
from jiedun.vault.register import example
from jiedun.vault.types import BlindIndex, EncryptedDate, EncryptedDecimal, EncryptedString, reseal

NOW = datetime(2026, 3, 2, tzinfo=UTC)
MAKERS: list[Callable[[dict[str, Any]], Any]] = [pd.DataFrame, pl.DataFrame, pa.table]


@pytest.mark.parametrize("kind", ["intl", "gm"])
def test_a_model_gains_encryption_by_its_column_types(tmp_path: Path, kind: str) -> None:
    ring = Keyring.create(tmp_path / "ring", "pw", now=NOW, kind=kind, cost=Cost(64, 1, 1))
    loans = Table(
        "loans",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("name", EncryptedString(lambda: ring, "loans.name")),
        Column("mobile", EncryptedString(lambda: ring, "loans.mobile")),
        Column("tag", BlindIndex(lambda: ring, "loans.mobile", Kind.MOBILE)),
        Column("born", EncryptedDate(lambda: ring, "loans.born")),
        Column("sum", EncryptedDecimal(lambda: ring, "loans.sum")),
    )
    engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    loans.create(engine)
    row = {"name": "张三\ud800", "mobile": "13800001234", "tag": "13800001234",
           "born": date(1990, 1, 2), "sum": Decimal("1000.10")}  # fmt: skip
    with engine.begin() as link:
        link.execute(loans.insert(), [row, dict.fromkeys(row)])
    ring.rotate(Use.KEK, NOW)
    with engine.begin() as link:
        (found,) = link.execute(select(loans).where(loans.c.tag == "+86 138 0000 1234")).mappings()
        assert {k: found[k] for k in row if k != "tag"} == {
            k: v for k, v in row.items() if k != "tag"
        }
        empty = link.execute(select(loans).where(loans.c.name.is_(None))).mappings().one()
        assert set(dict(empty).values()) == {2, None}
        link.execute(text("UPDATE loans SET name = mobile WHERE id = 1"))
        with pytest.raises(VaultError):
            link.execute(select(loans.c.name)).all()
        link.execute(text("UPDATE loans SET name = x'0105' WHERE id = 1"))
        with pytest.raises(VaultError, match="cut"):
            link.execute(select(loans.c.name)).all()
        for odd in ({"name": 5}, {"born": "x"}, {"sum": 1.5}):
            with pytest.raises(Exception, match="takes"):
                link.execute(loans.insert().values(**odd))
    engine.dispose()
    assert b"13800001234" not in (tmp_path / "x.db").read_bytes()


def model(ring: Keyring) -> Table:
    return Table(
        "people",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("mobile", EncryptedString(lambda: ring, "people.mobile")),
        Column("tag", BlindIndex(lambda: ring, "people.mobile", Kind.MOBILE)),
    )


def test_resealed_columns_need_the_old_keys_no_more(tmp_path: Path) -> None:
    ring = Keyring.create(tmp_path / "ring", "pw", now=NOW, cost=Cost(64, 1, 1))
    people, engine = model(ring), create_engine("sqlite://")
    people.create(engine)
    numbers = [f"1380000{n:04}" for n in range(25)]
    with engine.begin() as link:
        link.execute(people.insert(), [{"mobile": n, "tag": n} for n in numbers])
        link.execute(people.insert(), [{"mobile": None, "tag": None}])
        for use in (Use.KEK, Use.INDEX):
            ring.rotate(use, NOW)
        assert reseal(link, people, {"tag": "mobile"}, batch=10) == 26
        for old in ("kek-1", "index-1"):
            ring.destroy(old)
    ring = Keyring.open(tmp_path / "ring", "pw")
    with engine.begin() as link:
        assert [r.mobile for r in link.execute(select(people.c.mobile))] == [*numbers, None]
        found = link.execute(select(people.c.id).where(people.c.tag == "+86 13800000007")).scalars()
        assert found.all() == [8]
    bare = Table("bare", MetaData(), Column("x", Integer))
    with engine.begin() as link, pytest.raises(VaultError, match="primary key"):
        reseal(link, bare, {})
    engine.dispose()


def test_a_sealed_column_is_not_compared_in_vain(tmp_path: Path) -> None:
    ring = Keyring.create(tmp_path / "ring", "pw", now=NOW, cost=Cost(64, 1, 1))
    column = model(ring).c.mobile
    for odd in (
        lambda: column == "13800001234",
        lambda: column != "1",
        lambda: column.in_(["1"]),
        lambda: column.like("138%"),
        lambda: column < "2",
        lambda: column.desc(),
    ):
        with pytest.raises(VaultError, match="BlindIndex"):
            odd()
    for fine in (column.is_(None), column.is_not(None), column == None):  # noqa: E711
        assert "NULL" in str(fine)


def rows(frame: Any) -> dict[str, list[Any]]:
    if isinstance(frame, pd.DataFrame):
        return {c: [None if pd.isna(v) else v for v in frame[c]] for c in frame.columns}
    found: dict[str, list[Any]] = (
        frame.to_dict(as_series=False) if isinstance(frame, pl.DataFrame) else frame.to_pydict()
    )
    return found


@pytest.mark.parametrize("make", MAKERS)
def test_masked_tables_are_of_the_kind_they_came_as(make: Callable[[dict[str, Any]], Any]) -> None:
    given = {
        "mobile": ["13800001234", None, "+86 139 1111 2222"],
        "姓名": ["张三", "欧阳锋", None],
        "region": ["北", "南", "东"],
    }
    frame = make(given)
    found = masked(frame, example(), columns={"姓名": "name"}, keep=frozenset({"region"}))
    assert type(found) is type(frame)
    assert rows(found) == {
        "mobile": ["138****1234", None, "139****2222"],
        "姓名": ["张*", "欧**", None],
        "region": ["北", "南", "东"],
    }
    assert rows(frame) == given
    with pytest.raises(VaultError):
        masked(frame, example(), columns={"姓名": "name"})


@pytest.mark.parametrize("make", MAKERS)
def test_pseudonyms_keep_equal_values_equal(make: Callable[[dict[str, Any]], Any]) -> None:
    frame = make({"mobile": ["13800001234", "0086-138 0000 1234", "13900000000"]})
    one, same, other = rows(masked(frame, example(), mac=INTL.mac(b"k" * 32)))["mobile"]
    assert one == same != other
    assert "138" not in one[:4]
    again = rows(masked(frame, example(), mac=INTL.mac(b"j" * 32)))["mobile"]
    assert again[0] != one
