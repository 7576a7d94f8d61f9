"""A client of the gate over HTTP; standard library alone, so that a dialler can copy it.

Whatever goes wrong on the way, the answer is that the contact may not be made.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request as HttpCall
from urllib.request import urlopen


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gate said: `may_proceed`, its codes, the reservation to report with, and all of it."""

    may_proceed: bool
    status: str
    codes: tuple[str, ...]
    reservation: str | None
    body: dict[str, Any]


class RefusedError(ValueError):
    """The gate would not take the request: `told` has its `status` (400 to 499) and `error`."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(f"the gate answered {status}: {error}")
        self.told = {"status": status, "error": error}


class GateClient:
    """Asks the gate at `url` (such as http://127.0.0.1:8377); `key` where it asks for one."""

    def __init__(self, url: str, key: str = "", timeout_s: float = 2.0) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError("the gate's address begins with http:// or https://")
        self._url = url.rstrip("/")
        self._key = key
        self._timeout = timeout_s

    def decide(self, **fields: Any) -> Answer:
        """The gate's answer. A request that it refused is `forbid` with the code `gate_refused`, what it
        said is in `body`; any other error on the way is `gate_unreachable`."""
        try:
            body = self._post("/v1/decide", fields)
        except RefusedError as refused:
            return Answer(False, "forbid", ("gate_refused",), None, refused.told)
        except (OSError, ValueError):
            return Answer(False, "forbid", ("gate_unreachable",), None, {})
        held = body.get("reservation") or {}
        codes = tuple(r["code"] for r in body.get("reasons", ()) if r["effect"] == "forbid")
        proceed = body.get("may_proceed") is True
        return Answer(proceed, str(body.get("status")), codes, held.get("id"), body)

    def report(self, reservation: str, **fields: Any) -> bool:
        """Whether the report was taken; report again where it was not."""
        try:
            self._post("/v1/report", {"reservation_id": reservation, **fields})
        except (OSError, ValueError):
            return False
        return True

    def _post(self, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        call = HttpCall(self._url + path, json.dumps(fields).encode(), headers, method="POST")  # noqa: S310
        try:
            with urlopen(call, timeout=self._timeout) as answer:  # noqa: S310
                body: dict[str, Any] = json.load(answer)
        except HTTPError as error:
            with error:
                told = _told(error)
            if error.code < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise RefusedError(error.code, told) from None
            raise ValueError(f"the gate answered {error.code}") from None
        except URLError as error:
            raise OSError("the gate cannot be reached") from error
        return body


def _told(answer: HTTPError) -> str:
    """What the gate said of the error; empty where it was not the gate that spoke."""
    try:
        body = json.load(answer)
    except (OSError, ValueError):
        return ""
    return str(body.get("error", "")) if isinstance(body, dict) else ""
