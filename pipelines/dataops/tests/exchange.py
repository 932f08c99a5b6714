"""An exchange of our own: candles of one minute in the shape of Binance's `klines`, and faults on demand.

The rows are made up, the same ones for the same minute. `python tests/exchange.py PORT` prints its address and serves
them until it is ended.
"""

import json
import math
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

MINUTE_MS = 60_000
MOST_ROWS = 1000
Row = list[Any]
Rows = list[Row]


def candle(minute: int) -> Row:
    """Make the candle of a minute since 1970, as `klines` has it."""
    price = 95_000 + 2_000 * math.sin(minute / 1440) + 50 * math.sin(minute / 7)
    close = price + 20 * math.sin(minute / 3)
    volume = 5 + 4 * math.sin(minute / 60)
    return [
        minute * MINUTE_MS,
        f"{price:.8f}",
        f"{max(price, close) + 3:.8f}",
        f"{min(price, close) - 3:.8f}",
        f"{close:.8f}",
        f"{volume:.8f}",
        (minute + 1) * MINUTE_MS - 1,
        f"{volume * price:.8f}",
        100 + minute % 50,
        f"{volume / 2:.8f}",
        f"{volume * price / 2:.8f}",
        "0",
    ]


class Exchange:
    """Answers as the API does; each of `faults` takes one request, in their order, and answers whatever it wants.

    `change` may make other rows of a page's.
    """

    def __init__(self, port: int = 0) -> None:
        self.asked: list[dict[str, str]] = []
        self.faults: list[Callable[[BaseHTTPRequestHandler], None]] = []
        self.change: Callable[[Rows], Any] = lambda rows: rows
        self.most_rows = MOST_ROWS
        self._server = ThreadingHTTPServer(("127.0.0.1", port), type("Answers", (_Answers,), {"exchange": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/v3/klines"

    def serve(self) -> None:
        """Answer until `close`."""
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Take no more requests."""
        self._server.shutdown()
        self._server.server_close()

    def page(self, asked: dict[str, str]) -> Any:
        """Answer the rows of a request."""
        first = -(-int(asked["startTime"]) // MINUTE_MS)
        last = int(asked["endTime"]) // MINUTE_MS
        rows = min(int(asked["limit"]), self.most_rows)
        return self.change([candle(minute) for minute in range(first, min(first + rows, last + 1))])


class _Answers(BaseHTTPRequestHandler):
    exchange: ClassVar[Exchange]

    def do_GET(self) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query))
        self.exchange.asked.append(asked)
        if self.exchange.faults:
            self.exchange.faults.pop(0)(self)
            return
        answer(200, json.dumps(self.exchange.page(asked)))(self)

    def log_message(self, *_words: Any) -> None:
        """Say nothing: standard error is the test's."""


def answer(status: int, body: str, cut: int = 0, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Make a fault that answers this, and leaves out so many bytes at the end of what it announced."""

    def send(request: BaseHTTPRequestHandler) -> None:
        content = body.encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content[: len(content) - cut])
        request.close_connection = True

    return send


def hang_up(request: BaseHTTPRequestHandler) -> None:
    """End the connection without an answer."""
    request.close_connection = True


@contextmanager
def exchange(port: int = 0) -> Iterator[Exchange]:
    """Run one for a test."""
    made = Exchange(port)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.close()
        thread.join()


if __name__ == "__main__":
    server = Exchange(int(sys.argv[1]))
    print(server.url, flush=True)
    server.serve()
