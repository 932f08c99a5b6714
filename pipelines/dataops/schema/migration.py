"""SQL of a table's rows in the warehouse, from its schema file: a migration that nobody writes by hand."""

import ibis.expr.datatypes as dt
from pandera.ibis import DataFrameSchema
from pipeline_shared.settings import SettingsError
from psycopg.sql import SQL, Composed, Identifier, Literal

from schema.base import TableSchema, columns

ADDED = ("run_id", "created_at", "updated_at")
"""Columns that the workflow adds to each row."""
_TYPES = (
    (dt.String, "TEXT"),
    (dt.Boolean, "BOOLEAN"),
    (dt.Date, "DATE"),
    (dt.Integer, "BIGINT"),
    (dt.Floating, "DOUBLE PRECISION"),
)


def migration(schema: TableSchema, processed_table: str, dataset: str) -> str:
    """Write the tables of a data set: raw and processed rows in staging, processed ones in production.

    Raises:
        SettingsError: a column has a type that the warehouse doesn't have, or a name that the workflow takes.
    """
    place = f"schema/tables/{schema.name}.py"
    catalog = SQL(
        "INSERT INTO staging.tables (table_name, dataset, processed_table, key_columns)\nVALUES ({}, {}, {}, {});\n"
    ).format(*map(Literal, (schema.name, dataset, processed_table, list(schema.processed_keys))))
    copy = SQL("CREATE TABLE production.{0} (LIKE staging.{0} INCLUDING ALL);\n").format(Identifier(processed_table))
    parts = [
        f"-- Written by `pipeline.py migration --table {schema.name}` from its schema file.\n",
        _table("staging", schema.name, _rows(f"{place}, raw", schema.raw), schema.keys).as_string(),
        _table(
            "staging", processed_table, _rows(f"{place}, processed", schema.processed), schema.processed_keys
        ).as_string(),
        (copy + _touch("production", processed_table)).as_string(),
        catalog.as_string(),
    ]
    return "\n".join(parts)


def _table(schema_name: str, name: str, rows: Composed, keys: tuple[str, ...]) -> Composed:
    at = Identifier(schema_name, name)
    key = SQL(", ").join(map(Identifier, keys))
    return (
        SQL("CREATE TABLE {} (\n{},\n").format(at, rows)
        + SQL("  run_id TEXT NOT NULL,\n")
        + SQL("  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),\n")
        + SQL("  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),\n")
        + SQL("  PRIMARY KEY ({})\n);\nCREATE INDEX ON {} (run_id);\n").format(key, at)
        + _touch(schema_name, name)
    )


def _touch(schema_name: str, name: str) -> Composed:
    statement = "CREATE TRIGGER touch BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION staging.touch();\n"
    return SQL(statement).format(Identifier(schema_name, name))


def _rows(place: str, schema: DataFrameSchema) -> Composed:
    lines = []
    for name, column in columns(schema):
        if name in ADDED:
            raise SettingsError(f"{place}: column {name!r}: the workflow adds one of this name; choose another name")
        null = SQL("") if column.nullable else SQL(" NOT NULL")
        lines.append(
            SQL("  {} ").format(Identifier(name)) + _type(f"{place}, column {name!r}", column.dtype.type) + null
        )
    return SQL(",\n").join(lines)


def _type(place: str, kind: dt.DataType) -> Composed:
    if isinstance(kind, dt.Decimal) and kind.precision is not None and kind.scale is not None:
        return SQL("NUMERIC({}, {})").format(Literal(kind.precision), Literal(kind.scale))
    if isinstance(kind, dt.Timestamp) and kind.timezone == "UTC":
        return Composed([SQL("TIMESTAMPTZ")])
    for known, name in _TYPES:
        if isinstance(kind, known):
            return Composed([SQL(name)])
    raise SettingsError(
        f"{place}: type {kind} has no place in the warehouse; use TIME or AMOUNT of schema/base.py, or string, "
        "boolean, date, int64 or float64 of Ibis"
    )
