"""Many subjects at once: nothing random is used twice, shapes may mix, all or nothing is kept."""

import struct

import pytest
from sqlalchemy import func, select

from jiedun.chain.log import entries
from jiedun.errors import BadValue, ProofError, VaultError
from jiedun.vault import tables
from jiedun.vault.access import Actor
from jiedun.vault.cells import Slot, cells, record, shape
from jiedun.vault.change import correct, erase, sweep
from jiedun.vault.ciphers import INTL, NONCE
from jiedun.vault.database import add_rows, reading, writing
from jiedun.vault.store import Vault

MANY = 60  # enough to go to PostgreSQL by COPY


def people(count: int) -> list[dict[str, str]]:
    """Three shapes of rows in turn; every field tells whose it is."""
    rows = []
    for n in range(count):
        whole = {
            "mobile": f"1380000{n:04}",
            "name": f"甲{n}",
            "id_valid_until": f"2030-01-{n % 28 + 1:02}",
        }
        rows.append({name: whole[name] for name in list(whole)[: 3 - n % 3]})
    return rows


def count(vault: Vault) -> tuple[int, int]:
    """Rows of data and of the index."""
    with reading(vault.data) as link:
        return tuple(  # type: ignore[return-value]
            link.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (tables.subject, tables.blind)
        )


def test_mixed_shapes_come_back_to_whom_they_belong(vault: Vault, credit: Actor) -> None:
    rows = people(MANY)
    ids = vault.put_many(rows, ["loan"], credit)
    for number in range(0, MANY, 7):
        who = Actor(f"a{number}", "credit")
        seen = vault.read(ids[number], list(rows[number]), "loan", who)
        assert {name: shown.value for name, shown in seen.items()} == rows[number]
        assert vault.find("mobile", rows[number]["mobile"], "loan", who) == [ids[number]]
    correct(vault, ids[0], {"name": "乙"}, credit)
    erase(vault, ids[1], credit, "x")
    assert vault.read(ids[0], ["name"], "loan", credit)["name"].value == "乙"
    assert count(vault)[0] == MANY - 1


def test_no_nonce_and_no_data_key_is_used_twice(vault: Vault, credit: Actor) -> None:
    ids = vault.put_many(people(MANY), ["loan"], credit)
    with reading(vault.data) as link:
        records = link.execute(select(tables.subject.c.cells)).scalars().all()
    with reading(vault.keys) as link:
        boxes = link.execute(select(tables.key.c.box)).scalars().all()
    nonces = [cell.box[:NONCE] for raw in records for cell in cells(bytes(raw))]
    nonces += [bytes(box)[:NONCE] for box in boxes]
    assert len(nonces) == len(set(nonces)) == MANY * 2 + MANY
    assert len({vault.data_key(one, 1) for one in ids}) == MANY


def test_too_few_values_or_nonces_make_no_record() -> None:
    aead = INTL.aead(bytes(32))
    two = shape([Slot(1, "a", (1,), ("p",)), Slot(2, "b", (1,), ("p",))])
    whole = record(aead, b"s" * 16, two, [b"x", b"y"], [b"n" * NONCE, b"m" * NONCE])
    assert [cell.field for cell in cells(whole)] == [1, 2]
    for values, nonces in (([b"x"], 2), ([b"x", b"y"], 1), ([b"x"], 1)):
        with pytest.raises(struct.error):
            record(aead, b"s" * 16, two, values, [b"n" * NONCE] * nonces)


@pytest.mark.parametrize("odd", [5, None, b"x", "x" * ((16 << 20) + 1)])
def test_one_bad_value_keeps_the_whole_batch_out(vault: Vault, credit: Actor, odd: object) -> None:
    rows = [*people(MANY), {"name": odd}]
    with pytest.raises(BadValue, match="name"):
        vault.put_many(rows, ["loan"], credit)  # type: ignore[arg-type]
    assert count(vault) == (0, 0)
    assert list(entries(vault.log.path)) == []


def test_what_is_not_written_down_is_not_kept(
    vault: Vault, credit: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ProofError("the log cannot be written")

    assert count(vault) == (0, 0)  # a read before leaves no connection that commits by itself
    with monkeypatch.context() as patch:
        patch.setattr(vault.log, "note", broken)
        with pytest.raises(ProofError):
            vault.put_many(people(MANY), ["loan"], credit)
    assert count(vault) == (0, 0)
    assert sweep(vault).keys == MANY


@pytest.mark.parametrize("many", [2, MANY])
def test_a_refused_row_tells_no_value_and_leaves_nothing(
    vault: Vault, many: int, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [(b"value in a row!!", b"cells")] * many
    with pytest.raises(VaultError) as caught, writing(vault.data) as link:
        add_rows(link, tables.subject, rows, {"version": 1, "restricted": None})
    told = f"{caught.value!s} {caught.value.why} {caught.value.where} {caplog.text}"
    assert "value in" not in told
    assert caught.value.__suppress_context__
    assert b"value in".hex() not in told
    assert count(vault) == (0, 0)
