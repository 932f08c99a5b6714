"""The processed rows of a run as one Parquet file, which says by itself where it comes from."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def write_result(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, said: Mapping[str, str], counts: Mapping[str, int], file: Path
) -> int:
    """Write rows in exactly these columns and types.

    Args:
        batches: rows, part by part.
        schema: columns, types, and which of them may be missing.
        said: texts by name for the file's metadata.
        counts: of rows in each step; with `out` they are the metadata's `counts`, as JSON.
        file: where to.

    Returns:
        How many rows there are.

    Raises:
        pyarrow.ArrowException: a value is missing or doesn't fit.
    """
    rows = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches:
            table = pa.Table.from_batches([batch]).cast(schema)
            table.validate(full=True)
            absent = [field.name for field in schema if not field.nullable and table.column(field.name).null_count]
            if absent:
                raise pa.ArrowInvalid(f"{', '.join(absent)} must be there in every row, and is missing in some")
            writer.write_table(table)
            rows += table.num_rows
        writer.add_key_value_metadata({**said, "counts": json.dumps({**counts, "out": rows})})
    return rows
