"""Step 1 and 2: rows of the source become one raw object, put once and recorded in the version that it got.

A run is told from all others by its row in `staging.runs`. One that was cut off is ended by the same step with the same
run id: an object that was put and not recorded is found by the run's time and id, and recorded.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from conf.base import Place
from conf.directory.base import created_at
from conf.extract.base import FileSource
from metadata.core import Connection, Run, RunObject, begin_run, code_version, object_of, record_object, run_of
from pipeline_dataops.errors import StepError
from pipeline_dataops.extract.raw_file import write_raw
from pipeline_dataops.extract.sources import AnySource, described, rows_of, source_of
from pipeline_dataops.extract.window import Window, next_window, older_window
from pipeline_dataops.objects import Objects, Stored
from pipeline_dataops.warehouse import warehouse
from schema.base import arrow_schema

_MILLISECOND = dt.timedelta(milliseconds=1)
_MOST_KEYS = 1000


@dataclass(frozen=True)
class Extracted:
    """What `extract` did; `stored` is None where there was nothing new, and then there is no run."""

    run_id: str
    stored: RunObject | None
    said: str

    @property
    def rows(self) -> int:
        """How many rows the raw object has; 0 where there is none."""
        return self.stored.rows if self.stored else 0

    def __str__(self) -> str:
        """Say it, the run id last."""
        if self.stored is None:
            return f"nothing to extract: {self.said}"
        one = self.stored
        place = f"s3://{one.bucket}/{one.object_key}, version {one.version_id}"
        return f"{self.said}: {one.rows} rows in {place}\n{self.run_id}"


@dataclass(frozen=True)
class _New:
    """A run that isn't there yet."""

    run_id: str
    now: dt.datetime
    again: Window | None


def extract(place: Place, run_id: str, again: Window | None = None) -> Extracted:
    """Extract what is new since the last run.

    Args:
        place: the table, and the loader's login.
        run_id: the run.
        again: a window that was extracted before and is extracted again instead.

    Raises:
        StepError: the source or a server is away or refuses, the source's rows have another form, or there are none.
    """
    now = dt.datetime.now(dt.UTC)
    with warehouse(place.postgres) as connection:
        connection.autocommit = True
        with _alone(connection, place.table.table):
            if (stored := object_of(connection, run_id, "raw")) is not None:
                return Extracted(run_id, stored, "was extracted already")
            objects = Objects(place.minio, place.directory.raw.name)
            run = run_of(connection, run_id)
            if run is not None and (found := _left_over(place, objects, run)) is not None:
                return _record(connection, found, "was stored already, recorded now")
            source = source_of(place)
            if run is None:
                planned = _plan(connection, place, source, _New(run_id, now, again))
                if isinstance(planned, str):
                    return Extracted(run_id, None, planned)
                run = planned
            elif run.source != (now_is := described(source)):
                raise StepError(
                    f"run {run_id}: began with {run.source}, and the source is {now_is} now; give it the same source, "
                    "or start another run, without this run id"
                )
            return _record(connection, _store(connection, place, objects, source, run), "extracted")


def unfinished_run(place: Place) -> str | None:
    """Answer the table's newest run, where its object has got neither to production nor to a verdict that failed.

    Raises:
        StepError: the warehouse is away or refuses.
    """
    asked = """
        SELECT run_id FROM staging.unfinished_runs JOIN (
          SELECT run_id FROM staging.runs JOIN staging.objects USING (run_id)
          WHERE table_name = %s AND stage = 'raw' ORDER BY stored_at DESC LIMIT 1
        ) AS newest USING (run_id)"""
    with warehouse(place.postgres) as connection:
        found = connection.execute(asked, [place.table.table]).fetchone()
    return str(found[0]) if found else None


def _plan(connection: Connection, place: Place, source: AnySource, new: _New) -> Run | str:
    """Answer the run's row, which isn't added yet; or why there is nothing to extract."""
    origin = described(source)
    table = place.table.table
    last_source, cursor = _last(connection, table)
    run = Run(new.run_id, table, place.dataset, origin, code_version(), None, None, new.now)
    if isinstance(source, FileSource):
        if new.again:
            raise StepError(f"--again: {origin} has no windows of time; leave it out")
        return f"the last run took the same file, {origin}" if origin == last_source else run
    incremental = source.incremental
    window = older_window(incremental, cursor, new.again) if new.again else next_window(incremental, cursor, new.now)
    if window is None:
        begin = cursor or incremental.first
        return f"no whole span of {incremental.align} has passed since {begin.isoformat()}"
    return replace(run, cursor_from=window.begin.isoformat(), cursor_to=window.end.isoformat())


def _last(connection: Connection, table: str) -> tuple[str | None, dt.datetime | None]:
    """Answer the source of the last run that stored an object, and up to where all such runs have come.

    One whose verdict failed doesn't count: its window or file is taken again.
    """
    asked = """
        SELECT (array_agg(source ORDER BY stored_at DESC))[1], max(cursor_to::timestamptz)
        FROM staging.runs JOIN staging.objects USING (run_id) WHERE table_name = %s AND stage = 'raw'
          AND NOT EXISTS (SELECT FROM staging.verdicts WHERE verdicts.run_id = runs.run_id AND NOT passed)"""
    found = connection.execute(asked, [table]).fetchone()
    return (found[0], found[1]) if found else (None, None)


def _store(connection: Connection, place: Place, objects: Objects, source: AnySource, run: Run) -> RunObject:
    window = None
    if run.cursor_from and run.cursor_to:
        window = Window(dt.datetime.fromisoformat(run.cursor_from), dt.datetime.fromisoformat(run.cursor_to))
    said = {
        "run_id": run.run_id,
        "table": run.table_name,
        "source": run.source,
        "code_version": run.code_version,
        "cursor_from": run.cursor_from or "",
        "cursor_to": run.cursor_to or "",
    }
    place.data.mkdir(parents=True, exist_ok=True)
    file = place.data / f"{run.run_id}.raw.parquet"
    try:
        rows = write_raw(rows_of(source, place, window), arrow_schema(place.schema.raw), said, file)
        structlog.get_logger().info("read", rows=rows, bytes=file.stat().st_size, source=run.source)
        if rows == 0 and not source.allow_empty:
            where = f"{run.source}, {window}" if window else run.source
            raise StepError(f"{where}: has no row, so there is no object; allow_empty of the table's file takes it")
        begin_run(connection, run)
        return _put(place, objects, run, file, rows)
    finally:
        file.unlink(missing_ok=True)


def _put(place: Place, objects: Objects, run: Run, file: Path, rows: int) -> RunObject:
    said = {
        "run-id": run.run_id,
        "table": run.table_name,
        "rows": str(rows),
        "code-version": run.code_version,
        "project": place.environment.project,
    }
    for key in _keys(place, run):
        if (stored := objects.put_new(key, file, said)) is not None:
            return _recorded(place, run, key, stored)
    raise StepError(f"{_MOST_KEYS} keys from {key} on are taken already; look at who wrote them")


def _left_over(place: Place, objects: Objects, run: Run) -> RunObject | None:
    """Answer the object that this run put before it was cut off."""
    for key in _keys(place, run):
        stored = objects.stat(key)
        if stored is None:
            return None
        if stored.metadata.get("run-id") == run.run_id:
            return _recorded(place, run, key, stored)
    return None


def _keys(place: Place, run: Run) -> Iterator[str]:
    """Answer the key of the run's millisecond, then those of the next ones."""
    for number in range(_MOST_KEYS):
        moment = created_at(run.started_at + number * _MILLISECOND)
        yield place.directory.raw.key("objects", dataset=run.dataset, table_name=run.table_name, created_at=moment)


def _recorded(place: Place, run: Run, key: str, stored: Stored) -> RunObject:
    rows = int(stored.metadata["rows"])
    return RunObject(run.run_id, "raw", place.directory.raw.name, key, stored.version_id, rows, stored.sha256)


def _record(connection: Connection, stored: RunObject, said: str) -> Extracted:
    record_object(connection, stored)
    structlog.get_logger().info("stored", key=stored.object_key, version=stored.version_id, rows=stored.rows)
    return Extracted(stored.run_id, stored, said)


@contextmanager
def _alone(connection: Connection, table: str) -> Iterator[None]:
    """Let one extraction of a table run at a time: two would take the same rows."""
    asked = "SELECT pg_try_advisory_lock(hashtextextended('dataops.extract ' || %s, 0))"
    taken = connection.execute(asked, [table]).fetchone()
    if not taken or not taken[0]:
        raise StepError(f"another extraction of {table} is under way; wait for its end and run this step again")
    yield  # the lock of one that fails ends with the connection
    connection.execute("SELECT pg_advisory_unlock(hashtextextended('dataops.extract ' || %s, 0))", [table])
