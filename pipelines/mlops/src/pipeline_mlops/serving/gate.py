"""What a request passes before its work begins: who calls, how often, how much is sent and how fast; and the log of it.

The order matters: nobody without a token gets a body read, and a body is whole before anything is made of it.
"""

import asyncio
import json
import math
import re
import time
import uuid
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline_mlops.serving.metrics import Metrics
from pipeline_mlops.serving.settings import ApiSettings
from pipeline_mlops.serving.tokens import Caller, Door, RefusedError

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OPEN = ("/health/live", "/health/ready", "/metrics", "/docs", "/openapi.json")


class Refusal(Exception):  # noqa: N818  it is an answer
    """An answer that ends a request before its work."""

    def __init__(self, code: int, reason: str, detail: str, retry_after: int | None = None) -> None:
        """Say why; `reason` is for the metric: rate, size, busy, auth, input or timeout."""
        super().__init__(detail)
        self.code = code
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after


class Gate:
    """Stands before the application."""

    def __init__(
        self, app: ASGIApp, *, settings: ApiSettings, door: Door, metrics: Metrics, roles: Mapping[tuple[str, str], str]
    ) -> None:
        """Stand before an application.

        Args:
            app: the application.
            settings: limits.
            door: judges tokens.
            metrics: counts.
            roles: role by method and path; what isn't named needs none.
        """
        self._app = app
        self._settings = settings
        self._door = door
        self._metrics = metrics
        self._roles = roles
        self._paths = {path for _, path in roles} | set(_OPEN)
        self._limit = RateLimitItemPerMinute(settings.requests_per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(correlation_id=request_id)
        role = self._roles.get((scope["method"], scope["path"]))
        began = time.perf_counter()
        caller: Caller | None = None

        def line(code: int) -> None:
            if role is not None:
                _tell(scope, code, time.perf_counter() - began, caller)

        told = _Told(send, request_id, line)
        with self._metrics.in_flight.track_inprogress():
            try:
                if role is None:
                    await self._app(scope, receive, told.send)
                else:
                    caller = await self._caller(headers)
                    await self._let_in(role, caller)
                    scope.setdefault("state", {})["caller"] = caller
                    await self._with_body(scope, headers, receive, told.send)
            except Refusal as refusal:
                await told.refuse(refusal)
            except Exception as error:  # its words may hold the text that was sent, so its kind alone is told
                structlog.get_logger().error("a request failed", path=scope["path"], kind=type(error).__name__)
                await told.refuse(Refusal(500, "", "the request failed; its X-Request-ID finds it in the log"))
        reason = told.reason or ("input" if role is not None and told.code in (400, 422) else "")
        self._count(scope, told.code, reason, time.perf_counter() - began)

    async def _caller(self, headers: Mapping[str, str]) -> Caller:
        try:
            return await self._door.caller(headers.get("authorization"))
        except RefusedError as error:
            raise Refusal(401, "auth", str(error)) from None

    async def _let_in(self, role: str, caller: Caller) -> None:
        if not caller.may(role):
            raise Refusal(403, "auth", f"the token has no role {role}")
        if not await self._limiter.hit(self._limit, caller.subject):
            reset = (await self._limiter.get_window_stats(self._limit, caller.subject)).reset_time
            wait = max(1, math.ceil(reset - time.time()))
            raise Refusal(429, "rate", f"more than {self._limit.amount} requests in a minute", wait)

    async def _with_body(self, scope: Scope, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
        """Read the whole body, within limits of length and time, and go on with it."""
        most = self._settings.most_body_bytes
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > most:
            raise Refusal(413, "size", f"the body has more than {most} bytes")
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Refusal(400, "input", "the connection ended before the body")
                    chunk = message.get("body", b"")
                    more = message.get("more_body", False)
                    size += len(chunk)
                    self._held += len(chunk)
                    if size > most:
                        raise Refusal(413, "size", f"the body has more than {most} bytes")
                    if self._held > self._settings.most_held_bytes:
                        raise Refusal(503, "busy", "too much is being sent at once", 1)
                    chunks.append(chunk)
        except TimeoutError:
            raise Refusal(408, "timeout", f"the body took longer than {self._settings.body_seconds:g} s") from None
        finally:
            self._held -= size
        await self._app(scope, replayed(b"".join(chunks), receive), send)

    def _count(self, scope: Scope, code: int, reason: str, seconds: float) -> None:
        path = scope["path"]
        route = path if path in self._paths else "other"
        method = scope["method"] if scope["method"] in ("GET", "POST", "HEAD", "OPTIONS") else "other"
        self._metrics.requests.labels(route, method, str(code)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        if reason != "":
            self._metrics.rejected.labels(reason).inc()


def replayed(body: bytes, receive: Receive) -> Receive:
    """Answer a whole body once, then what comes after it."""
    whole: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def replay() -> Message:
        nonlocal whole
        if whole is None:
            return await receive()
        given, whole = whole, None
        return given

    return replay


def _tell(scope: Scope, code: int, seconds: float, caller: Caller | None) -> None:
    """Log a request. Of a known caller it is an audit line, which is kept where nobody can delete it.

    What anybody can send as often as he likes isn't: it would fill the trail.
    """
    who = {"audit": True, "actor": caller.subject} if caller else {"actor": "unknown"}
    structlog.get_logger().info(
        "request",
        **who,
        action=str(scope["path"]).removeprefix("/").replace("/", " "),
        object=f"{scope['method']} {scope['path']}",
        outcome="done" if code < 400 else "refused" if code < 500 else "failed",
        code=code,
        seconds=round(seconds, 4),
    )


class _Told:
    """What the client was told; the log's line stands before the answer leaves: who has the answer finds the line."""

    def __init__(self, send: Send, request_id: str, line: Callable[[int], None]) -> None:
        self._send = send
        self._line = line
        self._headers = [(b"x-request-id", request_id.encode()), (b"x-content-type-options", b"nosniff")]
        self.code = 0
        self.reason = ""

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Pass a message on, with the request's id."""
        if message["type"] == "http.response.start":
            self.code = message["status"]
            self._line(self.code)
            message["headers"] = [*message.get("headers", []), *self._headers]
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal; where an answer began already, its connection ends."""
        self.reason = refusal.reason
        if self.code != 0:
            return
        body = json.dumps({"detail": refusal.detail}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if refusal.retry_after is not None:
            headers.append((b"retry-after", str(refusal.retry_after).encode()))
        if refusal.code == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        if refusal.code in (408, 413):
            headers.append((b"connection", b"close"))
        await self.send({"type": "http.response.start", "status": refusal.code, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})
