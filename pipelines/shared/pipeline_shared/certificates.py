"""The certificate of a server that goes on running while somebody renews its files."""

import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

_logger = logging.getLogger(__name__)


def renewing(config: Any, make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Have uvicorn answer each handshake with what its files hold then (its `ssl_context_factory`).

    While they can't be read, or don't fit together, it answers with what they held before.
    """
    context = make()
    files = [Path(each) for each in (config.ssl_certfile, config.ssl_keyfile)]
    held = (context, _marks(files))

    def shake(connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _first: ssl.SSLContext) -> None:
        nonlocal held
        current, known = held
        try:
            marks = _marks(files)
            if marks != known:
                current = make()
                _logger.info("the certificate is renewed")
                held = (current, marks)
        except OSError as error:  # ssl.SSLError is one
            _logger.warning("the former certificate is used: %s", error)
        connection.context = current

    context.sni_callback = shake
    return context


def _marks(files: list[Path]) -> list[tuple[int, int]]:
    """What differs where somebody has written a file anew, or put another one in its place."""
    return [(found.st_ino, found.st_mtime_ns) for found in (each.stat() for each in files)]
