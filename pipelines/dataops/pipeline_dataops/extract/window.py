"""Which stretch of time a run takes: from where the last one ended to the last whole span before now."""

import datetime as dt
from dataclasses import dataclass

from conf.extract.base import Incremental
from pipeline_dataops.errors import StepError

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Window:
    """A stretch of time; its begin is included, its end is not."""

    begin: dt.datetime
    end: dt.datetime

    def __str__(self) -> str:
        return f"{self.begin.isoformat()} to {self.end.isoformat()}"


def next_window(wanted: Incremental, cursor: dt.datetime | None, now: dt.datetime) -> Window | None:
    """Answer the window of the next run.

    Args:
        wanted: the table's first moment, span and most time of a run.
        cursor: where the last run ended; None where there was none.
        now: the clock, which may have been set back.

    Returns:
        None where no whole span has passed since the last run.
    """
    begin = (cursor or wanted.first).astimezone(dt.UTC)
    end = _whole(min(now, begin + wanted.at_most), wanted.align)
    return Window(begin, end) if end > begin else None


def older_window(wanted: Incremental, cursor: dt.datetime | None, asked: Window) -> Window:
    """Answer a window that was asked for, of what was extracted before.

    Args:
        wanted: the table's span.
        cursor: where the last run ended; None where there was none.
        asked: what is extracted again.

    Raises:
        StepError: it isn't of whole spans, or not before where the last run ended: runs would leave a gap.
    """
    said = f"--again {asked}"
    if asked.begin >= asked.end or any(_whole(each, wanted.align) != each for each in (asked.begin, asked.end)):
        raise StepError(f"{said}: must be whole spans of {wanted.align} in UTC, the begin before the end")
    if cursor is None or asked.end > cursor:
        until = cursor.isoformat() if cursor else "nothing yet"
        raise StepError(f"{said}: must lie in what was extracted before, which is {until}; leave it out to go on")
    return asked


def _whole(moment: dt.datetime, span: dt.timedelta) -> dt.datetime:
    return _EPOCH + (moment - _EPOCH) // span * span
