"""Putting away and reading: by purpose, class, role and consent; look-up; pace; the log first."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiedun.chain.log import entries
from jiedun.errors import BadValue, ProofError, VaultError
from jiedun.vault import access
from jiedun.vault.access import Actor, Limits
from jiedun.vault.change import correct, erase, keep_for, restrict, stop_purposes
from jiedun.vault.consent import Act, Event, Scope
from jiedun.vault.fields import HIDDEN
from jiedun.vault.store import Vault

NOTICE = "ab" * 32
SERVICE = Actor("li.si", "service")


def consented(vault: Vault, subject: bytes, field: str, act: Act = Act.GIVE) -> None:
    receipt = f"{subject.hex()[-8:]}-{field}-{act}"
    event = Event(receipt, subject, "loan", Scope.SENSITIVE, act, NOTICE, vault.clock(), field)
    vault.ledger.record([event], vault.clock())


def test_values_come_back_by_purpose_role_class_and_consent(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    one = vault.put(person, ["account", "loan"], credit)
    consented(vault, one, "bank_card")
    fields = ["mobile", "name", "bank_card", "id_number", "address"]
    seen = vault.read(one, fields, "loan", credit)
    assert seen["mobile"].value == "13800001234"
    assert seen["bank_card"].value == person["bank_card"]
    assert (seen["id_number"].value, seen["id_number"].decision.reason) == (
        HIDDEN,
        "separate_consent",
    )
    assert seen["address"].value is None
    masked = vault.read(one, fields, "loan", SERVICE)
    assert masked["mobile"].value == "138****1234"
    assert masked["name"].value == "欧***"
    assert masked["bank_card"].value == "*" * 15 + "0000"
    assert masked["mobile"].decision.reason == "class"
    other = vault.read(one, ["mobile", "bank_card"], "marketing", Actor("w", "marketing"))
    assert {s.decision.reason for s in other.values()} == {"purpose"}
    assert {s.value for s in other.values()} == {HIDDEN}


def test_withdrawn_consent_hides_at_once(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    one = vault.put(person, ["loan"], credit)
    consented(vault, one, "bank_card")
    consented(vault, one, "bank_card", Act.WITHDRAW)
    assert vault.read(one, ["bank_card"], "loan", credit)["bank_card"].value == HIDDEN


def test_no_value_or_key_shows_in_a_repr(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    one = vault.put(person, ["loan"], credit)
    shown = repr(vault.read(one, ["mobile"], "loan", credit)) + repr(vault.ring) + repr(vault)
    assert "1380000" not in shown
    for named in vault.ring._keys.values():
        assert named.secret.reveal().hex() not in repr(named)
        assert repr(named.secret.reveal()) not in repr(named)


def test_the_access_is_written_before_the_value_is_returned(
    vault: Vault, credit: Actor, person: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = vault.put(person, ["loan"], credit)

    def broken(*_: object) -> None:
        raise ProofError("the log cannot be written")

    opened: list[int] = []
    monkeypatch.setattr(vault.log, "read", broken)
    monkeypatch.setattr(type(vault), "data_key", lambda *_: opened.append(1))
    with pytest.raises(ProofError):
        vault.read(one, ["mobile"], "loan", credit)
    assert opened == []


def test_the_log_names_purpose_and_actor_and_no_value(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    one = vault.put(person, ["loan"], credit)
    vault.read(one, ["mobile"], "loan", credit)
    vault.find("mobile", "+86 138-0000-1234", "loan", credit)
    lines = list(entries(vault.log.path))
    assert [e.kind for e in lines] == ["put", "read", "find"]
    assert lines[1].body == {
        "actor": "zhang.san",
        "role": "credit",
        "subject": one.hex(),
        "purpose": "loan",
        "fields": {"mobile": "clear"},
    }
    assert b"1380000" not in vault.log.path.read_bytes()
    assert access.verify(vault.log.path, vault.log.head).count == 3


def test_find_by_any_spelling_and_refuse_other_roles(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    one = vault.put(person, ["loan"], credit)
    vault.put({**person, "mobile": "13900009999"}, ["loan"], credit)
    for written in (
        "13800001234",
        "+86 138 0000 1234",
        "１３８００００１２３４",
        "0086-13800001234",
    ):
        assert vault.find("mobile", written, "loan", credit) == [one]
    assert vault.find("mobile", "13800001235", "loan", credit) == []
    for field, purpose, actor in (
        ("name", "loan", credit),
        ("mobile", "payment", credit),
        ("mobile", "loan", Actor("x", "visitor")),
    ):
        with pytest.raises(VaultError):
            vault.find(field, "x", purpose, actor)


def test_an_insider_reading_one_after_the_other_is_stopped(
    opener: Callable[..., Vault], clock: "object", credit: Actor, person: dict[str, str]
) -> None:
    vault = opener(limits=Limits(per_minute=5, per_day=8))
    ids = vault.put_many([person] * 20, ["loan"], credit)
    for one in ids[:5]:
        vault.read(one, ["name"], "loan", credit)
    with pytest.raises(VaultError, match="as one person may"):
        vault.read(ids[5], ["name"], "loan", credit)
    vault.read(ids[5], ["name"], "loan", Actor("wang", "credit"))
    vault.clock.move(minutes=2)  # type: ignore[attr-defined]
    vault = opener(limits=Limits(per_minute=5, per_day=8))  # a restart forgets nothing
    for one in ids[5:8]:
        vault.read(one, ["name"], "loan", credit)
    with pytest.raises(VaultError):
        vault.read(ids[9], ["name"], "loan", credit)
    vault.clock.move(days=-3)  # type: ignore[attr-defined]
    with pytest.raises(VaultError):
        vault.read(ids[9], ["name"], "loan", credit)


def test_trying_numbers_one_after_the_other_is_stopped(
    opener: Callable[..., Vault], credit: Actor
) -> None:
    vault = opener(limits=Limits(per_minute=5, per_day=100))
    with pytest.raises(VaultError, match="as one person may"):
        for number in range(7):
            assert vault.find("mobile", f"1380000{number:04}", "loan", credit) == []
    assert sum(e.kind == "find" for e in entries(vault.log.path)) == 5


def test_correct_keep_and_stop(vault: Vault, credit: Actor, person: dict[str, str]) -> None:
    one = vault.put(person, ["account", "loan"], credit)
    correct(vault, one, {"mobile": "13911112222"}, credit)
    assert vault.find("mobile", "13800001234", "loan", credit) == []
    assert vault.find("mobile", "13911112222", "loan", credit) == [one]
    keep_for(
        vault, one, {"address": "北京市朝阳区某路一号", "name": "欧阳"}, ["correspondence"], credit
    )
    stop_purposes(vault, one, ["loan"], credit)
    seen = vault.read(one, ["mobile", "bank_card", "name"], "account", SERVICE)
    assert seen["mobile"].value == "13911112222"
    assert seen["bank_card"].value is None
    with pytest.raises(VaultError):
        correct(vault, one, {"bank_card": "6222020000000000000"}, credit)
    stop_purposes(vault, one, ["account", "correspondence"], credit)
    with pytest.raises(VaultError):
        vault.read(one, ["mobile"], "account", SERVICE)


def test_restricted_data_are_shown_to_nobody(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    one = vault.put(person, ["loan"], credit)
    restrict(vault, one, "hold", credit)
    assert vault.read(one, ["name"], "loan", credit)["name"].value == HIDDEN
    restrict(vault, one, None, credit)
    assert vault.read(one, ["name"], "loan", credit)["name"].value == person["name"]


def test_erased_is_gone_with_its_key_and_its_index(
    vault: Vault, credit: Actor, person: dict[str, str]
) -> None:
    one, other = vault.put_many([person, person], ["loan"], credit)
    done = erase(vault, one, credit, "request")
    assert (done.keys, done.tags, done.rows) == (1, 2, 1)
    assert vault.find("mobile", person["mobile"], "loan", credit) == [other]
    for again in (vault.read, lambda s, *_: erase(vault, s, credit, "again")):
        with pytest.raises(VaultError, match="no such person"):
            again(one, ["name"], "loan", credit)


def test_a_field_no_purpose_needs_is_refused(vault: Vault, credit: Actor) -> None:
    with pytest.raises(VaultError, match="no purpose needs"):
        vault.put({"mobile": "13800001234", "address": "x"}, ["loan"], credit)
    with pytest.raises(BadValue) as caught:
        vault.put({"mobile": 13800001234}, ["loan"], credit)  # type: ignore[dict-item]
    assert "13800001234" not in str(caught.value)


@pytest.mark.parametrize("opener", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", ["intl", "gm"])
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=st.text(st.characters(), max_size=40))
def test_any_text_comes_back_as_it_was(
    opener: Callable[..., Vault], credit: Actor, kind: str, value: str
) -> None:
    vault = opener(kind)
    one = vault.put({"name": value, "mobile": value}, ["loan"], credit)
    seen = vault.read(one, ["name", "mobile"], "loan", Actor(str(one), "credit"))
    assert {s.value for s in seen.values()} == {value}
    assert one in vault.find("mobile", value, "loan", Actor(str(one), "credit"))


@pytest.mark.parametrize(
    "value",
    ["Robert'); DROP TABLE subject;--", "😀" * 50, "\ud800\udfff x \udc00", "字" * (10 << 18)],
)
def test_odd_and_large_values(vault: Vault, credit: Actor, value: str) -> None:
    one = vault.put({"name": value}, ["loan"], credit)
    assert vault.read(one, ["name"], "loan", credit)["name"].value == value
