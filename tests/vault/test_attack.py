"""What is moved, cut, flipped or sealed under another key does not open; nothing lies in clear."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from jiedun.errors import VaultError
from jiedun.vault import tables
from jiedun.vault.access import Actor
from jiedun.vault.cells import Cell, binding, cells
from jiedun.vault.change import correct, erase, rotate_index, rotate_kek, sweep
from jiedun.vault.ciphers import unseal
from jiedun.vault.keyring import Use
from jiedun.vault.sealing import key_context
from jiedun.vault.store import Vault

pytestmark = pytest.mark.parametrize("opener", ["sqlite"], indirect=True)


def raw(vault: Vault, subject: bytes) -> bytes:
    with vault.data.connect() as link:
        found = link.execute(select(tables.subject.c.cells).where(tables.subject.c.id == subject))
        return bytes(found.scalar_one())


def put_raw(vault: Vault, subject: bytes, record: bytes) -> None:
    with vault.data.begin() as link:
        where = tables.subject.c.id == subject
        link.execute(update(tables.subject).where(where).values(cells=record))


def test_every_cut_and_every_flipped_byte_is_refused(vault: Vault, person: dict[str, str]) -> None:
    actor = Actor("a", "credit")
    one = vault.put({"name": person["name"], "mobile": person["mobile"]}, ["loan"], actor)
    whole = raw(vault, one)
    changed = [whole[:n] for n in range(len(whole))] + [whole + b"\0"]
    changed += [whole[:n] + bytes([whole[n] ^ 1]) + whole[n + 1 :] for n in range(len(whole))]
    for record in changed:
        try:
            found = vault.values(one, 1, cells(record))
        except VaultError as error:
            assert person["name"] not in str(error)
            continue
        pytest.fail(f"{len(record)} bytes opened as {sorted(found)}")


def test_cells_moved_to_another_field_subject_or_purpose_do_not_open(
    vault: Vault, person: dict[str, str]
) -> None:
    actor = Actor("a", "credit")
    one, other = vault.put_many([person, person], ["account", "loan"], actor)
    mine, theirs = cells(raw(vault, one)), cells(raw(vault, other))
    for odd in (
        Cell(mine[0].field, mine[0].purposes, mine[1].box),
        Cell(mine[0].field, mine[0].purposes[:1], mine[0].box),
        Cell(mine[0].field, (*mine[0].purposes, 5), mine[0].box),
        theirs[0],
    ):
        with pytest.raises(VaultError, match="cannot be opened"):
            vault.values(one, 1, [odd])
    put_raw(vault, one, raw(vault, other))
    with pytest.raises(VaultError):
        vault.read(one, ["name"], "loan", actor)


def test_a_subject_given_anothers_key_does_not_open(vault: Vault, person: dict[str, str]) -> None:
    actor = Actor("a", "credit")
    one, other = vault.put_many([person, person], ["loan"], actor)
    with vault.keys.begin() as link:
        box = select(tables.key.c.box).where(tables.key.c.subject == other)
        stolen = link.execute(box).scalar_one()
        link.execute(update(tables.key).where(tables.key.c.subject == one).values(box=stolen))
    with pytest.raises(VaultError, match="data key"):
        vault.read(one, ["name"], "loan", actor)


def test_an_older_cell_does_not_open_after_a_correction(
    vault: Vault, person: dict[str, str]
) -> None:
    actor = Actor("a", "credit")
    one = vault.put(person, ["loan"], actor)
    before = raw(vault, one)
    correct(vault, one, {"name": "新名"}, actor)
    put_raw(vault, one, before)
    with pytest.raises(VaultError):
        vault.read(one, ["name"], "loan", actor)


@pytest.mark.parametrize("kind", ["intl", "gm"])
def test_rotation_keeps_values_and_index_and_destroys_the_old_keys(
    opener: Callable[..., Vault], person: dict[str, str], kind: str
) -> None:
    actor = Actor("a", "credit")
    vault = opener(kind)
    ids = vault.put_many(
        [{**person, "mobile": f"1380000{n:04}"} for n in range(25)], ["loan"], actor
    )
    assert rotate_kek(vault, actor, batch=10) == 25
    assert rotate_index(vault, actor, batch=10) == 25
    assert [k.id for k in vault.ring.live(Use.KEK)] == ["kek-2"]
    vault = opener(kind)
    assert [k.id for k in vault.ring.live(Use.INDEX)] == ["index-2"]
    for number in (0, 24):
        assert vault.find("mobile", f"1380000{number:04}", "loan", actor) == [ids[number]]
        assert vault.read(ids[number], ["name"], "loan", actor)["name"].value == person["name"]


def test_another_process_learns_of_a_rotation(vault: Vault, person: dict[str, str]) -> None:
    actor = Actor("a", "credit")
    one = vault.put(person, ["loan"], actor)
    old = type(vault.ring).open(vault.ring.path, "open sesame")
    rotate_kek(vault, actor)
    vault.ring = old
    assert vault.read(one, ["name"], "loan", actor)["name"].value == person["name"]
    vault.put(person, ["loan"], actor)
    with vault.keys.connect() as link:
        assert set(link.execute(select(tables.key.c.kek)).scalars()) == {"kek-2"}


def everything(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


def test_a_dump_shows_no_value_no_key_and_no_passphrase(
    vault: Vault, person: dict[str, str], tmp_path: Path
) -> None:
    actor = Actor("a", "credit")
    one = vault.put(person, ["account", "loan"], actor)
    vault.read(one, list(person), "loan", actor)
    vault.find("mobile", person["mobile"], "loan", actor)
    dump = everything(tmp_path)
    secrets = [k.secret.reveal() for k in vault.ring._keys.values()]
    secrets += [vault.data_key(one, 1), b"open sesame"]
    for secret in [*secrets, *(v.encode() for v in person.values())]:
        assert secret not in dump
        assert secret.hex().encode() not in dump


def test_only_the_owner_may_read_the_files(vault: Vault, tmp_path: Path) -> None:
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or path.stat().st_mode & 0o077 == 0, path.name


def test_after_erasure_the_wrapped_key_is_nowhere_and_a_copy_of_the_data_does_not_open(
    vault: Vault, person: dict[str, str], tmp_path: Path
) -> None:
    actor = Actor("a", "credit")
    one = vault.put(person, ["loan"], actor)
    with vault.keys.connect() as link:
        box = bytes(link.execute(select(tables.key.c.box)).scalar_one())
    copy = raw(vault, one)
    assert box in everything(tmp_path)
    erase(vault, one, actor, "request")
    left = everything(tmp_path)
    assert box not in left
    assert copy not in left
    with vault.data.begin() as link:
        row = {"id": one, "version": 1, "cells": copy, "restricted": None}
        link.execute(tables.subject.insert().values(row))
    with pytest.raises(VaultError):
        vault.read(one, ["name"], "loan", actor)
    assert sweep(vault).rows == 1


def test_a_sweep_takes_what_a_kill_left(vault: Vault, person: dict[str, str]) -> None:
    actor = Actor("a", "credit")
    one, other = vault.put_many([person, person], ["loan"], actor)
    with vault.keys.begin() as link:
        link.execute(tables.key.delete().where(tables.key.c.subject == one))
        row = {"subject": b"x" * 16, "version": 1, "kek": "kek-1", "box": b"b"}
        link.execute(tables.key.insert().values(row))
    swept = sweep(vault)
    assert (swept.keys, swept.rows, swept.tags) == (1, 1, 2)
    assert vault.read(other, ["name"], "loan", actor)["name"].value == person["name"]


def test_errors_of_the_cipher_name_the_field_and_nothing_else(
    vault: Vault, person: dict[str, str]
) -> None:
    one = vault.put(person, ["loan"], Actor("a", "credit"))
    cell = cells(raw(vault, one))[0]
    aead = vault.ring.profile.aead(bytes(32))
    with pytest.raises(VaultError) as caught:
        unseal(aead, cell.box, binding(vault.slot_of(cell)) + one, "field mobile")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert key_context(one, 1) != key_context(one, 2)
