"""Predictions without the framework, which costs more than half of what an answer costs beside the model.

What isn't as it should be goes to the framework, so that it is told in its words.
"""

from collections.abc import Awaitable, Callable

from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline_mlops.serving.bodies import PredictRequest
from pipeline_mlops.serving.gate import replayed

_CONTENT_TYPE = (b"content-type", b"application/json")


class Direct:
    """Stands behind the gate, which has read the body whole, and before the framework."""

    def __init__(self, app: ASGIApp, *, path: str, answer: Callable[[PredictRequest], Awaitable[bytes]]) -> None:
        """Stand before an application.

        Args:
            app: the application.
            path: of predictions.
            answer: a prediction, in JSON.
        """
        self._app = app
        self._path = path
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a prediction, or go on."""
        if scope["type"] != "http" or scope["path"] != self._path or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        content: bytes = (await receive()).get("body", b"")
        types = [each for each in scope["headers"] if each[0] == _CONTENT_TYPE[0]]
        asked = _asked(content) if types == [_CONTENT_TYPE] else None
        if asked is None:
            await self._app(scope, replayed(content, receive), send)
            return
        answer = await self._answer(asked)
        headers = [_CONTENT_TYPE, (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


def _asked(content: bytes) -> PredictRequest | None:
    try:
        return PredictRequest.model_validate_json(content)
    except ValidationError:
        return None
