"""What of a platform's feature store is applied and online."""

import datetime as dt
from typing import Any

from feast import FeatureStore
from feast.infra.online_stores.helpers import compute_table_id
from pipeline_shared.connections import postgres
from pipeline_shared.settings import load_postgres_settings
from psycopg import sql

from pipeline_features.applying import applied, plan
from pipeline_features.definitions import Definitions


def status(store: FeatureStore, definitions: Definitions) -> dict[str, Any]:
    """Answer what an apply would change, and each view of the file with what is online of it."""
    found = plan(store, definitions)
    there = applied(store, definitions)
    views = []
    for view in definitions.views:
        known = there.get(view.name)
        last = known.most_recent_end_time if known is not None and known.materialization_intervals else None
        rows, newest = (0, None)
        if known is not None and known.online:
            rows, newest = _online(definitions.database_schema, compute_table_id(store.project, known))
        views.append(
            {
                "name": view.name,
                "features": len(view.fields),
                "online": view.online,
                "applied": known is not None,
                "materialized": last,
                "rows": rows,
                "newest": newest,
            }
        )
    return {"changes": found.changes, "refusals": found.refusals, "left": found.left, "views": views}


def _online(schema: str, table: str) -> tuple[int, dt.datetime | None]:
    statement = sql.SQL("SELECT count(DISTINCT entity_key), max(event_ts) FROM {}").format(
        sql.Identifier(schema, table)
    )
    with postgres(load_postgres_settings()) as connection:
        exists = connection.execute("SELECT to_regclass(%s)", [f'"{schema}"."{table}"']).fetchone()
        if exists is None or exists[0] is None:
            return 0, None
        found = connection.execute(statement).fetchone()
    return (0, None) if found is None else (int(found[0]), found[1])
