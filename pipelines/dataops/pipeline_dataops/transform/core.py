"""Step transform: processed rows out of the raw object that round 1 judged, as an object and in the warehouse."""

import datetime as dt
import tempfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import structlog

from conf.base import TABLES, Place
from conf.directory.base import created_at
from metadata.core import Connection, Run, RunObject, object_of, record_object, run_of, verdicts_of
from pipeline_dataops.engines import EngineName, engine
from pipeline_dataops.errors import StepError
from pipeline_dataops.load.raw_rows import rows_in
from pipeline_dataops.load.rows_table import RowsTable, bring, require_columns
from pipeline_dataops.objects import Objects, Stored, sha256_of
from pipeline_dataops.transform.partners import partner_file
from pipeline_dataops.transform.result_file import write_result
from pipeline_dataops.transform.steps import Plan, transformed
from pipeline_dataops.warehouse import warehouse
from schema.base import arrow_schema

_MOST_KEYS = 100
_LIMIT_SECONDS = 900


@dataclass(frozen=True)
class Transformed:
    """What the step made, or had made before."""

    stored: RunObject

    @property
    def rows(self) -> int:
        """How many rows the processed object has."""
        return self.stored.rows

    def __str__(self) -> str:
        return (
            f"transformed: s3://{self.stored.bucket}/{self.stored.object_key}?versionId={self.stored.version_id}, "
            f"{self.stored.rows} rows"
        )


def transform(place: Place, run_id: str, engine_name: EngineName = "duckdb") -> Transformed:
    """Transform the raw rows of a run. What is recorded already is not made again.

    Raises:
        StepError: round 1 hasn't passed, the YAML doesn't fit the rows, or a server is away or refuses.
    """
    with warehouse(place.postgres) as connection:
        run = _run(connection, place, run_id)
        done = object_of(connection, run_id, "transformed")
        raw = _judged_raw(connection, run_id)
    if done is not None:
        structlog.get_logger().info("transformed before", key=done.object_key, rows=done.rows)
        return Transformed(done)
    place.data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="transform-", dir=place.data) as folder:
        result, rows = _make(place, raw, Path(folder), engine_name)
        key, stored = _put(place, run, result)
        bucket = place.directory.transformed.name
        made = RunObject(run_id, "transformed", bucket, key, stored.version_id, rows, sha256_of(result))
        with warehouse(place.postgres) as connection:
            if record_object(connection, made):
                _bring(connection, place, run_id, result)
            return Transformed(object_of(connection, run_id, "transformed") or made)


def _bring(connection: Connection, place: Place, run_id: str, result: Path) -> None:
    table = RowsTable(place.processed_rows, arrow_schema(place.schema.processed), place.schema.processed_keys)
    require_columns(connection, table)
    connection.execute(f"SET LOCAL statement_timeout = '{_LIMIT_SECONDS}s'".encode())
    with pq.ParquetFile(result) as reader:
        bring(connection, table, run_id, rows_in(reader))


def _run(connection: Connection, place: Place, run_id: str) -> Run:
    run = run_of(connection, run_id)
    if run is None:
        raise StepError(f"there is no run {run_id}; extract makes one and prints its id")
    if run.table_name != place.table.table:
        raise StepError(f"run {run_id} is of table {run.table_name}, not {place.table.table}; name the other --table")
    return run


def _judged_raw(connection: Connection, run_id: str) -> RunObject:
    verdict = verdicts_of(connection, run_id).get(1)
    if verdict is None:
        raise StepError(f"run {run_id} has no verdict of round 1; validate --round 1 comes first")
    if not verdict.passed:
        raise StepError(
            f"run {run_id} did not pass round 1: s3://{verdict.report_bucket}/{verdict.report_key} says why"
        )
    raw = object_of(connection, run_id, "raw")
    if raw is None or raw.version_id != verdict.object_version_id:
        raise StepError(f"run {run_id}: round 1 judged version {verdict.object_version_id}, which isn't its raw object")
    return raw


def _make(place: Place, raw: RunObject, folder: Path, engine_name: EngineName) -> tuple[Path, int]:
    source, result = folder / "raw.parquet", folder / "processed.parquet"
    Objects(place.minio, raw.bucket).fetch(raw.object_key, raw.version_id, raw.sha256, source)
    conf, schema = place.table.transform, arrow_schema(place.schema.processed)
    with warehouse(place.postgres) as connection:
        partners = [
            partner_file(each.with_, TABLES, connection, folder / f"partner-{index}.parquet")
            for index, each in enumerate(conf.join)
        ]
    plan = Plan(conf, list(place.schema.keys), ibis.schema(schema), list(place.schema.processed_keys), _function(place))
    started = engine(engine_name, folder, place.environment)
    try:
        table, counts = transformed(started.read(source), [started.read(each) for each in partners], plan, started.ask)
        said = {"run_id": raw.run_id, "raw_version_id": raw.version_id, "engine": engine_name}
        rows = write_result(started.batches(table), schema, said, counts, result)
    except (*started.faults, pa.ArrowException) as error:
        raise StepError(f"transform: the rows don't fit the steps: {str(error).splitlines()[0]}") from None
    finally:
        started.close()
    structlog.get_logger().info("transformed", engine=engine_name, **counts, out=rows)
    return result, rows


def _function(place: Place) -> Any:
    name = place.table.transform.function
    if name is None:
        return None
    module = import_module(f"schema.tables.{place.table.table}")
    found = getattr(module, name, None)
    if not callable(found):
        raise StepError(f"transform.function: schema/tables/{place.table.table}.py has no function {name!r}")
    return found


def _put(place: Place, run: Run, result: Path) -> tuple[str, Stored]:
    """Store the result at the time of its run: a second try finds what the first one stored."""
    objects = Objects(place.minio, place.directory.transformed.name)
    for later in range(_MOST_KEYS):
        moment = created_at(run.started_at + dt.timedelta(milliseconds=later))
        key = place.directory.transformed.key(
            "objects", dataset=place.dataset, table_name=place.table.processed_table, created_at=moment
        )
        stored = objects.put_new(key, result, {"run-id": run.run_id})
        if stored is not None:
            return key, stored
    raise StepError(f"s3://{place.directory.transformed.name}/{key}: other objects have this key and those after it")
