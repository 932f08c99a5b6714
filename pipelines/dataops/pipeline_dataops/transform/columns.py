"""Columns by the names that a table's YAML gives: one that isn't there is told with those that are."""

import difflib
import sys
from typing import Any

import ibis
import ibis.expr.types as ir

from pipeline_dataops.errors import StepError


def column(table: ir.Table, name: str, place: str) -> Any:
    """Answer a column of a table.

    Raises:
        StepError: there is none of this name; says what there is.
    """
    if name in table.columns:
        return table[name]
    near = difflib.get_close_matches(name, table.columns, n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    raise StepError(f"transform.{place}: there is no column {name!r}, only {', '.join(table.columns)}{meant}")


def number(table: ir.Table, name: str, place: str) -> Any:
    """Answer a column of numbers.

    Raises:
        StepError: there is none of this name, or it holds something else.
    """
    found = column(table, name, place)
    if found.type().is_numeric():
        return found
    raise StepError(f"transform.{place}: {name} is {found.type()}, and this needs a number; convert it before")


def finite(floats: Any) -> Any:
    """Make NaN and infinity missing values. Spark by way of Ibis takes no infinity for one, so sizes are compared."""
    return (floats.abs() <= sys.float_info.max).ifelse(floats, ibis.null())


def moment(table: ir.Table, name: str, place: str) -> Any:
    """Answer a column of times.

    Raises:
        StepError: there is none of this name, or it holds something else.
    """
    found = column(table, name, place)
    if found.type().is_timestamp():
        return found
    raise StepError(f"transform.{place}: {name} is {found.type()}, and this needs a time; convert it to timestamp")
