"""`flow` and `task`: Prefect's where PREFECT_API_URL names a server, else the function as it is.

Prefect without a server starts one of its own for each run, with a database in the home folder. A run needs neither.
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])


def flow(function: Function) -> Function:
    """Make a flow of a function."""
    if not os.environ.get("PREFECT_API_URL"):
        return function
    return cast(Function, _prefect().flow(function, validate_parameters=False))


def task(function: Function) -> Function:
    """Make a task of a function. It never runs by itself again: what may be repeated is the run's own affair."""
    if not os.environ.get("PREFECT_API_URL"):
        return function
    prefect = _prefect()
    return cast(Function, prefect.task(function, retries=0, cache_policy=prefect.cache_policies.NO_CACHE))


def _prefect() -> Any:
    # Its own lines, stack traces among them, go to its server; standard error has the run's JSON lines alone.
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    import prefect  # noqa: PLC0415  takes seconds, which a run without a server doesn't pay

    return prefect
