"""Log lines of the server, as `pipeline_shared.log` writes those of our programs: one JSON object a line."""

import contextvars
import datetime as dt
import json
import logging
import os
import sys
from pathlib import Path

# Masks alone, which need no package: the rest of it asks for some that this environment hasn't.
sys.path.append(str(Path(__file__).parent.parent / "shared"))
from pipeline_shared.masking import hide, masked, masked_text

# Of the request that is answered just now; empty beside one.
correlation_id: contextvars.ContextVar[str] = contextvars.ContextVar("correlation_id", default="")

# Variables whose values must never be read in a log.
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "MLFLOW_AUTH_ADMIN_PASSWORD", "MLFLOW_FLASK_SERVER_SECRET_KEY")
_BESIDES = ("method", "path", "status", "seconds")


class JsonLines(logging.Formatter):
    """Writes a record as one line; named in the document that uvicorn reads its logging from."""

    def __init__(self, service: str, platform: str) -> None:
        """Take what every line says of where it comes from."""
        super().__init__()
        self._who = {"service": service, "platform": platform}

    def format(self, record: logging.LogRecord) -> str:
        """Write time (UTC), level, message, who said it, its request, and the traceback where there is one."""
        # When the line is written: some are made after this process began.
        hide(*(os.environ.get(name, "") for name in _SECRETS))
        line: dict[str, object] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": masked_text(record.getMessage()),
            "logger": record.name,
            **self._who,
        }
        if request := correlation_id.get():
            line["correlation_id"] = request
        line |= {name: masked(getattr(record, name), name) for name in _BESIDES if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = masked_text(self.formatException(record.exc_info))
        return json.dumps(line, default=str)
