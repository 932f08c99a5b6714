"""What a table's YAML says under `expectations`: what rows of each round must be, and what follows else."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from conf.general.model import Model, SnakeCase
from conf.transform.base import TypeName, Value

Severity = Literal["log", "alert", "stop"]
Duration = Annotated[str, Field(pattern=r"^[1-9]\d*[smhd]$")]


class _Expectation(Model):
    severity: Severity = "stop"


class Presence(_Expectation):
    """At most this share of a column's values is missing, NaN or infinite."""

    kind: Literal["presence"]
    column: SnakeCase
    missing_at_most: float = Field(default=0.0, ge=0, le=1)


class Type(_Expectation):
    """A column has exactly this type."""

    kind: Literal["type"]
    column: SnakeCase
    type: TypeName


class Range(_Expectation):
    """No value is below `low` or above `high`."""

    kind: Literal["range"]
    column: SnakeCase
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _bounded(self) -> "Range":
        if self.low is None and self.high is None:
            raise ValueError("takes low, high or both")
        return self


class Values(_Expectation):
    """A column has no other values than these."""

    kind: Literal["values"]
    column: SnakeCase
    allowed: list[Value] = Field(min_length=1)


class Compare(_Expectation):
    """In every row `left` is to `right` what `op` says."""

    kind: Literal["compare"]
    left: SnakeCase
    op: Literal["<", "<=", "==", ">=", ">"]
    right: SnakeCase


class Unique(_Expectation):
    """No two rows have the same values in these columns."""

    kind: Literal["unique"]
    columns: list[SnakeCase] = Field(min_length=1)


class Freshness(_Expectation):
    """The newest time of a column is at most so long before the extraction, and not after it."""

    kind: Literal["freshness"]
    column: SnakeCase
    within: Duration


class RowCount(_Expectation):
    """How many rows there are: at least, at most, and as a share of those of the last run that passed."""

    kind: Literal["row_count"]
    least: int | None = Field(default=None, ge=0)
    most: int | None = Field(default=None, ge=0)
    least_of_last: float | None = Field(default=None, ge=0)
    most_of_last: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _bounded(self) -> "RowCount":
        if all(each is None for each in (self.least, self.most, self.least_of_last, self.most_of_last)):
            raise ValueError("takes least, most, least_of_last or most_of_last")
        return self


class Distribution(_Expectation):
    """How far a column's values are from the reference's: population stability index, or Kolmogorov-Smirnov."""

    kind: Literal["distribution"]
    column: SnakeCase
    method: Literal["psi", "ks"]
    at_most: float = Field(gt=0)
    least_rows: int = Field(default=100, ge=1)


class Correlation(_Expectation):
    """How far Pearson's correlation of two columns is from that of the reference."""

    kind: Literal["correlation"]
    columns: tuple[SnakeCase, SnakeCase]
    differs_at_most: float = Field(gt=0, le=2)
    least_rows: int = Field(default=100, ge=2)


Expectation = Annotated[
    Presence | Type | Range | Values | Compare | Unique | Freshness | RowCount | Distribution | Correlation,
    Field(discriminator="kind"),
]


class Expectations(Model):
    """Of raw rows (round 1) and of processed ones (round 2)."""

    raw: list[Expectation] = Field(default_factory=list)
    processed: list[Expectation] = Field(default_factory=list)
