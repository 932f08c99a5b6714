"""Training sets: to each label what was known at its moment, and nothing that came to be known later."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from feast import FeatureStore
from minio import Minio

from pipeline_features.definitions import Definitions
from pipeline_features.failed import FailedError, UseError
from pipeline_features.materializing import check_files
from pipeline_features.quality import keep_profile

MOMENT = "event_timestamp"
"""Column of labels: when each was true."""
_ORDER = "bucketworks_row"


def read_labels(file: Path) -> pa.Table:
    """Read labels from Parquet or CSV.

    Raises:
        UseError: the file isn't there, or is neither.
    """
    try:
        if file.suffix == ".csv":
            return pyarrow.csv.read_csv(file)
        return pyarrow.parquet.read_table(file)
    except (OSError, pa.ArrowInvalid) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise UseError(f"{file}: is no Parquet file, nor one of CSV with that ending: {reason}") from None


def training_set(
    store: FeatureStore, client: Minio, definitions: Definitions, labels: pa.Table, features: list[str]
) -> pa.Table:
    """Join features to labels, in the order of the labels.

    A value counts for a label where it was true at the label's moment, was there to be read then (`created`), and isn't
    older than the view's `ttl`. What was computed later about an earlier time doesn't count: it wasn't there then.

    Args:
        store: of the platform.
        client: with a key that may read the files.
        definitions: of the platform.
        labels: with the key columns of the views, and `event_timestamp`; naive moments are UTC.
        features: `view:feature`, or a view for all of its features.

    Returns:
        Labels with a column `view__feature` for each feature, empty where no value counts.

    Raises:
        UseError: a feature or a column isn't there.
        FailedError: files can't be read.
    """
    references = definitions.references(features)
    views = [definitions.view(name) for name in dict.fromkeys(each.partition(":")[0] for each in references)]
    keys = list(dict.fromkeys(key for view in views for key in definitions.keys(view)))
    _check(labels, keys, [each.replace(":", "__") for each in references])
    for view in views:
        check_files(store, client, definitions, view)
    frame = labels.append_column(_ORDER, pa.array(range(labels.num_rows), pa.int64())).to_pandas()
    job = store.get_historical_features(
        entity_df=frame, features=references, full_feature_names=True, filter_by_created_timestamp=True
    )
    joined = job.to_arrow().sort_by(_ORDER).drop_columns([_ORDER])
    if joined.num_rows != labels.num_rows:
        raise FailedError(f"{joined.num_rows} rows came of {labels.num_rows} labels; nothing was written")
    return joined


def keep_profiles(client: Minio, definitions: Definitions, joined: pa.Table) -> list[str]:
    """Keep what the features of a training set are like, to compare later ones with; answers the addresses."""
    kept = []
    for view in definitions.views:
        of = {each.name: f"{view.name}__{each.name}" for each in view.fields}
        columns = {name: joined[column] for name, column in of.items() if column in joined.column_names}
        if columns:
            kept.append(keep_profile(client, definitions, view, columns))
    return kept


def _check(labels: pa.Table, keys: list[str], made: list[str]) -> None:
    there = labels.column_names
    lacking = [each for each in [*keys, MOMENT] if each not in there]
    if lacking:
        raise UseError(f"labels: have no column {', '.join(lacking)}; they have {', '.join(there)}")
    if not pa.types.is_timestamp(labels[MOMENT].type):
        raise UseError(f"labels: {MOMENT} is {labels[MOMENT].type}, and must be moments, as 2026-01-31T12:00:00Z")
    if labels[MOMENT].null_count:
        raise UseError(f"labels: {labels[MOMENT].null_count} have no {MOMENT}, so nobody knows what was known then")
    if labels.num_rows == 0:
        raise UseError("labels: there is none")
    taken = [each for each in [*made, _ORDER] if each in there]
    if taken:
        raise UseError(f"labels: have a column {', '.join(taken)} already; rename it")
