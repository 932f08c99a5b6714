"""SIGTERM and SIGINT: a step ends where it is, its transaction is rolled back, and it can be run again."""

import signal
from types import FrameType
from typing import NoReturn

from pipeline_dataops.errors import StepError


class StoppedError(StepError):
    """The step was asked to end, by a signal."""

    def __init__(self, number: int) -> None:
        name = signal.Signals(number).name
        super().__init__(f"was asked to end ({name}); nothing is half done, run it again with the same run id")
        self.code = 128 + number
        """The exit code, as a shell has it for a signal."""


def listen() -> None:
    """From now on a signal ends the step with a sentence. A second one of the same step changes nothing."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _stop)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)
    raise StoppedError(number)
