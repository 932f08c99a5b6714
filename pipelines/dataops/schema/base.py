"""What a table's schema file holds, and the types that columns have."""

from dataclasses import dataclass

import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
from pandera.ibis import Column, DataFrameSchema

TIME = dt.Timestamp(timezone="UTC", scale=6)
"""A moment, to the microsecond: what PostgreSQL and Parquet keep."""
AMOUNT = dt.Decimal(38, 18)
"""A price or volume, exactly: no binary fraction comes near it."""


@dataclass(frozen=True)
class TableSchema:
    """Columns of a raw table and of what is made of it, each with the columns that are its key.

    The warehouse's tables have `run_id`, `created_at` and `updated_at` besides, which no schema names.
    """

    name: str
    keys: tuple[str, ...]
    raw: DataFrameSchema
    processed_keys: tuple[str, ...]
    processed: DataFrameSchema


def arrow_schema(schema: DataFrameSchema) -> pa.Schema:
    """Answer the same columns as Arrow has them, in the same order."""
    return ibis.schema(
        {name: column.dtype.type.copy(nullable=column.nullable) for name, column in columns(schema)}
    ).to_pyarrow()


def columns(schema: DataFrameSchema) -> list[tuple[str, Column]]:
    """Answer the columns by name, in their order."""
    return list(schema.columns.items())
