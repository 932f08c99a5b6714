"""Log lines: one JSON object a line on standard error, with its writer and run, and no secret in any of them.

The form is that of every program of the platforms (docs/logs.md): `time`, `level`, `message`, `service`, `platform`,
`correlation_id`, and what a line tells besides.
"""

import datetime as dt
import io
import logging
import os
import secrets
import string
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO, cast

import structlog

from pipeline_shared.masking import hide, masked

__all__ = ["configure_log", "hide", "new_run_id", "printable"]

# Bytes of a log before it is moved away: it and the one before stay bounded together.
_MOST = 5 * 1024 * 1024


def new_run_id() -> str:
    """Make an id of one run, in every line of its log: `YYYYMMDDHHMMSS-xxxxxx`, the form of keys (docs/paths.md)."""
    end = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(6))
    return f"{dt.datetime.now(dt.UTC):%Y%m%d%H%M%S}-{end}"


def configure_log(correlation_id: str, *, service: str, platform: str) -> None:
    """Begin the log of a program.

    Lines go to standard error, and where `LOG_FOLDER` names a folder to `<platform>-<service>.log` in it, too, for the
    store of logs to read.

    Args:
        correlation_id: the run's id, in every line; "" where each request has its own, which is bound by structlog's
            `contextvars` as `correlation_id`.
        service: the program, for example `ingest`.
        platform: whose it is, for example `cybersec`.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            _masked,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _output(f"{platform}-{service}.log"))),
    )
    structlog.contextvars.clear_contextvars()
    bound = {"service": service, "platform": platform}
    structlog.contextvars.bind_contextvars(**bound, **({"correlation_id": correlation_id} if correlation_id else {}))


def printable(text: str) -> str:
    """Text from outside for a terminal: what moves the cursor, colours or breaks a line is shown as its escape."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _masked(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    shown: dict[str, Any] = masked(dict(line))
    return shown


def _output(name: str) -> "TextIO | _Both":
    folder = os.environ.get("LOG_FOLDER", "")
    if folder == "":
        return sys.stderr
    file = Path(folder, name)
    try:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        if file.exists() and file.stat().st_size > _MOST:
            file.replace(f"{file}.1")
        return _Both(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))
    except OSError as error:
        # A log that can't be kept stops no work: its lines are on standard error.
        print(f"LOG_FOLDER: {file} can't be written ({error.strerror}); its lines are here alone", file=sys.stderr)
        return sys.stderr


class _Both(io.TextIOBase):
    """Standard error and a file, each whole line by one write: programs that share the file don't mix their lines."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._rest = ""

    def write(self, text: str) -> int:
        sys.stderr.write(text)
        *lines, self._rest = (self._rest + text).split("\n")
        if lines:
            try:
                os.write(self._file, "".join(f"{line}\n" for line in lines).encode())
            except OSError:
                # A full disk, for example: the line is on standard error.
                self._rest = ""
        return len(text)

    def flush(self) -> None:
        sys.stderr.flush()
