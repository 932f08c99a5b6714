"""Experiments that the platform's file asks for: who takes part, and which variant is his; it follows from a hash."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pipeline_mlops.config import Label, Name

_ALL = 100
_HASHES = 1 << 64


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Variant(_Strict):
    """What some of the units get."""

    name: Name
    alias: str
    share: int = Field(ge=1, le=99)


class Eligible(_Strict):
    """An attribute that who takes part has, with one of these values."""

    attribute: Label
    values: list[str]


class Experiment(_Strict):
    """As `dealt` in builders/services/model-api.ts writes it."""

    name: Name
    unit: Label
    salt: str
    eligible: list[Eligible]
    variants: list[Variant]
    events: list[Label]

    def key(self, unit: str) -> str:
        """Answer the unit's pseudonym in this experiment: 64 hexadecimal digits, which no other experiment has."""
        return hashlib.sha256(f"{self.name}\n{self.salt}\n{unit}".encode()).hexdigest()

    def variant(self, key: str) -> Variant:
        """Say which variant a unit gets. It follows from its key and the shares alone.

        Args:
            key: of the unit, whose first 16 digits are a number that is evenly spread.
        """
        place = int(key[:16], 16) * _ALL // _HASHES
        end = 0
        for each in self.variants:
            end += each.share
            if place < end:
                return each
        raise AssertionError("shares sum to 100")

    def takes(self, attributes: Mapping[str, str]) -> bool:
        """Say whether who has these attributes takes part."""
        return self.unit in attributes and all(attributes.get(each.attribute) in each.values for each in self.eligible)


def _whole(experiments: list[Experiment]) -> list[Experiment]:
    for each in experiments:
        if sum(variant.share for variant in each.variants) != _ALL:
            raise ValueError(f"shares of {each.name} don't sum to {_ALL}")
    if len({each.name for each in experiments}) != len(experiments):
        raise ValueError("an experiment stands twice")
    return experiments


Experiments = Annotated[list[Experiment], AfterValidator(_whole)]
_READER = TypeAdapter(Experiments)


def read_experiments(text: str) -> list[Experiment]:
    """Read the variable EXPERIMENTS.

    Raises:
        ValueError: it isn't what the platform's file makes.
    """
    try:
        return _READER.validate_python(json.loads(text))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


@dataclass(frozen=True)
class Assignment:
    """A unit in an experiment."""

    experiment: Experiment
    variant: Variant
    key: str


def assigned(experiments: Sequence[Experiment], attributes: Mapping[str, str]) -> Assignment | None:
    """Deal a unit: it is in the first experiment in which it takes part, or in none."""
    for each in experiments:
        if each.takes(attributes):
            key = each.key(attributes[each.unit])
            return Assignment(each, each.variant(key), key)
    return None
