"""A client of the vault over HTTP; standard library alone, so that a loan system can copy it.

What the vault refuses is a `Refused` with its status and stable code; what does not answer has status 0.
Nothing is tried again by itself: a collection whose answer was lost may have been kept.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from jiedun.errors import VaultError


class Refused(VaultError):  # noqa: N818
    """The vault said no, or nothing: `status` of HTTP (0 = no answer) and `code`."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(words, why=code)
        self.status = status
        self.code = code


class VaultClient:
    """Talks to the vault at `url` (such as http://127.0.0.1:8378) with `key` where it asks for one, and
    says who acts: on loopback, or with a key that may act for others."""

    def __init__(
        self, url: str, key: str = "", actor: str = "", role: str = "", timeout_s: float = 10.0
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError("the vault's address begins with http:// or https://")
        self._url = url.rstrip("/")
        self._timeout = timeout_s
        self._headers = {"Content-Type": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        if actor:
            self._headers["X-Jiedun-Actor"] = quote(actor)
        if role:
            self._headers["X-Jiedun-Role"] = quote(role)

    def collect(
        self,
        values: Mapping[str, str],
        purposes: Sequence[str],
        consents: Sequence[Mapping[str, str]] = (),
    ) -> dict[str, Any]:
        """The new person's `subject`, and what was `kept`, `refused`, `missing`, `consent_needed`."""
        body = {"values": dict(values), "purposes": list(purposes), "consents": list(consents)}
        return self._call("POST", "/v1/collect", body)

    def add(
        self,
        subject: str,
        values: Mapping[str, str],
        purposes: Sequence[str],
        consents: Sequence[Mapping[str, str]] = (),
    ) -> dict[str, Any]:
        """The same about a person who is kept, or for more purposes; consents that stand count."""
        body = {"values": dict(values), "purposes": list(purposes), "consents": list(consents)}
        return self._call("POST", f"/v1/subjects/{subject}/collect", body)

    def give(self, subject: str, **consent: str) -> dict[str, Any]:
        """The consent as recorded: receipt, purpose, notice; scope and detail where separate."""
        return self._call("POST", f"/v1/subjects/{subject}/consents/give", consent)

    def withdraw(self, subject: str, **consent: str) -> dict[str, Any]:
        """The withdrawal as recorded: the same arguments as `give`."""
        return self._call("POST", f"/v1/subjects/{subject}/consents/withdraw", consent)

    def consents(self, subject: str) -> list[dict[str, Any]]:
        """The person's consent records."""
        found: list[dict[str, Any]] = self._get(f"/v1/subjects/{subject}/consents")["records"]
        return found

    def read(self, subject: str, fields: Sequence[str], purpose: str) -> dict[str, Any]:
        """By field: `value`, `grant`, `reason`."""
        body = {"fields": list(fields), "purpose": purpose}
        found: dict[str, Any] = self._call("POST", f"/v1/subjects/{subject}/read", body)["fields"]
        return found

    def find(self, field: str, value: str, purpose: str) -> list[str]:
        """The persons whose field equals the value."""
        body = {"field": field, "value": value, "purpose": purpose}
        found: list[str] = self._call("POST", "/v1/find", body)["subjects"]
        return found

    def erase(self, subject: str, why: str) -> dict[str, Any]:
        """What was destroyed."""
        return self._call("POST", f"/v1/subjects/{subject}/erase", {"why": why})

    def request(self, subject: str, kind: str) -> dict[str, Any]:
        """The person's request, new or the one that is open."""
        return self._call("POST", f"/v1/subjects/{subject}/requests", {"kind": kind})

    def requests(self) -> list[dict[str, Any]]:
        """The requests without an end, the one due first in front."""
        found: list[dict[str, Any]] = self._get("/v1/requests")["requests"]
        return found

    def step(self, request: str, to: str, note: str = "") -> dict[str, Any]:
        """The request one step on."""
        return self._call("POST", f"/v1/requests/{request}/steps", {"to": to, "note": note})

    def fulfil(self, request: str, values: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What was done, for the answer to the person."""
        return self._call("POST", f"/v1/requests/{request}/fulfil", {"values": dict(values or {})})

    def ask_bulk(self, purpose: str, fields: Sequence[str], most: int, why: str) -> str:
        """The id of a bulk read that waits for a second person."""
        body = {"purpose": purpose, "fields": list(fields), "most": most, "why": why}
        return str(self._call("POST", "/v1/bulk", body)["id"])

    def approve_bulk(self, number: str) -> None:
        """Nothing; the bulk read is approved."""
        self._call("POST", f"/v1/bulk/{number}/approve", {})

    def read_bulk(self, number: str, subjects: Sequence[str]) -> list[dict[str, Any]]:
        """The answers in order, each as from `read`."""
        body = {"subjects": list(subjects)}
        found: list[dict[str, Any]] = self._call("POST", f"/v1/bulk/{number}/read", body)["rows"]
        return found

    def provide(self, number: str, subjects: Sequence[str], recipient: str) -> dict[str, Any]:
        """The `rows` for a recipient, and who is `left_out` with the clause."""
        body = {"subjects": list(subjects), "recipient": recipient}
        return self._call("POST", f"/v1/bulk/{number}/provide", body)

    def health(self) -> dict[str, Any]:
        """Whether it can work."""
        return self._get("/healthz")

    def _get(self, path: str) -> dict[str, Any]:
        return self._call("GET", path, None)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        raw = None if body is None else json.dumps(body).encode()
        call = Request(self._url + path, raw, self._headers, method=method)  # noqa: S310
        try:
            with urlopen(call, timeout=self._timeout) as answer:  # noqa: S310
                found: dict[str, Any] = json.load(answer)
        except HTTPError as error:
            with error:
                raise _refused(error.code, error.read()) from None
        except (OSError, ValueError):
            raise Refused(0, "unreachable", "the vault gave no answer") from None
        return found


def _refused(status: int, raw: bytes) -> Refused:
    try:
        told = json.loads(raw)
        return Refused(status, str(told["error"]), str(told["words"]))
    except (ValueError, KeyError, TypeError):
        return Refused(status, "unknown", f"the vault answered {status}")
