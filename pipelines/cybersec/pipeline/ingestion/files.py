"""Files of a run: what is ingested, and what is refused. Nothing is ever written over another run's file."""

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.ingestion.journal import sync_folder
from pipeline.ingestion.schema import ROWS
from pipeline.ingestion.validation import RefusedError, refused

RUN_ID_KEY = "run_id"
MOST_ROWS = 2**31 - 1  # of `num_registros`, an INTEGER


def file_name(ingested_at: dt.datetime) -> str:
    """Name a run's file by its time in UTC, to the second."""
    return f"network_events_{ingested_at.astimezone(dt.UTC):%Y%m%d_%H%M%S}.parquet"


def other_names(name: str) -> Iterator[str]:
    """Answer the name, then the same one with -1, -2 and so on: two runs of one second have both."""
    stem = name.removesuffix(".parquet")
    yield name
    number = 1
    while True:
        yield f"{stem}-{number}.parquet"
        number += 1


def write_parquet(batches: Iterable[pa.Table], file: Path, run_id: str, source: str) -> int:
    """Write batches to a file that isn't there yet, one at a time, and wait until it is on disk.

    Args:
        batches: rows in the types of the schema.
        file: where to.
        run_id: kept in the file.
        source: where the rows are from, as a refusal names it.

    Returns:
        How many rows it holds.

    Raises:
        RefusedError: there is no row, or more than the audit can count.
    """
    rows = 0
    schema = ROWS.with_metadata({RUN_ID_KEY: run_id})
    with file.open("xb") as sink:
        with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
            for batch in batches:
                rows += batch.num_rows
                if rows > MOST_ROWS:
                    raise refused("rows", source, f"has more than {MOST_ROWS} rows; divide the file")
                writer.write_table(batch.replace_schema_metadata(schema.metadata))
        sink.flush()
        os.fsync(sink.fileno())
    if rows == 0:
        raise refused("rows", source, "has no row")
    return rows


def take_name(file: Path, names: Iterable[str]) -> Path:
    """Give a file the first of the names that no file beside it has."""
    for name in names:
        if also_named(file, name):
            file.unlink()
            sync_folder(file.parent)
            return file.with_name(name)
    raise AssertionError("names have no end")


def also_named(file: Path, name: str) -> bool:
    """Give a file a second name beside the first; False where another file has it."""
    wanted = file.with_name(name)
    try:
        os.link(file, wanted)
    except FileExistsError:
        return wanted.samefile(file)
    sync_folder(file.parent)
    return True


def keep_rejected(folder: Path, name: str, refusal: RefusedError, source: Path | None, run_id: str) -> Path:
    """Keep what was refused, with a report of the rules that it breaks: the batch, or the whole file.

    Returns:
        The report.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{name.removesuffix('.parquet')}.{run_id}"
    kept: str | None = None
    if refusal.batch is not None and _written(refusal.batch, folder / f"{stem}.parquet"):
        kept = f"{stem}.parquet"
    elif source is not None and source.is_file():
        kept = f"{stem}{source.suffix}"
        shutil.copyfile(source, folder / kept)
    said: dict[str, Any] = {"run_id": run_id, "source": str(source) if source else "generated", "kept": kept}
    report = folder / f"{stem}.json"
    report.write_text(json.dumps(said | refusal.report(), indent=2, default=str) + "\n")
    return report


def _written(batch: pa.Table, file: Path) -> bool:
    try:
        pq.write_table(batch, file)
    except (pa.ArrowException, ValueError):
        file.unlink(missing_ok=True)
        return False
    return True
