"""All steps of a table's transformation, as one Ibis expression that any engine can carry out."""

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.schema as sch
import ibis.expr.types as ir

from conf.transform.base import TransformConf
from pipeline_dataops.errors import StepError
from pipeline_dataops.transform.aggregate import aggregate
from pipeline_dataops.transform.clean import Ask, clean
from pipeline_dataops.transform.join import join
from pipeline_dataops.transform.structure import convert, derive, pivot


@dataclass(frozen=True)
class Plan:
    """What is to become of raw rows."""

    conf: TransformConf
    keys: list[str]
    """The key of raw rows."""
    wanted: sch.Schema
    """Columns and types of processed rows, in their order."""
    processed_keys: list[str]
    function: Callable[[ir.Table], ir.Table] | None = None
    """The schema file's own, after all steps of the YAML."""


def transformed(raw: ir.Table, partners: list[ir.Table], plan: Plan, ask: Ask) -> tuple[ir.Table, dict[str, int]]:
    """Carry out every step.

    Args:
        raw: raw rows, as they were extracted.
        partners: the other side of each join, in the order of the YAML.
        plan: the steps, and what shall come out.
        ask: asks the engine for one row.

    Returns:
        Processed rows, ordered by their key, and how many rows: `in`, dropped as `missing`, `duplicates` and
        `outliers`, and `unmatched` in a join; and how many values were `filled`, `clipped` and `flagged`.

    Raises:
        StepError: the YAML names what isn't there, or values don't fit.
    """
    conf = plan.conf
    table = raw.mutate(**{name: ibis.literal(value) for name, value in conf.constants.items()})
    table = convert(table, conf.convert, ask)
    table, counts = clean(table, conf.clean, plan.keys, ask)
    counts["unmatched"] = 0
    for partner, each in zip(partners, conf.join, strict=True):
        table, unmatched = join(table, partner, each, ask)
        counts["unmatched"] += unmatched
    if conf.aggregate is not None:
        table = aggregate(table, conf.aggregate)
    table = derive(table, conf.derive)
    if conf.pivot is not None:
        table = pivot(table, conf.pivot, ask)
    if plan.function is not None:
        table = plan.function(table)
    return _as_wanted(table, plan), counts


def _as_wanted(table: ir.Table, plan: Plan) -> ir.Table:
    absent = [name for name in plan.wanted if name not in table.columns]
    if absent:
        raise StepError(
            f"transform: no step makes {', '.join(absent)} of the processed schema; "
            f"there are {', '.join(table.columns)}"
        )
    for name, wanted in plan.wanted.items():
        if not _keeps_value(table[name].type(), wanted):
            raise StepError(
                f"transform: {name} becomes {table[name].type()}, and the processed schema has {wanted}; change the "
                "schema, or make it by convert or derive"
            )
    return table.select(**{name: table[name].cast(kind) for name, kind in plan.wanted.items()}).order_by(
        plan.processed_keys
    )


def _keeps_value(found: dt.DataType, wanted: dt.DataType) -> bool:
    """Whether each engine makes the same of a value: they round and print in their own ways."""
    if found.is_integer():
        return bool(wanted.is_integer() or wanted.is_decimal() or wanted.is_floating())
    if found.is_decimal():
        return bool(wanted.is_floating() or (wanted.is_decimal() and wanted.scale >= found.scale))
    if found.is_timestamp() or found.is_floating():
        return type(found) is type(wanted)
    return bool(found.copy(nullable=True) == wanted.copy(nullable=True))
