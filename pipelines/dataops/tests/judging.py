"""One expectation, judged on rows of a test's own."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pyarrow as pa
from made_columns import UTC_US
from pydantic import TypeAdapter

from conf.validate.base import Expectation
from pipeline_dataops.validate.expectations import Judged, judge
from pipeline_dataops.validate.result import Result

NOW = dt.datetime(2026, 3, 29, 12, tzinfo=dt.UTC)
EXPECTATIONS: TypeAdapter[list[Expectation]] = TypeAdapter(list[Expectation])
JudgedOf = Callable[..., Judged]


def hours(*numbers: float) -> pa.Array:
    """Times so many hours before the extraction."""
    return pa.array([NOW - dt.timedelta(hours=each) for each in numbers], UTC_US)


def one(judged: Judged, **expectation: Any) -> Result:
    """Judge rows by one expectation."""
    (result,) = judge(EXPECTATIONS.validate_python([expectation]), judged)
    return result
