"""Rows of a JSON API, page by page: what fails is asked again, what is wrong is refused."""

import datetime as dt
import decimal
import email.utils
import json
import time
from collections.abc import Iterator
from typing import Any, NoReturn

import httpx
import pyarrow as pa
import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from conf.extract.base import HttpSource
from pipeline_dataops.errors import StepError
from pipeline_dataops.extract.values import table_of
from pipeline_dataops.extract.window import Window
from pipeline_dataops.http_client import http_client

TRIES = 6
MOST_WAIT_SECONDS = 300
"""An API that asks for a longer pause ends the run."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)


class _AwayError(Exception):
    """The API can't answer now, and may later; `pause` seconds are what it asks for."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


def read_http(source: HttpSource, schema: pa.Schema, window: Window) -> Iterator[pa.Table]:
    """Read all rows of a window, a table for each page.

    A page that is shorter than asked for is no end: only an empty one is, or the window's. A gap between rows is named
    in the log, and judged by the validation.

    Raises:
        StepError: the API stays away, refuses, or answers rows that aren't ascending or of another form.
    """
    start = window.begin
    with http_client(source.url) as client:
        api = _Api(client, source)
        while start < window.end:
            place = f"{source.url}, page from {start.isoformat()}"
            table = table_of(_wanted(api.page(start, window.end), source, place), schema, place)
            times: list[dt.datetime] = table.column(source.incremental.cursor).to_pylist()
            if not times:
                _tell_gap(source, start, window.end)
                return
            _judge_order(source, times, start, window, place)
            yield table
            start = times[-1] + source.step


class _Api:
    """Asks at most so often, and again where it is worth it."""

    def __init__(self, client: httpx.Client, source: HttpSource) -> None:
        self._client = client
        self._source = source
        self._next = 0.0

    def page(self, start: dt.datetime, end: dt.datetime) -> Any:
        page = self._source.page
        asked = {
            **self._source.parameters,
            page.start: str((start - _EPOCH) // _MILLISECOND),
            page.end: str((end - _EPOCH) // _MILLISECOND - 1),
            page.limit: str(page.rows),
        }
        tries = Retrying(
            retry=retry_if_exception_type(_AwayError),
            stop=stop_after_attempt(TRIES),
            wait=_pause,
            before_sleep=_say,
            retry_error_callback=_give_up,
            sleep=time.sleep,
        )
        return tries(self._once, asked)

    def _once(self, asked: dict[str, str]) -> Any:
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + 1 / self._source.requests_per_second
        url = self._source.url
        try:
            answer = self._client.get(url, params=asked)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _AwayError(f"{url}: {type(error).__name__}: {error}") from None
        if answer.status_code in (418, 429):
            pause = _asked_pause(answer.headers.get("retry-after"))
            if pause is not None and pause > MOST_WAIT_SECONDS:
                raise StepError(
                    f"{url}: answered {answer.status_code} and asks for a pause of {pause:.0f} s; run later"
                )
            raise _AwayError(f"{url}: answered {answer.status_code}, too many requests", pause)
        if answer.status_code >= 500:
            raise _AwayError(f"{url}: answered {answer.status_code}")
        if answer.status_code != 200:
            raise StepError(f"{url}: refuses the request ({answer.status_code}): {answer.text[:200]}")
        try:
            return json.loads(answer.content, parse_float=decimal.Decimal, parse_constant=_no_constant)
        except _ConstantError as error:
            raise StepError(f"{url}: {error}") from None
        except ValueError:
            raise _AwayError(f"{url}: answered no JSON: {answer.text[:80]!r}") from None


def _wanted(rows: Any, source: HttpSource, place: str) -> list[list[Any]]:
    """Leave out values that nobody wants, after their number was found right."""
    if not isinstance(rows, list):
        raise StepError(f"{place}: is no array of rows: {str(rows)[:200]}")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list) or len(row) != len(source.columns):
            found = f"{len(row)} values" if isinstance(row, list) else f"no array: {str(row)[:80]}"
            expected = f"{len(source.columns)}: {', '.join(source.columns)}"
            raise StepError(f"{place}, row {number}: has {found}; expected: {expected}")
    kept = [index for index, name in enumerate(source.columns) if name != "-"]
    return [[row[index] for index in kept] for row in rows]


def _judge_order(source: HttpSource, times: list[dt.datetime], start: dt.datetime, window: Window, place: str) -> None:
    expected = start
    for number, moment in enumerate(times, 1):
        said = f"{place}, row {number}: {source.incremental.cursor} is {moment.isoformat()}"
        if moment >= window.end:
            raise StepError(f"{said}, after the end that was asked for, {window.end.isoformat()}")
        if moment < expected:
            raise StepError(f"{said}; expected: {expected.isoformat()} or later, each row after the one before")
        if moment > expected:
            _tell_gap(source, expected, moment)
        expected = moment + source.step


def _tell_gap(source: HttpSource, begin: dt.datetime, end: dt.datetime) -> None:
    rows = (end - begin) // source.step
    structlog.get_logger().warning("gap", begin=begin.isoformat(), end=end.isoformat(), missing_rows=rows)


class _ConstantError(Exception):
    """JSON has no such number."""


def _no_constant(name: str) -> NoReturn:
    raise _ConstantError(f"answered {name}, which is no number of JSON")


def _asked_pause(header: str | None) -> float | None:
    """Seconds of a Retry-After: a number, or a date."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        until = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (until.astimezone(dt.UTC) - dt.datetime.now(dt.UTC)).total_seconds())


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.pause if isinstance(error, _AwayError) else None
    return asked if asked is not None else wait_random_exponential(multiplier=0.5, max=30)(state)


def _say(state: RetryCallState) -> None:
    reason = str(state.outcome.exception()) if state.outcome else ""
    structlog.get_logger().warning("asked again", attempt=state.attempt_number, reason=reason)


def _give_up(state: RetryCallState) -> NoReturn:
    reason = state.outcome.exception() if state.outcome else None
    raise StepError(f"{reason}; asked {state.attempt_number} times, run this step again later") from None
