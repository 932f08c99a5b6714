"""RAW to SILVER: each object of RAW becomes one object a day of its rows, deduplicated, and never becomes it twice.

The keys follow from the object of RAW alone, so that a listing says what is left to do, and runs that meet write the
same ones: whoever comes second finds them taken.
"""

import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from minio import Minio
from pipeline_shared.connections import minio_client
from pipeline_shared.log import hide
from pipeline_shared.settings import MinioSettings
from pipeline_shared.stopping import StoppedError, stop_if_asked
from pipeline_shared.version import version_text

from pipeline.failed import FailedError
from pipeline.ingestion.validation import Problem, RefusedError, refused
from pipeline.orchestration import flow, task
from pipeline.storage.layers import EVENTS_PATTERN, RAW, SILVER, SilverKey, silver_key, time_of_events
from pipeline.storage.objects import ChangedError, Listed, fetch, listing
from pipeline.storage.upload import Upload
from pipeline.transformation.deduplication import write_new_rows
from pipeline.transformation.raw_rows import TypedRows, typed_rows

_SUFFIX = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Partition:
    """One object of SILVER that a run made, or found."""

    path: str
    raw: str
    raw_version: str
    rows: int
    duplicates: int
    """How many rows of that day were there already, in this object or an earlier one."""
    made: bool
    """False where another run made it meanwhile."""


@dataclass(frozen=True)
class RefusedObject:
    """One object of RAW that isn't what the ingestion writes."""

    raw: str
    problems: list[Problem]


@dataclass
class Transformed:
    """What a run did."""

    partitions: list[Partition] = field(default_factory=list)
    refused: list[RefusedObject] = field(default_factory=list)
    earlier: int = 0
    """How many objects of RAW were in SILVER before."""
    expired: int = 0
    """How many are older than SILVER keeps anything."""


@flow
def transformation_flow(
    run_id: str, minio: MinioSettings, done: Transformed, kept_days: int | None = None
) -> Transformed:
    """Bring every object of RAW that isn't in SILVER yet there, oldest first.

    Args:
        run_id: of this run, kept in each object that it makes.
        minio: a key that may read RAW and SILVER, and write SILVER.
        done: filled as the run goes on, so that a run that fails can say what it did.
        kept_days: SILVER keeps an object so many days, so an older one of RAW isn't taken (again); None: for ever.

    Raises:
        FailedError: MinIO isn't there, refuses, or the run was asked to end; what is in SILVER stays.
    """
    hide(minio.secret_key.get_secret_value())
    client = minio_client(minio)
    raw = sorted(listing(client, RAW), key=lambda each: (each.stored_at, each.key))
    whole = _whole_runs(silver_key(each.key) for each in listing(client, SILVER))
    oldest = None if kept_days is None else dt.datetime.now(dt.UTC) - dt.timedelta(days=kept_days)
    for found in raw:
        if silver_run_id(found) in whole:
            done.earlier += 1
        elif oldest is not None and found.stored_at < oldest:
            done.expired += 1
        else:
            _take(run_id, client, minio, found, done)
    return done


def _take(run_id: str, client: Minio, minio: MinioSettings, found: Listed, done: Transformed) -> None:
    log = structlog.get_logger().bind(raw=f"s3://{RAW}/{found.key}")
    try:
        stop_if_asked()
        made = transform_object(run_id, client, minio, found)
    except RefusedError as error:
        log.warning("refused", reason=str(error))
        done.refused.append(RefusedObject(f"s3://{RAW}/{found.key}", error.problems))
    except ChangedError:
        log.info("gone or replaced meanwhile; the next run takes what is there now")
    except StoppedError:
        raise FailedError("the run was asked to end; what is in SILVER stays, and the next run goes on") from None
    else:
        done.partitions += made
        log.info("transformed", objects=len(made), rows=sum(each.rows for each in made))


def silver_run_id(found: Listed) -> str | None:
    """Name what becomes of an object of RAW: when it was ingested, and six characters of which object it is.

    It follows from name and content alone: the ingestion puts an object once more where an answer was lost, and that is
    the same object at another time.

    Returns:
        None where the name isn't the ingestion's.
    """
    ingested_at = time_of_events(found.key)
    if ingested_at is None:
        return None
    number = int.from_bytes(hashlib.sha256(f"{found.key}\n{found.etag}".encode()).digest()[:8])
    end = "".join(_SUFFIX[number // 36**place % 36] for place in range(6))
    return f"{ingested_at:%Y%m%d%H%M%S}-{end}"


def _whole_runs(keys: Iterable[SilverKey | None]) -> set[str]:
    """Of which objects of RAW all days are in SILVER."""
    parts: dict[tuple[str, int], set[int]] = {}
    for key in keys:
        if key is not None:
            parts.setdefault((key.run_id, key.parts), set()).add(key.part)
    return {run_id for (run_id, count), found in parts.items() if len(found) == count}


@task
def transform_object(run_id: str, client: Minio, minio: MinioSettings, found: Listed) -> list[Partition]:
    """Bring one object of RAW to SILVER.

    Raises:
        RefusedError: it isn't what the ingestion writes; nothing of it is in SILVER.
        ChangedError: it isn't there any more.
        StoppedError: the run was asked to end.
    """
    silver_run = silver_run_id(found)
    if silver_run is None:
        raise refused("name", found.key, f"isn't {EVENTS_PATTERN}")
    with tempfile.TemporaryDirectory(prefix="transform-") as scratch:
        folder = Path(scratch)
        version = fetch(client, RAW, found, folder / "raw.parquet")
        rows = typed_rows(folder / "raw.parquet", folder / "typed.parquet")
        metadata = {
            "raw_object": f"s3://{RAW}/{found.key}",
            "raw_version_id": version,
            "raw_etag": found.etag,
            "ingestion_run_id": rows.ingestion_run_id,
            "transformation_run_id": run_id,
            "code_version": version_text("cybersec-pipeline"),
        }
        return [
            _partition(client, minio, rows, SilverKey(day, silver_run, part, len(rows.rows_of_day)), metadata)
            for part, day in enumerate(rows.rows_of_day, 1)
        ]


def _partition(
    client: Minio, minio: MinioSettings, rows: TypedRows, key: SilverKey, metadata: dict[str, str]
) -> Partition:
    stop_if_asked()
    folder = rows.file.parent
    file = folder / f"silver-{key.part}.parquet"
    earlier = _rows_of_day(client, key, folder)
    count = write_new_rows(rows.file, key.date, earlier, file, {"run_id": key.run_id, **metadata})
    for each in earlier:
        each.unlink()
    made = Upload(minio, file, SILVER).put(str(key), sent_before=False)
    duplicates = rows.rows_of_day[key.date] - count
    path = f"s3://{SILVER}/{key}"
    return Partition(path, metadata["raw_object"], metadata["raw_version_id"], count, duplicates, made)


def _rows_of_day(client: Minio, wanted: SilverKey, folder: Path) -> list[Path]:
    """Copy here what SILVER has of that day, from other objects of RAW."""
    files: list[Path] = []
    for found in listing(client, SILVER, f"date={wanted.date:%Y%m%d}/"):
        key = silver_key(found.key)
        if key is not None and key.run_id != wanted.run_id:
            files.append(folder / f"earlier-{len(files)}.parquet")
            fetch(client, SILVER, found, files[-1])
    return files


def transformed_lines(done: Transformed) -> list[str]:
    """Say what a run did, object by object."""
    return [
        *(
            f"{each.path}: {each.rows} rows, {each.duplicates} duplicates left out, from {each.raw}"
            + ("" if each.made else "; made by another run meanwhile")
            for each in done.partitions
        ),
        *(
            f"refused: {each.raw}: {'; '.join(f'{problem.column}: {problem.said}' for problem in each.problems)}"
            for each in done.refused
        ),
        *([f"{done.earlier} objects of RAW were in SILVER before"] if done.earlier else []),
        *([f"{done.expired} objects of RAW are older than SILVER keeps its own"] if done.expired else []),
        *([] if done.partitions else ["nothing new in RAW"]),
    ]


def as_report(done: Transformed) -> dict[str, Any]:
    """Answer the same as plain data."""
    return {
        "partitions": [vars(each) for each in done.partitions],
        "refused": [{"raw": each.raw, "problems": [vars(one) for one in each.problems]} for each in done.refused],
        "earlier": done.earlier,
        "expired": done.expired,
    }
