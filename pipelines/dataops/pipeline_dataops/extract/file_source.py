"""Rows of a CSV or Parquet file, some at a time."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from conf.extract.base import FileSource
from pipeline_dataops.errors import StepError
from pipeline_dataops.extract.values import compare_columns

BATCH_ROWS = 100_000
_CSV_BLOCK_BYTES = 8 * 2**20


def read_file(source: FileSource, schema: pa.Schema) -> Iterator[pa.Table]:
    """Read a file, a table for each part of it.

    Raises:
        StepError: it can't be read, has other columns, or a value that isn't of its column's type.
    """
    file = Path(source.path)
    try:
        batches = _csv(file, source, schema) if file.suffix == ".csv" else _parquet(file, source, schema)
        for batch in batches:
            yield _judged(batch, schema, source.path)
    except OSError as error:
        raise StepError(f"{source.path}: can't be read: {error.strerror or error}") from None
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise StepError(f"{source.path}: can't be read: {str(error).splitlines()[0]}{_hint(error)}") from None


def _csv(file: Path, source: FileSource, schema: pa.Schema) -> Iterator[pa.Table]:
    naive = source.time_zone is not None
    types = {field.name: pa.timestamp("us") if naive and _is_time(field.type) else field.type for field in schema}
    convert = pyarrow.csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=False)
    # one thread: more of them read ahead without a limit
    read = pyarrow.csv.ReadOptions(block_size=_CSV_BLOCK_BYTES, use_threads=False)
    with pyarrow.csv.open_csv(file, read_options=read, convert_options=convert) as reader:
        compare_columns(reader.schema.names, schema.names, source.path)
        for batch in reader:
            yield _conform(pa.Table.from_batches([batch]), source, schema)


def _parquet(file: Path, source: FileSource, schema: pa.Schema) -> Iterator[pa.Table]:
    with pq.ParquetFile(file, pre_buffer=False) as reader:
        compare_columns(reader.schema_arrow.names, schema.names, source.path)
        for batch in reader.iter_batches(batch_size=BATCH_ROWS):
            yield _conform(pa.Table.from_batches([batch]), source, schema)


def _conform(table: pa.Table, source: FileSource, schema: pa.Schema) -> pa.Table:
    """Bring columns to the schema's order and types, where nothing is lost by it."""
    arrays = []
    for field in schema:
        column = table.column(field.name)
        place = f"{source.path}: column {field.name}"
        if _is_time(field.type) and _is_time(column.type) and column.type.tz is None:
            if source.time_zone is None:
                raise StepError(
                    f"{place}: has times without zone; time_zone of the table's file says which one is meant"
                )
            column = _in_zone(column, source.time_zone, place)
        if pa.types.is_floating(column.type) and pa.types.is_decimal(field.type):
            raise StepError(f"{place}: is {column.type}, which holds no exact amounts; expected: {field.type}")
        arrays.append(column.cast(field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def _in_zone(column: pa.ChunkedArray, zone: str, place: str) -> pa.ChunkedArray:
    try:
        return pc.assume_timezone(column, timezone=zone)
    except (pa.ArrowException, ValueError) as error:
        raise StepError(f"{place}: {str(error).splitlines()[0]}") from None


def _judged(table: pa.Table, schema: pa.Schema, place: str) -> pa.Table:
    for field in schema:
        column = table.column(field.name)
        if column.null_count and not field.nullable:
            row = pc.index(pc.is_null(column), True).as_py() + 1
            raise StepError(f"{place}, row {row} of a part: column {field.name} has no value, and must have one")
        if pa.types.is_floating(field.type) and pc.all(pc.is_finite(column)).as_py() is False:
            raise StepError(f"{place}: column {field.name} has a value that is no finite number")
        if pa.types.is_string(field.type) and pc.any(pc.match_substring(column, "\0")).as_py():
            raise StepError(f"{place}: column {field.name} has a NUL character, which the warehouse can't hold")
    return table


def _is_time(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind))


def _hint(error: Exception) -> str:
    missing = "expected a zone offset" in str(error)
    return "; a time without zone: time_zone of the table's file says which one is meant" if missing else ""
