"""Log lines: one JSON object a line on standard error, with the run's id, and no secret in any of them."""

import datetime as dt
import logging
import secrets
import string
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_MASK = "***"
_SECRET_NAMES = ("password", "secret", "token", "authorization")
_secrets: set[str] = set()


def new_run_id() -> str:
    """Make an id of one run, in every line of its log: `YYYYMMDDHHMMSS-xxxxxx`, the form of keys (docs/paths.md)."""
    end = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(6))
    return f"{dt.datetime.now(dt.UTC):%Y%m%d%H%M%S}-{end}"


def hide(*secrets: str) -> None:
    """Mask these texts wherever they come up in a line from now on."""
    _secrets.update(secret for secret in secrets if secret)


def configure_log(run_id: str) -> None:
    """Begin the log of a run: every line has `run_id`, `level`, `timestamp` (UTC) and `event`."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _masked,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(run_id=run_id)


def printable(text: str) -> str:
    """Text from outside for a terminal: what moves the cursor, colours or breaks a line is shown as its escape."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _masked(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in line.items():
        line[name] = _MASK if any(word in name.lower() for word in _SECRET_NAMES) else _without_secrets(value)
    return line


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _without_secrets(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    for secret in _secrets:
        text = text.replace(secret, _MASK)
    return text
