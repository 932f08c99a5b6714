"""The warehouse's table of raw rows: its columns are compared with the schema, its rows brought in at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
from psycopg.sql import SQL, Composed, Identifier, Literal

from metadata.core import Connection
from pipeline_dataops.errors import StepError
from pipeline_dataops.load.raw_rows import differences

_OWN = {
    "run_id": "text",
    "created_at": "timestamp with time zone",
    "updated_at": "timestamp with time zone",
}
"""Columns that each table of data has besides those of its schema."""
_TYPES = (
    (pa.types.is_timestamp, "timestamp with time zone"),
    (pa.types.is_string, "text"),
    (pa.types.is_integer, "bigint"),
    (pa.types.is_floating, "double precision"),
    (pa.types.is_date, "date"),
    (pa.types.is_boolean, "boolean"),
)


@dataclass(frozen=True)
class Brought:
    """How many rows were new, were there with other values, or came twice: of those the last one counts."""

    added: int
    changed: int
    repeated: int


@dataclass(frozen=True)
class RowsTable:
    """A table of the warehouse, with the columns of its schema and those that are its key."""

    name: Identifier
    schema: pa.Schema
    keys: Sequence[str]

    def __str__(self) -> str:
        """Its name, as SQL has it."""
        return self.name.as_string(None)


def require_columns(connection: Connection, table: RowsTable) -> None:
    """Refuse a table that has other columns than the schema file.

    Raises:
        StepError: names each column that differs, or the table is missing.
    """
    asked = """
        SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
    found = dict(connection.execute(asked, [str(table)]).fetchall())
    if not found:
        raise StepError(f"table {table}: is not there, or is hidden from this role; make it by the table's migration")
    expected = {field.name: _type(field.type) for field in table.schema}
    if drift := differences(found, expected | _OWN):
        raise StepError(f"table {table}: other columns than in the schema file: {drift}; a migration has to change it")


def bring(connection: Connection, table: RowsTable, run_id: str, rows: Iterable[tuple[object, ...]]) -> Brought:
    """Bring rows of a run into the table, in the open transaction.

    A row whose key is there keeps its `created_at`; one that has the same values and run already is left alone.

    Args:
        connection: logged in as who may write to the table.
        table: where to.
        run_id: whose rows they are.
        rows: values in the order of the schema.
    """
    names = _names(table.schema.names)
    incoming = SQL("CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
    connection.execute(incoming.format(names, table.name))
    connection.execute("ALTER TABLE incoming ADD COLUMN row_number BIGINT GENERATED ALWAYS AS IDENTITY")
    with (
        connection.cursor() as cursor,
        cursor.copy(SQL("COPY incoming ({}) FROM STDIN").format(names)) as copy,
    ):
        for row in rows:
            copy.write_row(row)
    done = connection.execute(_upsert(table, run_id)).fetchone()
    if done is None:
        raise StepError(f"table {table}: the server answered nothing")
    return Brought(*map(int, done))


def empty(connection: Connection, table: RowsTable) -> None:
    """Take all rows out, in the open transaction: nobody sees it until the new ones are there."""
    connection.execute(SQL("TRUNCATE {}").format(table.name))


def count(connection: Connection, table: RowsTable, run_id: str) -> int:
    """Answer how many rows of a run the table has."""
    found = connection.execute(SQL("SELECT count(*) FROM {} WHERE run_id = %s").format(table.name), [run_id]).fetchone()
    return int(found[0]) if found else 0


def _upsert(table: RowsTable, run_id: str) -> Composed:
    columns = table.schema.names
    written = [*columns, "run_id"]
    values = [name for name in written if name not in table.keys]
    statement = """
        WITH once AS (
          SELECT DISTINCT ON ({keys}) {columns} FROM incoming ORDER BY {keys}, row_number DESC
        ), done AS (
          INSERT INTO {table} AS there ({written}) SELECT {columns}, {run_id} FROM once ORDER BY {keys}
          ON CONFLICT ({keys}) DO UPDATE SET {changes} WHERE ({old}) IS DISTINCT FROM ({new})
          RETURNING there.xmax = 0 AS added
        )
        SELECT count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added),
          (SELECT count(*) FROM incoming) - (SELECT count(*) FROM once)
        FROM done"""
    return SQL(statement).format(
        table=table.name,
        keys=_names(table.keys),
        columns=_names(columns),
        written=_names(written),
        run_id=Literal(run_id),
        changes=SQL(", ").join(SQL("{0} = EXCLUDED.{0}").format(Identifier(name)) for name in values),
        old=SQL(", ").join(Identifier("there", name) for name in values),
        new=SQL(", ").join(SQL("EXCLUDED.{}").format(Identifier(name)) for name in values),
    )


def _type(kind: pa.DataType) -> str:
    """Name a type as `format_type` of PostgreSQL does."""
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision},{kind.scale})"
    return next(name for test, name in _TYPES if test(kind))


def _names(names: Sequence[str]) -> Composed:
    return SQL(", ").join(map(Identifier, names))
