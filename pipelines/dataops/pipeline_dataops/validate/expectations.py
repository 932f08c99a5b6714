"""Judges rows by the expectations of a table's YAML."""

import datetime as dt
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from conf.validate.base import (
    Compare,
    Correlation,
    Distribution,
    Expectation,
    Freshness,
    Presence,
    Range,
    RowCount,
    Type,
    Unique,
    Values,
)
from pipeline_dataops.transform.clean import Ask
from pipeline_dataops.transform.structure import dtype
from pipeline_dataops.validate.profile import below, correlation, distance, name_of
from pipeline_dataops.validate.result import Result, plain, status_of

SAMPLES = 5
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_COMPARES: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Judged:
    """Rows, and what they are compared with."""

    table: ir.Table
    keys: list[str]
    extracted_at: dt.datetime
    ask: Ask
    rows_of: Callable[[ir.Table], list[dict[str, Any]]]
    """Answers a few rows."""
    reference: dict[str, Any] | None
    """The profile of the last run that passed."""
    no_reference: str = ""
    """Why there is none."""


def judge(expectations: list[Expectation], judged: Judged) -> list[Result]:
    """Judge each expectation, in the order of the YAML. One on a column that isn't there fails."""
    return [_judge(each, judged) for each in expectations]


def columns_of(expectation: Expectation) -> list[str]:
    """The columns that an expectation speaks of."""
    match expectation:
        case RowCount():
            return []
        case Unique() | Correlation():
            return list(expectation.columns)
        case Compare():
            return [expectation.left, expectation.right]
        case _:
            return [expectation.column]


def _judge(expectation: Expectation, judged: Judged) -> Result:
    absent = [each for each in columns_of(expectation) if each not in judged.table.columns]
    if absent:
        said = f"there is no column {', '.join(absent)}"
        return _result(expectation, False, None, f"one of {', '.join(judged.table.columns)}", said=said)
    return _JUDGES[type(expectation)](expectation, judged)


def _result(expectation: Expectation, fits: bool, value: Any, allowed: str, **more: Any) -> Result:
    where = ", ".join(columns_of(expectation)) or "all rows"
    return Result(expectation.kind, where, expectation.severity, status_of(fits), plain(value), allowed, **more)


def unjudged(expectation: Expectation, why: str) -> Result:
    """Say why an expectation could not be judged."""
    where = ", ".join(columns_of(expectation)) or "all rows"
    return Result(expectation.kind, where, expectation.severity, "not judged", None, "", said=why)


def _by_rows(expectation: Presence | Range | Values | Compare, judged: Judged) -> Result:
    bad, value, allowed = _rule(expectation, judged.table)
    bad = bad.fill_null(False)
    counted = judged.ask(judged.table.aggregate(rows=judged.table.count(), bad=judged.table.count(where=bad), **value))
    share = counted["bad"] / max(counted["rows"], 1)
    limit = expectation.missing_at_most if isinstance(expectation, Presence) else 0.0
    found = " to ".join(str(counted[each]) for each in value) if value else share
    shown = samples(judged, judged.table.filter(bad)) if counted["bad"] else []
    return _result(expectation, share <= limit, found, allowed, rows=counted["bad"], sample_keys=shown)


def _rule(expectation: Presence | Range | Values | Compare, table: ir.Table) -> tuple[Any, dict[str, Any], str]:
    """Which rows break it, what to show as the value, and what is allowed."""
    if isinstance(expectation, Compare):
        fits = _COMPARES[expectation.op](table[expectation.left], table[expectation.right])
        return ~fits, {}, f"{expectation.left} {expectation.op} {expectation.right}"
    column = table[expectation.column]
    no_number = column.isnan() | column.isinf() if column.type().is_floating() else ibis.literal(False)
    match expectation:
        case Presence():
            return column.isnull() | no_number, {}, f"at most {expectation.missing_at_most:g} of the values missing"
        case Values():
            allowed = ", ".join(str(each) for each in expectation.allowed)
            return column.notnull() & ~column.isin(expectation.allowed), {}, f"one of {allowed}"
        case Range():
            beyond = no_number
            if expectation.low is not None:
                beyond |= column < expectation.low
            if expectation.high is not None:
                beyond |= column > expectation.high
            ends = {"low": column.min(), "high": column.max()}
            return beyond, ends, f"from {_end(expectation.low)} to {_end(expectation.high)}"


def _end(bound: float | None) -> str:
    return "any" if bound is None else f"{bound:g}"


def samples(judged: Judged, broken: ir.Table) -> list[dict[str, Any]]:
    """Answer the keys of the first few rows, as text."""
    keys = [each for each in judged.keys if each in broken.columns]
    if not keys:
        return []
    rows = judged.rows_of(broken.select(keys).order_by(keys).limit(SAMPLES))
    return [{name: str(value) for name, value in row.items()} for row in rows]


def _unique(expectation: Unique, judged: Judged) -> Result:
    groups = judged.table.group_by(list(expectation.columns)).aggregate(n_=ibis._.count())
    several = groups.filter(groups.n_ > 1)
    counted = judged.ask(several.aggregate(keys=several.count(), rows=several.n_.sum().fill_null(0)))
    shown = []
    if counted["keys"]:
        found = judged.rows_of(several.order_by(list(expectation.columns)).limit(SAMPLES))
        shown = [{name: str(row[name]) for name in expectation.columns} for row in found]
    extra = counted["rows"] - counted["keys"]
    return _result(expectation, extra == 0, counted["keys"], "no key twice", rows=extra, sample_keys=shown)


def _type(expectation: Type, judged: Judged) -> Result:
    found = judged.table[expectation.column].type().copy(nullable=True)
    return _result(expectation, found == dtype(expectation.type), str(found), expectation.type)


def _fresh(expectation: Freshness, judged: Judged) -> Result:
    column = judged.table[expectation.column]
    newest = judged.ask(judged.table.aggregate(newest=column.max()))["newest"]
    width = dt.timedelta(**{_UNITS[expectation.within[-1]]: int(expectation.within[:-1])})
    latest = judged.extracted_at
    allowed = f"from {_time(latest - width)} to {_time(latest)}, when it was extracted"
    if newest is None:
        return _result(expectation, False, None, allowed, said="there is no time at all")
    if not isinstance(newest, dt.datetime):
        return _result(expectation, False, newest, allowed, said="this is no time")
    newest = newest.replace(tzinfo=dt.UTC) if newest.tzinfo is None else newest
    return _result(expectation, latest - width <= newest <= latest, _time(newest), allowed)


def _time(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).isoformat(timespec="seconds")


def _row_count(expectation: RowCount, judged: Judged) -> Result:
    rows = judged.ask(judged.table.aggregate(rows=judged.table.count()))["rows"]
    lows, highs = [expectation.least], [expectation.most]
    said = ""
    if expectation.least_of_last is not None or expectation.most_of_last is not None:
        if judged.reference is None:
            said = f"not compared with the last run: {judged.no_reference}"
        else:
            last = judged.reference["rows"]
            said = f"the last run that passed had {last} rows"
            lows.append(None if expectation.least_of_last is None else expectation.least_of_last * last)
            highs.append(None if expectation.most_of_last is None else expectation.most_of_last * last)
    low = max((each for each in lows if each is not None), default=None)
    high = min((each for each in highs if each is not None), default=None)
    if low is None and high is None:
        return unjudged(expectation, said)
    fits = (low is None or rows >= low) and (high is None or rows <= high)
    return _result(expectation, fits, rows, f"from {_end(low)} to {_end(high)}", said=said)


def _compared(expectation: Distribution | Correlation, judged: Judged) -> Any:
    """What the reference has of it; a text says why there is nothing."""
    if judged.reference is None:
        return judged.no_reference
    part = "correlations" if isinstance(expectation, Correlation) else "distributions"
    found = judged.reference[part].get(name_of(expectation))
    if found is None:
        return "the reference has none: it was made before this expectation, or had no values"
    rows = judged.ask(judged.table.aggregate(rows=judged.table.count()))["rows"]
    fewest = min(rows, judged.reference["rows"])
    if fewest < expectation.least_rows:
        return f"{fewest} rows are too few to compare; least_rows is {expectation.least_rows}"
    return found


def _distribution(expectation: Distribution, judged: Judged) -> Result:
    reference = _compared(expectation, judged)
    if isinstance(reference, str):
        return unjudged(expectation, reference)
    if not reference["edges"]:
        return unjudged(expectation, "the reference has no values to compare with")
    found = below(judged.table, expectation.column, reference["edges"], judged.ask)
    far = distance(expectation.method, reference["below"], found)
    return _result(
        expectation, far <= expectation.at_most, far, f"{expectation.method} at most {expectation.at_most:g}"
    )


def _correlation(expectation: Correlation, judged: Judged) -> Result:
    reference = _compared(expectation, judged)
    if isinstance(reference, str):
        return unjudged(expectation, reference)
    found = correlation(judged.table, expectation, judged.ask)
    if found is None:
        return _result(expectation, False, None, f"near {reference:.4f}", said="one of the columns never changes")
    fits = abs(found - reference) <= expectation.differs_at_most
    return _result(expectation, fits, found, f"{reference:.4f}, give or take {expectation.differs_at_most:g}")


_JUDGES: dict[type, Callable[[Any, Judged], Result]] = {
    Presence: _by_rows,
    Range: _by_rows,
    Values: _by_rows,
    Compare: _by_rows,
    Unique: _unique,
    Type: _type,
    Freshness: _fresh,
    RowCount: _row_count,
    Distribution: _distribution,
    Correlation: _correlation,
}
