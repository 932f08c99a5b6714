"""Step validate: judges the object of a run and its rows in the warehouse, and leaves a verdict with its report."""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pandera.ibis import DataFrameSchema
from psycopg import sql

from conf.base import Place
from conf.directory.base import Bucket
from conf.validate.base import Expectation
from metadata.core import (
    Connection,
    Round,
    Run,
    RunObject,
    Stage,
    Verdict,
    code_version,
    object_of,
    record_verdict,
    run_of,
    verdicts_of,
    was_loaded,
)
from pipeline_dataops.engines import Engine, engine
from pipeline_dataops.errors import StepError, VerdictError
from pipeline_dataops.objects import Objects, Stored
from pipeline_dataops.validate.alerts import tell
from pipeline_dataops.validate.expectations import Judged, judge, unjudged
from pipeline_dataops.validate.profile import profile
from pipeline_dataops.validate.reference import Reference, last_passed, profile_of
from pipeline_dataops.validate.report import Report, as_html, as_json
from pipeline_dataops.validate.result import Result, passed, status_of
from pipeline_dataops.validate.structure import columns_and_types, values
from pipeline_dataops.validate.warehouse_rows import agree, fetch_rows
from pipeline_dataops.warehouse import warehouse
from schema.base import arrow_schema

_MOST_REPORTS = 100


@dataclass(frozen=True)
class Validated:
    """A verdict, and whether it was there before."""

    verdict: Verdict
    before: bool

    @property
    def rows(self) -> int:
        """How many rows were judged."""
        return self.verdict.rows

    def __str__(self) -> str:
        one = self.verdict
        said = "was judged already: passed" if self.before else "passed"
        return f"round {one.round} {said}: {one.rows} rows of run {one.run_id}\n{_where(one)}"


@dataclass(frozen=True)
class _Side:
    """What a round looks at."""

    number: Round
    stage: Stage
    bucket: Bucket
    table: str
    rows: sql.Identifier
    schema: DataFrameSchema
    keys: Sequence[str]
    expectations: list[Expectation]


@dataclass(frozen=True)
class _Subject:
    """What is judged, and by what it is compared."""

    run: Run
    stored: RunObject
    reference: Reference | None
    loaded: bool


def validate(place: Place, run_id: str, number: Round) -> Validated:
    """Judge a run. A verdict that is there already is said and not made again.

    Raises:
        StepError: a check failed that stops, with the place of the report; or there is nothing to judge, or a server
            is away or refuses: then there is no verdict.
    """
    side = _side(place, number)
    with warehouse(place.postgres) as connection:
        subject = _subject(connection, place, side, run_id)
        there = verdicts_of(connection, run_id).get(number)
    if there is not None:
        return _answer(there, before=True)
    place.data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="validate-", dir=place.data) as name:
        folder = Path(name)
        report = _judged(place, side, subject, folder)
        verdict = _put(place, side, report, folder)
    # Before the verdict: a step that ends between both is repeated, and an alert comes twice rather than never.
    tell(side.table, run_id, number, report.results)
    with warehouse(place.postgres) as connection:
        ours = record_verdict(connection, verdict)
        recorded = verdicts_of(connection, run_id)[number]
    return _answer(recorded, before=not ours)


def _side(place: Place, number: Round) -> _Side:
    table, schema = place.table, place.schema
    if number == 1:
        rows, expected = place.raw_rows, table.expectations.raw
        return _Side(1, "raw", place.directory.raw, table.table, rows, schema.raw, schema.keys, expected)
    rows, expected, keys = place.processed_rows, table.expectations.processed, schema.processed_keys
    bucket = place.directory.transformed
    return _Side(2, "transformed", bucket, table.processed_table, rows, schema.processed, keys, expected)


def _subject(connection: Connection, place: Place, side: _Side, run_id: str) -> _Subject:
    run = run_of(connection, run_id)
    if run is None:
        raise StepError(f"there is no run {run_id}; extract makes one and prints its id")
    if run.table_name != place.table.table:
        raise StepError(f"run {run_id} is one of table {run.table_name}, not of {place.table.table}")
    stored = object_of(connection, run_id, side.stage)
    if stored is None:
        before = "extract and load it" if side.number == 1 else "transform it"
        raise StepError(f"run {run_id} has no {side.stage} object; {before} first")
    reference = last_passed(connection, run.table_name, side.number, run_id)
    return _Subject(run, stored, reference, side.number == 2 or was_loaded(connection, run_id))


def _judged(place: Place, side: _Side, subject: _Subject, folder: Path) -> Report:
    run, stored, reference = subject.run, subject.stored, subject.reference
    file, rows_file = folder / "object.parquet", folder / "rows.parquet"
    Objects(place.minio, stored.bucket).fetch(stored.object_key, stored.version_id, stored.sha256, file)
    compared, why = profile_of(Objects(place.minio, side.bucket.name), reference, folder / "reference.json")
    with warehouse(place.postgres) as connection:
        count, digest = fetch_rows(connection, side.rows, arrow_schema(side.schema), run.run_id, rows_file)
    results, shape = _readable(file, stored), None
    if passed(results):
        started = engine("duckdb", folder, place.environment)
        try:
            table = started.read(file)
            judged = Judged(table, list(side.keys), run.started_at, started.ask, started.rows, compared, why)
            more, shape = _checks(side, judged, started, rows_file)
            if not subject.loaded and not passed(more) and passed([each for each in more if each.what != "warehouse"]):
                raise StepError(f"run {run.run_id} isn't loaded yet, so there is no verdict; load it, then validate it")
            results += more
        except (duckdb.Error, pa.ArrowException) as error:
            # The file is whole: it is the machine, or an expectation that means nothing for such columns.
            said = str(error).splitlines()[0]
            raise StepError(f"round {side.number} can't be judged, so there is no verdict: {said}") from None
        finally:
            started.close()
    return Report(
        table=side.table,
        run_id=run.run_id,
        round=side.number,
        code_version=code_version(),
        object={
            "bucket": stored.bucket,
            "key": stored.object_key,
            "version_id": stored.version_id,
            "rows": stored.rows,
            "sha256": stored.sha256,
        },
        warehouse={"table": side.rows.as_string(None), "rows": count, "digest": digest},
        reference=asdict(reference) if reference and compared else None,
        results=results,
        profile=shape,
    )


def _readable(file: Path, stored: RunObject) -> list[Result]:
    try:
        with pq.ParquetFile(file) as reader:
            rows = sum(batch.num_rows for batch in reader.iter_batches())
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno is not None):
            raise StepError(f"{file} can't be read, so there is no verdict: {error}") from None
        return [_broken(stored, error)]
    allowed = f"{stored.rows} rows, as recorded"
    return [Result("object", stored.object_key, "stop", status_of(rows == stored.rows), rows, allowed)]


def _broken(stored: RunObject, error: Exception) -> Result:
    said = (str(error).splitlines() or [type(error).__name__])[0]
    return Result("object", stored.object_key, "stop", "failed", said, "a whole Parquet file")


def _checks(
    side: _Side, judged: Judged, started: Engine, rows_file: Path
) -> tuple[list[Result], dict[str, Any] | None]:
    results = columns_and_types(side.schema, judged)
    if not passed(results):
        return results + [unjudged(each, "the columns aren't those of the schema") for each in side.expectations], None
    results += agree(judged, started.read(rows_file), side.rows.as_string(None))
    results += values(side.schema, judged)
    results += judge(side.expectations, judged)
    return results, profile(judged.table, side.expectations, judged.ask)


def _put(place: Place, side: _Side, report: Report, folder: Path) -> Verdict:
    """Store both forms of the report beside the data. The same report again is the one that lies there."""
    objects = Objects(place.minio, side.bucket.name)
    prefix = side.bucket.key("reports", dataset=place.dataset, table_name=side.table, run_id=report.run_id)
    files = {"html": folder / "report.html", "json": folder / "report.json"}
    files["html"].write_bytes(as_html(report))
    files["json"].write_bytes(as_json(report))
    for number in range(1, _MOST_REPORTS):
        name = f"round-{side.number}" + (f"-{number}" if number > 1 else "")
        stored: dict[str, Stored | None] = {}
        for kind, file in files.items():
            stored[kind] = objects.put_new(f"{prefix}{name}.{kind}", file, {"run-id": report.run_id})
        made = stored["json"]
        if made is not None and stored["html"] is not None:
            return Verdict(
                run_id=report.run_id,
                round=side.number,
                passed=passed(report.results),
                object_version_id=report.object["version_id"],
                rows=report.warehouse["rows"],
                rows_digest=report.warehouse["digest"],
                report_bucket=side.bucket.name,
                report_key=f"{prefix}{name}.json",
                report_version_id=made.version_id,
            )
    raise StepError(f"s3://{side.bucket.name}/{prefix}: holds {_MOST_REPORTS} other reports of this run already")


def _answer(verdict: Verdict, *, before: bool) -> Validated:
    if verdict.passed:
        return Validated(verdict, before)
    again = " (judged already)" if before else ""
    raise VerdictError(
        f"round {verdict.round} of run {verdict.run_id} failed{again}, so nothing follows it\n{_where(verdict)}\n"
        "correct the source or the expectations; the next run takes the same window or file again"
    )


def _where(verdict: Verdict) -> str:
    place = f"s3://{verdict.report_bucket}/{verdict.report_key}"
    return f"report: {place}?versionId={verdict.report_version_id} (and .html)"
