"""What every request passes before a route sees it: names, token, rate, size, time. And its line in the log."""

from __future__ import annotations

import dataclasses
import logging
import secrets
import time
from collections import Counter

import anyio
import limits
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fovea.server.grants import RIGHTS, Grant
from fovea.server.metrics import Metrics
from fovea.server.problems import Problem, problem_of
from fovea.server.scopes import parts_of, whole
from fovea.server.settings import Settings
from fovea.server.tokens import TokenFile

log = logging.getLogger("fovea.server")

PROBES = ("/healthz", "/readyz")  # of orchestrators, which name an address and show no token
STREAM = "application/x-ndjson"
MOST_HEAD_BYTES = 32_768
SLOWEST = 65_536  # bytes a second, of a body that takes long
_SECURE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_GUESSES = "10/minute"  # of tokens, an address


class Guard:
    """An ASGI app around another one."""

    def __init__(self, app: ASGIApp, settings: Settings, tokens: TokenFile, metrics: Metrics) -> None:
        self._app, self._settings, self._tokens, self._metrics = app, settings, tokens, metrics
        self._rate, self._guesses = limits.parse(settings.limits.rate), limits.parse(_GUESSES)
        self._counts = limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage())
        self._running: Counter[str] = Counter()  # by token
        self._needs_token = tokens.exists()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        await _Request(scope, receive, send).answer(self)

    async def pass_on(self, request: _Request) -> None:
        """Raises Problem for a request that no route should see."""
        scope, headers = request.scope, Headers(scope=request.scope)
        _check_head(scope, headers)
        probe = scope["path"] in PROBES
        if not probe:
            self._check_names(headers)
            grant = self._grant_of(headers, (scope.get("client") or ("",))[0])
            scope["fovea.grant"], scope["fovea.secret"], request.token = grant, _shown_token(headers) or "", grant.token
            self._check_running(grant.token)
        request.patience = self._settings.limits.body_seconds
        request.most_bytes = self._settings.limits.import_bytes if scope["path"] == "/v1/import" else \
            self._settings.limits.bytes
        request.check_declared_size(headers)
        # Streams show that they live, files take as long as they are large; their callers end them by hanging up.
        streams = STREAM in headers.get("accept", "") or scope["path"] in ("/mcp", "/v1/export", "/v1/import")
        self._running[request.token] += not probe
        self._metrics.running.inc()
        try:
            with anyio.move_on_after(None if streams else self._settings.limits.seconds) as limit:
                await self._app(scope, request.receive_bounded(), request.send_marked)
        finally:
            self._running[request.token] -= not probe
            self._running += Counter()  # forgets those at 0
            self._metrics.running.dec()
        if limit.cancelled_caught:
            raise Problem(504, "timeout", f"no answer within {self._settings.limits.seconds:g} seconds; what is done "
                                          f"so far is stored. Ask for less, or with `Accept: {STREAM}`")

    def done(self, request: _Request, seconds: float) -> None:
        # Labels that clients cannot make up.
        route = "/mcp" if request.scope["path"] == "/mcp" else getattr(request.scope.get("route"), "path", "none")
        method = request.scope["method"] if request.scope["method"] in ("GET", "POST", "DELETE") else "other"
        self._metrics.requests.labels(route, method, str(request.status)).inc()
        self._metrics.seconds.labels(route, method).observe(seconds)
        if request.scope["path"] in (*PROBES, "/metrics") and request.status == 200:
            return
        log.info("request", extra={"request": request.id, "method": method, "route": route, "status": request.status,
                                   "seconds": round(seconds, 4), "token": request.token, "bytes_in": request.bytes_in,
                                   "bytes_out": request.bytes_out})

    def problem(self, error: Exception) -> Problem:
        return problem_of(error, self._settings.hidden)

    def _check_names(self, headers: Headers) -> None:
        names = self._settings.names
        origin = headers.get("origin")
        if headers.get("host") not in names.hosts:
            self._metrics.refused.labels("host").inc()
            raise Problem(421, "forbidden", "Host: not a name of this server; `--allow-host NAME` adds one")
        if origin is not None and origin not in names.origins:
            self._metrics.refused.labels("origin").inc()
            raise Problem(403, "forbidden", "Origin: not a name of this server; `--allow-host NAME` adds one")

    def _grant_of(self, headers: Headers, address: str) -> Grant:
        token = _shown_token(headers)
        # Once there are tokens, one is needed, even if the file goes away.
        self._needs_token = self._needs_token or self._tokens.exists()
        if not self._needs_token:
            self._count(self._rate, f"address {address}")
            return Grant("", frozenset(RIGHTS), ((),), whole(parts_of(self._settings.scope)))
        grant = self._tokens.find(token) if token else None
        if grant is None:
            self._count(self._guesses if token else self._rate, f"{'guess' if token else 'address'} {address}")
            self._metrics.refused.labels("token").inc()
            raise Problem(401, "unauthorized", "expected `Authorization: Bearer TOKEN` with a token of this server; "
                                               "`fovea-server token create` makes one",
                          {"WWW-Authenticate": 'Bearer realm="fovea"'})
        self._count(self._rate, f"token {grant.token}")
        return grant

    def _check_running(self, token: str) -> None:
        """One token leaves half of the server to the others."""
        most = self._settings.limits.running
        if self._running.total() >= most or (token and self._running[token] >= (most + 1) // 2):
            self._metrics.refused.labels("running").inc()
            raise Problem(503, "busy", "as many requests are under way as the server takes at once; try again",
                          {"Retry-After": "1"})

    def _count(self, rate: limits.RateLimitItem, whose: str) -> None:
        if self._counts.hit(rate, whose):
            return
        self._metrics.refused.labels("rate").inc()
        wait = max(1, round(self._counts.get_window_stats(rate, whose).reset_time - time.time() + .5))
        raise Problem(429, "too_many", f"more than {rate}; try again in {wait} s", {"Retry-After": str(wait)})


@dataclasses.dataclass
class _Request:
    """One on its way through."""

    scope: Scope
    receive: Receive
    send: Send
    id: str = dataclasses.field(default_factory=lambda: secrets.token_hex(8))
    token: str = ""
    most_bytes: int = 0
    patience: float = 60  # seconds
    bytes_in: int = 0
    body_taken: bool = True
    bytes_out: int = 0
    status: int = 0

    async def answer(self, guard: Guard) -> None:
        begun = time.perf_counter()
        self.scope["fovea.request"] = self.id
        headers = Headers(scope=self.scope)
        self.body_taken = "transfer-encoding" not in headers and headers.get("content-length", "0") == "0"
        try:
            await guard.pass_on(self)
        except Exception as error:  # a client gets a problem whatever happens
            problem = guard.problem(error)
            if problem.code == "failure" and self.status == 0:
                log.error("failed", exc_info=error, extra={"request": self.id})
            if self.status == 0:
                await problem.response()(self.scope, self.receive, self.send_marked)
            # Otherwise the head of the answer is gone: an answer that stays incomplete has uvicorn hang up.
        finally:
            guard.done(self, time.perf_counter() - begun)

    def check_declared_size(self, headers: Headers) -> None:
        declared = headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > self.most_bytes:
            raise self._too_large()

    def receive_bounded(self) -> Receive:
        """Of a body, with an end to its size and to the patience for it."""
        begun = anyio.current_time()
        asked = False

        async def receive() -> Message:
            nonlocal asked
            if asked and self.body_taken:
                return await self.receive()  # waits for the client to hang up
            with anyio.CancelScope(deadline=begun + self.patience + self.bytes_in / SLOWEST) as limit:
                message = await self.receive()
            if limit.cancelled_caught:
                raise Problem(408, "timeout", f"the body came too slowly: expected {SLOWEST / 1024:g} KiB a second")
            asked = True
            self.bytes_in += len(message.get("body", b""))
            self.body_taken = not message.get("more_body", False)
            if self.bytes_in > self.most_bytes:
                raise self._too_large()
            return message

        return receive

    async def send_marked(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.id
            if not self.body_taken:
                headers["connection"] = "close"  # who goes on sending would hold the connection
            for name, value in _SECURE.items():
                headers.setdefault(name, value)
        self.bytes_out += len(message.get("body", b""))
        with anyio.move_on_after(self.patience) as limit:
            await self.send(message)
        if limit.cancelled_caught:
            raise Problem(408, "timeout", "the answer was not taken")

    def _too_large(self) -> Problem:
        return Problem(413, "too_large", f"the body has more than {self.most_bytes:,} bytes; send it in parts, or start "
                                         "the server with larger limits")


def _check_head(scope: Scope, headers: Headers) -> None:
    if "content-length" in headers and "transfer-encoding" in headers:
        # A proxy may believe the other one, and take the rest for a request of its own.
        raise Problem(400, "invalid_argument", "Content-Length and Transfer-Encoding: give one of them")
    if sum(len(name) + len(value) for name, value in headers.raw) + len(scope["query_string"]) > MOST_HEAD_BYTES:
        raise Problem(431, "too_large", f"the head has more than {MOST_HEAD_BYTES:,} bytes; conditions and keys are shorter")


def _shown_token(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
