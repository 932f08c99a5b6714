"""Brings the registry and the online tables to what the platform's file says. Nothing is ever removed."""

from dataclasses import dataclass

from feast import Entity, FeatureStore, FeatureView
from feast.infra.online_stores.helpers import compute_table_id
from pipeline_shared.connections import postgres
from pipeline_shared.settings import load_postgres_settings

from pipeline_features import repository
from pipeline_features.definitions import Definitions
from pipeline_features.failed import RefusedError
from pipeline_features.repository import Difference, compare

# A table that every registry has.
_REGISTRY = "projects"


@dataclass(frozen=True)
class Plan:
    """What an apply would do."""

    changes: list[str]
    refusals: list[str]
    left: list[str]
    """Views of the registry that the file has no more; they are left alone."""


def plan(store: FeatureStore, definitions: Definitions) -> Plan:
    """Compare the file with the registry and the tables."""
    tables = _tables(definitions.database_schema)
    views = applied(store, definitions)
    known = store.registry.list_entities(store.project, allow_cache=False) if _REGISTRY in tables else []
    entities = {each.name: each for each in known}
    asked = repository.views(definitions)
    found = [compare(each, views.get(each.name)) for each in asked]
    found += [
        _entity(each.name, each.join_key, entities.get(each.name)) for each in repository.entities(definitions).values()
    ]
    lacking = [
        f"{each.name}: its online table is missing"
        for each in asked
        if each.name in views and each.online and compute_table_id(store.project, each) not in tables
    ]
    return Plan(
        changes=[line for each in found for line in each.changes] + lacking,
        refusals=[line for each in found for line in each.refusals],
        left=sorted(set(views) - {each.name for each in asked}),
    )


def applied(store: FeatureStore, definitions: Definitions) -> dict[str, FeatureView]:
    """Answer the views of the registry by name: none where nobody has applied anything, and there is no registry."""
    if _REGISTRY not in _tables(definitions.database_schema):
        return {}
    return {each.name: each for each in store.registry.list_feature_views(store.project, allow_cache=False)}


def apply(store: FeatureStore, definitions: Definitions) -> Plan:
    """Carry out what differs; where nothing does, nothing is written.

    Raises:
        RefusedError: a feature would be gone or mean something else under the same name; nothing was applied.
    """
    found = plan(store, definitions)
    if found.refusals:
        lines = "\n  ".join(found.refusals)
        raise RefusedError(
            f"nothing was applied: models read features by these names\n  {lines}\n"
            "  give what changed another name, as a view NAME_v2, and remove the former one when nothing reads it"
        )
    if found.changes:
        store.apply([*repository.entities(definitions).values(), *repository.views(definitions)])
    return found


def _entity(name: str, key: str, there: Entity | None) -> Difference:
    if there is None:
        return Difference([f"entity {name}: new, by {key}"])
    if there.join_key != key:
        return Difference(refusals=[f"entity {name} was known by {there.join_key} and is by {key}"])
    return Difference()


def _tables(schema: str) -> set[str]:
    with postgres(load_postgres_settings()) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]).fetchall()
    return {str(name) for (name,) in rows}
