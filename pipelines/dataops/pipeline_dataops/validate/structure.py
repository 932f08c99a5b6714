"""Judges rows by the schema file: columns, types, missing values and the schema's own checks, by Pandera."""

from typing import Any

import pandera.errors
import pandera.ibis as pandera
from pandera.config import ValidationDepth, config_context

from conf.validate.base import Unique
from pipeline_dataops.validate.expectations import Judged, judge, samples
from pipeline_dataops.validate.result import Result, status_of

_COLUMNS = {
    "COLUMN_NOT_IN_SCHEMA": "is a column too many",
    "COLUMN_NOT_IN_DATAFRAME": "is missing",
    "COLUMN_NOT_ORDERED": "is out of order",
}


def columns_and_types(schema: pandera.DataFrameSchema, judged: Judged) -> list[Result]:
    """Answer one result a column that is not as the schema has it, or one that all are."""
    expected = ", ".join(f"{name} {column.dtype}" for name, column in schema.columns.items())
    try:
        with config_context(validation_depth=ValidationDepth.SCHEMA_ONLY):
            schema.validate(judged.table, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return [_problem(each, judged, expected) for each in errors.schema_errors]
    return [Result("schema", "columns and types", "stop", "passed", len(schema.columns), "the schema file's")]


def _problem(error: Any, judged: Judged, expected: str) -> Result:
    reason = error.reason_code.name
    if reason in _COLUMNS:
        return Result("schema", str(error.failure_cases), "stop", "failed", _COLUMNS[reason], f"exactly {expected}")
    name = str(error.schema.name)
    found = str(judged.table.schema()[name]) if name in judged.table.columns else None
    return Result("schema", name, "stop", "failed", found, str(getattr(error.schema, "dtype", expected)))


def values(schema: pandera.DataFrameSchema, judged: Judged) -> list[Result]:
    """Judge values of a table whose columns and types are the schema's: missing ones, and checks of each column.

    Pandera's own way reads every row that fails into memory, and refuses a table without rows; so its checks are asked
    one by one, and their failures counted by the engine.
    """
    required = [name for name, column in schema.columns.items() if not column.nullable]
    broken = {f"{name} is there": _missing(judged.table, name) for name in required}
    for name, column in schema.columns.items():
        for check in column.checks:
            # It answers values; the rows that have them have keys as well.
            wrong = check(judged.table, name).failure_cases.select(name).distinct()
            broken[f"{name} {check.error or check.name}"] = judged.table.semi_join(wrong, [name])
    unique = [Unique(kind="unique", columns=[name]) for name, column in schema.columns.items() if column.unique]
    return [_value_result(rule, rows, judged) for rule, rows in broken.items()] + judge(list(unique), judged)


def _missing(table: Any, name: str) -> Any:
    column = table[name]
    return table.filter(column.isnull() | column.isnan() if column.type().is_floating() else column.isnull())


def _value_result(rule: str, broken: Any, judged: Judged) -> Result:
    name, _, allowed = rule.partition(" ")
    rows = judged.ask(broken.aggregate(rows=broken.count()))["rows"]
    shown = samples(judged, broken) if rows else []
    return Result("schema", name, "stop", status_of(rows == 0), rows, allowed, rows, shown)
