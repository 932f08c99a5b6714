"""SIGTERM at a point of a step, as a pod's end sends it."""

import importlib
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pipeline_dataops.stopping import listen


@contextmanager
def stopped_at(monkeypatch: pytest.MonkeyPatch, module: str, name: str) -> Iterator[None]:
    """While it lasts, this process gets SIGTERM where the function is called, and hears it as a step does."""
    function = getattr(importlib.import_module(module), name)

    def stop(*given: Any, **named: Any) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        return function(*given, **named)

    former = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        listen()
        with monkeypatch.context() as patched:
            patched.setattr(f"{module}.{name}", stop)
            yield
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)
