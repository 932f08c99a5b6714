"""Rows of SILVER, read day by day with a key that may."""

import datetime as dt
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from minio import Minio

from pipeline.failed import FailedError
from pipeline.ingestion.schema import ROWS
from pipeline.storage.layers import SILVER, silver_key
from pipeline.storage.objects import ChangedError, Listed, fetch, listing

_BATCH_ROWS = 100_000


@dataclass(frozen=True)
class SilverObject:
    """One object of SILVER, which has rows of one day."""

    date: dt.date
    found: Listed


def silver_objects(client: Minio) -> list[SilverObject]:
    """Answer the objects that the transformation made, by key; others are left alone.

    Raises:
        StorageError: the server isn't there or refuses.
    """
    keys = ((silver_key(each.key), each) for each in listing(client, SILVER))
    return [SilverObject(key.date, found) for key, found in keys if key is not None]


@dataclass
class ReadObject:
    """Which version of an object was read, and how many rows it had."""

    uri: str
    version_id: str
    rows: int = 0


def read_rows(client: Minio, objects: list[SilverObject]) -> Iterator[tuple[ReadObject, pa.Table]]:
    """Answer the rows of the objects, some at a time, with the object they are from.

    Raises:
        FailedError: an object isn't what the transformation writes, or the server isn't there.
    """
    for each in objects:
        uri = f"s3://{SILVER}/{each.found.key}"
        with tempfile.TemporaryDirectory(prefix="silver-") as folder:
            file = Path(folder) / "rows.parquet"
            try:
                read = ReadObject(uri, fetch(client, SILVER, each.found, file))
                for batch in _batches(file):
                    read.rows += batch.num_rows
                    yield read, batch
            except ChangedError:
                continue  # it expired since it was listed
            except pa.ArrowException as error:
                raise FailedError(f"{uri}: isn't what `transform` writes: {str(error).splitlines()[0]}") from None


def _batches(file: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(file, pre_buffer=False) as reader:
        if not reader.schema_arrow.equals(ROWS):
            raise pa.ArrowInvalid(f"its columns are not {', '.join(ROWS.names)} in their types")
        for batch in reader.iter_batches(batch_size=_BATCH_ROWS):
            yield pa.Table.from_batches([batch])
