"""The records of a report are those of the schema that the checkout publishes."""

import dataclasses
import json
import typing

from places import HOME

from bucketworks import ValidationReport


def test_every_field_of_a_report_is_an_attribute() -> None:
    schema = json.loads((HOME.parent / "docs" / "report.schema.json").read_text())
    assert unknown(schema, ValidationReport, "report") == []


def unknown(part: typing.Any, kind: typing.Any, place: str) -> list[str]:
    """Places in the schema that a kind has no field for."""
    inner = [each for each in typing.get_args(kind) if each is not type(None)]
    if "items" in part:
        return unknown(part["items"], inner[0], place)
    records = [each for each in [kind, *inner] if dataclasses.is_dataclass(each)]
    objects = [each for each in [part, *part.get("anyOf", [])] if "properties" in each]
    pairs = zip(objects, records, strict=True)
    return [line for each, record in pairs for line in unknown_in(each["properties"], record, place)]


def unknown_in(properties: dict[str, typing.Any], record: typing.Any, place: str) -> list[str]:
    """The same, of one record."""
    hints = typing.get_type_hints(record)
    lines = [f"{place}.{name}" for name in properties if name not in hints]
    known = [name for name in properties if name in hints]
    return lines + [line for name in known for line in unknown(properties[name], hints[name], f"{place}.{name}")]
