"""A table of the pipeline, as `conf/tables/TABLE.yaml` says it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from conf.extract.base import FileSource, HttpSource, PostgresSource, span
from conf.general.model import Model, SnakeCase
from conf.load.base import LoadConf
from conf.transform.base import TransformConf
from conf.validate.base import Expectations

Source = Annotated[HttpSource | PostgresSource | FileSource, Field(discriminator="kind")]


class TableConf(Model):
    """Everything of a table but its columns, which `schema/tables/TABLE.py` has.

    `dataset` is the first part of its objects' keys; `processed_table` is what the transformation makes of it.
    """

    table: SnakeCase
    processed_table: SnakeCase
    dataset: SnakeCase
    source: Source
    load: LoadConf = LoadConf()
    transform: TransformConf = TransformConf()
    expectations: Expectations = Expectations()

    @model_validator(mode="after")
    def _two_tables(self) -> Self:
        if self.table == self.processed_table:
            raise ValueError("processed_table: must be another table than `table`, raw rows stay as they came")
        return self

    @model_validator(mode="after")
    def _whole_buckets(self) -> Self:
        """Keep a bucket from being made of two runs: windows begin and end at whole spans of `align`."""
        grouped = self.transform.aggregate.time if self.transform.aggregate else None
        if grouped is None or isinstance(self.source, FileSource):
            return self
        align, bucket = self.source.incremental.align, span(grouped.bucket)
        if align % bucket:
            raise ValueError(
                f"source.incremental.align: is {align}, and transform.aggregate.time.bucket {grouped.bucket}; it must "
                f"be a whole multiple of the bucket, for example {grouped.bucket}, else one bucket is made of two runs"
            )
        return self
