"""The raw object as a file: Parquet that says by itself where it comes from."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def write_raw(tables: Iterable[pa.Table], schema: pa.Schema, said: Mapping[str, str], file: Path) -> int:
    """Write tables one after another, and wait until all is on disk.

    Args:
        tables: rows in the columns of the schema.
        schema: columns and types.
        said: run id, source, code version and so on, for the file's metadata.
        file: where to; what is there is written over.

    Returns:
        How many rows it holds.
    """
    rows = 0
    marked = schema.with_metadata(dict(said))
    with file.open("wb") as sink:
        with pq.ParquetWriter(sink, marked, compression="zstd") as writer:
            for table in tables:
                rows += table.num_rows
                writer.write_table(table.replace_schema_metadata(marked.metadata))
        sink.flush()
        os.fsync(sink.fileno())
    return rows
