"""Cleaning: missing values, duplicates and outliers, each counted. Each engine keeps the same rows."""

import decimal
import math
from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from conf.transform.base import Clean, Duplicates, Outliers
from pipeline_dataops.errors import StepError
from pipeline_dataops.transform.columns import column, finite, number

Ask = Callable[[ir.Table], dict[str, Any]]
"""Answers a table of one row."""

_DIGITS = decimal.Context(prec=60)


def clean(table: ir.Table, conf: Clean, keys: list[str], ask: Ask) -> tuple[ir.Table, dict[str, int]]:
    """Clean raw rows.

    Args:
        table: raw rows.
        conf: what to do.
        keys: the key of the table's schema.
        ask: asks the engine for one row.

    Returns:
        The rows that stay, and how many: `in`, `missing` and `duplicates` and `outliers` dropped, values `filled`,
        `clipped` and `flagged`.
    """
    table = _only_numbers(table)
    table, counts = _missing(table, conf, ask)
    rows = counts["in"] - counts["missing"]
    counts["duplicates"] = 0
    if conf.duplicates is not None:
        by = conf.duplicates.keys or keys
        distinct = table.select([column(table, each, "clean.duplicates.keys") for each in by]).distinct()
        counts["duplicates"] = rows - ask(distinct.aggregate(rows=distinct.count()))["rows"]
        if counts["duplicates"]:
            table = _one_a_key(table, conf.duplicates, by)
    table, outliers = _outliers(table, conf.outliers, ask)
    return table, counts | outliers


def _only_numbers(table: ir.Table) -> ir.Table:
    """NaN and infinity count as missing: the engines neither order nor sum them alike."""
    floats = [name for name, kind in table.schema().items() if kind.is_floating()]
    return table.mutate(**{name: finite(table[name]) for name in floats})


def _missing(table: ir.Table, conf: Clean, ask: Ask) -> tuple[ir.Table, dict[str, int]]:
    found = {name: column(table, name, "clean.missing") for name in conf.missing}
    fills = {name: rule.fill for name, rule in conf.missing.items() if rule != "drop"}
    # A null is no value of any type, so the comparison is spelled out for each column.
    whole = ibis.and_(*(found[name].notnull() for name in conf.missing if name not in fills))
    asked = table.aggregate(
        rows=table.count(),
        whole=table.count(where=whole),
        **{f"n_{name}": table.count(where=whole & found[name].isnull()) for name in fills},
    )
    counted = ask(asked)
    table = table.filter(whole).mutate(
        **{name: found[name].fill_null(_value(found[name], fills[name])) for name in fills}
    )
    filled = sum(counted[f"n_{name}"] for name in fills)
    return table, {"in": counted["rows"], "missing": counted["rows"] - counted["whole"], "filled": filled}


def _value(found: Any, value: Any) -> Any:
    kind = found.type()
    try:
        return ibis.literal(decimal.Decimal(str(value)) if kind.is_decimal() else value, type=kind)
    except (TypeError, ValueError, decimal.InvalidOperation):
        raise StepError(
            f"transform.clean.missing.{found.get_name()}.fill: {value!r} is no value of type {kind}"
        ) from None


def _one_a_key(table: ir.Table, conf: Duplicates, keys: list[str]) -> ir.Table:
    """One row a key stays. Where `order` doesn't decide, the other columns do: each engine takes the same."""
    by = [column(table, each, "clean.duplicates.order") for each in conf.order]
    ordered = [each.asc() if conf.keep == "first" else each.desc() for each in by]
    others = [table[each].asc() for each in table.columns if each not in (*keys, *conf.order)]
    place = ibis.row_number().over(ibis.window(group_by=keys, order_by=[*ordered, *others]))
    numbered = table.mutate(place_=place)
    return numbered.filter(numbered.place_ == 0).drop("place_")


def _outliers(table: ir.Table, confs: list[Outliers], ask: Ask) -> tuple[ir.Table, dict[str, int]]:
    """All bounds come from the same rows: those before any outlier is dropped."""
    counts = {"outliers": 0, "clipped": 0, "flagged": 0}
    if not confs:
        return table, counts
    found = [number(table, conf.column, "clean.outliers.column") for conf in confs]
    bounds = _bounds(table, confs, found, ask)
    outside = [_outside(each, *limits) for each, limits in zip(found, bounds, strict=True)]
    of = {
        action: [index for index, conf in enumerate(confs) if conf.action == action]
        for action in ("drop", "clip", "flag")
    }
    dropped = ibis.or_(*(outside[index] for index in of["drop"]))
    counted = ask(
        table.aggregate(
            outliers=table.count(where=dropped),
            **{f"n{index}": table.count(where=~dropped & outside[index]) for index in range(len(confs))},
        )
    )
    changed = {confs[index].column: _clipped(found[index], *bounds[index]) for index in of["clip"]}
    changed |= {f"{confs[index].column}_outlier": outside[index] for index in of["flag"]}
    counts = {
        "outliers": counted["outliers"],
        "clipped": sum(counted[f"n{index}"] for index in of["clip"]),
        "flagged": sum(counted[f"n{index}"] for index in of["flag"]),
    }
    return table.filter(~dropped).mutate(**changed), counts


def _bounds(table: ir.Table, confs: list[Outliers], found: list[Any], ask: Ask) -> list[tuple[Any, Any]]:
    asked: dict[str, Any] = {}
    for index, (conf, each) in enumerate(zip(confs, found, strict=True)):
        floats = each.cast("float64")
        if conf.method == "iqr":
            asked |= {f"a{index}": floats.quantile(0.25), f"b{index}": floats.quantile(0.75)}
        elif conf.method == "zscore":
            asked |= {f"a{index}": floats.mean(), f"b{index}": floats.std(how="pop")}
    answered = ask(table.aggregate(**asked)) if asked else {}
    bounds = []
    for index, (conf, each) in enumerate(zip(confs, found, strict=True)):
        low, high = conf.low, conf.high
        a, b = answered.get(f"a{index}"), answered.get(f"b{index}")
        if a is not None and b is not None and conf.factor is not None:
            spread = conf.factor * ((b - a) if conf.method == "iqr" else b)
            low, high = _outward(a - spread, -1), _outward((b if conf.method == "iqr" else a) + spread, 1)
        bounds.append((_literal(low, each.type(), math.ceil), _literal(high, each.type(), math.floor)))
    return bounds


def _outward(bound: float, direction: int) -> float:
    """Round to 12 digits, away from the values: engines add floats in any order, and differ in the last ones."""
    return float(f"{bound + direction * abs(bound) * 1e-11:.12g}")


def _literal(bound: float | None, kind: dt.DataType, whole: Callable[[float], int]) -> Any:
    """A bound in the type of its column; none where the type has no room for it, as then no value lies beyond it."""
    if bound is None or kind.is_floating():
        return bound
    if kind.is_integer():
        number_ = whole(bound)
        return number_ if abs(number_) < 2**63 else None
    exact = decimal.Decimal(repr(bound)).quantize(decimal.Decimal(1).scaleb(-kind.scale), context=_DIGITS)
    return ibis.literal(exact, type=kind) if abs(exact) < decimal.Decimal(10) ** (kind.precision - kind.scale) else None


def _outside(found: Any, low: Any, high: Any) -> Any:
    beyond = [found < low] if low is not None else []
    beyond += [found > high] if high is not None else []
    return ibis.or_(*beyond).fill_null(False)


def _clipped(found: Any, low: Any, high: Any) -> Any:
    clipped = found if low is None else (found < low).ifelse(low, found)
    return (clipped if high is None else (clipped > high).ifelse(high, clipped)).cast(found.type())
