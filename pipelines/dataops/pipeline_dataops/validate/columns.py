"""Expectations beside the schema file: columns that aren't there, or whose type the kind of check can't judge."""

import difflib
from collections.abc import Mapping
from typing import Any

from pipeline_shared.settings import SettingsError

from conf.base import Place
from conf.validate.base import Compare, Correlation, Distribution, Expectation, Freshness, Range, Values
from pipeline_dataops.validate.expectations import columns_of
from schema.base import columns


def require_columns(place: Place) -> None:
    """Compare the table's expectations with its schema file, before anything runs.

    Raises:
        SettingsError: names each expectation that can't be judged.
    """
    both = (
        ("raw", place.table.expectations.raw, place.schema.raw),
        ("processed", place.table.expectations.processed, place.schema.processed),
    )
    faults = []
    for name, expectations, schema in both:
        types = {column: each.dtype.type for column, each in columns(schema)}
        for number, each in enumerate(expectations):
            said = _fault(each, types)
            faults += [f"expectations.{name}.{number} ({each.kind}): {said}"] if said else []
    if faults:
        raise SettingsError("\n  ".join([f"conf/tables/{place.table.table}.yaml: {len(faults)} faults", *faults]))


def _fault(expectation: Expectation, types: Mapping[str, Any]) -> str | None:
    for each in columns_of(expectation):
        if each not in types:
            near = difflib.get_close_matches(each, types, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            return f"there is no column {each!r}, only {', '.join(types)}{meant}"
    kinds = {each: _kind(types[each]) for each in columns_of(expectation)}
    found = ", ".join(f"{name} is {types[name]}" for name in kinds)
    match expectation:
        case Range() | Distribution() | Correlation():
            return None if set(kinds.values()) == {"number"} else f"{found}, and this needs numbers"
        case Freshness():
            return None if set(kinds.values()) == {"time"} else f"{found}, and this needs a time"
        case Compare():
            return None if len(set(kinds.values())) == 1 else f"{found}; only columns of one kind can be compared"
        case Values():
            wrong = [each for each in expectation.allowed if _kind_of(each) != kinds[expectation.column]]
            return f"{found}, and {wrong[0]!r} is no value of it" if wrong else None
        case _:
            return None


def _kind(found: Any) -> str:
    if found.is_boolean():
        return "boolean"
    if found.is_numeric():
        return "number"
    return "time" if found.is_timestamp() else ("text" if found.is_string() else str(found))


def _kind_of(value: bool | float | str) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"
