"""What a platform's file says of features, as `bucketworks` hands it over: resolved, with every default.

The file is judged before by `config/rules/features.ts`; here its shape alone is read.
"""

import difflib
import os
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from pipeline_features.failed import UseError

VARIABLE = "FEATURES"
"""Variable that holds the definitions as JSON."""

Type = Literal["bool", "float32", "float64", "int32", "int64", "string", "timestamp"]


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class Entity(_Plain):
    """What features are of; `key` is the column that says which one."""

    name: str
    key: str
    type: Type
    description: str


class Feature(_Plain):
    """One column of a view, and what its values should be like."""

    name: str
    type: Type
    description: str
    least: float | None
    most: float | None
    null_share: float
    """Largest share of values that may be missing, from 0 to 1."""


class View(_Plain):
    """Features of the same entities, from the same files."""

    name: str
    description: str
    entities: list[str]
    prefix: str
    """Beginning of the keys of its Parquet files."""
    timestamp: str
    """Column: when the values were true."""
    created: str
    """Column: when the row was there to be read."""
    ttl_seconds: int
    online: bool
    fields: list[Feature]


class Definitions(_Plain):
    """The feature store of one platform."""

    platform: str
    store: Literal["feast", "hopsworks"] = "feast"
    """What an image newer than the manifest isn't told is what there was before."""
    bucket: str
    database_schema: str = Field(alias="schema")
    entities: list[Entity]
    views: list[View]

    def view(self, name: str) -> View:
        """Answer the view of this name.

        Raises:
            UseError: there is none.
        """
        found = next((each for each in self.views if each.name == name), None)
        if found is None:
            raise UseError(f"feature view {name!r}: the platform has none of this name{_hint(name, self.view_names())}")
        return found

    def view_names(self) -> list[str]:
        """Answer the names of all views."""
        return [each.name for each in self.views]

    def keys(self, view: View) -> list[str]:
        """Answer the key columns of a view, in the order of its entities."""
        return [self.entity(name).key for name in view.entities]

    def entity(self, name: str) -> Entity:
        """Answer the entity of this name, which the file was judged to have."""
        return next(each for each in self.entities if each.name == name)

    def references(self, asked: list[str]) -> list[str]:
        """Answer `view:feature` for each that was asked for, in its order; a bare view means all of its features.

        Raises:
            UseError: one isn't there.
        """
        found: list[str] = []
        for text in asked:
            name, colon, field = text.partition(":")
            view = self.view(name)
            fields = [each.name for each in view.fields]
            if colon and field not in fields:
                raise UseError(f"feature {text!r}: view {name} has no {field!r}{_hint(field, fields)}")
            found += [f"{name}:{each}" for each in ([field] if colon else fields)]
        return list(dict.fromkeys(found))


def load() -> Definitions:
    """Read them from the environment.

    Raises:
        UseError: they aren't there, or aren't what `bucketworks` writes.
    """
    text = os.environ.get(VARIABLE, "")
    if text == "":
        raise UseError(f"{VARIABLE}: missing; bucketworks feature runs this program with it")
    try:
        return Definitions.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(each) for each in first["loc"])
        raise UseError(f"{VARIABLE}: isn't what bucketworks writes: {place}: {first['msg']}") from None


def _hint(name: str, there: list[str]) -> str:
    near = difflib.get_close_matches(name, there, n=1)
    return f"; did you mean {near[0]}?" if near else f"; it has {', '.join(there) or 'none'}"
