"""Log lines of the server, as `pipeline_shared.log` writes those of our programs: one JSON object a line."""

import contextvars
import datetime as dt
import json
import logging
import os
import re

# Of the request that is answered just now; empty beside one.
correlation_id: contextvars.ContextVar[str] = contextvars.ContextVar("correlation_id", default="")

_MASK = "***"
# Variables whose values must never be read in a log.
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "MLFLOW_AUTH_ADMIN_PASSWORD", "MLFLOW_FLASK_SERVER_SECRET_KEY")
_PASSWORD_OF_URL = re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+@")
# Of presigned addresses, and of logins.
_SIGNED = re.compile(r"(X-Amz-(?:Signature|Credential|Security-Token)=|(?:Basic|Bearer) )[^&\s\"']+", re.IGNORECASE)
_BESIDES = ("method", "path", "status", "seconds", "audit", "actor", "action", "object", "outcome")


class JsonLines(logging.Formatter):
    """Writes a record as one line; named in the document that uvicorn reads its logging from."""

    def __init__(self, service: str, platform: str) -> None:
        """Take what every line says of where it comes from."""
        super().__init__()
        self._who = {"service": service, "platform": platform}

    def format(self, record: logging.LogRecord) -> str:
        """Write time (UTC), level, message, who said it, its request, and the traceback where there is one."""
        line: dict[str, object] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": masked(record.getMessage()),
            "logger": record.name,
            **self._who,
        }
        if request := correlation_id.get():
            line["correlation_id"] = request
        line |= {name: getattr(record, name) for name in _BESIDES if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, default=str)


def masked(text: str) -> str:
    """Replace every secret that this process was given, and whatever has the form of one."""
    for name in _SECRETS:
        if secret := os.environ.get(name):
            text = text.replace(secret, _MASK)
    return _SIGNED.sub(rf"\1{_MASK}", _PASSWORD_OF_URL.sub(rf"\1:{_MASK}@", text))
