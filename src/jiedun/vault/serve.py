"""The vault over HTTP. Routes are `acts.ACTS`; besides them `/healthz` and `/openapi.json`.

On loopback no key is asked, and the caller says who acts in `X-Jiedun-Actor` and `X-Jiedun-Role`
(UTF-8, percent-encoded). Bound elsewhere every call needs `Authorization: Bearer KEY`: who acts is who
holds the key; only a key with the scope `act_for` may name another. One act runs at a time. Errors hold
codes and names of fields, never a value.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jiedun.errors import BadValue, JiedunError, ProofError
from jiedun.vault.access import Actor
from jiedun.vault.acts import ACT_FOR, ACTS, Call, Served
from jiedun.vault.database import reading
from jiedun.vault.openapi import describe
from jiedun.vault.store import Vault
from jiedun.web.body import NotJson, TooLong, answer, read_json
from jiedun.web.keys import OWN_HOSTS, ApiKeys, Holder

ACTOR, ROLE = "x-jiedun-actor", "x-jiedun-role"
_LOG = logging.getLogger("jiedun.vault")
_DOWN = (503, "unavailable")
# The vault's refusals by how they begin; everything else it refuses is `refused`.
_STATUS = {
    "no such person": (404, "unknown_subject"),
    "nothing is kept about": (404, "unknown_subject"),
    "no such request": (404, "unknown"),
    "no bulk read of that number": (404, "unknown"),
    "the database refused": _DOWN,
    "the token": _DOWN,
    "there is no such token": _DOWN,
    "this actor has read": (429, "pace"),
    "this receipt was recorded before": (409, "replayed"),
    "this event is older": (409, "replayed"),
    "a request that is": (409, "state"),
    "another change came first": (409, "state"),
    "this person's data are under": (409, "legal_hold"),
    "this look-up is not allowed": (403, "denied"),
    "a bulk read needs a second": (403, "denied"),
    "this person has no approval": (403, "denied"),
    "the approval": (403, "denied"),
    "this recipient does not stand": (403, "recipient"),
}


def status_of(error: JiedunError) -> tuple[int, str]:
    """The HTTP status and the stable code of an error."""
    if isinstance(error, TooLong):
        return 413, "too_long"
    if isinstance(error, NotJson):
        return 415, "not_json"
    if isinstance(error, BadValue):
        return 422, "bad_value"
    if isinstance(error, ProofError):  # the log or the ledger cannot be written, or is not whole
        return _DOWN
    return next(
        (s for front, s in _STATUS.items() if error.what.startswith(front)), (422, "refused")
    )


class Service:
    """The HTTP face of one vault."""

    def __init__(self, vault: Vault, keys: ApiKeys) -> None:
        self.vault = vault
        self.keys = keys
        self._alone = CapacityLimiter(1)

    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [Route(act.path, self._route(act), methods=[act.method]) for act in ACTS]
        routes += [Route("/openapi.json", self._openapi), Route("/healthz", self._health)]
        guard = [Middleware(TrustedHostMiddleware, allowed_hosts=OWN_HOSTS)]
        return Starlette(routes=routes, middleware=guard if self.keys.holders is None else [])

    def _route(self, act: Served) -> Callable[[Request], Awaitable[Response]]:
        async def run(request: Request) -> Response:
            actor = self._actor(request, act.scope)
            if isinstance(actor, Response):
                return actor
            try:
                body = await read_json(request, act.longest) if act.method == "POST" else {}
                call = Call(actor, request.path_params, body)
                done = await to_thread.run_sync(act.do, self.vault, call, limiter=self._alone)
            except JiedunError as error:
                return self._refused(error, act)
            except Exception as error:  # whatever it says may hold a value: only its kind is kept
                _LOG.error(json.dumps({"act": act.path, "error": type(error).__name__}))
                return _error(500, "internal", "something went wrong; nothing is acknowledged")
            return answer(done)

        return run

    def _refused(self, error: JiedunError, act: Served) -> Response:
        status, code = status_of(error)
        _LOG.info(json.dumps({"act": act.path, "status": status, "code": code}))
        return _error(status, code, str(error))

    def _actor(self, request: Request, scope: str) -> Actor | Response:
        name = unquote(request.headers.get(ACTOR, ""))
        role = unquote(request.headers.get(ROLE, ""))
        if not all(len(x) <= 80 and x.isprintable() for x in (name, role)):
            return _error(422, "bad_value", "the actor or the role is not a short text")
        if self.keys.holders is None:
            return (
                Actor(name, role) if name else _error(401, "no_actor", f"say who acts in {ACTOR}")
            )
        holder = self.keys.holder(request.headers.get("authorization", ""))
        if holder is None:
            return _error(401, "no_key", "this key is not known")
        if scope not in holder.scopes:
            return _error(403, "scope", "this key may not do that")
        return _as(holder, name, role)

    async def _openapi(self, _: Request) -> Response:
        return answer(describe())

    async def _health(self, _: Request) -> Response:
        try:
            found = await to_thread.run_sync(self._look, limiter=self._alone)
        except JiedunError as error:
            return self._refused(error, ACTS[0])
        return answer(found)

    def _look(self) -> dict[str, Any]:
        for engine in (self.vault.data, self.vault.keys):
            with reading(engine) as link:
                link.exec_driver_sql("SELECT 1").scalar()
        return {"ok": True, "lines": self.vault.log.head.count}


def _as(holder: Holder, name: str, role: str) -> Actor | Response:
    if not name and not role:
        return Actor(holder.name, holder.role)
    if ACT_FOR not in holder.scopes:
        if (name or holder.name, role or holder.role) == (holder.name, holder.role):
            return Actor(holder.name, holder.role)
        return _error(403, "scope", "this key may not act for another")
    return Actor(name or holder.name, role or holder.role)


def _error(status: int, code: str, what: str) -> Response:
    return answer({"error": code, "words": what}, status)
