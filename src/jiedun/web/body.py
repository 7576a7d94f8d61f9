"""Bodies in and out: JSON in UTF-8, no longer than a limit, whatever the text holds."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from jiedun.errors import BadValue


class TooLong(BadValue):
    """The body passes the limit; the rest of it is not read."""


class NotJson(BadValue):
    """The body is not declared as JSON: a page of another site could have sent it."""


async def read_body(request: Request, most: int) -> bytes:
    """The body, declared as JSON. TooLong where it passes `most` bytes, NotJson where it is not declared."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise NotJson("the body must be application/json", next_step="send that Content-Type")
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > most:
            raise TooLong(f"the body is longer than {most} bytes")
    return bytes(raw)


async def read_json(request: Request, most: int) -> dict[str, Any]:
    """The JSON object in the body. TooLong, NotJson, or BadValue where it is none."""
    raw = await read_body(request, most)
    try:
        found = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadValue("the body is not JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise BadValue("the body must be a JSON object")
    return found


def answer(data: object, status: int = 200) -> Response:
    """The answer in JSON, in ASCII: text with lone surrogates has no UTF-8."""
    raw = json.dumps(data, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return Response(raw, status, media_type="application/json")
