"""Feast's offline store on Parquet in a bucket: DuckDB joins what Arrow reads.

Feast's own store for DuckDB leaves reading to DuckDB, which loads an extension from the network to speak S3, and takes
neither endpoint nor CA from the configuration. This one gives the same joins another reader (`data_source_reader`, a
parameter of Feast's): Arrow, whose file system takes all of it. Columns that nobody asks for aren't read.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
from feast.data_source import DataSource
from feast.feature_view import FeatureView
from feast.infra.offline_stores.ibis import (
    get_historical_features_ibis,
    pull_all_from_table_or_query_ibis,
    pull_latest_from_table_or_query_ibis,
)
from feast.infra.offline_stores.offline_store import OfflineStore, RetrievalJob
from feast.infra.registry.base_registry import BaseRegistry
from feast.repo_config import FeastConfigBaseModel, RepoConfig
from pyarrow import fs

_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 60


class BucketOfflineStoreConfig(FeastConfigBaseModel):  # type: ignore[misc]
    """Where the bucket is, and with which key it is read; nothing is looked up elsewhere."""

    type: Literal["pipeline_features.offline.BucketOfflineStore"] = "pipeline_features.offline.BucketOfflineStore"
    endpoint: str
    secure: bool
    region: str
    access_key: str
    secret_key: str
    ca_file: str | None = None


def file_system(config: BucketOfflineStoreConfig) -> fs.S3FileSystem:
    """Make what reads the bucket; it asks nothing of the server yet."""
    return fs.S3FileSystem(
        access_key=config.access_key,
        secret_key=config.secret_key,
        region=config.region,
        scheme="https" if config.secure else "http",
        endpoint_override=config.endpoint,
        connect_timeout=_CONNECT_SECONDS,
        request_timeout=_ANSWER_SECONDS,
        tls_ca_file_path=config.ca_file,
    )


def dataset(config: BucketOfflineStoreConfig, uri: str) -> pyarrow.dataset.Dataset:
    """All Parquet files below a prefix, as one table: a column that an older file lacks is empty there.

    Args:
        config: of the store.
        uri: `s3://bucket/prefix/`.

    Raises:
        OSError: the server isn't there, or refuses; or there is no such prefix.
        pyarrow.ArrowInvalid: a file is no Parquet, or two have another type of one column.
    """
    system = file_system(config)
    selector = fs.FileSelector(uri.removeprefix("s3://").rstrip("/"), recursive=True)
    files = sorted(each.path for each in system.get_file_info(selector) if each.path.endswith(".parquet"))
    if not files:
        raise FileNotFoundError(f"{uri}: holds no Parquet file")
    found = pyarrow.dataset.dataset(files, filesystem=system, format="parquet", partitioning=None)
    schemas = [each.physical_schema.remove_metadata() for each in found.get_fragments()]
    return found.replace_schema(pa.unify_schemas(schemas, promote_options="permissive"))


def _read(config: RepoConfig) -> Callable[[DataSource, str], ibis.Table]:
    return lambda source, _folder: ibis.memtable(dataset(config.offline_store, source.path))


def _write(*_given: Any) -> None:
    raise NotImplementedError("who computes features writes the files; a store of features adds none")


class BucketOfflineStore(OfflineStore):  # type: ignore[misc]
    """Reads features for training sets and for the online store; writes nothing."""

    supports_filter_by_created_timestamp = True

    @staticmethod
    def pull_latest_from_table_or_query(  # noqa: PLR0913, PLR0917 - Feast calls it so
        config: RepoConfig,
        data_source: DataSource,
        join_key_columns: list[str],
        feature_name_columns: list[str],
        timestamp_field: str,
        created_timestamp_column: str | None,
        start_date: datetime,
        end_date: datetime,
    ) -> RetrievalJob:
        """Answer the newest row of each key in a time; of two of one moment, the one that was made last."""
        return pull_latest_from_table_or_query_ibis(
            config=config,
            data_source=data_source,
            join_key_columns=join_key_columns,
            feature_name_columns=feature_name_columns,
            timestamp_field=timestamp_field,
            created_timestamp_column=created_timestamp_column,
            start_date=start_date,
            end_date=end_date,
            data_source_reader=_read(config),
            data_source_writer=_write,
        )

    @staticmethod
    def pull_all_from_table_or_query(  # noqa: PLR0913, PLR0917 - Feast calls it so
        config: RepoConfig,
        data_source: DataSource,
        join_key_columns: list[str],
        feature_name_columns: list[str],
        timestamp_field: str,
        created_timestamp_column: str | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
    ) -> RetrievalJob:
        """Answer every row of a time."""
        return pull_all_from_table_or_query_ibis(
            config=config,
            data_source=data_source,
            join_key_columns=join_key_columns,
            feature_name_columns=feature_name_columns,
            timestamp_field=timestamp_field,
            created_timestamp_column=created_timestamp_column,
            start_date=start_date,
            end_date=end_date,
            data_source_reader=_read(config),
            data_source_writer=_write,
        )

    @staticmethod
    def get_historical_features(  # noqa: PLR0913, PLR0917 - Feast calls it so
        config: RepoConfig,
        feature_views: list[FeatureView],
        feature_refs: list[str],
        entity_df: pd.DataFrame | str,
        registry: BaseRegistry,
        project: str,
        full_feature_names: bool = False,
        filter_by_created_timestamp: bool = False,
    ) -> RetrievalJob:
        """Answer to each row what was known at its moment."""
        return get_historical_features_ibis(
            config=config,
            feature_views=feature_views,
            feature_refs=feature_refs,
            entity_df=entity_df,
            registry=registry,
            project=project,
            full_feature_names=full_feature_names,
            data_source_reader=_read(config),
            data_source_writer=_write,
            filter_by_created_timestamp=filter_by_created_timestamp,
        )
