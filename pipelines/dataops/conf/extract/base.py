"""Where a table's rows come from: a JSON API, a table of another database, or a file."""

import datetime as dt
import re
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from conf.general.model import Model, SnakeCase

URL = r"^https?://[^\s@?#]+$"
"""Without a login, which would stand in logs, and without parameters, which have a place of their own."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def span(value: Any) -> dt.timedelta:
    """Read a number and its unit, such as `1h`.

    Raises:
        ValueError: it has another form.
    """
    found = re.fullmatch(r"([1-9]\d{0,5})([smhd])", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be a number and s, m, h or d, for example 1h")
    return dt.timedelta(**{_UNITS[found[2]]: int(found[1])})


Span = Annotated[dt.timedelta, BeforeValidator(span)]


class Incremental(Model):
    """Where a run begins and ends: from the cursor of the last run to the last whole span of `align`.

    `first` is where the first run begins; a run takes `at_most` so much time of data, and the next one goes on.
    """

    cursor: SnakeCase
    first: AwareDatetime
    align: Span = dt.timedelta(hours=1)
    at_most: Span = dt.timedelta(days=7)

    @model_validator(mode="after")
    def _whole_spans(self) -> Self:
        if (self.first - _EPOCH) % self.align:
            raise ValueError("first: must be the begin of a whole span of `align`, counted in UTC")
        if self.at_most < self.align:
            raise ValueError("at_most: must be `align` or more, else no run takes anything")
        return self


class Page(Model):
    """Names of an API's parameters for a page: its first row by time in ms since 1970, and how many rows at most."""

    start: str = "startTime"
    end: str = "endTime"
    limit: str = "limit"
    rows: int = Field(default=1000, ge=1, le=100_000)


class Source(Model):
    """What all kinds have: whether a source without any row is right, and makes an object without rows."""

    allow_empty: bool = False


class HttpSource(Source):
    """A JSON API that answers arrays of values, ascending by their cursor; `-` in `columns` leaves a value out."""

    kind: Literal["http"]
    url: str = Field(pattern=URL)
    parameters: dict[str, str] = Field(default_factory=dict)
    page: Page = Page()
    columns: list[SnakeCase | Literal["-"]] = Field(min_length=1)
    incremental: Incremental
    step: Span
    """Distance of two rows; a gap between rows is named in the log."""
    requests_per_second: float = Field(default=5, gt=0, le=1000)


class PostgresSource(Source):
    """A table of another database; the login is in SOURCE_PG_HOST, _PORT, _USER, _PASSWORD and _DATABASE."""

    kind: Literal["postgres"]
    schema_name: SnakeCase = "public"
    table: SnakeCase
    incremental: Incremental


class FileSource(Source):
    """A CSV or Parquet file with a header; `path` may be relative to where the pipeline is started."""

    kind: Literal["file"]
    path: str = Field(min_length=1, pattern=r"\.(csv|parquet)$")
    time_zone: str | None = None
    """Zone of times without one in a CSV file, for example Europe/Berlin; without it such a time is refused."""
