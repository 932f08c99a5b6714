"""Rows of a raw object, after its form was found right."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline_dataops.errors import StepError

BATCH_ROWS = 20_000


@contextmanager
def opened(file: Path, run_id: str, schema: pa.Schema, place: str) -> Iterator[pq.ParquetFile]:
    """Open a raw object's file.

    Args:
        file: its bytes.
        run_id: the run that it must be of.
        schema: the columns that it must have.
        place: how errors call it.

    Raises:
        StepError: it is no whole Parquet file, is another run's, or has other columns.
    """
    try:
        reader = pq.ParquetFile(file, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        said = str(error).splitlines()[0]
        raise StepError(f"{place}: is no whole Parquet file: {said}; extract again with another run") from None
    with reader:
        found = reader.schema_arrow
        owner = (found.metadata or {}).get(b"run_id", b"").decode(errors="replace")
        if owner != run_id:
            what = f"is of run {owner!r}" if owner else "was not written by this pipeline, it names no run"
            raise StepError(f"{place}: {what}; expected: run {run_id}")
        if drift := differences(dict(zip(found.names, map(str, found.types), strict=True)), _types(schema)):
            raise StepError(f"{place}: other columns than in the schema file: {drift}")
        yield reader


def rows_in(reader: pq.ParquetFile) -> Iterator[tuple[object, ...]]:
    """Answer row by row, some in memory at a time."""
    for batch in reader.iter_batches(batch_size=BATCH_ROWS):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def differences(found: dict[str, str], expected: dict[str, str]) -> str:
    """Say where columns differ, by name and type; nothing where they don't."""
    said = [f"{name} is missing, expected {kind}" for name, kind in expected.items() if name not in found]
    said += [f"{name} ({kind}) is too many" for name, kind in found.items() if name not in expected]
    said += [
        f"{name} is {found[name]}, expected {kind}"
        for name, kind in expected.items()
        if name in found and found[name] != kind
    ]
    return "; ".join(said)


def _types(schema: pa.Schema) -> dict[str, str]:
    return dict(zip(schema.names, map(str, schema.types), strict=True))
