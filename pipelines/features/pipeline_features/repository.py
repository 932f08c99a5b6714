"""Definitions as Feast's own objects, and what differs between them and what the registry holds."""

from dataclasses import dataclass, field
from datetime import timedelta

from feast import Entity, FeatureView, Field, FileSource, ValueType
from feast.data_format import ParquetFormat
from feast.types import Bool, FeastType, Float32, Float64, Int32, Int64, String, UnixTimestamp

from pipeline_features import definitions as plain
from pipeline_features.definitions import Definitions, Type

_TYPES: dict[Type, FeastType] = {
    "bool": Bool,
    "float32": Float32,
    "float64": Float64,
    "int32": Int32,
    "int64": Int64,
    "string": String,
    "timestamp": UnixTimestamp,
}
_KEYS: dict[Type, ValueType] = {
    "int32": ValueType.INT32,
    "int64": ValueType.INT64,
    "string": ValueType.STRING,
}


def entities(definitions: Definitions) -> dict[str, Entity]:
    """Make the entities, by name."""
    return {
        each.name: Entity(
            name=each.name, join_keys=[each.key], value_type=_KEYS[each.type], description=each.description
        )
        for each in definitions.entities
    }


def views(definitions: Definitions) -> list[FeatureView]:
    """Make the feature views, in the order of the file."""
    known = entities(definitions)
    return [_view(definitions, each, known) for each in definitions.views]


def _view(definitions: Definitions, view: plain.View, known: dict[str, Entity]) -> FeatureView:
    source = FileSource(
        name=view.name,
        path=uri(definitions, view),
        file_format=ParquetFormat(),
        timestamp_field=view.timestamp,
        created_timestamp_column=view.created,
    )
    of = [definitions.entity(name) for name in view.entities]
    keys = [Field(name=each.key, dtype=_TYPES[each.type]) for each in of]
    fields = [Field(name=each.name, dtype=_TYPES[each.type], description=each.description) for each in view.fields]
    return FeatureView(
        name=view.name,
        description=view.description,
        entities=[known[name] for name in view.entities],
        ttl=timedelta(seconds=view.ttl_seconds),
        schema=[*keys, *fields],
        online=view.online,
        source=source,
    )


def uri(definitions: Definitions, view: plain.View) -> str:
    """Answer where the files of a view are."""
    return f"s3://{definitions.bucket}/{view.prefix}"


@dataclass(frozen=True)
class Difference:
    """What is to be applied, in words; and what can't be under the same name."""

    changes: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


def compare(asked: FeatureView, there: FeatureView | None) -> Difference:
    """Tell how a view differs from the one of its name in the registry.

    Consumers read features by name: a feature that is gone, or means something else, is another view.
    """
    name = asked.name
    if there is None:
        return Difference([f"{name}: new, {len(asked.features)} features"])
    before, after = _types(there), _types(asked)
    refusals = [f"{name}:{each} is gone" for each in before if each not in after]
    refusals += [
        f"{name}:{each} was {before[each]} and is {after[each]}"
        for each in before
        if each in after and before[each] != after[each]
    ]
    if sorted(there.entities) != sorted(asked.entities):
        refusals.append(f"{name} was of {', '.join(there.entities)} and is of {', '.join(asked.entities)}")
    changes = [f"{name}:{each}: new" for each in after if each not in before]
    old, new = _settings(there), _settings(asked)
    changes += [f"{name}: {each} {old[each]} -> {new[each]}" for each in new if old[each] != new[each]]
    return Difference(changes, refusals)


def _types(view: FeatureView) -> dict[str, str]:
    return {each.name: str(each.dtype) for each in view.features}


def _settings(view: FeatureView) -> dict[str, str]:
    source = view.batch_source
    if not isinstance(source, FileSource):
        raise TypeError(f"{view.name} has a source that isn't ours: {type(source).__name__}")
    texts = {each.name: each.description for each in view.features}
    return {
        "ttl": str(view.ttl),
        "online": str(view.online).lower(),
        "source": source.path,
        "timestamp": source.timestamp_field,
        "created": source.created_timestamp_column,
        "description": repr(view.description),
        "descriptions of features": "; ".join(f"{name}: {text}" for name, text in sorted(texts.items()) if text),
    }
