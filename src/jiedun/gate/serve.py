"""The gate over HTTP: `/v1/decide`, `/v1/report`, `/v1/decisions/ID`, metrics, OpenAPI.

On loopback no key is asked, and the `Host` must be this machine's. Bound elsewhere, every call needs
`Authorization: Bearer KEY`; a key has scopes, `SCOPES`. Keys are kept as SHA-256 only. The log
(`jiedun.gate`, INFO) has one line a decision, with pseudonyms.
"""

import gc
import json
import logging
import sys
from asyncio import AbstractEventLoop, Future, get_running_loop
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import anyio
import orjson
from anyio import to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from jiedun.chain.sign import Key
from jiedun.errors import BadValue, JiedunError
from jiedun.gate.gate import Gate
from jiedun.gate.group import Work
from jiedun.gate.interface import Decision, Recorded, Request
from jiedun.gate.openapi import OPENAPI
from jiedun.gate.roots import sign_heads
from jiedun.gate.wire import decision_json, outcome_in, recorded_json, request_in
from jiedun.web.body import NotJson, TooLong, read_body
from jiedun.web.keys import OWN_HOSTS, ApiKeys

LONGEST_BODY = 64 * 1024
SCOPES = frozenset({"decide", "report", "explain", "override", "metrics"})
ROOT_EVERY_S = 60
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 1.0)
_LOG = logging.getLogger("jiedun.gate")


def _json(body: object, status_code: int = 200) -> Response:
    return Response(orjson.dumps(body), status_code, media_type="application/json")


Handler = Callable[[HttpRequest], Awaitable[Response]]


@dataclass(slots=True)
class Metrics:
    """Counts and times since the start, as Prometheus reads them."""

    decisions: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    errors: Counter[int] = field(default_factory=Counter)
    buckets: Counter[float] = field(default_factory=Counter)
    seconds: float = 0.0
    count: int = 0

    def time(self, seconds: float) -> None:
        """Nothing; one decision took so long."""
        self.count += 1
        self.seconds += seconds
        self.buckets.update(b for b in _BUCKETS if seconds <= b)

    def text(self) -> str:
        """The exposition format, version 0.0.4."""
        lines = ["# TYPE jiedun_gate_decisions_total counter"]
        lines += [
            f'jiedun_gate_decisions_total{{status="{s}"}} {n}'
            for s, n in sorted(self.decisions.items())
        ]
        lines.append("# TYPE jiedun_gate_reasons_total counter")
        lines += [
            f'jiedun_gate_reasons_total{{code="{c}"}} {n}' for c, n in sorted(self.reasons.items())
        ]
        lines.append("# TYPE jiedun_gate_http_errors_total counter")
        lines += [
            f'jiedun_gate_http_errors_total{{code="{c}"}} {n}'
            for c, n in sorted(self.errors.items())
        ]
        lines.append("# TYPE jiedun_gate_decision_seconds histogram")
        lines += [
            f'jiedun_gate_decision_seconds_bucket{{le="{b}"}} {self.buckets[b]}' for b in _BUCKETS
        ]
        lines.append(f'jiedun_gate_decision_seconds_bucket{{le="+Inf"}} {self.count}')
        lines += [
            f"jiedun_gate_decision_seconds_sum {self.seconds:.6f}",
            f"jiedun_gate_decision_seconds_count {self.count}",
        ]
        return "\n".join(lines) + "\n"


class Bridge:
    """Hands what the committing thread has finished to the event loop, many at a time."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._over: deque[tuple[Future[Any], Work]] = deque()
        self._called = False

    def waiter(self) -> tuple[Future[Any], Callable[[Work], None]]:
        """A future, and what the committing thread calls to fill it."""
        future: Future[Any] = self._loop.create_future()
        return future, lambda work: self._put(future, work)

    def _put(self, future: Future[Any], work: Work) -> None:
        self._over.append((future, work))
        if not self._called:
            self._called = True
            with suppress(RuntimeError):  # the loop is closed, nobody waits
                self._loop.call_soon_threadsafe(self._fill)

    def _fill(self) -> None:
        self._called = False
        while self._over:
            future, work = self._over.popleft()
            if future.done():
                continue
            if work.error is not None:
                future.set_exception(work.error)
            else:
                future.set_result(work.result)


class Service:
    """The HTTP face of one gate."""

    def __init__(self, gate: Gate, keys: ApiKeys, signer: Key | None = None) -> None:
        self.gate = gate
        self.keys = keys
        self.signer = signer
        self.metrics = Metrics()
        self._over: tuple[AbstractEventLoop, Bridge] | None = None

    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/v1/decide", self._guarded("decide", self._decide), methods=["POST"]),
            Route("/v1/report", self._guarded("report", self._report), methods=["POST"]),
            Route("/v1/decisions/{id}", self._guarded("explain", self._explain)),
            Route("/metrics", self._guarded("metrics", self._metrics)),
            Route("/openapi.json", self._openapi),
            Route("/healthz", self._health),
        ]
        guard = [Middleware(TrustedHostMiddleware, allowed_hosts=OWN_HOSTS)]
        open_to_all = self.keys.holders is None
        return Starlette(
            routes=routes, lifespan=self._lifespan, middleware=guard if open_to_all else []
        )

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        async with anyio.create_task_group() as group:
            if self.signer is not None:
                group.start_soon(self._sign_each_minute, self.signer)
            yield
            group.cancel_scope.cancel()
        self.gate.close()

    async def _sign_each_minute(self, key: Key) -> None:
        while True:
            await anyio.sleep(ROOT_EVERY_S)
            try:
                row = await to_thread.run_sync(sign_heads, self.gate.store, key, self.gate.now())
                _LOG.info(json.dumps({"event": "root", "n": row["n"], "root": row["root"]}))
            except Exception as error:
                _LOG.error(json.dumps({"event": "root_failed", "why": type(error).__name__}))

    def _guarded(self, scope: str, handler: Handler) -> Handler:
        async def answer(request: HttpRequest) -> Response:
            scopes = self._scopes(request)
            if scopes is None:
                return self._error(401, "this key is not known")
            if scope not in scopes:
                return self._error(403, f"this key lacks the scope {scope}")
            try:
                return await handler(request)
            except TooLong as error:
                return self._error(413, str(error))
            except NotJson as error:
                return self._error(415, str(error))
            except BadValue as error:
                return self._error(422, str(error))
            except JiedunError as error:
                return self._error(503, str(error))

        return answer

    def _scopes(self, request: HttpRequest) -> frozenset[str] | None:
        """What the caller may do; None where the key is not known."""
        if self.keys.holders is None:
            return SCOPES
        holder = self.keys.holder(request.headers.get("authorization", ""))
        return None if holder is None else holder.scopes

    def _error(self, code: int, what: str) -> Response:
        self.metrics.errors[code] += 1
        return _json({"error": what}, status_code=code)

    async def _body(self, request: HttpRequest) -> object:
        raw = await read_body(request, LONGEST_BODY)
        try:
            decoded: object = orjson.loads(raw)
        except ValueError as error:
            raise BadValue("the body is not JSON in UTF-8") from error
        return decoded

    async def _decide(self, request: HttpRequest) -> Response:
        asked = request_in(await self._body(request))
        if asked.override is not None and "override" not in (self._scopes(request) or ()):
            return self._error(403, "this key lacks the scope override")
        start = perf_counter()
        decision = await self._decided(asked)
        self.metrics.time(perf_counter() - start)
        self.metrics.decisions[decision.status.value] += 1
        self.metrics.reasons.update(decision.codes)
        self._log(asked, decision)
        return _json(decision_json(decision))

    def _log(self, asked: Request, decision: Decision) -> None:
        if not _LOG.isEnabledFor(logging.INFO):
            return
        name = self.gate.names.of
        told = {
            "event": "decision", "id": decision.id, "status": decision.status.value,
            "codes": decision.codes, "person": name(asked.person), "debt": name(asked.debt),
            "override": decision.override is not None,
        }  # fmt: skip
        _LOG.info(json.dumps(told))

    async def _decided(self, request: Request) -> Decision:
        """The decision; words are read beside the event loop, since reading takes its time."""
        ready = self.gate.desk.ready
        asked = await to_thread.run_sync(ready, request) if request.words else ready(request)
        future, done = self._bridge().waiter()
        self.gate.decide_then(asked, done)
        decision: Decision = await future
        return decision

    def _bridge(self) -> Bridge:
        loop = get_running_loop()
        if self._over is None or self._over[0] is not loop:
            self._over = (loop, Bridge(loop))
        return self._over[1]

    async def _report(self, request: HttpRequest) -> Response:
        outcome = outcome_in(await self._body(request))
        future, done = self._bridge().waiter()
        self.gate.report_then(outcome, done)
        recorded: Recorded = await future
        _LOG.info(
            json.dumps({"event": "outcome", "id": recorded.reservation_id, "late": recorded.late})
        )
        return _json(recorded_json(recorded))

    async def _explain(self, request: HttpRequest) -> Response:
        found = await to_thread.run_sync(self.gate.explain, request.path_params["id"])
        if found is None:
            return self._error(404, "there is no such decision")
        return _json(decision_json(found))

    async def _metrics(self, _request: HttpRequest) -> Response:
        return PlainTextResponse(self.metrics.text(), media_type="text/plain; version=0.0.4")

    async def _openapi(self, _request: HttpRequest) -> Response:
        return _json(OPENAPI)

    async def _health(self, _request: HttpRequest) -> Response:
        return _json({"rules_version": self.gate.rules.version})


def calm() -> None:
    """Nothing; this process changes threads and collects garbage so that few answers are late."""
    sys.setswitchinterval(0.0005)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
