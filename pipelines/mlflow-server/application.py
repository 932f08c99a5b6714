"""MLflow's application as uvicorn loads it: with log lines of requests, and answers that say what the storage lacks."""

import logging
import os
import re
import secrets
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import flask
from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from fastapi import Request
from fastapi.responses import JSONResponse
from log_lines import correlation_id
from mlflow.server import app as flask_app
from pipeline_shared.masking import masked_text

_logger = logging.getLogger("mlflow.requests")
_QUIET = ("/health", "/metrics", "/static-files/")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_REFUSED = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch")

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Requests:
    """Gives each request an id, that of its client where it sends one, and writes a line once it is answered."""

    def __init__(self, application: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        """Wrap another ASGI application."""
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return await self._application(scope, receive, send)
        headers = dict(scope["headers"])
        sent = headers.get(b"x-correlation-id", b"").decode("latin-1")
        request = sent if _ID.fullmatch(sent) else secrets.token_hex(8)
        token = correlation_id.set(request)
        status, began = 500, time.monotonic()

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-correlation-id", request.encode())]
            await send(message)

        try:
            await self._application(scope, receive, answered)
        finally:
            if not scope["path"].startswith(_QUIET):
                _said(scope["method"], scope["path"], status, time.monotonic() - began)
            correlation_id.reset(token)


def _said(method: str, path: str, status: int, seconds: float) -> None:
    line = {"method": method, "path": path, "status": status, "seconds": round(seconds, 3)}
    level = logging.WARNING if status >= 500 else logging.INFO
    _logger.log(level, "%s %s %d", method, path, status, extra=line)


async def _of_artifacts(_request: Request, error: Exception) -> JSONResponse:
    content, status = storage_answer(error)
    return JSONResponse(content, status)


def storage_answer(error: Exception) -> tuple[dict[str, str], int]:
    """Say in MLflow's form why artifacts can't be read or written; a client tries a 503 again, and no 403.

    Returns:
        The answer's JSON and its status.
    """
    status, code, message = _reason(error)
    _logger.warning(message)
    return {"error_code": code, "message": message}, status


def _reason(error: Exception) -> tuple[int, str, str]:
    bucket = os.environ["MLFLOW_ARTIFACTS_DESTINATION"]
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    text = f"{code} {error}"
    if any(each in text for each in _REFUSED):
        fix = "bucketworks services up gives it the key of today; its account has to read and write there"
        message = f"the bucket server refuses the key of this MLflow for {bucket}; {fix}"
        return 403, "PERMISSION_DENIED", message
    if code == "NoSuchBucket":
        return 404, "RESOURCE_DOES_NOT_EXIST", f"{bucket} has no bucket on the bucket server: run make up"
    if "Quota" in text:
        fix = "delete what nobody needs, or raise its quota in the platform's file"
        return 507, "RESOURCE_LIMIT_EXCEEDED", f"{bucket} is full: its quota is used up; {fix}"
    if code in {"404", "NoSuchKey"}:
        return 404, "RESOURCE_DOES_NOT_EXIST", "there is no such artifact"
    why = f"the bucket server neither keeps nor gives artifacts of {bucket} just now: {masked_text(str(error))}"
    return 503, "TEMPORARILY_UNAVAILABLE", why


def _metrics_for_all() -> Any:
    """Answer Prometheus, who has no login here; counts of requests are all that it is told."""
    if flask.request.endpoint != "prometheus_metrics":
        return None
    return flask_app.view_functions[flask.request.endpoint]()


def _end_with(parent: int) -> None:
    """A worker whose uvicorn was killed would keep the port, so that no other one could start."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def create() -> Requests:
    """Make the application; uvicorn calls it in each worker."""
    if os.environ.get("MLFLOW_AUTH_CONFIG_PATH"):
        from mlflow.server.auth import create_app  # noqa: PLC0415  it reads its settings when it is loaded

        # Before it asks for a login: who asks first, answers.
        flask_app.before_request(_metrics_for_all)
        application = create_app(flask_app)
    else:
        from mlflow.server.fastapi_app import app  # noqa: PLC0415

        application = app
    for kind in (Boto3Error, BotoCoreError, ClientError):
        application.add_exception_handler(kind, _of_artifacts)
        flask_app.register_error_handler(kind, storage_answer)
    if int(os.environ.get("WEB_CONCURRENCY", "1")) > 1:
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    return Requests(application)
