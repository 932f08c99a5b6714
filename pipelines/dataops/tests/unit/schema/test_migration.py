"""The SQL of a table is what its schema file says, and what was committed."""

from dataclasses import replace
from pathlib import Path

import ibis.expr.datatypes as dt
import pytest
from pandera.ibis import Column, DataFrameSchema
from pipeline_shared.settings import SettingsError

from conf.base import known_tables, load_table
from schema.base import AMOUNT, TIME, TableSchema
from schema.core import load_schema
from schema.migration import migration

MIGRATIONS = Path(__file__).parents[5] / "config/migrations/dataops"
SMALL = TableSchema(
    name="raw_small",
    keys=("at",),
    raw=DataFrameSchema({"at": Column(TIME)}),
    processed_keys=("day", "place"),
    processed=DataFrameSchema(
        {
            "day": Column(dt.date),
            "place": Column(dt.string),
            "amount": Column(AMOUNT, nullable=True),
            "share": Column(dt.float64),
            "sure": Column(dt.boolean),
            'a "b"; DROP TABLE x': Column(dt.int32),
        }
    ),
)


@pytest.mark.parametrize("table", known_tables())
def test_the_committed_migration_of_a_table_is_what_is_printed(table: str) -> None:
    conf = load_table(table)
    committed = [each.read_text() for each in MIGRATIONS.glob(f"*.do.{table.replace('_', '-')}.sql")]
    assert committed == [migration(load_schema(table), conf.processed_table, conf.dataset)]


def test_columns_get_the_type_and_nulls_of_the_schema_and_names_are_names() -> None:
    sql = migration(SMALL, "processed_small", "it's")
    for line in (
        '  "day" DATE NOT NULL,',
        '  "amount" NUMERIC(38, 18),',
        '  "share" DOUBLE PRECISION NOT NULL,',
        '  "sure" BOOLEAN NOT NULL,',
        '  "a ""b""; DROP TABLE x" BIGINT NOT NULL,',
        '  PRIMARY KEY ("day", "place")',
        "VALUES ('raw_small', 'it''s', 'processed_small', '{day,place}');",
    ):
        assert line in sql.split("\n")


@pytest.mark.parametrize(
    ("column", "kind", "expected"),
    [
        ("run_id", dt.string, "raw_small.py, raw: column 'run_id': the workflow adds one of this name"),
        ("at", dt.Timestamp(), "raw_small.py, raw, column 'at': type timestamp.* has no place"),
        ("at", dt.binary, "raw_small.py, raw, column 'at': type binary has no place"),
    ],
)
def test_a_column_that_the_warehouse_cant_have_is_named(column: str, kind: dt.DataType, expected: str) -> None:
    with pytest.raises(SettingsError, match=expected):
        migration(replace(SMALL, raw=DataFrameSchema({column: Column(kind)})), "processed_small", "d")
