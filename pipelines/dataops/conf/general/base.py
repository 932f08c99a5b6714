"""A table of the pipeline, as `conf/tables/TABLE.yaml` says it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from conf.extract.base import FileSource, HttpSource, PostgresSource
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
