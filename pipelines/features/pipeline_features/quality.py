"""What the newest values of a view are like: missing ones, ones outside of the declared range, and drift.

Drift is the population stability index against the profile that was kept with a training set: how far what models are
answered now is from what they learnt.
"""

import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from feast import FeatureStore
from minio import Minio
from pipeline_shared import stability

from pipeline_features import storage
from pipeline_features.definitions import Definitions, Feature, View
from pipeline_features.failed import FailedError

# So many say what a distribution is like; of more, each nth is looked at.
_MOST_VALUES = 100_000
# Of fewer, an index says nothing.
_LEAST_VALUES = 100


@dataclass(frozen=True)
class MeasuredFeature:
    """Of one feature; shares are from 0 to 1, of the newest values of all entities."""

    name: str
    null_share: float
    null_share_allowed: float
    outside_share: float
    """Of the values that are there: outside of the declared range."""
    drift: float | None
    """None where nobody kept a profile, too few values are there, or the feature is no number."""


@dataclass(frozen=True)
class Measured:
    """Of one view."""

    view: str
    rows: int
    """Entities whose newest value counts."""
    newest: dt.datetime | None
    """When that of them was true which is the newest."""
    features: list[MeasuredFeature]


def newest(store: FeatureStore, definitions: Definitions, view: View, now: dt.datetime) -> pa.Table:
    """Read the newest row of each entity, of the time in which it counts: what is online after a run.

    Raises:
        OSError: the files can't be read.
    """
    source = store.registry.get_feature_view(view.name, store.project).batch_source
    job = store._get_provider().offline_store.pull_latest_from_table_or_query(
        config=store.config,
        data_source=source,
        join_key_columns=definitions.keys(view),
        feature_name_columns=[each.name for each in view.fields],
        timestamp_field=view.timestamp,
        created_timestamp_column=view.created,
        start_date=now - dt.timedelta(seconds=view.ttl_seconds),
        end_date=now,
    )
    return job.to_arrow()


def measured(client: Minio, definitions: Definitions, view: View, table: pa.Table) -> Measured:
    """Measure a view.

    Raises:
        FailedError: the profile can't be read, or isn't one.
    """
    profile = _profile(client, definitions, view)
    moment = pc.max(table[view.timestamp]).as_py() if table.num_rows else None
    features = [_feature(each, table[each.name], profile.get(each.name)) for each in view.fields]
    return Measured(view.name, table.num_rows, moment, features)


def keep_profile(client: Minio, definitions: Definitions, view: View, columns: Mapping[str, pa.ChunkedArray]) -> str:
    """Keep what the features of a training set are like; answers its address.

    Args:
        client: with a key that may write below `_profiles/`.
        definitions: of the platform.
        view: whose features they are.
        columns: by the name of the feature.

    Raises:
        FailedError: the server isn't there, or refuses.
    """
    values = {name: _numbers(column) for name, column in columns.items()}
    plain = {name: stability.described(each) for name, each in values.items() if each}
    return storage.write_profile(client, definitions.bucket, view.prefix, json.dumps(plain).encode())


def _feature(feature: Feature, column: pa.ChunkedArray, reference: stability.Described | None) -> MeasuredFeature:
    values = _numbers(column)
    count = len(column)
    outside = sum(
        (feature.least is not None and each < feature.least) or (feature.most is not None and each > feature.most)
        for each in values
    )
    drift = None
    if reference is not None and len(values) >= _LEAST_VALUES:
        drift = stability.index(reference["shares"], stability.shares(values, reference["edges"]))
    return MeasuredFeature(
        name=feature.name,
        null_share=_missing(column) / count if count else 0.0,
        null_share_allowed=feature.null_share,
        outside_share=outside / len(values) if values else 0.0,
        drift=drift,
    )


def _missing(column: pa.ChunkedArray) -> int:
    nans = pc.sum(pc.is_nan(column)).as_py() if pa.types.is_floating(column.type) else 0
    return int(column.null_count + (nans or 0))


def _numbers(column: pa.ChunkedArray) -> list[float]:
    """Answer what are numbers of a column, a bool as 0 or 1; of texts and moments there is none."""
    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        return []
    step = max(1, math.ceil(len(column) / _MOST_VALUES))
    plain = column.to_pylist() if step == 1 else column.take(pa.array(range(0, len(column), step))).to_pylist()
    return [float(each) for each in plain if each is not None and not math.isnan(each)]


def _profile(client: Minio, definitions: Definitions, view: View) -> Mapping[str, stability.Described]:
    content = storage.read_profile(client, definitions.bucket, view.prefix)
    if content is None:
        return {}
    try:
        plain = json.loads(content)
        for name, each in plain.items():
            stability.check(name, each)
    except (ValueError, KeyError, TypeError, AttributeError):
        uri = f"s3://{definitions.bucket}/{storage.profile_key(view.prefix)}"
        raise FailedError(f"{uri}: is no profile; keep one again with bucketworks feature training-set") from None
    return dict(plain)
