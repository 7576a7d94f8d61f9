"""A full disk, a process killed between log and write, a clock turned back, an insider with patience."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from jiedun.chain.log import entries
from jiedun.errors import JiedunError, VaultError
from jiedun.vault import access, admit, bulk, change, consent_acts, retention, rights
from jiedun.vault.access import Actor, Limits
from jiedun.vault.change import sweep
from jiedun.vault.consent import Act, Scope, given
from jiedun.vault.consent_acts import Given
from jiedun.vault.keyring import Cost, Keyring
from jiedun.vault.register import example
from jiedun.vault.serve import Service
from jiedun.vault.store import Places, Vault, open_vault
from jiedun.web.keys import ApiKeys

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CREDIT = Actor("zhang.san", "credit")
CHEAP = Cost(64, 1, 1)
PERSON = {"mobile": "13800001234", "name": "欧阳测试"}
sqlite_only = pytest.mark.parametrize("opener", ["sqlite"], indirect=True)


def fresh(folder: Path, limits: Limits | None = None) -> Vault:
    ring = folder / "ring"
    if not ring.exists():
        Keyring.create(ring, "pw", now=NOW, cost=CHEAP)
    keys = Keyring.open(ring, "pw")
    return open_vault(Places.below(folder), keys, example(), clock=lambda: NOW, limits=limits)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes, or a plain skip."""
    where = tmp_path / "disk"
    where.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(where)]
    try:
        made = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        made = False
    if not made:
        pytest.skip("no small disk can be mounted here")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Fills the disk but for about `leave` bytes."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(bytes(4096))
        except OSError:
            pass
    size = max(0, ballast.stat().st_size - leave)
    os.truncate(ballast, size)
    return ballast


@pytest.mark.parametrize("leave", [0, 8192, 65536])
def test_a_full_disk_keeps_nothing_half_and_the_vault_goes_on(small_disk: Path, leave: int) -> None:
    with fresh(small_disk) as vault:
        one = vault.put(PERSON, ["loan"], CREDIT)
        ballast = fill(small_disk, leave)
        big = {**PERSON, "name": "字" * 100_000}
        failed = 0
        acts: list[Callable[[], object]] = [
            lambda: vault.put(big, ["loan"], CREDIT),
            lambda: change.correct(vault, one, {"name": big["name"]}, CREDIT),
            lambda: vault.put_many([big] * 20, ["loan"], CREDIT),
        ]
        for act in acts:
            with pytest.raises(JiedunError) as caught:
                act()
            failed += 1
            assert PERSON["name"] not in str(caught.value)
        ballast.unlink()
        seen = vault.read(one, ["name"], "loan", CREDIT)
        assert (failed, seen["name"].value) == (3, PERSON["name"])
        assert vault.find("mobile", PERSON["mobile"], "loan", CREDIT) == [one]
        two = vault.put(PERSON, ["loan"], CREDIT)
    with fresh(small_disk) as vault:
        sweep(vault)
        assert sorted(vault.find("mobile", PERSON["mobile"], "loan", CREDIT)) == sorted([one, two])
        with vault.data.connect() as link:
            assert link.execute(text("SELECT count(*) FROM subject")).scalar() == 2
        with vault.keys.connect() as link:
            assert link.execute(text("SELECT count(*) FROM key")).scalar() == 2
        access.verify(vault.log.path)


def test_without_room_for_the_log_nothing_is_shown(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh(small_disk) as vault:
        one = vault.put(PERSON, ["loan"], CREDIT)
        ballast = fill(small_disk, 0)
        while (small_disk / "access.log").stat().st_size % 4096:  # what is left of its last page
            try:
                vault.read(one, ["name"], "loan", Actor(str(os.urandom(4)), "credit"))
            except JiedunError:
                break
        opened: list[int] = []
        monkeypatch.setattr(vault, "values", lambda *_: opened.append(1))
        with pytest.raises(JiedunError, match="log"):
            vault.read(one, ["name"], "loan", Actor("late", "credit"))
        assert opened == []
        ballast.unlink()
        access.verify(vault.log.path)


def test_a_full_disk_is_a_clear_answer_over_http(small_disk: Path) -> None:
    with fresh(small_disk) as vault:
        head = {"X-Jiedun-Actor": "a", "X-Jiedun-Role": "credit"}
        web = TestClient(Service(vault, ApiKeys(None)).app(), "http://127.0.0.1", headers=head)
        body = {"values": {**PERSON, "name": "字" * 50_000}, "purposes": ["loan"]}
        one = web.post("/v1/collect", json={**body, "values": PERSON}).json()["subject"]
        ballast = fill(small_disk, 0)
        calls = [("/v1/collect", body), (f"/v1/subjects/{one}/erase", {"why": "x"})]
        for path, sent in calls:
            told = web.post(path, json=sent)
            assert (told.status_code, told.json()["error"]) == (503, "unavailable")
            assert PERSON["mobile"] not in told.text
        ballast.unlink()
        read = {"fields": ["name"], "purpose": "loan"}
        seen = web.post(f"/v1/subjects/{one}/read", json=read).json()["fields"]
        assert seen["name"]["value"] == PERSON["name"]
        find = {"field": "mobile", "value": PERSON["mobile"], "purpose": "loan"}
        assert web.post("/v1/find", json=find).json()["subjects"] == [one]
        access.verify(vault.log.path)


POINTS = {
    "put: log, then killed": ("vault.log.note", "vault.put(PERSON, ['loan'], CREDIT)"),
    "correct: log, then killed": ("vault.log.note", "change.correct(vault, one, NEW, CREDIT)"),
    "correct: new key, then killed": ("change._untag", "change.correct(vault, one, NEW, CREDIT)"),
    "erase: log, then killed": ("vault.log.note", "change.erase(vault, one, CREDIT, 'x')"),
    "erase: keys gone, then killed": ("change._untag", "change.erase(vault, one, CREDIT, 'x')"),
    "consent: log, then killed": ("vault.log.note", "consent_acts.record(vault, one, G, GIVE, CREDIT)"),
    "consent: rows, then killed": ("vault.ledger._keep", "consent_acts.record(vault, one, G, GIVE, CREDIT)"),
    "read: log, then killed": ("vault.log.read", "vault.read(one, ['name'], 'loan', CREDIT)"),
    "collect: fields, then killed": ("consent_acts.known", "admit.take(vault, BANK, ['loan'], [G], CREDIT)"),
}  # fmt: skip
NEW = {"name": "新名"}
BANK = {**PERSON, "bank_card": "6222020000000000000"}
GIVE = Act.GIVE
G = Given("r1", "loan", Scope.SENSITIVE, "bank_card", "ab" * 32)


def _child(folder: Path, point: str, one: bytes) -> None:
    """Runs one act and dies at one point of it, as nothing else does."""
    where, act = POINTS[point]
    with fresh(folder) as vault:
        names = {**globals(), "vault": vault, "one": one}
        owner, _, name = where.rpartition(".")
        held = eval(owner, names)
        whole = getattr(held, name)

        def deadly(*args: object, **more: object) -> None:
            whole(*args, **more)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(held, name, deadly)
        eval(act, names)


@pytest.mark.parametrize("point", POINTS)
def test_killed_between_log_and_write(tmp_path: Path, point: str) -> None:
    with fresh(tmp_path) as vault:
        one = vault.put(PERSON, ["loan"], CREDIT)
    child = os.fork()
    if child == 0:
        try:
            _child(tmp_path, point, one)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    with fresh(tmp_path, Limits(1000, 1000)) as vault:
        sweep(vault)
        access.verify(vault.log.path)
        vault.ledger.verify()
        kinds = [e.kind for e in entries(vault.log.path)]
        assert kinds[0] == "put" and len(kinds) == 2  # the act was written down first
        found = vault.find("mobile", PERSON["mobile"], "loan", CREDIT)
        if point == "erase: keys gone, then killed":
            assert found in ([], [one])
            found = []
        elif point == "put: log, then killed":
            assert one in found and len(found) <= 2
        else:
            assert found == [one]
        for who in found:  # as it was, whole
            seen = vault.read(who, ["name", "mobile", "bank_card"], "loan", CREDIT)
            values = {n: s.value for n, s in seen.items()}
            assert values == {**PERSON, "bank_card": None}
        with vault.keys.connect() as link:
            keys = link.execute(text("SELECT count(*) FROM key")).scalar()
        with vault.data.connect() as link:
            assert link.execute(text("SELECT count(*) FROM subject")).scalar() == keys
        standing = given(vault.ledger.standing(one, "loan"), Scope.SENSITIVE, "bank_card")
        assert standing is (point == "consent: rows, then killed")


def test_a_clock_turned_back_keeps_nobody_from_withdrawing(
    vault: Vault, person: dict[str, str]
) -> None:
    yes = Given("r1", "marketing", Scope.GENERAL, "", "ab" * 32)
    taken = admit.take(vault, {"email": "a@b.cn"}, ["marketing"], [yes], CREDIT)
    assert taken.subject is not None
    vault.clock.move(days=-3)  # type: ignore[attr-defined]
    no = Given("r2", "marketing", Scope.GENERAL, "", "ab" * 32)
    consent_acts.record(vault, taken.subject, no, Act.WITHDRAW, CREDIT)
    standing = vault.ledger.standing(taken.subject, "marketing")
    assert not given(standing, Scope.GENERAL)
    assert access.verify(vault.log.path).count == vault.log.head.count


def test_a_clock_turned_back_gives_no_approval_a_second_life(
    vault: Vault, person: dict[str, str]
) -> None:
    ids = vault.put_many([PERSON] * 2, ["loan"], CREDIT)
    number = bulk.ask(vault, bulk.Terms("loan", ("name",), 2, "x"), CREDIT)
    bulk.approve(vault, number, Actor("boss", "service"))
    vault.clock.move(hours=9)  # type: ignore[attr-defined]
    with pytest.raises(VaultError, match="run out"):
        bulk.read_many(vault, number, ids, CREDIT)
    vault.read(ids[0], ["name"], "loan", CREDIT)
    vault.clock.move(hours=-9)  # type: ignore[attr-defined]
    with pytest.raises(VaultError, match="run out"):
        bulk.read_many(vault, number, ids, CREDIT)


@sqlite_only
def test_an_insider_who_has_a_day_and_ten_thousand_people(vault: Vault) -> None:
    ids = vault.put_many([PERSON] * 10_000, ["loan"], CREDIT)
    vault.log._log.sync = False  # the pace is tested here, not the disk
    read = 0
    for one in ids:
        vault.clock.move(seconds=8)  # type: ignore[attr-defined]
        try:
            vault.read(one, ["name"], "loan", CREDIT)
            read += 1
        except VaultError:
            continue
    assert read == 1000
    refused = [e for e in entries(vault.log.path) if e.kind == "refused"]
    assert len(refused) == 9000


def test_withdrawing_ends_what_rested_on_it_and_nothing_else(vault: Vault) -> None:
    both = [
        Given(f"r{p}", p, Scope.GENERAL, "", "ab" * 32) for p in ("marketing", "correspondence")
    ]
    values = {"email": "a@b.cn", "name": "欧阳", "address": "北京市朝阳区某路一号"}
    who = admit.take(vault, values, ["marketing", "correspondence"], both, CREDIT).subject
    assert who is not None
    no = Given("r-no", "marketing", Scope.GENERAL, "", "ab" * 32)
    consent_acts.record(vault, who, no, Act.WITHDRAW, CREDIT)
    (done,) = retention.sweep(vault, CREDIT)
    assert (done.purposes, done.rules) == (
        ("marketing",),
        ("marketing: 0d after consent_withdrawn",),
    )
    seen = vault.read(who, ["address", "name"], "correspondence", Actor("s", "service"))
    assert seen["address"].value == values["address"]
    again = Given("r-no2", "correspondence", Scope.GENERAL, "", "ab" * 32)
    consent_acts.record(vault, who, again, Act.WITHDRAW, CREDIT)
    yes = Given("r-yes", "correspondence", Scope.GENERAL, "", "ab" * 32)
    consent_acts.record(vault, who, yes, Act.GIVE, CREDIT)
    vault.clock.move(days=40)  # type: ignore[attr-defined]
    assert retention.sweep(vault, CREDIT) == []


def test_a_request_to_withdraw_is_in_the_ledger(vault: Vault) -> None:
    yes = Given("r1", "marketing", Scope.GENERAL, "", "ab" * 32)
    values = {"email": "a@b.cn", "mobile": "13800001234"}
    who = admit.take(vault, values, ["account", "marketing"], [yes], CREDIT).subject
    assert who is not None
    number = rights.receive(vault, who, rights.Kind.WITHDRAWAL, CREDIT).id
    rights.step(vault, number, rights.State.OPEN, CREDIT, "核对")
    rights.fulfil(vault, number, CREDIT)
    assert not given(vault.ledger.standing(who, "marketing"), Scope.GENERAL)
    assert vault.ledger.history(who)[-1].event.notice == "ab" * 32
    assert vault.find("mobile", "13800001234", "account", Actor("s", "service")) == [who]
