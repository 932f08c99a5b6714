"""What a table's YAML says under `transform`: a closed set of steps, carried out in the order of the fields below."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from conf.general.model import Model, SnakeCase

TypeName = Annotated[
    str, StringConstraints(pattern=r"^(string|int64|float64|boolean|date|timestamp|decimal\([1-9]\d?,\d\d?\))$")
]
Value = bool | int | float | str
Buckets = Literal["1m", "5m", "15m", "30m", "1h", "4h", "1d"]
Take = Literal["first", "last", "min", "max", "sum", "mean", "count"]


class Fill(Model):
    """A value for each missing one; that of a decimal is written as text, so that it stays exact."""

    fill: Value


class Duplicates(Model):
    """Rows with equal keys: one of them stays, the first or last by `order`."""

    keys: list[SnakeCase] = Field(default=[], description="none: the keys of the table's schema")
    keep: Literal["first", "last"] = "last"
    order: list[SnakeCase] = Field(min_length=1)


class Outliers(Model):
    """Values of a column that lie outside of bounds: given ones, or taken from the values themselves."""

    column: SnakeCase
    method: Literal["range", "iqr", "zscore"]
    low: float | None = None
    high: float | None = None
    factor: float | None = Field(default=None, gt=0)
    action: Literal["drop", "clip", "flag"]

    @model_validator(mode="after")
    def _fits_the_method(self) -> "Outliers":
        bounds = self.low is not None or self.high is not None
        if self.method == "range" and (not bounds or self.factor is not None):
            raise ValueError("method range takes low, high or both, and no factor")
        if self.method != "range" and (bounds or self.factor is None):
            raise ValueError(f"method {self.method} takes factor, and neither low nor high")
        return self


class Clean(Model):
    """Missing values first, then duplicates, then outliers."""

    missing: dict[SnakeCase, Literal["drop"] | Fill] = Field(default_factory=dict)
    duplicates: Duplicates | None = None
    outliers: list[Outliers] = Field(default_factory=list)


class Partner(Model):
    """Rows of another source: a CSV file beside the table's YAML, or a table of the schema staging."""

    file: str | None = Field(default=None, pattern=r"^[\w.-]+\.csv$")
    table: SnakeCase | None = None
    columns: dict[SnakeCase, TypeName] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_source(self) -> "Partner":
        if (self.file is None) == (self.table is None):
            raise ValueError("takes either file or table")
        return self


class Join(Model):
    """Columns of a partner for each row. `keys` names our column and, as its value, the partner's."""

    with_: Partner = Field(alias="with")
    how: Literal["inner", "left"]
    keys: dict[SnakeCase, SnakeCase] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_its_keys(self) -> "Join":
        absent = [each for each in self.keys.values() if each not in self.with_.columns]
        if absent:
            raise ValueError(f"keys names {', '.join(absent)}, which with.columns doesn't have")
        return self


class TimeBucket(Model):
    """A time rounded down to a whole bucket of UTC."""

    column: SnakeCase
    bucket: Buckets
    into: SnakeCase


class Taken(Model):
    """One value for a group. `first` and `last` go by `order`; missing values are left out."""

    take: Take
    of: SnakeCase | None = None
    order: SnakeCase | None = None

    @model_validator(mode="after")
    def _fits(self) -> "Taken":
        if (self.of is None) != (self.take == "count"):
            raise ValueError("of is needed, except for count, which counts rows")
        if (self.order is None) == (self.take in ("first", "last")):
            raise ValueError("order is needed for first and last, and for nothing else")
        return self


class Aggregate(Model):
    """One row for each group: a bucket of time, the columns `by`, or both."""

    time: TimeBucket | None = None
    by: list[SnakeCase] = Field(default_factory=list)
    columns: dict[SnakeCase, Taken] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_groups(self) -> "Aggregate":
        if self.time is None and not self.by:
            raise ValueError("takes time, by or both: what shall become one row?")
        return self


class Derived(Model):
    """A column made of others. `add` and `subtract` are exact; the other numbers are floats of 64 bits.

    A division by zero is a missing value; `change` is (second - first) / first.
    """

    op: Literal["add", "subtract", "multiply", "divide", "change", "day", "hour"]
    of: list[SnakeCase] = Field(min_length=1, max_length=2)

    @model_validator(mode="after")
    def _count(self) -> "Derived":
        wanted = 1 if self.op in ("day", "hour") else 2
        if len(self.of) != wanted:
            raise ValueError(f"{self.op} is made of {wanted} column{'s' if wanted > 1 else ''}")
        return self


class Pivot(Model):
    """Rows become columns: for each group `by` one row, in which each value of `names` in `into` has a column."""

    by: list[SnakeCase] = Field(min_length=1)
    names: SnakeCase
    values: SnakeCase
    take: Literal["min", "max", "sum"]
    into: list[SnakeCase] = Field(min_length=1)


class TransformConf(Model):
    """All steps, each of them optional, in the order in which they are carried out."""

    constants: dict[SnakeCase, Value] = Field(default={}, description="columns that have one value in every row")
    convert: dict[SnakeCase, TypeName] = Field(default_factory=dict)
    clean: Clean = Clean()
    join: list[Join] = Field(default_factory=list)
    aggregate: Aggregate | None = None
    derive: dict[SnakeCase, Derived] = Field(default_factory=dict)
    pivot: Pivot | None = None
    function: SnakeCase | None = Field(
        default=None, description="a function of the schema file: Ibis table in, Ibis table out"
    )
