"""Compares production's bucket with the catalog, both ways. Objects of a promotion under way show as without one."""

import argparse
import datetime as dt
from dataclasses import asdict, dataclass

import urllib3
from minio.error import MinioException, S3Error
from pipeline_shared.connections import minio_client
from pipeline_shared.log import printable
from psycopg.rows import class_row

from conf.base import Place, load_place
from pipeline_dataops.errors import StepError
from pipeline_dataops.query.catalog import Promotion
from pipeline_dataops.query.core import reading
from pipeline_dataops.query.printing import show


@dataclass(frozen=True)
class Difference:
    """One thing that bucket and catalog don't agree on."""

    kind: str
    """`object without promotion`, `promotion without object` or `another version`"""
    object: str
    run_id: str | None


def reconcile(given: argparse.Namespace) -> int:
    """Print what differs, and runs that aren't finished; exit code 1 where something differs."""
    place = load_place(given.table, given.data)
    found = differences(place, given.kept_days)
    waiting = unfinished(place)
    lines = [
        printable(f"{each.kind}: {each.object}" + (f", run {each.run_id}" if each.run_id else "")) for each in found
    ]
    same = ["every object of production has its promotion, and every promotion its objects"]
    notes = [f"unfinished run, neither promoted nor failed: {run_id} of {table}" for run_id, table in waiting]
    said = {
        "differences": [asdict(each) for each in found],
        "unfinishedRuns": [{"runId": run_id, "table": table} for run_id, table in waiting],
    }
    show(given.format, said, (lines or same) + notes)
    return 1 if found else 0


def unfinished(place: Place) -> list[tuple[str, str]]:
    """Answer the id and the table of each run that has an object, and neither a promotion nor a verdict that failed.

    Raises:
        StepError: the database is away or refuses.
    """
    with reading(place.postgres) as connection:
        return connection.execute(
            "SELECT run_id, table_name FROM production.unfinished_runs ORDER BY stored_at, run_id"
        ).fetchall()


def differences(place: Place, kept_days: int | None) -> list[Difference]:
    """Compare all of production, whatever the table.

    Args:
        place: a key and a role that may read production.
        kept_days: production keeps an object so many days, so an older promotion is right without one; None: for ever.

    Raises:
        StepError: a server is away or refuses.
    """
    bucket = place.directory.production.name
    client = minio_client(place.minio)
    with reading(place.postgres) as connection, connection.cursor(row_factory=class_row(Promotion)) as cursor:
        promotions = cursor.execute("SELECT * FROM production.promotions ORDER BY promoted_at, run_id").fetchall()
    expected = {each.key: (each, one) for one in promotions for each in (one.object, one.report_1, one.report_2)}
    try:
        listed = {str(each.object_name) for each in client.list_objects(bucket, recursive=True)}
        found = [
            Difference("object without promotion", f"s3://{bucket}/{key}", None)
            for key in sorted(listed - set(expected))
        ]
        for key, (version, one) in expected.items():
            if key not in listed:
                if kept_days is None or dt.datetime.now(dt.UTC) - one.promoted_at <= dt.timedelta(days=kept_days):
                    found.append(Difference("promotion without object", str(version), one.run_id))
            elif client.stat_object(bucket, key).version_id != version.version_id:
                found.append(Difference("another version", str(version), one.run_id))
    except S3Error as error:
        raise StepError(f"s3://{bucket}: can't be read: {error.code}: {error.message}") from None
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise StepError(f"s3://{bucket}: can't be read: {error}") from None
    return found
