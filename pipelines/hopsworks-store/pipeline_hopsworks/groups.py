"""Views of a platform's file as feature groups of Hopsworks, in plain form, and what differs between two of them."""

from dataclasses import dataclass, field

from pipeline_features.definitions import Definitions, Type, View

VERSION = 1
"""Of every feature group: another meaning is another name, as with Feast."""

_TYPES: dict[Type, str] = {
    "bool": "boolean",
    "float32": "float",
    "float64": "double",
    "int32": "int",
    "int64": "bigint",
    "string": "string",
    "timestamp": "timestamp",
}


@dataclass(frozen=True)
class Group:
    """An external feature group: Hopsworks has its definition, and the data stay in the platform's bucket."""

    name: str
    description: str
    keys: list[str]
    event_time: str
    path: str
    """Beginning of the keys of its Parquet files in the bucket."""
    ttl: int
    """Seconds."""
    columns: dict[str, str]
    """Types by name, keys and moments among them."""
    texts: dict[str, str]
    """Descriptions by column; none where there is nothing to say."""


@dataclass(frozen=True)
class Difference:
    """What is to be applied, in words; and what can't be under the same name."""

    changes: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    """Columns that are to be added."""


def asked(definitions: Definitions, view: View) -> Group:
    """Make the group that a view asks for."""
    entities = [definitions.entity(name) for name in view.entities]
    moments: dict[str, str] = {view.timestamp: "timestamp", view.created: "timestamp"}
    described = {each.key: each.description for each in entities} | {
        each.name: each.description for each in view.fields
    }
    return Group(
        name=view.name,
        description=view.description,
        keys=[each.key for each in entities],
        event_time=view.timestamp,
        path=view.prefix,
        ttl=view.ttl_seconds,
        columns={each.key: _TYPES[each.type] for each in entities}
        | moments
        | {each.name: _TYPES[each.type] for each in view.fields},
        texts={name: text for name, text in described.items() if text},
    )


def compare(wanted: Group, there: Group | None) -> Difference:
    """Tell how a group differs from the one of its name.

    Consumers read features by name: a feature that is gone, or means something else, is another group.
    """
    name = wanted.name
    if there is None:
        features = len(wanted.columns) - len(wanted.keys) - 2
        return Difference([f"{name}: new, {features} features"], new=list(wanted.columns))
    refusals = [f"{name}:{each} is gone" for each in there.columns if each not in wanted.columns]
    refusals += [
        f"{name}:{each} was {there.columns[each]} and is {wanted.columns[each]}"
        for each in there.columns
        if each in wanted.columns and there.columns[each] != wanted.columns[each]
    ]
    fixed = {
        "keys": (", ".join(there.keys), ", ".join(wanted.keys)),
        "moments": (there.event_time, wanted.event_time),
        "files": (there.path, wanted.path),
        "ttl": (f"{there.ttl} s", f"{wanted.ttl} s"),
    }
    refusals += [f"{name}: {what} were {old} and are {new}" for what, (old, new) in fixed.items() if old != new]
    added = [each for each in wanted.columns if each not in there.columns]
    changes = [f"{name}:{each}: new" for each in added]
    if wanted.description != there.description:
        changes.append(f"{name}: description {there.description!r} -> {wanted.description!r}")
    kept = [each for each in wanted.columns if each in there.columns]
    changes += [
        f"{name}:{each}: description {there.texts.get(each, '')!r} -> {wanted.texts.get(each, '')!r}"
        for each in kept
        if there.texts.get(each, "") != wanted.texts.get(each, "")
    ]
    return Difference(changes, refusals, added)
