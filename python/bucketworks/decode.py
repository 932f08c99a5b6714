"""JSON of the command -> records: a record's fields must be there, with their types; further ones are no matter."""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from bucketworks.errors import BrokenProgramError

T = TypeVar("T")

SCHEMA_VERSION: Final = 1


def decoded(record: type[T], text: str, what: str) -> T:
    """Read the JSON that a command printed.

    :param record: a dataclass
    :param what: the command, as messages name it
    :raises BrokenProgramError: where it is none, of another version, or not of the record's form
    """
    try:
        value = json.loads(text)
    except ValueError:
        raise BrokenProgramError(f"{what} answered no JSON: {text[:80]!r}") from None
    version = value.get("schemaVersion") if isinstance(value, dict) else None
    if version != SCHEMA_VERSION:
        expected = f"{SCHEMA_VERSION} is what this package reads; install the one of the same checkout"
        raise BrokenProgramError(f"{what} answered JSON of version {version!r}, {expected}")
    return typing.cast("T", _read(record, value, what))


def _read(kind: Any, value: Any, place: str) -> Any:
    """Read a value of an annotation."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record(kind, value, place)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in {types.UnionType, typing.Union}:
        return _one_of(arguments, value, place)
    if origin is tuple and isinstance(value, list):
        return tuple(_read(arguments[0], each, f"{place}[{index}]") for index, each in enumerate(value))
    if origin is dict and isinstance(value, dict):
        return {name: _read(arguments[1], each, f"{place}.{name}") for name, each in value.items()}
    if _is_of(kind, value):
        return value
    raise BrokenProgramError(f"{place}: {json.dumps(value)[:80]} isn't of the form that this package reads")


def _is_of(kind: Any, value: Any) -> bool:
    """Whether a value is one of a plain kind; true and false are no numbers."""
    if typing.get_origin(kind) is typing.Literal:
        return value in typing.get_args(kind)
    if isinstance(value, bool) or kind is bool:
        return kind is bool and isinstance(value, bool)
    return isinstance(value, int | float) if kind is float else isinstance(kind, type) and isinstance(value, kind)


def _record(kind: type, value: Any, place: str) -> Any:
    if not isinstance(value, Mapping):
        raise BrokenProgramError(f"{place}: {json.dumps(value)[:80]} should be an object")
    hints = typing.get_type_hints(kind)
    fields = {}
    for field in dataclasses.fields(kind):
        if field.name in value:
            fields[field.name] = _read(hints[field.name], value[field.name], f"{place}.{field.name}")
        elif field.default is dataclasses.MISSING:
            raise BrokenProgramError(f"{place}: {field.name} is missing; install the package of the same checkout")
    return kind(**fields)


def _one_of(kinds: tuple[Any, ...], value: Any, place: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    records = [kind for kind in kinds if kind is not type(None)]
    for kind in records[:-1]:
        try:
            return _read(kind, value, place)
        except BrokenProgramError:
            continue
    return _read(records[-1], value, place)
