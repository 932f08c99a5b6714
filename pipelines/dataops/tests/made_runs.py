"""A run that is ready to be promoted, made by the logins of the steps before, without those steps."""

import datetime as dt
import hashlib
import io
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import ibis.expr.datatypes as types
import pyarrow as pa
import pyarrow.parquet as pq
from minio import Minio
from pipeline_shared.connections import minio_client, postgres
from pipeline_shared.log import new_run_id
from psycopg.sql import SQL, Identifier, Placeholder

from conf.base import Place
from metadata.core import Run, RunObject, Verdict, begin_run, record_object, record_verdict, rows_digest
from pipeline_dataops.query.catalog import Promotion, promotion_of
from schema.base import arrow_schema, columns

TABLE = "raw_binance_btcusdt_spot"
PRODUCTION = "dataops-production"
Logins = dict[str, dict[str, str]]
PlaceOf = Callable[..., Place]
RunOf = Callable[..., "Made"]
Cli = Callable[..., tuple[int, str, str]]
_hours = iter(range(100_000))


@dataclass(frozen=True)
class Made:
    """A run, its transformed object and the keys of its rows."""

    run_id: str
    object: RunObject
    content: bytes
    reports: tuple[Verdict, ...]
    hours: tuple[dt.datetime, ...]


def make_run(
    place_of: PlaceOf,
    rows: int = 2,
    rounds: tuple[int, ...] = (1, 2),
    base_asset: str = "BTC",
    first: dt.datetime | None = None,
) -> Made:
    """Make a run of so many hours of candles, judged by both rounds; later changes are a test's own."""
    now = dt.datetime.now(dt.UTC)
    run_id = new_run_id()
    begin = first or dt.datetime(2025, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=next(_hours) * 100)
    hours = tuple(begin + dt.timedelta(hours=each) for each in range(rows))
    with logged_in(place_of("loader")) as (place, connection):
        begin_run(connection, Run(run_id, TABLE, "binance", "https://api.example/klines", "c0ffee", None, None, now))
        record_object(connection, _put(place, "raw", run_id, b"raw data", rows))
        _add_rows(place, connection, run_id, [_candle(place, hour, base_asset) for hour in hours])
    table = pa.Table.from_pylist(
        [_candle(place, hour, base_asset) for hour in hours], schema=arrow_schema(place.schema.processed)
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    with logged_in(place_of("transformer")) as (place, connection):
        stored = _put(place, "transformed", run_id, buffer.getvalue(), rows)
        record_object(connection, stored)
    verdicts = [judge(place_of("validator"), run_id, each) for each in rounds]
    return Made(run_id, stored, buffer.getvalue(), tuple(verdicts), hours)


def judge(place: Place, run_id: str, number: int, *, passed: bool = True) -> Verdict:
    """Say of a run's object and rows as they are now that they passed, or didn't."""
    stage, table = ("raw", place.table.table) if number == 1 else ("transformed", place.table.processed_table)
    bucket = place.directory.raw if number == 1 else place.directory.transformed
    with postgres(place.postgres) as connection:
        (version,) = connection.execute(
            "SELECT version_id FROM staging.objects WHERE run_id = %s AND stage = %s", [run_id, stage]
        ).fetchone() or ("",)
        count, digest = rows_digest(connection, f"staging.{table}", run_id)
        key = bucket.key("reports", dataset="binance", table_name=table, run_id=run_id) + "report.json"
        report = json.dumps({"round": number, "run": run_id}).encode()
        made = minio_client(place.minio).put_object(bucket.name, key, io.BytesIO(report), len(report))
        verdict = Verdict(
            run_id, 1 if number == 1 else 2, passed, version, count, digest, bucket.name, key, str(made.version_id)
        )
        record_verdict(connection, verdict)
    return verdict


@contextmanager
def logged_in(place: Place) -> Iterator[tuple[Place, Any]]:
    """Open the database of a place."""
    with postgres(place.postgres) as connection:
        yield place, connection


def _put(place: Place, stage: str, run_id: str, content: bytes, rows: int) -> RunObject:
    bucket = place.directory.raw if stage == "raw" else place.directory.transformed
    table = place.table.table if stage == "raw" else place.table.processed_table
    moment = f"2025-01-01:00:00:{secrets.randbelow(60):02}:{secrets.randbelow(1000):03}"
    key = bucket.key("objects", dataset=f"binance_{secrets.token_hex(4)}", table_name=table, created_at=moment)
    made = minio_client(place.minio).put_object(bucket.name, key, io.BytesIO(content), len(content))
    sha256 = hashlib.sha256(content).hexdigest()
    return RunObject(
        run_id, "raw" if stage == "raw" else "transformed", bucket.name, key, str(made.version_id), rows, sha256
    )


def _candle(place: Place, hour: dt.datetime, base_asset: str) -> dict[str, Any]:
    given = {"open_time": hour, "day": hour.date(), "base_asset": base_asset}
    return {name: given.get(name, _value(column.dtype.type)) for name, column in columns(place.schema.processed)}


def _value(kind: types.DataType) -> Any:
    if kind.is_decimal():
        return Decimal("93000.01")
    if kind.is_floating():
        return 0.25
    return 7 if kind.is_integer() else "USDT"


def _add_rows(place: Place, connection: Any, run_id: str, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        names = [*row, "run_id"]
        changes = SQL(", ").join(SQL("{0} = EXCLUDED.{0}").format(Identifier(name)) for name in names)
        statement = SQL("INSERT INTO staging.{} ({}) VALUES ({}) ON CONFLICT (open_time) DO UPDATE SET {}").format(
            Identifier(place.table.processed_table),
            SQL(", ").join(map(Identifier, names)),
            SQL(", ").join(Placeholder() * len(names)),
            changes,
        )
        connection.execute(statement, [*row.values(), run_id])


def seen(place_of: PlaceOf, run: Made) -> tuple[Promotion | None, int]:
    """What a consumer sees of a run: its line of the catalog, and how many of its rows."""
    with logged_in(place_of("consumer")) as (_, connection):
        rows = connection.execute(
            "SELECT count(*) FROM production.processed_binance_btcusdt_spot WHERE run_id = %s", [run.run_id]
        ).fetchone()
        return promotion_of(connection, run.run_id), rows[0]


def versions(root: Minio, key: str) -> list[str | None]:
    """Versions of an object of production."""
    return [each.version_id for each in root.list_objects(PRODUCTION, prefix=key, include_version=True)]
