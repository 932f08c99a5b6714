"""Runs whose raw object a test has made itself, loaded by the loader's own step."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pipeline_shared.log import new_run_id

from conf.base import Place
from conf.directory.base import created_at
from metadata.core import Run, RunObject, begin_run, record_object
from pipeline_dataops.load.core import load
from pipeline_dataops.objects import Objects, sha256_of
from pipeline_dataops.warehouse import warehouse
from schema.base import arrow_schema

PlaceOf = Callable[..., Place]
START = dt.datetime(2026, 3, 28, 22, tzinfo=dt.UTC)
"""Two hours before a day on which clocks are set forward in Europe."""


def candles(place: Place, minutes: int = 240, **columns: Any) -> pa.Table:
    """Make candles of so many minutes, with some columns replaced."""
    numbers = range(minutes)
    price = [Decimal(60_000) + Decimal(number % 37) / 8 for number in numbers]
    volume = [Decimal(1 + number % 11) / 4 for number in numbers]
    rows = {
        "open_time": [START + dt.timedelta(minutes=number) for number in numbers],
        "open": price,
        "high": [each + 3 for each in price],
        "low": [each - 3 for each in price],
        "close": [each + Decimal(number % 5) - 2 for number, each in enumerate(price)],
        "volume": volume,
        "close_time": [START + dt.timedelta(minutes=number, seconds=59, microseconds=999000) for number in numbers],
        "quote_volume": [a * b for a, b in zip(price, volume, strict=True)],
        "trades": [10 * (1 + number % 11) for number in numbers],
        "taker_buy_base": volume,
        "taker_buy_quote": price,
        **columns,
    }
    return pa.table(rows, schema=arrow_schema(place.schema.raw))


def raw_run(place_of: PlaceOf, table: pa.Table, *, content: bytes | None = None, loads: bool = True) -> str:
    """Store a raw object and load its rows, by the loader; `content` is stored in place of the table's file."""
    place = place_of("loader")
    run_id = new_run_id()
    now = dt.datetime.now(dt.UTC)
    file = Path(place.data, f"{run_id}.parquet")
    pq.write_table(table.replace_schema_metadata({"run_id": run_id}), file)
    if content is not None:
        file.write_bytes(content)
    key = place.directory.raw.key(
        "objects", dataset=place.dataset, table_name=place.table.table, created_at=created_at(now)
    )
    stored = Objects(place.minio, place.directory.raw.name).put_new(key, file, {"run-id": run_id})
    assert stored is not None
    raw = RunObject(run_id, "raw", place.directory.raw.name, key, stored.version_id, table.num_rows, sha256_of(file))
    with warehouse(place.postgres) as connection:
        begin_run(connection, Run(run_id, place.table.table, "binance", "made by a test", "c0ffee", None, None, now))
        record_object(connection, raw)
    if loads:
        load(place, run_id)
    return run_id
