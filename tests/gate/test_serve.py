"""The gate over HTTP, its client, its keys, its metrics, and the signed roots."""

import hashlib
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import uvicorn
from starlette.testclient import TestClient

from jiedun.chain.sign import create
from jiedun.cli.main import main
from jiedun.errors import ProofError
from jiedun.gate import Gate
from jiedun.gate.client import GateClient
from jiedun.gate.openapi import DECISION, OPENAPI, REQUEST
from jiedun.gate.roots import check_root, matches, sign_heads
from jiedun.gate.serve import LONGEST_BODY, SCOPES, Service
from jiedun.gate.store import open_store
from jiedun.web.keys import ApiKeys, load_keys

BODY: dict[str, Any] = {
    "id": "1", "creditor": "甲银行", "debt": "D1", "person": "张三", "role": "debtor",
    "channel": "call", "number": "13900000001", "kind": "interactive",
    "at": "2026-03-02T10:00:00+08:00", "lender_type": "bank",
}  # fmt: skip


@pytest.fixture
def web(file_gate: Gate) -> Iterator[TestClient]:
    with TestClient(Service(file_gate, ApiKeys(None)).app(), "http://127.0.0.1") as client:
        yield client


JSON = {"Content-Type": "application/json"}


def test_ask_report_explain(web: TestClient) -> None:
    jsonschema.validate(BODY, REQUEST)
    for i in range(3):
        answer = web.post("/v1/decide", json={**BODY, "id": str(i)})
        assert answer.status_code == 200 and answer.json()["may_proceed"]
        jsonschema.validate(answer.json(), DECISION)
    fourth = web.post("/v1/decide", json={**BODY, "id": "4"}).json()
    assert (fourth["status"], fourth["may_proceed"]) == ("delay", False)
    held = answer.json()["reservation"]["id"]
    told = {"reservation_id": held, "at": BODY["at"], "connected": False}
    assert web.post("/v1/report", json=told).json() == {
        "reservation_id": held, "repeated": False, "late": False,
    }  # fmt: skip
    assert web.post("/v1/decide", json={**BODY, "id": "5"}).json()["may_proceed"]
    assert web.get(f"/v1/decisions/{fourth['id']}").json() == fourth
    assert web.get("/v1/decisions/none").status_code == 404
    metrics = web.get("/metrics").text
    assert 'jiedun_gate_decisions_total{status="delay"} 1' in metrics
    assert "jiedun_gate_decision_seconds_count 5" in metrics
    assert web.get("/openapi.json").json() == OPENAPI


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'{"id": "1"}', b"\xff\xfe", b"[" * 50_000,
        json.dumps({**BODY, "role": "boss"}).encode(), json.dumps({**BODY, "at": "now"}).encode(),
        json.dumps({**BODY, "at": "2026-03-02T10:00:00"}).encode(),
        json.dumps({**BODY, "extra": 1}).encode(), json.dumps({**BODY, "person": "\ud800"}).encode(),
        json.dumps({**BODY, "agreed_hours": ["9"]}).encode(),
        json.dumps({**BODY, "agreed_hours": ["09:00+08:00", "20:00+08:00"]}).encode(),
        json.dumps({**BODY, "words": 7}).encode(),
        json.dumps({**BODY, "override": {"by": "x"}}).encode(),
        json.dumps({**BODY, "debtor_reachable": "yes"}).encode(),
    ],
)  # fmt: skip
def test_bodies_that_cannot_be_are_refused(web: TestClient, body: bytes) -> None:
    answer = web.post("/v1/decide", content=body, headers=JSON)
    assert answer.status_code == 422 and "张三" not in answer.text


def test_a_body_too_long_is_refused(web: TestClient) -> None:
    answer = web.post("/v1/decide", content=b"x" * (LONGEST_BODY + 1), headers=JSON)
    assert answer.status_code == 413 and "longer" in answer.text


def test_a_page_in_a_browser_cannot_ask(web: TestClient) -> None:
    """It could send text/plain, or call by a name of its own that leads here; neither is taken."""
    plain = {"Content-Type": "text/plain"}
    assert (
        web.post("/v1/decide", content=json.dumps(BODY), headers=plain).status_code == 415
        and web.post("/v1/decide", json=BODY, headers={"Host": "evil.example"}).status_code == 400
        and web.get("/v1/decisions/1").status_code == 404
    )


def test_keys_have_scopes(file_gate: Gate, tmp_path: Path) -> None:
    digest, path = hashlib.sha256(b"secret").hexdigest(), tmp_path / "keys.json"
    path.write_text(json.dumps({digest: {"name": "外呼", "scopes": ["decide"]}}), "utf-8")
    app = Service(file_gate, load_keys(path, SCOPES)).app()
    with TestClient(app, "https://gate.example") as web:
        head = {"Authorization": "Bearer secret"}
        assert web.post("/v1/decide", json=BODY).status_code == 401
        assert (
            web.post("/v1/decide", json=BODY, headers={"Authorization": "Bearer x"}).status_code
            == 401
        )
        assert web.post("/v1/decide", json=BODY, headers=head).status_code == 200
        assert web.post("/v1/report", json={}, headers=head).status_code == 403
        over = {**BODY, "id": "2", "override": {"by": "王", "reason": "x"}}
        assert web.post("/v1/decide", json=over, headers=head).status_code == 403
        assert web.get("/metrics", headers=head).status_code == 403


def test_the_log_names_nobody(web: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="jiedun.gate"):
        web.post("/v1/decide", json=BODY)
    assert '"event": "decision"' in caplog.text
    assert not any(secret in caplog.text for secret in ("张三", "13900000001", "甲银行", "\\u5f20"))


def test_beyond_this_machine_keys_are_needed(capsys: Any, tmp_path: Path) -> None:
    store = str(tmp_path / "g.db")
    assert main(["gate", "serve", "--host", "0.0.0.0", "--store", store]) == 2
    assert "--api-keys" in capsys.readouterr().err


@pytest.mark.parametrize("held", [None, "{", json.dumps({"0" * 64: ["decide"]})])
def test_keys_that_cannot_be_read_are_told(held: str | None, capsys: Any, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    if held is not None:
        path.write_text(held, "utf-8")
    assert main(["gate", "serve", "--api-keys", str(path), "--store", str(tmp_path / "g.db")]) == 1
    assert "keys.json: the API keys cannot be read" in capsys.readouterr().err


def test_a_mistyped_store_is_no_new_store(capsys: Any, tmp_path: Path) -> None:
    for command in (["verify"], ["explain", "D-1"]):
        assert main(["gate", *command, "--store", str(tmp_path / "typo.db")]) == 1
        assert "there is no such store" in capsys.readouterr().err
    assert main(["gate", "serve", "--store", str(tmp_path / "none" / "g.db")]) == 1
    assert "the store cannot be opened" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_store_whose_key_is_gone_is_not_given_another(capsys: Any, tmp_path: Path) -> None:
    store = tmp_path / "g.db"
    open_store(str(store)).close()
    (tmp_path / "g.db.key").unlink()
    assert main(["gate", "verify", "--store", str(store)]) == 1
    assert "the store's key is gone" in capsys.readouterr().err
    assert not (tmp_path / "g.db.key").exists()


@pytest.fixture
def served(file_gate: Gate) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = Service(file_gate, ApiKeys(None)).app()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def test_the_client(served: str) -> None:
    client = GateClient(served)
    answer = client.decide(**BODY)
    assert answer.may_proceed and answer.reservation is not None
    assert client.report(answer.reservation, at=BODY["at"], connected=True)
    assert not client.report("R-0000-999", at=BODY["at"], connected=True)
    refused = client.decide(**{**BODY, "id": "2", "role": "nobody"})
    assert (refused.may_proceed, refused.codes, refused.body["status"]) == (
        False, ("gate_refused",), 422,
    )  # fmt: skip
    assert "role must be one of" in refused.body["error"]


def test_a_gate_that_cannot_be_reached_forbids() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = GateClient(f"http://127.0.0.1:{port}").decide(**BODY)
    assert (answer.may_proceed, answer.codes) == (False, ("gate_unreachable",))
    with pytest.raises(ValueError, match="http"):
        GateClient("file:///etc/passwd")


def test_signed_roots(gate: Gate, ask: Callable[..., Any], tmp_path: Path, clock: Any) -> None:
    key = create(tmp_path / "sign.pem")
    gate.decide(ask("1"))
    row = sign_heads(gate.store, key, clock())
    check_root(row, key.public)
    assert matches(row, gate.store.ends()) and gate.store.roots()[0]["root"] == row["root"]
    gate.decide(ask("2", at=clock() + timedelta(minutes=1)))
    assert not matches(row, gate.store.ends())
    with pytest.raises(ProofError, match="signature"):
        check_root({**row, "at": "2027-01-01"}, key.public)
    with pytest.raises(ProofError):
        check_root(row, create(tmp_path / "other.pem").public)


def test_the_commands(tmp_path: Path, capsys: Any) -> None:
    from datetime import UTC, datetime

    store = ["--store", str(tmp_path / "g.db")]
    noon = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0) + timedelta(days=1)
    path = tmp_path / "request.json"
    path.write_text(json.dumps({**BODY, "at": noon.isoformat()}), "utf-8")
    assert main(["gate", "ask", str(path), *store, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(["gate", "explain", told["id"], *store]) == 0
    assert "no_rule_forbids" in capsys.readouterr().out
    assert main(["gate", "explain", "nothing", *store]) == 1
    assert main(["gate", "verify", *store]) == 0
    night = noon + timedelta(hours=11)
    path.write_text(json.dumps({**BODY, "id": "2", "at": night.isoformat()}), "utf-8")
    assert main(["gate", "ask", str(path), *store]) == 4
    assert "CN-COL-011" in capsys.readouterr().out


def test_simulate(tmp_path: Path, lunch: Path, capsys: Any) -> None:
    lines = ["id,at,creditor,debtor,person,role,channel,lender_type,connected"]
    lines += [f"{i},2026-03-02 12:{i:02}:00,a,p{i},p{i},debtor,call,bank,true" for i in range(5)]
    lines += ["x,2026-03-02 12:30:00,a,p9,m,relative,call,bank,true"]
    lines += ["y,2026-03-02 15:30:00,a,p9,p9,debtor,call,bank,true"]
    (tmp_path / "h.csv").write_text("\n".join(lines), "utf-8")
    assert main(["gate", "simulate", str(lunch), str(tmp_path / "h.csv"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "history": 7,
        "rules": [{"rule": "HOUSE-NOON", "contacts": 6, "only_this_rule": 5}],
    }
