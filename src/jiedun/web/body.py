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


async def read_json(request: Request, most: int) -> dict[str, Any]:
    """The JSON object in the body. TooLong, NotJson, or BadValue where it is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise NotJson("the body must be application/json")
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > most:
            raise TooLong(f"the body is longer than {most} bytes")
    try:
        found = json.loads(bytes(raw).decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadValue("the body is not JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise BadValue("the body must be a JSON object")
    return found


def answer(data: object, status: int = 200) -> Response:
    """The answer in JSON, in ASCII: text with lone surrogates has no UTF-8."""
    raw = json.dumps(data, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return Response(raw, status, media_type="application/json")
