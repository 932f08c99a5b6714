"""Brings the newest values of online views to PostgreSQL.

Each run reads the whole time in which a value counts (`ttl`), not only what is newer than the run before: a row may
arrive after rows that are newer. What a run writes depends on the files alone, so it may end anywhere and be run again.
"""

import contextlib
import datetime as dt
import io
from collections.abc import Callable

import pyarrow as pa
from feast import FeatureStore
from minio import Minio

from pipeline_features import repository, storage
from pipeline_features.definitions import Definitions, Type, View
from pipeline_features.failed import FailedError, UseError
from pipeline_features.offline import dataset
from pipeline_features.quality import Measured, measured, newest

# Feast adds one each run and never takes one away; nothing reads more than the last.
_KEPT_INTERVALS = 10
# What a column of files may be where a definition says a type; an empty column fits all.
_FITS: dict[Type, Callable[[pa.DataType], bool]] = {
    "bool": lambda kind: pa.types.is_boolean(kind) or pa.types.is_null(kind),
    "float32": lambda kind: pa.types.is_float16(kind) or pa.types.is_float32(kind) or pa.types.is_null(kind),
    "float64": lambda kind: pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind),
    "int32": lambda kind: (pa.types.is_integer(kind) and kind.bit_width <= 32) or pa.types.is_null(kind),
    "int64": lambda kind: pa.types.is_integer(kind) or pa.types.is_null(kind),
    "string": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind),
    "timestamp": lambda kind: pa.types.is_timestamp(kind) or pa.types.is_null(kind),
}


def materialize(
    store: FeatureStore, client: Minio, definitions: Definitions, names: list[str], now: dt.datetime
) -> list[Measured]:
    """Materialize views, all online ones where none is named; answers what their newest values are like.

    Raises:
        UseError: a view isn't there, or isn't online.
        FailedError: it wasn't applied, its files can't be read, or lack a column.
    """
    asked = [definitions.view(each) for each in names] or [each for each in definitions.views if each.online]
    offline = [each.name for each in asked if not each.online]
    if offline:
        raise UseError(f"feature view {', '.join(offline)}: isn't online, so it has nothing to materialize")
    applied = {each.name for each in store.registry.list_feature_views(store.project, allow_cache=False)}
    missing = [each.name for each in asked if each.name not in applied]
    if missing:
        raise FailedError(f"feature view {', '.join(missing)}: isn't applied yet; run bucketworks feature apply first")
    # Of a new platform nobody has computed anything yet, and its scheduled job doesn't fail for that.
    empty = [] if names else [each for each in asked if not storage.has_files(client, definitions.bucket, each.prefix)]
    filled = [each for each in asked if each not in empty]
    for view in filled:
        check_files(store, client, definitions, view)
    done = [Measured(each.name, 0, None, []) for each in empty]
    for view in filled:
        # Feast prints what it does.
        with contextlib.redirect_stdout(io.StringIO()):
            store.materialize(now - dt.timedelta(seconds=view.ttl_seconds), now, feature_views=[view.name])
        _trim(store, view.name)
        done.append(measured(client, definitions, view, newest(store, definitions, view, now)))
    return done


def check_files(store: FeatureStore, client: Minio, definitions: Definitions, view: View) -> None:
    """See whether the files of a view are there with every column.

    Raises:
        FailedError: they aren't.
        OSError: they can't be read.
    """
    uri = repository.uri(definitions, view)
    if not storage.has_files(client, definitions.bucket, view.prefix):
        raise FailedError(f"{uri}: holds no Parquet file; who computes the features writes them there")
    there = {each.name: each.type for each in dataset(store.config.offline_store, uri).schema}
    needed = [*definitions.keys(view), view.timestamp, view.created, *(each.name for each in view.fields)]
    lacking = [each for each in needed if each not in there]
    if lacking:
        raise FailedError(f"{uri}: its files have no column {', '.join(lacking)}; they have {', '.join(sorted(there))}")
    declared = {entity.key: entity.type for entity in map(definitions.entity, view.entities)}
    declared |= {each.name: each.type for each in view.fields}
    for name, kind in declared.items():
        if not _FITS[kind](there[name]):
            raise FailedError(f"{uri}: {name} is {there[name]} in the files, and {kind} in the definition")
    for name in (view.timestamp, view.created):
        if not pa.types.is_timestamp(there[name]):
            raise FailedError(f"{uri}: {name} is {there[name]} in the files, and must be a timestamp")


def _trim(store: FeatureStore, name: str) -> None:
    view = store.registry.get_feature_view(name, store.project, allow_cache=False)
    if len(view.materialization_intervals) > _KEPT_INTERVALS:
        view.materialization_intervals = view.materialization_intervals[-_KEPT_INTERVALS:]
        store.registry.apply_feature_view(view, store.project)
