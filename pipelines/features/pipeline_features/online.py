"""Reads features online: what models are answered while somebody waits."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feast import FeatureStore

from pipeline_features.definitions import Definitions, Type
from pipeline_features.failed import UseError


@dataclass(frozen=True)
class Value:
    """One feature of one entity."""

    value: Any
    """None where there is none that counts."""
    at: dt.datetime | None
    """When it was true."""
    state: str
    """`present`, `null`, `missing` (nothing of the entity is online) or `expired` (older than the view's `ttl`)."""


Key = Mapping[str, Any]


class OnlineReader:
    """Reads by name; one for each process, from one thread at a time."""

    def __init__(self, store: FeatureStore, definitions: Definitions, features: Sequence[str]) -> None:
        """Take the features that are asked for again and again.

        Args:
            store: of the platform.
            definitions: of the platform.
            features: `view:feature`, or a view for all of its features.

        Raises:
            UseError: one isn't there, or its view isn't online.
        """
        self._store = store
        self._references = definitions.references(list(features))
        views = [definitions.view(name) for name in dict.fromkeys(each.partition(":")[0] for each in self._references)]
        offline = [each.name for each in views if not each.online]
        if offline:
            raise UseError(f"feature view {', '.join(offline)}: isn't online")
        self._ttl = {each.name: each.ttl_seconds for each in views}
        self.keys: dict[str, Type] = {
            entity.key: entity.type for view in views for entity in map(definitions.entity, view.entities)
        }
        """Columns that a key must have, and their types."""
        self._names = [each.replace(":", "__") for each in self._references]

    def read(self, keys: Sequence[Key], now: dt.datetime | None = None) -> list[dict[str, Value]]:
        """Answer the features of each key by `view:feature`, in the order of the keys.

        Raises:
            UseError: a key lacks a column.
        """
        for key in keys:
            lacking = [each for each in self.keys if each not in key]
            if lacking:
                raise UseError(f"key: has no {', '.join(lacking)}; write it as {lacking[0]}=VALUE")
        rows = [{name: key[name] for name in self.keys} for key in keys]
        response = self._store.get_online_features(
            features=self._references, entity_rows=rows, full_feature_names=True
        ).proto
        moment = (now or dt.datetime.now(dt.UTC)).timestamp()
        columns = dict(zip(response.metadata.feature_names.val, response.results, strict=True))
        return [
            {
                reference: self._value(reference, columns[name], row, moment)
                for reference, name in zip(self._references, self._names, strict=True)
            }
            for row in range(len(keys))
        ]

    def _value(self, reference: str, column: Any, row: int, now: float) -> Value:
        stamp = column.event_timestamps[row].seconds
        if stamp == 0:
            return Value(None, None, "missing")
        at = dt.datetime.fromtimestamp(stamp, dt.UTC)
        if now - stamp > self._ttl[reference.partition(":")[0]]:
            return Value(None, at, "expired")
        held = column.values[row]
        kind = held.WhichOneof("val")
        return Value(None, at, "null") if kind is None else Value(getattr(held, kind), at, "present")


def typed(name: str, text: str, kind: Type) -> Any:
    """Take a part of a key from a command line.

    Raises:
        UseError: it isn't of its type.
    """
    if kind == "string":
        return text
    try:
        return int(text)
    except ValueError:
        raise UseError(f"key: {name} is {kind}, and {text!r} is no whole number") from None
