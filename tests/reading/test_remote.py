"""The optional endpoint: masked by default, its labels never make `probable`."""

import json
from urllib.error import URLError
from urllib.request import Request

import pytest

from jiedun.errors import InputError, UsageError
from jiedun.model.reading import Label, Message
from jiedun.reading.remote import Endpoint, read

MESSAGE = Message("1", "请打17000001234联系王小明", "sms")


def _answering(content: str, seen: list[str]) -> object:
    def send(request: Request) -> bytes:
        assert isinstance(request.data, bytes)
        seen.append(json.loads(request.data)["messages"][0]["content"])
        return json.dumps({"choices": [{"message": {"content": content}}]}).encode()

    return send


def test_masked_unless_told() -> None:
    for unmasked in (False, True):
        seen: list[str] = []
        endpoint = Endpoint("http://localhost:1/v1", "m", unmasked=unmasked)
        read([MESSAGE], endpoint, send=_answering('["abuse","nonsense"]', seen))  # type: ignore[arg-type]
        assert ("17000001234" in seen[0]) is unmasked


def test_its_labels_are_possible_only() -> None:
    endpoint = Endpoint("http://localhost:1/v1", "m")
    (reading,) = read([MESSAGE], endpoint, send=_answering('Sure: ["abuse"]', []))  # type: ignore[arg-type]
    assert Label.ABUSE in reading.possible
    assert Label.ABUSE not in reading.probable


@pytest.mark.parametrize("content", ["no list", "[1,", ""])
def test_an_unusable_answer_is_named(content: str) -> None:
    with pytest.raises(InputError):
        read([MESSAGE], Endpoint("http://localhost:1/v1", "m"), send=_answering(content, []))  # type: ignore[arg-type]


def test_a_silent_endpoint_is_named() -> None:
    def send(request: Request) -> bytes:
        raise URLError("refused")

    with pytest.raises(InputError):
        read([MESSAGE], Endpoint("http://localhost:1/v1", "m"), send=send)


def test_other_schemes_are_refused() -> None:
    with pytest.raises(UsageError):
        Endpoint("file:///etc/passwd", "m")
