"""Requests, holds, retention: state machines, clocks, duplicates, races, and bulk approval."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from jiedun.chain.log import entries
from jiedun.errors import BadValue, VaultError
from jiedun.vault import bulk, retention, rights
from jiedun.vault.access import Actor, Limits
from jiedun.vault.bulk import Terms
from jiedun.vault.change import erase, stop_purposes
from jiedun.vault.fields import HIDDEN
from jiedun.vault.rights import Kind, State
from jiedun.vault.store import Vault

CLERK = Actor("clerk", "service")
BOSS = Actor("boss", "service")


def opened(vault: Vault, subject: bytes, kind: Kind) -> str:
    number = rights.receive(vault, subject, kind, CLERK).id
    rights.step(vault, number, State.IDENTITY, CLERK)
    rights.step(vault, number, State.OPEN, CLERK, "证件当面核对")
    return number


def test_a_copy_is_machine_readable_and_says_for_what(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    one = vault.put(person, ["account", "loan"], credit)
    copy = rights.fulfil(vault, opened(vault, one, Kind.COPY), CLERK)
    assert {f["field"]: f["value"] for f in copy["fields"]} == person
    assert next(f for f in copy["fields"] if f["field"] == "mobile")["purposes"] == [
        "account",
        "loan",
    ]
    assert list(entries(vault.log.path))[-2].kind == "read"


def test_correction_withdrawal_and_explanation(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    one = vault.put({**person, "email": "a@b.cn"}, ["loan", "marketing"], credit)
    number = opened(vault, one, Kind.CORRECTION)
    with pytest.raises(VaultError):
        rights.fulfil(vault, number, CLERK, {})
    with pytest.raises(BadValue):
        rights.fulfil(vault, number, CLERK, {"mobile": "12345"})
    assert rights.load(vault, number).state is State.OPEN
    rights.fulfil(vault, number, CLERK, {"name": "新名"})
    assert vault.read(one, ["name"], "loan", credit)["name"].value == "新名"
    ended = rights.fulfil(vault, opened(vault, one, Kind.WITHDRAWAL), CLERK)
    assert ended["ended"] == ["marketing", "correspondence"]
    assert vault.read(one, ["email"], "marketing", CLERK)["email"].value is None
    assert rights.load(vault, number).state is State.DONE


def test_deletion_proves_itself_and_nothing_can_be_exported_after(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    one = vault.put(person, ["loan"], credit)
    copy = opened(vault, one, Kind.COPY)
    done = rights.fulfil(vault, opened(vault, one, Kind.DELETION), CLERK)
    assert (done["keys_destroyed"], done["index_rows_gone"], done["rows_gone"]) == (1, 2, 1)
    for late in (lambda: rights.fulfil(vault, copy, CLERK), lambda: erase(vault, one, CLERK, "x")):
        with pytest.raises(VaultError):
            late()


def test_under_a_hold_deletion_restricts_and_says_so(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    one = vault.put(person, ["loan"], credit)
    hold = rights.place_hold(vault, one, "lawsuit", BOSS)
    done = rights.fulfil(vault, opened(vault, one, Kind.DELETION), CLERK)
    assert done["restricted"] is True
    assert vault.read(one, ["name"], "loan", credit)["name"].value == HIDDEN
    for forbidden in (
        lambda: erase(vault, one, CLERK, "x"),
        lambda: stop_purposes(vault, one, ["loan"], CLERK),
    ):
        with pytest.raises(VaultError, match="legal hold"):
            forbidden()
    rights.lift_hold(vault, hold, BOSS)
    assert erase(vault, one, CLERK, "hold over").keys == 1


def test_a_hold_ends_by_itself(vault: Vault, credit: Actor, person: dict[str, str]) -> None:
    one = vault.put(person, ["loan"], credit)
    rights.place_hold(vault, one, "audit", BOSS, vault.clock() + timedelta(days=3))
    with pytest.raises(VaultError):
        erase(vault, one, CLERK, "x")
    vault.clock.move(days=4)  # type: ignore[attr-defined]
    assert erase(vault, one, CLERK, "x").rows == 1


@pytest.mark.parametrize(
    ("steps", "note"),
    [
        ([State.OPEN], ""),
        ([State.REFUSED], " "),
        ([State.DONE], "x"),
        ([State.IDENTITY, State.RECEIVED], "x"),
        ([State.DROPPED, State.OPEN], "x"),
        ([State.REFUSED, State.OPEN], "x"),
    ],
)
def test_steps_that_are_not_open(vault: Vault, steps: list[State], note: str) -> None:
    number = rights.receive(vault, b"s" * 16, Kind.COPY, CLERK).id
    with pytest.raises(VaultError):
        for to in steps:
            rights.step(vault, number, to, CLERK, note)


def test_not_open_is_not_carried_out(vault: Vault) -> None:
    number = rights.receive(vault, b"s" * 16, Kind.DELETION, CLERK).id
    with pytest.raises(VaultError):
        rights.fulfil(vault, number, CLERK)
    with pytest.raises(VaultError):
        rights.load(vault, "none")


def test_the_house_clock_is_not_called_law(vault: Vault) -> None:
    one = rights.receive(vault, b"s" * 16, Kind.COPY, CLERK)
    assert not one.overdue(vault.clock())
    assert one.overdue(vault.clock() + timedelta(days=16))
    assert "不是法定期限" in rights.CLOCK.zh


def test_duplicates_and_races_give_one_request(vault: Vault) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(rights.receive, vault, b"s" * 16, Kind.COPY, CLERK) for _ in range(4)]
        assert len({m.result().id for m in made}) == 1
    assert rights.receive(vault, b"s" * 16, Kind.DELETION, CLERK).id != made[0].result().id
    rights.step(vault, made[0].result().id, State.DROPPED, CLERK)
    assert rights.receive(vault, b"s" * 16, Kind.COPY, CLERK).id != made[0].result().id


def test_retention_deletes_what_is_over_and_says_under_which_rule(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    one, held = vault.put_many([person, person], ["account", "loan", "collection"], credit)
    rights.place_hold(vault, held, "lawsuit", BOSS)
    for subject in (one, held):
        retention.happened(vault, subject, "loan_settled", vault.clock(), CLERK)
    with pytest.raises(VaultError):
        retention.happened(vault, one, "rained", vault.clock(), CLERK)
    first = retention.sweep(vault, CLERK)
    assert {(d.subject, d.purposes, d.deferred) for d in first} == {
        (one, ("collection",), False),
        (held, ("collection",), True),
    }
    assert retention.sweep(vault, CLERK)[-1].subject == held
    vault.clock.move(days=1096)  # type: ignore[attr-defined]
    rules = {r for d in retention.sweep(vault, CLERK) if d.subject == one for r in d.rules}
    assert rules == {"loan: 1095d after loan_settled"}
    seen = vault.read(one, ["mobile", "bank_card"], "account", CLERK)
    assert seen["bank_card"].value is None
    assert seen["mobile"].value == "13800001234"
    assert any(e.kind == "retention" for e in entries(vault.log.path))


def test_bulk_needs_a_second_person(
    opener: Callable[..., Vault], credit: Actor, person: dict[str, str]
) -> None:
    vault = opener(limits=Limits(per_minute=2, per_day=2))
    ids = vault.put_many([person] * 5, ["loan"], credit)
    number = bulk.ask(vault, Terms("loan", ("name",), 5, "quarterly audit"), credit)
    with pytest.raises(VaultError):
        bulk.read_many(vault, number, ids, credit)
    with pytest.raises(VaultError, match="second person"):
        bulk.approve(vault, number, credit)
    bulk.approve(vault, number, BOSS)
    with pytest.raises(VaultError):
        bulk.approve(vault, number, Actor("third", "service"))
    with pytest.raises(VaultError):
        bulk.read_many(vault, number, ids, BOSS)
    shown = bulk.read_many(vault, number, ids[:3], credit)
    assert [s["name"].value for s in shown] == [person["name"]] * 3
    vault.read(ids[4], ["name"], "loan", credit)  # what was approved does not use up the pace
    with pytest.raises(VaultError, match="fewer"):
        bulk.read_many(vault, number, ids[:3], credit)
    vault.clock.move(hours=9)  # type: ignore[attr-defined]
    with pytest.raises(VaultError, match="run out"):
        bulk.read_many(vault, number, ids[:1], credit)
