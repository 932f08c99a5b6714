"""Faults in one sentence, not in the eighty lines of a traceback."""

import os
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import psycopg
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, HTTPClientError


class NotebookError(Exception):
    """Something that a person can put right; its text says how."""


SHOWN = (NotebookError, BotoCoreError, ClientError, psycopg.Error)


def sentence(error: BaseException) -> str:
    """Say what is wrong and what to do."""
    match error:
        case EndpointConnectionError():
            asked = urlsplit(error.kwargs["endpoint_url"])
            return f"{asked.scheme}://{asked.netloc} doesn't answer: start the local server with make up"
        case HTTPClientError():
            return f"the local server ended the connection ({error}): look whether it runs with make up"
        case ClientError():
            said = error.response["Error"]
            return f"the object store refused {error.operation_name}: {said['Code']}, {said['Message']}"
        case psycopg.OperationalError():
            return f"PostgreSQL doesn't answer, or refuses the login: start it with make up ({first_line(error)})"
        case psycopg.Error():
            return f"PostgreSQL refused: {first_line(error)}"
    return str(error)


def first_line(error: BaseException) -> str:
    """Cut what follows: places in a statement, addresses that were tried."""
    return str(error).strip().partition("\n")[0]


def load_ipython_extension(shell: Any) -> None:
    """Have a kernel show these faults by their sentence: `%load_ext bucketworks_notebooks`."""

    def show(
        ours: Any, kind: type[BaseException], error: BaseException, _trace: TracebackType, tb_offset: int | None = None
    ) -> None:
        del tb_offset
        ours._showtraceback(kind, error, [f"{kind.__name__}: {sentence(error)}"])

    shell.set_custom_exc(SHOWN, show)
    # MLflow's client tries for minutes else.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
