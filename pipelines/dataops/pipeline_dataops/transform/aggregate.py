"""Aggregating: one row for each bucket of time and group."""

from typing import Any

import ibis.expr.types as ir

from conf.transform.base import Aggregate, Taken
from pipeline_dataops.transform.columns import column, moment, number

SECONDS = {"1m": 60, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "4h": 14_400, "1d": 86_400}


def aggregate(table: ir.Table, conf: Aggregate) -> ir.Table:
    """Group rows. Sums of decimals and whole numbers are exact; a mean is the exact sum by the count, as a float."""
    groups = {name: column(table, name, "aggregate.by") for name in conf.by}
    if conf.time is not None:
        groups[conf.time.into] = bucket(moment(table, conf.time.column, "aggregate.time.column"), conf.time.bucket)
    taken = {name: _taken(table, rule, f"aggregate.columns.{name}") for name, rule in conf.columns.items()}
    return table.group_by(**groups).aggregate(**taken)


def bucket(time: Any, width: str) -> Any:
    """The beginning of the bucket of UTC that holds a time. Every width divides a day of 24 hours, on any date."""
    seconds = SECONDS[width]
    # Whole minutes first: one engine rounds a second's fraction, another one cuts it off.
    since = time.truncate("m").epoch_seconds().cast("int64")
    return (since - (since % seconds + seconds) % seconds).as_timestamp("s")


def _taken(table: ir.Table, rule: Taken, place: str) -> Any:
    if rule.of is None:
        return table.count()
    of = column(table, rule.of, f"{place}.of")
    if rule.order is not None:
        order = column(table, rule.order, f"{place}.order")
        there = of.notnull()
        return of.argmin(order, where=there) if rule.take == "first" else of.argmax(order, where=there)
    if rule.take in ("min", "max"):
        return of.min() if rule.take == "min" else of.max()
    numbers = number(table, rule.of, f"{place}.of")
    total = exact_sum(numbers)
    return total if rule.take == "sum" else total.cast("float64") / numbers.count().nullif(0).cast("float64")


def exact_sum(numbers: Any) -> Any:
    """The sum in the type of its numbers, whole numbers in 64 bits: an engine's own choice of a wider one differs."""
    kind = numbers.type()
    if kind.is_integer():
        return numbers.cast("decimal(38,0)").sum().cast("int64")
    return numbers.sum().cast(kind)
