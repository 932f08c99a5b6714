"""CSV files as Parquet, with types that somebody said instead of guessed ones."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from psycopg import sql

from metadata.core import Connection

_BLOCK_BYTES = 32 << 20  # a row must fit; PostgreSQL's texts may have lines


def typed(rows: Path, schema: pa.Schema, file: Path) -> Path:
    """Write the columns of a schema from a CSV file with a head; an empty cell is missing, `""` an empty text.

    Raises:
        pyarrow.ArrowException, KeyError: a column isn't there, or holds a value of another type.
        OSError: the file can't be read.
    """
    options = pc.ConvertOptions(
        column_types=schema,
        include_columns=schema.names,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        true_values=["true", "t"],
        false_values=["false", "f"],
    )
    with pq.ParquetWriter(file, schema) as writer:
        if rows.stat().st_size:
            reading = pc.ReadOptions(block_size=_BLOCK_BYTES)
            lines = pc.ParseOptions(newlines_in_values=True)
            with pc.open_csv(rows, reading, lines, options) as reader:
                for batch in reader:
                    writer.write_batch(batch.cast(schema))
    return file


def copied(connection: Connection, query: sql.Composed, rows: Path) -> Path:
    """Write what a query answers as a CSV file with a head, part by part."""
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(query)
    with rows.open("wb") as sink, connection.cursor() as cursor, cursor.copy(statement) as parts:
        for part in parts:
            sink.write(part)
    return rows
