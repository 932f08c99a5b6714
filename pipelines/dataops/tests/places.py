"""Places of a step with another source, other modes, or servers that can't be reached."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pipeline_shared.log import new_run_id

from conf.base import Place
from pipeline_dataops.extract.core import extract
from schema.base import TableSchema

PlaceOf = Callable[..., Place]
FIRST = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
NOWHERE = "127.0.0.1:1"
"""Where nothing listens."""


def of_source(place: Place, url: str, **changes: Any) -> Place:
    """Answer the place with the API at this address, two hours a run and as many requests as there may be."""
    incremental = {"cursor": "open_time", "first": FIRST, "align": "1h", "at_most": "2h"}
    given = {
        **place.table.source.model_dump(),
        "url": url,
        "step": "1m",
        "incremental": incremental,
        "requests_per_second": 1000,
    }
    return with_table(place, source=given | changes)


def with_table(place: Place, **parts: Any) -> Place:
    """Answer the place with other parts of the table's file."""
    now = {name: getattr(place.table, name) for name in type(place.table).model_fields}
    return replace(place, table=type(place.table).model_validate(now | parts))


def with_schema(place: Place, **parts: Any) -> Place:
    """Answer the place with other parts of the schema file."""
    now: TableSchema = place.schema
    return replace(place, schema=replace(now, **parts))


def extracted(place: Place) -> str:
    """Extract a run; answers its id."""
    return extract(place, new_run_id()).run_id
