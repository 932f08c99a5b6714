"""SIGTERM: a run that is asked to end does so between two of its batches or epochs; what it does meanwhile goes on."""

import signal
import threading
from types import FrameType

_asked = threading.Event()


class StoppedError(Exception):
    """The run was asked to end before its data was whole."""


def listen() -> None:
    """Take SIGTERM and SIGINT as a wish instead of an end at once."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _ask)


def stop_if_asked() -> None:
    """End here, where nothing is half done.

    Raises:
        StoppedError: somebody asked for it.
    """
    if _asked.is_set():
        raise StoppedError("the run was asked to end before its data was whole")


def _ask(_signal: int, _frame: FrameType | None) -> None:
    _asked.set()
