"""Structural validation of a batch, before anything of it is written."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

import pandera.errors
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.ingestion.schema import ROWS, table_schema

SHOWN = 5


@dataclass(frozen=True)
class Problem:
    """One rule that a batch breaks."""

    rule: str
    column: str
    said: str
    rows: int
    """How many values break it; 0 where the rule is about a column as a whole."""
    examples: list[str]


class RefusedError(Exception):
    """Data that is not what the schema says. Nothing of it is uploaded."""

    def __init__(self, problems: list[Problem], batch: pa.Table | None = None, first_row: int = 0) -> None:
        super().__init__("; ".join(f"{each.column}: {each.said}" for each in problems))
        self.problems = problems
        self.batch = batch
        self.first_row = first_row

    def report(self) -> dict[str, Any]:
        """Say as JSON which rules are broken, where, how often, with examples."""
        return {"first_row_of_batch": self.first_row, "problems": [asdict(each) for each in self.problems]}


def refused(rule: str, column: str, said: str) -> RefusedError:
    """Refuse data as a whole, for one reason."""
    return RefusedError([Problem(rule, column, said, 0, [])])


def valid(batch: pa.Table, now: dt.datetime, first_row: int = 0) -> pa.Table:
    """Answer the batch in the exact types of the schema.

    Raises:
        RefusedError: with every rule that the batch breaks.
    """
    try:
        problems = _broken_as_a_whole(batch)
        if not problems:
            table = _widened(batch)
            problems = _broken_rules(table, now)
        if not problems:
            return table.cast(ROWS)
    except (pa.ArrowException, ValueError, OverflowError, KeyError) as error:
        problems = [Problem("values", "rows", f"can't be judged: {first_line(error)}", 0, [])]
    raise RefusedError(problems, batch, first_row)


def first_line(error: Exception) -> str:
    """Answer the first line of what an error says, or else its name."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def _broken_as_a_whole(table: pa.Table) -> list[Problem]:
    """Find what no rule of a column can be asked about: names, text that is no UTF-8, times that no calendar has."""
    names = table.column_names
    problems = [
        Problem(
            "columns", name, f"is there {names.count(name)} times; expected are exactly {', '.join(ROWS.names)}", 0, []
        )
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    for name, column in zip(names, table.columns, strict=True):
        try:
            column.validate(full=True)
            if pa.types.is_timestamp(column.type) and table.num_rows:
                ends = pc.min_max(column)
                _ = ends["min"].as_py(), ends["max"].as_py()
        except (pa.ArrowException, ValueError, OverflowError, KeyError) as error:
            problems.append(Problem("values", name, f"has values that can't be read: {first_line(error)}", 0, []))
    return problems


def _broken_rules(table: pa.Table, now: dt.datetime) -> list[Problem]:
    try:
        table_schema(now).validate(table, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        unjudged = [Problem("values", "rows", f"can't be judged: {first_line(errors)}", 0, [])]
        return _problems(errors.schema_errors, table) or unjudged
    return []


def _widened(table: pa.Table) -> pa.Table:
    """Types that hold the same values in other room become those of the schema; others stay, to be refused."""
    for index, field in enumerate(table.schema):
        wanted = ROWS.field(field.name).type if field.name in ROWS.names else field.type
        if field.type != wanted and _is_kind_of(field.type, wanted):
            try:
                table = table.set_column(index, field.name, table.column(index).cast(wanted))
            except pa.ArrowInvalid:
                continue  # a value has no room in it, a nanosecond for example
    return table


def _is_kind_of(found: pa.DataType, wanted: pa.DataType) -> bool:
    if pa.types.is_timestamp(wanted):
        return bool(pa.types.is_timestamp(found) and found.tz is not None)
    if pa.types.is_dictionary(found):
        found = found.value_type
    kinds = (pa.types.is_integer, pa.types.is_floating, _is_text)
    return any(kind(found) and kind(wanted) for kind in kinds)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _problems(errors: list[Any], table: pa.Table) -> list[Problem]:
    problems: list[Problem] = []
    for error in errors:
        reason = error.reason_code.name
        if reason == "CHECK_ERROR":
            continue  # the type is wrong, which is told by itself
        if reason in ("COLUMN_NOT_IN_SCHEMA", "COLUMN_NOT_IN_DATAFRAME", "COLUMN_NOT_ORDERED"):
            problems.append(Problem("columns", str(error.failure_cases), _columns(reason, table), 0, []))
            continue
        column = str(error.schema.name)
        values = error.failure_cases.column(0).to_pylist() if isinstance(error.failure_cases, pa.Table) else []
        if reason == "WRONG_DATATYPE":
            said = f"has type {table.schema.field(column).type}, expected {ROWS.field(column).type}"
        elif reason == "SERIES_CONTAINS_NULLS":
            said = "has values that are missing or not a number"
        else:
            said = str(error.check.error)
        problems.append(Problem(reason.lower(), column, said, len(values), [repr(each) for each in values[:SHOWN]]))
    return problems


def _columns(reason: str, table: pa.Table) -> str:
    said = {
        "COLUMN_NOT_IN_SCHEMA": "is a column too many",
        "COLUMN_NOT_IN_DATAFRAME": "is missing",
        "COLUMN_NOT_ORDERED": "is out of order",
    }[reason]
    return f"{said}; expected are exactly {', '.join(ROWS.names)}, found {', '.join(table.column_names)}"
