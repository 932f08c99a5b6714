"""Raw objects of a test's own making."""

import datetime as dt
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from conf.base import Place
from metadata.core import Run, RunObject, begin_run, record_object
from pipeline_dataops.objects import Objects
from pipeline_dataops.warehouse import warehouse

RAW = "dataops-staging-raw"


def stored(place: Place, content: bytes, run_id: str) -> str:
    """Store an object as a run's own, whatever it holds."""
    now = dt.datetime.now(dt.UTC)
    place.data.mkdir(exist_ok=True)
    file = place.data / "content"
    file.write_bytes(content)
    with warehouse(place.postgres) as connection:
        begin_run(connection, Run(run_id, place.table.table, "binance", "a test", "c0ffee", None, None, now))
        made = Objects(place.minio, RAW).put_new(f"binance/raw/{run_id}", file, {"run-id": run_id})
        assert made is not None
        record_object(
            connection, RunObject(run_id, "raw", RAW, f"binance/raw/{run_id}", made.version_id, 1, made.sha256)
        )
    return run_id


def parquet(rows: list[dict[str, Any]], schema: pa.Schema, run_id: str | None) -> bytes:
    """A Parquet file as extract writes it, of a run or of none."""
    sink = io.BytesIO()
    marked = schema.with_metadata({"run_id": run_id}) if run_id else schema
    pq.write_table(pa.Table.from_pylist(rows, schema=marked), sink)
    return sink.getvalue()
