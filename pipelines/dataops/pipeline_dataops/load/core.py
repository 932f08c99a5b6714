"""Step 3: exactly the recorded version of the raw object becomes rows of the staging warehouse, in one transaction."""

from dataclasses import dataclass
from pathlib import Path

import structlog

from conf.base import Place
from metadata.core import Connection, RunObject, object_of, run_of
from pipeline_dataops.errors import StepError
from pipeline_dataops.load.raw_rows import opened, rows_in
from pipeline_dataops.load.rows_table import Brought, RowsTable, bring, count, empty, require_columns
from pipeline_dataops.objects import Objects
from pipeline_dataops.warehouse import warehouse
from schema.base import arrow_schema

_LIMIT_SECONDS = 900


@dataclass(frozen=True)
class Loaded:
    """What `load` did; `brought` is None where it was done before."""

    run_id: str
    table: str
    rows: int
    brought: Brought | None

    def __str__(self) -> str:
        """Say it."""
        if self.brought is None:
            return f"was loaded already: {self.rows} rows of run {self.run_id} in {self.table}"
        one = self.brought
        done = f"{one.added} added, {one.changed} changed, {one.repeated} repeated"
        return f"loaded: {self.rows} rows of run {self.run_id} in {self.table} ({done})"


def load(place: Place, run_id: str) -> Loaded:
    """Load the raw object of a run.

    Raises:
        StepError: the run has no raw object, it or the table has another form, or a server is away or refuses.
    """
    table = RowsTable(place.raw_rows, arrow_schema(place.schema.raw), place.schema.keys)
    with warehouse(place.postgres) as connection:
        stored = recorded(connection, place, run_id)
        require_columns(connection, table)
        if _is_loaded(connection, place.table.table, run_id):
            return Loaded(run_id, str(table), count(connection, table, run_id), None)
        connection.commit()  # no transaction is open while the object is read
        place.data.mkdir(parents=True, exist_ok=True)
        file = place.data / f"{run_id}.load.parquet"
        try:
            brought = _bring(connection, place, table, stored, file)
            if brought is not None:
                connection.execute("INSERT INTO staging.loads (run_id) VALUES (%s)", [run_id])
        finally:
            file.unlink(missing_ok=True)
        rows = count(connection, table, run_id)
    if brought is not None:
        structlog.get_logger().info("loaded", rows=rows, added=brought.added, changed=brought.changed)
    return Loaded(run_id, str(table), rows, brought)


def recorded(connection: Connection, place: Place, run_id: str) -> RunObject:
    """Answer the raw object of a run of this table.

    Raises:
        StepError: there is none.
    """
    run = run_of(connection, run_id)
    if run is not None and run.table_name != place.table.table:
        raise StepError(f"run {run_id} is one of table {run.table_name}, not of {place.table.table}")
    stored = object_of(connection, run_id, "raw")
    if stored is None:
        raise StepError(f"run {run_id} has no raw object; extract it first, with this run id")
    return stored


def _is_loaded(connection: Connection, table: str, run_id: str) -> bool:
    """Tell whether a run was loaded.

    Raises:
        StepError: it was not, and a later run was: its rows would be replaced by older ones.
    """
    asked = """
        SELECT run_id FROM staging.loads JOIN staging.runs USING (run_id)
          JOIN staging.objects USING (run_id)
        WHERE table_name = %(table)s AND stage = 'raw' AND (run_id = %(run)s OR stored_at >
          (SELECT stored_at FROM staging.objects WHERE run_id = %(run)s AND stage = 'raw'))
        ORDER BY run_id = %(run)s DESC, stored_at DESC LIMIT 1"""
    found = connection.execute(asked, {"table": table, "run": run_id}).fetchone()
    if found is None or found[0] == run_id:
        return found is not None
    run = run_of(connection, run_id)
    window = f" --again {run.cursor_from}/{run.cursor_to}" if run and run.cursor_from else ""
    raise StepError(
        f"run {run_id} was extracted before run {found[0]}, which is loaded already: older rows would replace newer "
        f"ones; take what it has once more, as a run of its own: extract{window}"
    )


def _bring(connection: Connection, place: Place, table: RowsTable, stored: RunObject, file: Path) -> Brought | None:
    """Bring the rows in, one load of the table after another; None where another process has done so meanwhile."""
    Objects(place.minio, stored.bucket).fetch(stored.object_key, stored.version_id, stored.sha256, file)
    named = f"s3://{stored.bucket}/{stored.object_key}?versionId={stored.version_id}"
    with opened(file, stored.run_id, table.schema, named) as reader:
        connection.execute(f"SET LOCAL statement_timeout = '{_LIMIT_SECONDS}s'".encode())
        connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('dataops.load ' || %s, 0))", [place.table.table]
        )
        if _is_loaded(connection, place.table.table, stored.run_id):
            return None
        if place.table.load.mode == "write":
            empty(connection, table)
        return bring(connection, table, stored.run_id, rows_in(reader))
