"""The rows of a run in the warehouse, beside those of its object: both must be the same, each key once."""

from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
from psycopg import sql

from metadata.core import Connection, rows_digest
from pipeline_dataops.errors import StepError
from pipeline_dataops.typed_csv import copied, typed
from pipeline_dataops.validate.expectations import Judged, samples
from pipeline_dataops.validate.result import Result, status_of

_LIMIT_SECONDS = 900


def fetch_rows(
    connection: Connection, table: sql.Identifier, schema: pa.Schema, run_id: str, file: Path
) -> tuple[int, str]:
    """Write the rows of a run as a Parquet file.

    Returns:
        Their number and digest, both of the very rows that were written.

    Raises:
        StepError: a row is larger than can be read, or isn't of the schema.
    """
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    connection.execute(f"SET LOCAL statement_timeout = '{_LIMIT_SECONDS}s'".encode())
    rows, digest = rows_digest(connection, table.as_string(None), run_id)
    query = sql.SQL("SELECT {} FROM {} WHERE run_id = {}").format(
        sql.SQL(", ").join(map(sql.Identifier, schema.names)), table, sql.Literal(run_id)
    )
    try:
        typed(copied(connection, query, file.with_suffix(".csv")), schema, file)
    except (pa.ArrowException, KeyError) as error:
        said = str(error).splitlines()[0]
        raise StepError(f"rows of run {run_id} in {table.as_string(None)} can't be read: {said}") from None
    return rows, digest


def agree(judged: Judged, there: ir.Table, table: str) -> list[Result]:
    """Compare the rows of an object with those of the warehouse.

    Args:
        judged: rows of the object.
        there: rows of the run in the warehouse.
        table: its name.
    """
    distinct = judged.table.select(judged.keys).distinct()
    expected = judged.ask(distinct.aggregate(rows=distinct.count()))["rows"]
    found = judged.ask(there.aggregate(rows=there.count()))["rows"]
    fits = status_of(expected == found)
    said = "" if expected == found else "a later run has replaced rows of this one"
    allowed = f"{expected}, one a key of the object"
    columns = judged.table.columns
    others = there.select(columns).difference(judged.table.select(columns), distinct=True)
    number = judged.ask(others.aggregate(rows=others.count()))["rows"]
    shown = samples(judged, others) if number else []
    same = status_of(number == 0)
    return [
        Result("warehouse", f"rows of the run in {table}", "stop", fits, found, allowed, said=said),
        Result("warehouse", f"values in {table}", "stop", same, number, "as in the object", number, shown),
    ]
