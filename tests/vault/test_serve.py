"""The vault over HTTP on real servers: what it answers, what it refuses, what it never says."""

import hashlib
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import jsonschema
import pytest
import uvicorn

from jiedun.chain.log import entries
from jiedun.cli.main import main
from jiedun.errors import InputError
from jiedun.vault import access
from jiedun.vault.access import Limits
from jiedun.vault.acts import ACTS, SCOPES, SMALL
from jiedun.vault.client import Refused, VaultClient
from jiedun.vault.openapi import describe
from jiedun.vault.serve import Service
from jiedun.vault.store import Vault
from jiedun.web.keys import ApiKeys, Holder, load_keys, loopback

NOTICE = "ab" * 32
SECRET = "13800001234"
Serve = Callable[..., str]


@contextmanager
def running(vault: Vault, keys: ApiKeys) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(Service(vault, keys).app(), port=port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def url(vault: Vault) -> Iterator[str]:
    with running(vault, ApiKeys(None)) as where:
        yield where


@pytest.fixture
def web(url: str) -> VaultClient:
    return VaultClient(url, actor="张三", role="credit")


def consent(receipt: str, **more: str) -> dict[str, str]:
    return {"receipt": receipt, "purpose": "loan", "notice": NOTICE, **more}


CARD = {"scope": "sensitive", "detail": "bank_card"}


@contextmanager
def refused(status: int, code: str) -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    assert (caught.value.status, caught.value.code) == (status, code), str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_person_from_collection_to_erasure(
    web: VaultClient, url: str, vault: Vault, person: dict[str, str]
) -> None:
    made = web.collect({**person, "contacts": "全部"}, ["loan"], [consent("r1", **CARD)])
    who = made["subject"]
    assert made["kept"] == ["bank_card", "mobile", "name"] and not made["service"]
    assert {r["code"] for r in made["refused"]} == {"unknown", "separate_consent"}
    quote = next(r for r in made["refused"] if r["field"] == "id_number")["cites"][0]["quote"]
    assert "单独同意" in quote
    assert web.find("mobile", "+86 138 0000 1234", "loan") == [who]
    seen = web.read(who, ["name", "bank_card", "id_number"], "loan")
    assert seen["name"] == {"value": person["name"], "grant": "clear", "reason": "allowed"}
    assert seen["bank_card"]["value"] == person["bank_card"]
    masked = VaultClient(url, actor="李四", role="service").read(who, ["mobile"], "loan")
    assert masked["mobile"]["value"] == "138****1234"
    more = web.add(who, {"loan_amount": "5000"}, ["loan"])
    assert [r["code"] for r in more["refused"]] == ["separate_consent"]
    web.withdraw(who, **consent("r2", **CARD))
    assert web.read(who, ["bank_card"], "loan")["bank_card"]["reason"] == "separate_consent"
    web.give(who, **consent("r3", **CARD))
    assert web.read(who, ["bank_card"], "loan")["bank_card"]["value"] == person["bank_card"]
    states = [e["event_state"] for e in web.consents(who)[0]["event"]]
    assert states == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn", "dpv:ConsentGiven"]
    number = web.request(who, "copy")["id"]
    assert web.request(who, "copy")["id"] == number
    assert [r["id"] for r in web.requests()] == [number]
    with refused(409, "state"):
        web.step(number, "received")
    assert web.step(number, "open", "证件当面核对")["clause"] == "pipl#45"
    assert {f["field"] for f in web.fulfil(number)["fields"]} == {"mobile", "name", "bank_card"}
    assert web.erase(who, "request")["keys_destroyed"] == 1
    lates: list[Callable[[], object]] = [
        lambda: web.read(who, ["name"], "loan"),
        lambda: web.erase(who, "x"),
        lambda: web.give(who, **consent("r4", **CARD)),
    ]
    for late in lates:
        with refused(404, "unknown_subject"):
            late()
    assert web.requests() == []
    assert web.health()["ok"]
    kinds = [e.kind for e in entries(vault.log.path)]
    assert {"put", "find", "read", "consent", "consents", "request", "erase"} <= set(kinds)
    actors = {e.body["actor"] for e in entries(vault.log.path) if e.body}
    assert actors == {"张三", "李四"}
    assert access.verify(vault.log.path).count == web.health()["lines"]


def test_bulk_needs_a_second_person_and_a_recipient_the_register(
    web: VaultClient, url: str, person: dict[str, str]
) -> None:
    ids = [web.collect({"name": person["name"]}, ["collection"])["subject"] for _ in range(3)]
    boss = VaultClient(url, actor="boss", role="service")
    clerk = VaultClient(url, actor="clerk", role="collector")
    number = clerk.ask_bulk("collection", ["name"], 4, "quarterly")
    for early in (lambda: clerk.approve_bulk(number), lambda: clerk.read_bulk(number, ids),
                  lambda: clerk.provide(number, ids, "受托催收机构")):  # fmt: skip
        with refused(403, "denied"):
            early()
    boss.approve_bulk(number)
    assert [r["name"]["value"] for r in clerk.read_bulk(number, ids)] == [person["name"]] * 3
    with refused(403, "recipient"):
        clerk.provide(number, ids[:1], "谁也不是")
    assert clerk.provide(number, ids[:1], "受托催收机构")["rows"] == [{"name": person["name"]}]
    with refused(403, "denied"):
        clerk.read_bulk(number, ids)
    with refused(404, "unknown"):
        clerk.provide("0" * 32, ids, "受托催收机构")


def send(url: str, path: str, raw: bytes, **headers: str) -> tuple[int, str]:
    head = {"Content-Type": "application/json", "X-Jiedun-Actor": "a", **headers}
    try:
        with urlopen(Request(url + path, raw, head, method="POST"), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize("opener", ["sqlite"], indirect=True)
def test_bodies_that_cannot_be(url: str, vault: Vault) -> None:
    deep = b'{"values":' * 50_000
    odd: list[Any] = [
        {}, {"values": [SECRET], "purposes": ["loan"]}, {"values": {}, "purposes": []},
        {"values": {}, "purposes": [SECRET, 1]}, {"values": {}, "purposes": ["loan"], SECRET: 1},
        {"values": {}, "purposes": ["\ud800"]}, {"values": {}, "purposes": ["no" + SECRET]},
        {"values": {}, "purposes": ["loan"], "consents": [{"receipt": SECRET}]},
        {"values": {}, "purposes": ["loan"], "consents": [consent("r" * 65)]},
        {"values": {}, "purposes": ["loan"], "consents": [consent("r", scope="all")]},
        {"values": {}, "purposes": ["loan"], "consents": SECRET}, [], None, SECRET,
    ]  # fmt: skip
    raws = [b"", b"{", b"\xff\xfe", deep, *(json.dumps(o).encode() for o in odd)]
    for raw in raws:
        status, words = send(url, "/v1/collect", raw)
        assert (status, SECRET in words) == (422, False), raw[:60]
    assert [e.kind for e in entries(vault.log.path)] == []
    for path in ("/v1/subjects/zz/read", f"/v1/subjects/{SECRET}/read", "/v1/subjects/%00/read"):
        status, words = send(url, path, b'{"fields": ["name"], "purpose": "loan"}')
        assert (status, SECRET in words) == (422, False)
    assert send(url, "/v1/nothing", b"{}")[0] == 404
    collect = b'{"values": {}, "purposes": ["loan"]}'
    assert send(url, "/v1/collect", collect, **{"Content-Type": "text/plain"})[0] == 415
    assert send(url, "/v1/collect", collect, Host="evil.example")[0] == 400
    assert send(url, "/v1/collect", collect, **{"X-Jiedun-Actor": ""})[0] == 401
    assert send(url, "/v1/collect", collect, **{"X-Jiedun-Actor": "a" * 81})[0] == 422
    assert send(url, "/v1/collect", collect, **{"X-Jiedun-Actor": "a%0Ab"})[0] == 422
    long = b'{"fields": ["' + b"x" * SMALL + b'"], "purpose": "loan"}'
    assert send(url, f"/v1/subjects/{'0' * 32}/read", long)[0] == 413


@pytest.mark.parametrize("opener", ["sqlite"], indirect=True)
def test_values_of_any_text_go_in_and_come_out(web: VaultClient) -> None:
    odd = ["Robert'); DROP TABLE subject;--", "😀\ud800 x \udc00", "字" * (10 << 18)]
    for value in odd:
        who = web.collect({"name": value}, ["loan"])["subject"]
        assert web.read(who, ["name"], "loan")["name"]["value"] == value
    told = web.collect({"name": "x" * (17 << 20)}, ["loan"])
    assert (told["subject"], told["refused"][0]["code"]) == (None, "bad_value")


def test_a_pace_a_replay_and_an_unknown_field(
    opener: Callable[..., Vault], person: dict[str, str]
) -> None:
    vault = opener(limits=Limits(per_minute=3, per_day=9))
    with running(vault, ApiKeys(None)) as url:
        web = VaultClient(url, actor="a", role="credit")
        who = web.collect(person, ["loan"], [consent("r1", **CARD)])["subject"]
        with refused(409, "replayed"):
            web.collect(person, ["loan"], [consent("r1", **CARD)])
        assert web.find("mobile", person["mobile"], "loan") == [who]
        with refused(422, "refused"):
            web.read(who, ["nothing"], "loan")
        with refused(403, "denied"):
            VaultClient(url, actor="b", role="visitor").find("mobile", "1", "loan")
        for _ in range(2):
            web.read(who, ["name"], "loan")
        with refused(429, "pace"):
            web.read(who, ["name"], "loan")


def holders(**scopes: list[str]) -> ApiKeys:
    made = {
        hashlib.sha256(name.encode()).hexdigest(): Holder(name, "credit", frozenset(some))
        for name, some in scopes.items()
    }
    return ApiKeys(made)


@pytest.mark.parametrize("opener", ["sqlite"], indirect=True)
def test_keys_name_who_acts(vault: Vault, person: dict[str, str]) -> None:
    keys = holders(app=["collect", "read", "act_for"], desk=["read"])
    with running(vault, keys) as url:
        with refused(401, "no_key"):
            VaultClient(url, actor="a").collect({}, ["loan"])
        with refused(401, "no_key"):
            VaultClient(url, key="guess").collect({}, ["loan"])
        app = VaultClient(url, key="app", actor="王五", role="credit")
        who = app.collect({"name": person["name"]}, ["loan"])["subject"]
        assert VaultClient(url, key="desk").read(who, ["name"], "loan")["name"]["grant"] == "clear"
        with refused(403, "scope"):
            VaultClient(url, key="desk").collect({}, ["loan"])
        with refused(403, "scope"):
            VaultClient(url, key="desk", actor="boss").read(who, ["name"], "loan")
        with refused(403, "scope"):
            VaultClient(url, key="app").erase(who, "x")
    bodies = [e.body for e in entries(vault.log.path) if e.body]
    assert [b["actor"] for b in bodies] == ["王五", "desk"]


def test_files_of_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    row = {"name": "a", "role": "credit", "scopes": ["read"]}
    path.write_text(json.dumps({"0" * 64: row}))
    assert load_keys(path, SCOPES).holders == {"0" * 64: Holder("a", "credit", frozenset({"read"}))}
    for odd in ("[]", "{", json.dumps({"secret": row}), json.dumps({"0" * 64: {**row, "name": ""}}),
                json.dumps({"0" * 64: {**row, "scopes": ["all"]}}), json.dumps({"0" * 64: {}})):  # fmt: skip
        path.write_text(odd)
        with pytest.raises(InputError) as caught:
            load_keys(path, SCOPES)
        assert "secret" not in str(caught.value)
    assert loopback("127.0.0.1") and loopback("::1") and loopback("localhost")
    assert not loopback("0.0.0.0") and not loopback("example.cn")


def test_beyond_this_machine_keys_are_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--at", str(tmp_path), "--passphrase", "pw"]
    assert main(["vault", "serve", *at, "--host", "0.0.0.0"]) == 2
    assert "--api-keys" in capsys.readouterr().err


@pytest.mark.parametrize("opener", ["sqlite"], indirect=True)
def test_many_at_once_keep_one_chain(
    web: VaultClient, vault: Vault, person: dict[str, str]
) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = [pool.submit(web.collect, {"name": person["name"]}, ["loan"]) for _ in range(24)]
        ids = {m.result()["subject"] for m in made}
        list(pool.map(lambda who: web.read(who, ["name"], "loan"), ids))
    assert len(ids) == 24
    assert access.verify(vault.log.path).count == 48


def test_what_fails_inside_says_nothing(
    web: VaultClient,
    vault: Vault,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr(vault, "find", broken)
    with caplog.at_level(logging.DEBUG, "jiedun.vault"), refused(500, "internal"):
        web.find("mobile", SECRET, "loan")
    assert '"error": "KeyError"' in caplog.text and SECRET not in caplog.text


@pytest.mark.parametrize("opener", ["postgresql"], indirect=True)
def test_a_database_that_was_restarted(
    web: VaultClient, vault: Vault, postgresql: Any, person: dict[str, str]
) -> None:
    who = web.collect({"name": person["name"]}, ["loan"])["subject"]
    web.read(who, ["name"], "loan")
    postgresql.stop()
    try:
        for call in (lambda: web.read(who, ["name"], "loan"), web.health,
                     lambda: web.collect(person, ["loan"]), lambda: web.erase(who, "x"),
                     lambda: web.withdraw(who, **consent("r1", **CARD)),
                     lambda: web.find("mobile", SECRET, "loan")):  # fmt: skip
            with refused(503, "unavailable"):
                call()
    finally:
        postgresql.start()
    for _ in range(4):
        try:
            seen = web.read(who, ["name"], "loan")
            break
        except Refused as error:  # a connection of before, found dead when it is used
            assert error.status == 503
    assert seen["name"]["value"] == person["name"]
    assert web.collect({"name": person["name"]}, ["loan"])["subject"]
    with vault.data.connect() as link:
        assert link.exec_driver_sql("SELECT count(*) FROM subject").scalar() == 2
    access.verify(vault.log.path)


def test_the_description_fits_what_is_served(web: VaultClient, url: str) -> None:
    with urlopen(f"{url}/openapi.json") as answer:
        told = json.load(answer)
    assert told == describe()
    assert {(m.upper(), p) for p, some in told["paths"].items() for m in some} == {
        *((a.method, a.path) for a in ACTS), ("GET", "/healthz"),
    }  # fmt: skip
    body = told["paths"]["/v1/collect"]["post"]["requestBody"]["content"]["application/json"]
    schema = {**body["schema"], "components": told["components"]}
    jsonschema.validate(
        {"values": {"a": "b"}, "purposes": ["loan"], "consents": [consent("r")]}, schema
    )
    for odd in ({"purposes": ["loan"]}, {"values": {}, "purposes": [], "x": 1},
                {"values": {}, "purposes": ["loan"], "consents": [{}]}):  # fmt: skip
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(odd, schema)


def test_a_vault_that_cannot_be_reached() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with refused(0, "unreachable"):
        VaultClient(f"http://127.0.0.1:{port}").health()
    with pytest.raises(ValueError, match="http"):
        VaultClient("file:///etc/passwd")


def start(at: list[str], port: int) -> tuple[subprocess.Popen[bytes], VaultClient]:
    """The command as an operator starts it, its passphrase from standard input, once it answers."""
    words = ["-m", "jiedun.cli.main", "vault", "serve", *at, "--port", str(port)]
    env = {**os.environ, "PYTHONPATH": str(Path(access.__file__).parents[2])}
    run = subprocess.Popen([sys.executable, *words], stdin=subprocess.PIPE, env=env)
    assert run.stdin is not None
    run.stdin.write(b"pw\n")
    run.stdin.close()
    web = VaultClient(f"http://127.0.0.1:{port}", actor="a", role="credit")
    for _ in range(300):
        try:
            web.health()
            return run, web
        except Refused:
            time.sleep(0.05)
    run.kill()
    pytest.fail("the service did not start")


def test_a_killed_service_loses_nothing_that_it_acknowledged(
    tmp_path: Path, cheap: None, person: dict[str, str]
) -> None:
    at = ["--at", str(tmp_path / "v")]
    assert main(["vault", "init", *at, "--passphrase", "pw"]) == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run, web = start(at, port)
    killer = threading.Timer(0.7, run.kill)
    killer.start()
    kept: list[str] = []
    with pytest.raises(Refused) as caught:
        for number in range(10_000):
            given = consent(f"r{number}", **CARD)
            kept.append(web.collect(person, ["loan"], [given])["subject"])
    assert (caught.value.status, run.wait(10)) == (0, -9)
    assert kept
    run, web = start(at, port)
    try:
        for who in kept[-20:]:
            seen = web.read(who, ["name", "bank_card"], "loan")
            assert [seen[f]["value"] for f in ("name", "bank_card")] == [
                person["name"], person["bank_card"],
            ]  # fmt: skip
        found = set(web.find("mobile", person["mobile"], "loan"))
        assert set(kept) <= found and len(found) <= len(kept) + 1
    finally:
        run.terminate()
        assert run.wait(20) in (0, -15)
    assert main(["vault", "verify", *at, "--passphrase", "pw"]) == 0
