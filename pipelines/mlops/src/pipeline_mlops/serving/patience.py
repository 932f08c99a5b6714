"""How long a connection may take until the headers of a request are there, and how long these may be.

uvicorn itself would wait for ever, and keep all that comes.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MOST_BYTES = 32 * 1024
_PART = 4096
_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def patient_for(seconds: float) -> type[HttpToolsProtocol]:
    """Make uvicorn's protocol that closes a connection whose headers take longer, or are too long.

    All of a request that isn't its body counts: also trailers, and the lengths of chunks.
    """

    class Patient(HttpToolsProtocol):
        _deadline: asyncio.TimerHandle | None = None
        _part = 0
        _beside = 0

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            if self._deadline is None and (self.cycle is None or self.cycle.response_complete):
                self._wait()
            # In parts: what ends within one is known to a few bytes, and too much is never parsed.
            for place in range(0, len(data), _PART):
                part = data[place : place + _PART]
                self._part = len(part)
                self._beside += self._part
                super().data_received(part)
                if self._beside > _MOST_BYTES:
                    self._refuse()
                if self.transport.is_closing():
                    return

        def on_message_begin(self) -> None:
            self._beside = self._part
            super().on_message_begin()

        def on_body(self, body: bytes) -> None:
            self._beside -= len(body)
            super().on_body(body)

        def on_headers_complete(self) -> None:
            self._stop_waiting()
            super().on_headers_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def _refuse(self) -> None:
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(_TOO_LONG)
            self.transport.close()

        def _wait(self) -> None:
            self._deadline = self.loop.call_later(seconds, self.transport.close)

        def _stop_waiting(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

    made: type[Any] = Patient
    return made
