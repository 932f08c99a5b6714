"""Structuring: conversion of types, derived columns, rows that become columns."""

from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from conf.transform.base import Derived, Pivot
from pipeline_dataops.errors import StepError
from pipeline_dataops.transform.aggregate import exact_sum
from pipeline_dataops.transform.clean import Ask
from pipeline_dataops.transform.columns import column, moment, number

_TEXT = {
    "int64": r"^[+-]?[0-9]{1,18}$",
    "float64": r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$",
    "boolean": r"^(true|false)$",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "timestamp": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$",
}
_WHOLE_FLOATS = 2**53  # beyond, a float of 64 bits leaves out whole numbers


def convert(table: ir.Table, types: dict[str, str], ask: Ask) -> ir.Table:
    """Give columns other types. Only what keeps its value is converted.

    Raises:
        StepError: names the column, how many values don't fit, and one of them.
    """
    for name, wanted in types.items():
        found = column(table, name, "convert")
        fits = _fits(found, wanted)
        misfits = found.notnull() & ~fits
        asked = table.aggregate(
            rows=table.count(where=misfits), example=misfits.ifelse(found, ibis.null()).cast("string").min()
        )
        answered = ask(asked)
        if answered["rows"]:
            raise StepError(
                f"transform.convert.{name}: {answered['rows']} values of type {found.type()} are no {wanted}, "
                f"for example {answered['example']!r}; clean them at the source, or convert in the schema file"
            )
        table = table.mutate(**{name: found.cast(dtype(wanted))})
    return table


def _fits(found: Any, wanted: str) -> Any:
    kind = found.type()
    if wanted.startswith("decimal") and (kind.is_string() or kind.is_integer() or kind.is_decimal()):
        return found.cast("string").re_search(_decimal_text(dtype(wanted)))
    if kind.is_string() and wanted != "string":
        return found.re_search(_TEXT[wanted])
    if wanted == "float64" and kind.is_integer():
        return found.between(-_WHOLE_FLOATS, _WHOLE_FLOATS)
    if wanted == "int64" and kind.is_numeric() and not kind.is_integer():
        return found == found.cast("float64").floor().cast(kind)
    if kind.is_floating() and wanted.startswith("decimal"):
        raise StepError(
            f"transform.convert.{found.get_name()}: a float is no exact decimal; keep it float64, or extract text"
        )
    allowed = kind.is_numeric() and (wanted in ("int64", "float64") or wanted.startswith("decimal"))
    if allowed or (kind.is_timestamp() and wanted == "date") or kind == dtype(wanted):
        return ibis.literal(True)
    raise StepError(
        f"transform.convert.{found.get_name()}: {kind} can't become {wanted}; text becomes any type, "
        "a number another kind of number, a time a date"
    )


def _decimal_text(kind: Any) -> str:
    """Text of numbers that have room in a decimal; zeros at both ends say nothing."""
    whole = kind.precision - kind.scale
    digits = f"0*[0-9]{{1,{whole}}}" if whole else "0+"
    return rf"^[+-]?{digits}(\.[0-9]{{0,{kind.scale}}}0*)?$"


def dtype(name: str) -> dt.DataType:
    """A type by its name in the YAML; times are in UTC."""
    return dt.Timestamp(timezone="UTC", scale=6) if name == "timestamp" else dt.dtype(name)


def derive(table: ir.Table, columns: dict[str, Derived]) -> ir.Table:
    """Add columns one after another; a later one may be made of an earlier one."""
    for name, rule in columns.items():
        table = table.mutate(**{name: _derived(table, rule, f"derive.{name}.of")})
    return table


def _derived(table: ir.Table, rule: Derived, place: str) -> Any:
    if rule.op in ("day", "hour"):
        time = moment(table, rule.of[0], place)
        return time.date() if rule.op == "day" else time.hour().cast("int64")
    first, second = (number(table, each, place) for each in rule.of)
    if rule.op in ("add", "subtract"):
        kind = _common(first.type(), second.type())
        first, second = first.cast(kind), second.cast(kind)
        return (first + second if rule.op == "add" else first - second).cast(kind)
    a, b = first.cast("float64"), second.cast("float64")
    if rule.op == "multiply":
        return a * b
    return a / b.nullif(0.0) if rule.op == "divide" else (b - a) / a.nullif(0.0)


def _common(first: dt.DataType, second: dt.DataType) -> dt.DataType:
    """The type in which both are exact: the engines' own rules of decimals differ."""
    if first.is_floating() or second.is_floating():
        return dt.float64
    if first.is_integer() and second.is_integer():
        return dt.int64
    return dt.Decimal(38, max(each.scale for each in (first, second) if each.is_decimal()))


def pivot(table: ir.Table, conf: Pivot, ask: Ask) -> ir.Table:
    """Make columns of rows.

    Raises:
        StepError: a value of `names` has no column in `into`, and would be lost.
    """
    names = column(table, conf.names, "pivot.names")
    values = number(table, conf.values, "pivot.values")
    for each in conf.by:
        column(table, each, "pivot.by")
    lost = ~names.isin(conf.into).fill_null(False)
    asked = table.aggregate(rows=table.count(where=lost), example=lost.ifelse(names, ibis.null()).min())
    answered = ask(asked)
    if answered["rows"]:
        raise StepError(
            f"transform.pivot.into: {answered['rows']} rows have another {conf.names}, for example "
            f"{answered['example']!r}; allowed are {', '.join(conf.into)}"
        )
    return table.group_by(conf.by).aggregate(**{each: _of(names == each, values, conf.take) for each in conf.into})


def _of(there: Any, values: Any, take: str) -> Any:
    some = there.ifelse(values, ibis.null())
    return exact_sum(some) if take == "sum" else (some.min() if take == "min" else some.max())
