"""The consent ledger: append-only, chained, its head outside; hostile connections show."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from jiedun.errors import JiedunError, ProofError, VaultError
from jiedun.vault.consent import Act, Event, Scope, given
from jiedun.vault.store import Vault

NOTICE = "cd" * 32
WHO = bytes(range(16))


def event(vault: Vault, receipt: str, act: Act = Act.GIVE, **changes: Any) -> Event:
    made = {
        "receipt": receipt,
        "subject": WHO,
        "purpose": "marketing",
        "scope": Scope.GENERAL,
        "act": act,
        "notice": NOTICE,
        "at": vault.clock(),
        **changes,
    }
    return Event(**made)


def give_three(vault: Vault) -> None:
    for number, act in enumerate((Act.GIVE, Act.WITHDRAW, Act.GIVE)):
        vault.ledger.record([event(vault, f"r{number}", act)], vault.clock())


def test_withdrawing_takes_the_same_call_and_the_last_act_stands(vault: Vault) -> None:
    now = vault.clock()
    vault.ledger.record([event(vault, "r1")], now)
    assert given(vault.ledger.standing(WHO, "marketing"), Scope.GENERAL)
    vault.ledger.record([event(vault, "r2", Act.WITHDRAW)], now)
    assert not given(vault.ledger.standing(WHO, "marketing"), Scope.GENERAL)
    assert [r.event.receipt for r in vault.ledger.history(WHO)] == ["r1", "r2"]
    assert vault.ledger.verify().count == 2


def test_separate_consents_do_not_stand_for_each_other(vault: Vault) -> None:
    made = [event(vault, "a", scope=Scope.PROVIDE, detail="某助贷公司"), event(vault, "b")]
    vault.ledger.record(made, vault.clock())
    standing = vault.ledger.standing(WHO, "marketing")
    assert given(standing, Scope.PROVIDE, "某助贷公司")
    assert not given(standing, Scope.PROVIDE, "另一公司")
    for scope in (Scope.SENSITIVE, Scope.PUBLISH, Scope.OVERSEAS):
        assert not given(standing, scope)


def test_a_replayed_or_older_or_future_consent_is_refused(vault: Vault) -> None:
    now = vault.clock()
    first = event(vault, "r1", at=now - timedelta(days=2))
    vault.ledger.record([first], now)
    vault.ledger.record([event(vault, "r2", Act.WITHDRAW, at=now - timedelta(days=1))], now)
    for odd in (
        first,
        event(vault, "r3", at=now - timedelta(days=2)),
        event(vault, "r4", at=now + timedelta(seconds=1)),
        event(vault, "r5", at=now.replace(tzinfo=None)),
        event(vault, "r6", notice="short"),
    ):
        with pytest.raises((VaultError, TypeError)):
            vault.ledger.record([odd], now)
    with pytest.raises(VaultError):
        vault.ledger.record([event(vault, "r7"), event(vault, "r7")], now)
    assert not given(vault.ledger.standing(WHO, "marketing"), Scope.GENERAL)


def hostile(vault: Vault, *statements: str) -> None:
    """Runs statements over a connection that is not the vault's own."""
    url = vault.data.url
    if url.get_backend_name() == "sqlite":
        with sqlite3.connect(str(url.database)) as link:
            for statement in statements:
                link.execute(statement)
        link.close()
        return
    with vault.data.begin() as other:
        for statement in statements:
            other.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent SET act = 'give'",
        "DELETE FROM consent WHERE seq = 2",
        "DELETE FROM consent",
    ],
)
def test_triggers_refuse_accidents(vault: Vault, statement: str) -> None:
    give_three(vault)
    with pytest.raises(Exception, match="append-only"):
        hostile(vault, statement)
    assert vault.ledger.verify().count == 3


def disarm(vault: Vault) -> list[str]:
    if vault.data.dialect.name == "sqlite":
        return ["DROP TRIGGER consent_no_UPDATE", "DROP TRIGGER consent_no_DELETE"]
    return ["ALTER TABLE consent DISABLE TRIGGER ALL"]


COLUMNS = "receipt, subject, purpose, scope, act, detail, notice, at"


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE consent SET act = 'give' WHERE seq = 2"],
        ["UPDATE consent SET at = '2020-01-01T00:00:00+00:00' WHERE seq = 1"],
        ["DELETE FROM consent WHERE seq = 2"],
        ["DELETE FROM consent WHERE seq = 3"],
        ["DELETE FROM consent"],
        ["DELETE FROM consent WHERE seq = 2", "UPDATE consent SET seq = 2 WHERE seq = 3"],
        [
            "UPDATE consent SET seq = 9 WHERE seq = 1",
            "UPDATE consent SET seq = 1 WHERE seq = 2",
            "UPDATE consent SET seq = 2 WHERE seq = 9",
        ],
        [
            f"INSERT INTO consent (seq, {COLUMNS}, mac) SELECT 4, 'forged', subject, purpose, scope,"
            " 'give', detail, notice, at, mac FROM consent WHERE seq = 3"
        ],
        ["UPDATE consent SET scope = 'nonsense' WHERE seq = 1"],
    ],
)
def test_the_owner_of_the_database_cannot_hide_a_change(
    vault: Vault, opener: Callable[..., Vault], statements: list[str]
) -> None:
    give_three(vault)
    hostile(vault, *disarm(vault), *statements)
    with pytest.raises(ProofError):
        vault.ledger.verify()
    with pytest.raises(ProofError):
        opener()


def test_a_forged_consent_counts_for_nothing(vault: Vault) -> None:
    vault.ledger.record([event(vault, "r1", Act.WITHDRAW)], vault.clock())
    hostile(
        vault,
        f"INSERT INTO consent (seq, {COLUMNS}, mac) SELECT 2, 'forged', subject, purpose, scope, "
        "'give', detail, notice, at, mac FROM consent WHERE seq = 1",
    )
    with pytest.raises(ProofError):
        vault.ledger.standing(WHO, "marketing")


def test_killed_between_commit_and_head_the_events_stand(
    vault: Vault, opener: Callable[..., Vault], monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.ledger.record([event(vault, "r1")], vault.clock())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(vault.ledger, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        vault.ledger.record([event(vault, "r2")], vault.clock())
    again = opener()
    assert again.ledger.verify().count == 2
    with pytest.raises(JiedunError):
        again.ledger.record([event(again, "r2")], again.clock())


def test_an_older_copy_of_the_database_shows(vault: Vault, opener: Callable[..., Vault]) -> None:
    give_three(vault)
    hostile(vault, *disarm(vault), "DELETE FROM consent WHERE seq > 1")
    with pytest.raises(ProofError, match="less than"):
        opener()
