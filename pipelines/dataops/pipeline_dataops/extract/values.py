"""Values from outside become typed columns; one that doesn't fit is named with its row and column."""

import datetime as dt
import decimal
import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from pipeline_dataops.errors import StepError

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EXACT = decimal.Context(prec=76, traps=[decimal.InvalidOperation])


def table_of(rows: Sequence[Sequence[Any]], schema: pa.Schema, place: str) -> pa.Table:
    """Make a table of rows of values.

    Args:
        rows: values in the schema's order: JSON's, or those of a database.
        schema: columns, types, and which may be null.
        place: where the rows come from, for the error.

    Raises:
        StepError: names the first value that isn't of its column's type.
    """
    arrays = []
    for index, field in enumerate(schema):
        convert = _converter(field.type)
        values = [_value(row[index], convert, field, f"{place}, row {number}") for number, row in enumerate(rows, 1)]
        arrays.append(pa.array(values, field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def compare_columns(found: Sequence[str], wanted: Sequence[str], place: str) -> None:
    """Refuse columns that are missing, too many, twice, or called otherwise.

    Raises:
        StepError: names all of them.
    """
    missing = [each for each in wanted if each not in found]
    foreign = [each for each in found if each not in wanted]
    faults = []
    for each in missing:
        like = difflib.get_close_matches(each, foreign, n=1)
        faults.append(f"{each!r} is missing" + (f" (is it {like[0]!r} now?)" if like else ""))
    faults += [f"{each!r} is not in the schema" for each in foreign]
    faults += [f"{each!r} is there twice" for each in sorted({each for each in found if found.count(each) > 1})]
    if faults:
        raise StepError(
            f"{place}: other columns than in the schema: {'; '.join(faults)}; expected: {', '.join(wanted)}"
        )


def _value(value: Any, convert: Callable[[Any], Any], field: pa.Field, place: str) -> Any:
    if value is None:
        if field.nullable:
            return None
        raise StepError(f"{place}: column {field.name} has no value, and must have one")
    try:
        return convert(value)
    except (ValueError, decimal.DecimalException) as error:
        shown = repr(value)
        shown = shown if len(shown) <= 80 else f"{shown[:80]}..."
        raise StepError(f"{place}: column {field.name}: {shown}: {error}") from None


def _converter(kind: pa.DataType) -> Callable[[Any], Any]:
    if pa.types.is_decimal(kind):
        return lambda value: _decimal(value, kind.precision, kind.scale)
    for test, convert in _CONVERTERS.items():
        if test(kind):
            return convert
    raise StepError(f"the schema has a type that no source is read as: {kind}")


def _decimal(value: Any, precision: int, scale: int) -> decimal.Decimal:
    if isinstance(value, bool | float) or not isinstance(value, str | int | decimal.Decimal):
        raise ValueError("is no decimal number")
    try:
        number = _EXACT.create_decimal(value)
    except decimal.InvalidOperation:
        raise ValueError("is no decimal number") from None
    if not number.is_finite():
        raise ValueError("is no finite number")
    if number.adjusted() >= precision - scale and number:
        raise ValueError(f"has more than {precision - scale} digits before the point")
    exact = number.quantize(decimal.Decimal(1).scaleb(-scale), context=_EXACT)
    if exact != number:
        raise ValueError(f"has more than {scale} digits after the point")
    return exact


def _time(value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError("is a time without zone")
        return value.astimezone(dt.UTC)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("is no time in milliseconds since 1970")
    try:
        return _EPOCH + dt.timedelta(milliseconds=value)
    except OverflowError:
        raise ValueError("is no time in milliseconds since 1970") from None


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("is no whole number")
    if not -(2**63) <= value < 2**63:
        raise ValueError("is larger than 64 bits hold")
    return value


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | decimal.Decimal):
        raise ValueError("is no number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("is no finite number")
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("is no text")
    if "\0" in value:
        raise ValueError("has a NUL character, which the warehouse can't hold")
    value.encode()  # a lone surrogate is a ValueError
    return value


def _day(value: Any) -> dt.date:
    if isinstance(value, str):
        return dt.date.fromisoformat(value)
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        raise ValueError("is no day")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")
    return value


_CONVERTERS: Mapping[Callable[[pa.DataType], bool], Callable[[Any], Any]] = {
    pa.types.is_timestamp: _time,
    pa.types.is_integer: _whole,
    pa.types.is_floating: _float,
    pa.types.is_string: _text,
    pa.types.is_date: _day,
    pa.types.is_boolean: _flag,
}
