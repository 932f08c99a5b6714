"""Columns that tests of rows are made of."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa

UTC_US = pa.timestamp("us", tz="UTC")
DECIMAL = pa.decimal128(38, 18)
START = dt.datetime(2026, 3, 29, tzinfo=dt.UTC)


def minutes(*numbers: int) -> pa.Array:
    """Times so many minutes after the start of a day on which clocks are set forward."""
    return pa.array([START + dt.timedelta(minutes=each) for each in numbers], UTC_US)


def decimals(*texts: str | None) -> pa.Array:
    """Exact numbers as the warehouse has them."""
    return pa.array([None if each is None else Decimal(each) for each in texts], DECIMAL)
