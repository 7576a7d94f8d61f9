"""Bodies and keys that every HTTP service shares."""

import asyncio
import hashlib
import json
from pathlib import Path

import pytest
from starlette.requests import Request

from jiedun.errors import BadValue, InputError
from jiedun.web.body import NotJson, TooLong, read_body, read_json
from jiedun.web.keys import ApiKeys, load_keys, loopback


def sent(body: bytes, kind: str = "application/json") -> Request:
    parts = [body[i : i + 3] for i in range(0, len(body), 3)] or [b""]
    told = iter(
        {"type": "http.request", "body": part, "more_body": i < len(parts)}
        for i, part in enumerate(parts, 1)
    )

    async def receive() -> dict[str, object]:
        return next(told)

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}
    return Request(scope, receive)


def test_a_body_up_to_the_limit_is_read_whole() -> None:
    assert asyncio.run(read_body(sent(b'{"a": 1}'), 8)) == b'{"a": 1}'
    assert asyncio.run(read_json(sent(b'{"a": 1}', "Application/JSON; charset=utf-8"), 8)) == {
        "a": 1
    }
    with pytest.raises(TooLong):
        asyncio.run(read_body(sent(b'{"a": 12}'), 8))


@pytest.mark.parametrize("kind", ["", "text/plain", "application/json-seq", "multipart/form-data"])
def test_what_a_page_could_send_is_not_taken(kind: str) -> None:
    with pytest.raises(NotJson):
        asyncio.run(read_body(sent(b"{}", kind), 8))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadValue):
        asyncio.run(read_json(sent(body), 1 << 20))


def test_keys_by_their_digest(tmp_path: Path) -> None:
    path, digest = tmp_path / "keys.json", hashlib.sha256(b"k").hexdigest()
    path.write_text(json.dumps({digest: {"name": "张三", "role": "r", "scopes": ["a"]}}), "utf-8")
    keys = load_keys(path, frozenset({"a", "b"}))
    found = keys.holder("Bearer k")
    assert found is not None and (found.name, found.scopes) == ("张三", frozenset({"a"}))
    assert keys.holder("k") is None and keys.holder("Bearer x") is None and keys.holder("") is None
    assert ApiKeys(None).holder("Bearer k") is None
    with pytest.raises(InputError, match="scope that is not known"):
        load_keys(path, frozenset({"b"}))
    path.write_text(json.dumps({digest: ["a"]}), "utf-8")
    with pytest.raises(InputError, match="SHA-256 of the key"):
        load_keys(path, frozenset({"a"}))


def test_what_is_this_machine() -> None:
    assert all(map(loopback, ("127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost")))
    assert not any(map(loopback, ("0.0.0.0", "::", "10.0.0.1", "example.com", "")))
