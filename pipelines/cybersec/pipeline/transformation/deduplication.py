"""Rows of one day that nobody has yet, in bounded memory: DuckDB sorts and compares, on disk where memory ends."""

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pipeline_shared.stopping import stop_if_asked

from pipeline.ingestion.schema import ROWS
from pipeline.ingestion.source_rows import BATCH_ROWS

MEMORY = "512MB"
_COLUMNS = ", ".join(f'"{name}"' for name in ROWS.names)
_DAY_US = 86_400_000_000


def write_new_rows(typed: Path, day: dt.date, earlier: list[Path], file: Path, metadata: dict[str, str]) -> int:
    """Write the rows of a day, each once, sorted, without those that earlier files have.

    Args:
        typed: rows of any day.
        day: in UTC.
        earlier: files whose rows are there already.
        file: where to; it isn't there yet. Without a new row it has none.
        metadata: what the file says of itself.

    Returns:
        How many rows it has.
    """
    first = int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()) * 1_000_000
    columns = _COLUMNS.replace('"timestamp"', 'epoch_us("timestamp") AS "timestamp"', 1)
    wanted = f'SELECT DISTINCT {columns} FROM read_parquet($typed) WHERE epoch_us("timestamp") BETWEEN $first AND $last'  # noqa: S608  names of the schema
    known = f" EXCEPT SELECT {columns} FROM read_parquet($earlier)" if earlier else ""  # noqa: S608
    given = {"typed": str(typed), "first": first, "last": first + _DAY_US - 1}
    if earlier:
        given["earlier"] = [str(each) for each in earlier]
    rows = 0
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(typed.parent / "spill")}) as engine:
        engine.execute("SET threads = 2")
        found: Any = engine.sql(f"{wanted}{known} ORDER BY ALL", params=given).to_arrow_reader(BATCH_ROWS)
        with pq.ParquetWriter(file, ROWS.with_metadata(metadata), compression="zstd") as writer:
            for batch in found:
                stop_if_asked()
                rows += batch.num_rows
                writer.write_table(_exact(pa.Table.from_batches([batch])).replace_schema_metadata(metadata))
    return rows


def _exact(table: pa.Table) -> pa.Table:
    return table.set_column(0, "timestamp", table.column(0).cast(pa.timestamp("us", tz="UTC"))).cast(ROWS)
