"""What the audit and RAW say about runs: the history, the lineage of an object, and where the two differ."""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import Any

from pipeline_shared.connections import minio_client
from pipeline_shared.log import printable
from pipeline_shared.settings import MinioSettings, PostgresSettings

from pipeline.ingestion.audit import HISTORY, Event, StoredEvent, add, read
from pipeline.ingestion.raw_objects import RawObject, look_at, names
from pipeline.storage.layers import EVENTS_PATTERN, RAW, time_of_events

_OF_OBJECT = "SELECT * FROM ingestion_events WHERE ruta_minio = %s ORDER BY id"
_OF_RAW = "SELECT * FROM ingestion_events WHERE ruta_minio <> '' ORDER BY id"


@dataclass(frozen=True)
class Difference:
    """One thing that the audit and RAW don't agree on."""

    kind: str
    """`object without row`, `row without object`, `counts differ`, `times differ` or `other name`"""
    path: str
    rows_of_object: int | None = None
    rows_of_audit: int | None = None
    ingested_at: str | None = None
    said: str | None = None


def history(postgres: PostgresSettings) -> list[StoredEvent]:
    """Answer the newest ten runs, newest first."""
    return read(postgres, HISTORY)


def lineage(minio: MinioSettings, postgres: PostgresSettings, path: str) -> tuple[RawObject | None, list[StoredEvent]]:
    """Answer what an object says of itself, and the rows that name it.

    Args:
        minio: a key that may read RAW.
        postgres: a role that may read the audit.
        path: `s3://bucket/file`, or the bare file name.
    """
    key = _key(path)
    return look_at(minio_client(minio), key), read(postgres, _OF_OBJECT, f"s3://{RAW}/{key}")


def reconcile(
    minio: MinioSettings, postgres: PostgresSettings, kept_days: int | None = None
) -> tuple[list[Difference], int]:
    """Compare every object of RAW with the audit, both ways. A run that is under way shows as an object without row.

    Args:
        minio: a key that may read RAW.
        postgres: a role that may read the audit.
        kept_days: RAW keeps an object so many days, so an older row is right without one; None: for ever.

    Returns:
        What differs, and how many rows have no object any more because it expired.
    """
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    expired = 0
    client = minio_client(minio)
    events = {each.ruta_minio: each for each in read(postgres, _OF_RAW)}
    differences: list[Difference] = []
    for key in names(client):
        event = events.pop(f"s3://{RAW}/{key}", None)
        found = look_at(client, key)
        if found is not None:
            differences += _differences(found, event)
    for path, event in events.items():
        if look_at(client, _key(path)) is not None:
            continue
        if kept_days is not None and now - event.timestamp_ingesta > dt.timedelta(days=kept_days):
            expired += 1
        else:
            differences.append(Difference("row without object", path, None, event.num_registros))
    return differences, expired


def _differences(found: RawObject, event: StoredEvent | None) -> list[Difference]:
    differences: list[Difference] = []
    named = time_of_events(_key(found.path))
    if named is None:
        differences.append(Difference("other name", found.path, found.rows, said=f"isn't {EVENTS_PATTERN}"))
    if event is None:
        return [Difference("object without row", found.path, found.rows, None, found.stored_at), *differences]
    if event.num_registros != found.rows:
        said = f"object {found.rows}, audit {event.num_registros}"
        differences.append(Difference("counts differ", found.path, found.rows, event.num_registros, said=said))
    audited = event.timestamp_ingesta.replace(microsecond=0, tzinfo=dt.UTC)
    if named is not None and named != audited:
        said = f"name {named:%F %T}, audit {audited:%F %T} UTC"
        differences.append(Difference("times differ", found.path, found.rows, event.num_registros, said=said))
    return differences


def _key(path: str) -> str:
    return path.removeprefix(f"s3://{RAW}/")


def differences_in(report: str) -> list[Difference]:
    """Read what `reconcile --format json` printed.

    Raises:
        ValueError: it printed something else; the sentence says what is wrong.
    """
    try:
        found = [Difference(**each) for each in json.loads(report)["differences"]]
    except KeyError:
        raise ValueError("it has no `differences`") from None
    except TypeError:
        raise ValueError("its `differences` are no list of those") from None
    for number, each in enumerate(found, 1):
        counted = each.rows_of_object is None or type(each.rows_of_object) is int
        if not isinstance(each.path, str) or not counted:
            raise ValueError(f"its difference {number} has a path or a count of another type")
        if is_rowless(each):
            dt.datetime.fromisoformat(str(each.ingested_at))
    return found


def record(postgres: PostgresSettings, differences: list[Difference]) -> int:
    """Add the rows of objects that have none, by the role `ingestion`; one that is no Parquet file gets none.

    Returns:
        How many were added.
    """
    return sum(
        add(postgres, _row_of(each)) for each in differences if each.rows_of_object is not None and is_rowless(each)
    )


def is_rowless(difference: Difference) -> bool:
    """Tell whether an object lacks its row."""
    return difference.kind == "object without row"


def _row_of(difference: Difference) -> Event:
    name = difference.path.rpartition("/")[2]
    when = time_of_events(name) or dt.datetime.fromisoformat(str(difference.ingested_at))
    return Event(
        when.astimezone(dt.UTC).replace(tzinfo=None), name, difference.path, difference.rows_of_object or 0, "SUCCESS"
    )


def event_lines(events: list[StoredEvent]) -> list[str]:
    """Lay out rows as a table, hostile text escaped."""
    head = ["id", "timestamp_ingesta", "nombre_archivo", "ruta_minio", "num_registros", "estado"]
    cells = [[printable(str(getattr(each, name))) for name in head] for each in events]
    widths = [max(len(row[index]) for row in [head, *cells]) for index in range(len(head))]
    return [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, *cells]
    ]


def lineage_lines(found: RawObject | None, events: list[StoredEvent]) -> list[str]:
    """Say which run made an object, when, how many rows it has and where it lies."""
    if found is None:
        said = ["object: none has this name"]
    else:
        said = [
            f"object: {printable(found.path)}, {found.size} bytes, stored {found.stored_at}",
            f"run: {printable(found.run_id or 'unknown: the file names none')}",
            f"rows: {'unknown: it is no Parquet file' if found.rows is None else found.rows}",
        ]
    return (
        said
        + [
            f"audit: row {each.id}, {each.timestamp_ingesta} UTC, {each.num_registros} rows, {printable(each.estado)}"
            for each in events
        ]
        + ([] if events else ["audit: no row names it"])
    )


def difference_lines(differences: list[Difference], expired: int = 0) -> list[str]:
    """Say each difference in a line, and how many rows have outlived their objects."""
    outlived = [f"expired: {expired} rows are older than RAW keeps objects, and have none any more"] if expired else []
    if not differences:
        return ["every object of RAW has its row, and every row its object", *outlived]
    return [
        f"{each.kind}: {printable(each.path)}" + (f": {each.said}" if each.said else "") for each in differences
    ] + outlived


def as_json(value: Any) -> Any:
    """Turn events, objects and differences into plain data; times are ISO."""
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    if isinstance(value, Event | RawObject | Difference):
        return {key: as_json(each) for key, each in asdict(value).items()}
    return value.isoformat() if isinstance(value, dt.datetime) else value
