"""A model's configuration, `configs/<model>.yaml`: strict, and all that is wrong with it is told at once."""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from pipeline_mlops.failed import FailedError

FOLDER = "MODEL_CONFIGS"
"""Variable that names the folder; without it, `configs/` of this checkout."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(_Strict):
    """Which texts a model learns from and is judged by."""

    version: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{32})?$")]
    """MD5 of the texts' file, as DVC names content; empty until `model-data` has said it."""
    seed: int = Field(ge=0)
    texts: int = Field(ge=10, le=1_000_000)
    held_out: int = Field(ge=10, le=1_000_000)


class Training(_Strict):
    """How a model learns."""

    seed: int = Field(ge=0, lt=2**32)
    epochs: int = Field(ge=1, le=1000)
    parameters: dict[Label, float] = {}


class Quality(_Strict):
    """What a model must reach on the texts that were held out; below one of these it isn't registered."""

    precision: Share
    recall: Share
    f1: Share


class Event(_Strict):
    """Something that happens in the business because of answers: a purchase, a view."""

    name: Label
    unit: Label | None = None
    """Of its value, for example usd; an event without a unit has no value, and is counted alone."""


class CustomMetric(_Strict):
    """A metric of this business: `model_api_custom_<name>`, fed by predictions or by events."""

    name: Label
    description: str = Field(min_length=1, max_length=200)
    type: Literal["counter", "histogram"]
    source: Literal["predictions", "events"]
    measure: Literal["texts", "characters", "entities", "count", "value"]
    kinds: list[Label] | None = None
    """Of entities: those that count; all where it is left out."""
    event: Label | None = None
    """Of events: which one."""
    buckets: list[float] | None = None

    @model_validator(mode="after")
    def _fits(self) -> "CustomMetric":
        measures = ("texts", "characters", "entities") if self.source == "predictions" else ("count", "value")
        if self.measure not in measures:
            raise ValueError(f"measure of {self.source} is one of {', '.join(measures)}, not {self.measure}")
        if (self.event is not None) != (self.source == "events"):
            raise ValueError("event belongs to source events, and there it is needed")
        if self.kinds is not None and self.measure != "entities":
            raise ValueError("kinds belongs to measure entities")
        if self.buckets is not None and (self.type != "histogram" or self.buckets != sorted(set(self.buckets))):
            raise ValueError("buckets belongs to type histogram, and its numbers rise")
        return self


class Serving(_Strict):
    """What the API counts beside its answers. Labels come from here alone, so that no caller makes new series."""

    events: list[Event] = []
    experiments: dict[Name, list[Name]] = {}
    """Variants by experiment, for A/B tests."""
    custom_metrics: list[CustomMetric] = []

    @model_validator(mode="after")
    def _fits(self) -> "Serving":
        for what, names in (
            ("events", [each.name for each in self.events]),
            ("custom_metrics", [each.name for each in self.custom_metrics]),
        ):
            if len(set(names)) != len(names):
                raise ValueError(f"{what} has a name twice")
        units = {each.name: each.unit for each in self.events}
        for metric in self.custom_metrics:
            if metric.event is not None and metric.event not in units:
                raise ValueError(f"custom metric {metric.name} counts event {metric.event}, which isn't among events")
            if metric.measure == "value" and units[str(metric.event)] is None:
                raise ValueError(f"custom metric {metric.name} adds values of {metric.event}, which has no unit")
        return self


class ModelConfig(_Strict):
    """All of `configs/<model>.yaml`."""

    model: Name
    description: str = Field(min_length=1, max_length=200)
    semantic_version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    alias: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    data: Data
    training: Training
    quality: Quality
    serving: Serving = Serving()


def load_config(model: str) -> ModelConfig:
    """Read the configuration of a model.

    Raises:
        FailedError: there is none, or something in it is wrong; one line a fault.
    """
    folder = Path(os.environ.get(FOLDER) or Path(__file__).parents[2] / "configs")
    if not re.fullmatch(r"[a-z][a-z0-9-]*", model):
        raise FailedError(f"{model!r} is no name of a model: small letters, digits and single dashes")
    file = folder / f"{model}.yaml"
    try:
        plain: Any = yaml.safe_load(file.read_text())
    except FileNotFoundError:
        known = ", ".join(sorted(each.stem for each in folder.glob("*.yaml"))) or "none"
        raise FailedError(f"{model}: has no configuration {file}; there are: {known}") from None
    except yaml.YAMLError as error:
        raise FailedError(f"{file}: is no YAML: {str(error).splitlines()[0]}") from None
    try:
        config = ModelConfig.model_validate(plain)
    except ValidationError as error:
        faults = [_sentence(each) for each in error.errors(include_url=False, include_context=False)]
        raise FailedError("\n  ".join([f"{file}: nothing was done, because of", *faults])) from None
    if config.model != model:
        raise FailedError(f"{file}: says model {config.model}; its file is to be {config.model}.yaml")
    return config


def _sentence(fault: Any) -> str:
    place = ".".join(str(each) for each in fault["loc"]) or "the file"
    shown = "" if fault["type"] == "missing" else f", got {str(fault['input'])[:60]!r}"
    return f"{place}: {str(fault['msg']).removeprefix('Value error, ')}{shown}"
