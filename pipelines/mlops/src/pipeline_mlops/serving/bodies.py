"""What people send, and what they are answered."""

import json
from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from pipeline_mlops.config import Label
from pipeline_mlops.model import Span


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _is_text(text: str) -> bool:
    r"""JSON's `\ud800` is half of a character: nothing can write it out again."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(text: str) -> str:
    if not _is_text(text):
        raise ValueError("holds half of a surrogate pair, which is no character")
    return text


Attributes = Annotated[
    dict[Label, Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_text)]],
    Field(max_length=20),
]
"""What is known of who asks, for experiments: user_id, country. It is kept nowhere; a unit is kept as a hash."""


class PredictRequest(_Strict):
    """One text, or several."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "Contact: Ada King, ada@example.org, +44 20 79460000"}]},
    )

    text: str | None = None
    texts: list[str] | None = Field(default=None, min_length=1)
    attributes: Attributes | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "PredictRequest":
        if (self.text is None) == (self.texts is None):
            raise ValueError("give either text or texts")
        if any(not _is_text(each) for each in self.all()):
            raise ValueError("a text holds half of a surrogate pair, which is no character; send its code point")
        return self

    def all(self) -> list[str]:
        """The texts, however they were given."""
        return [self.text] if self.text is not None else list(self.texts or [])


class Entity(BaseModel):
    """A part of the text, from `start` to before `end` in characters (code points)."""

    kind: str
    start: int
    end: int
    score: float


class Prediction(BaseModel):
    """What was found in a text, and the text without it."""

    masked: str
    entities: list[Entity]


class PredictAnswer(BaseModel):
    """In the order of the texts."""

    model: str
    version: str
    experiment: str | None = None
    """In which this unit is, and its variant; left out where it is in none."""
    variant: str | None = None
    predictions: list[Prediction]


def predict_answer(
    model: str, version: str, found: Sequence[tuple[str, Sequence[Span]]], dealt: tuple[str, str] | None = None
) -> bytes:
    """Write a `PredictAnswer` from masked texts and their spans; objects of it in between would cost more."""
    predictions = [
        {
            "masked": masked,
            "entities": [{"kind": one.kind, "start": one.start, "end": one.end, "score": one.score} for one in spans],
        }
        for masked, spans in found
    ]
    part = {} if dealt is None else {"experiment": dealt[0], "variant": dealt[1]}
    answer = {"model": model, "version": version, **part, "predictions": predictions}
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


class EventRequest(_Strict):
    """Something that happened because of an answer. Which events and experiments there are, configuration says."""

    event: str = Field(max_length=40)
    value: float | None = Field(default=None, ge=0, le=1e12, allow_inf_nan=False)
    experiment: str | None = Field(default=None, max_length=60)
    variant: str | None = Field(default=None, max_length=60)
    attributes: Attributes | None = None
    """As with the prediction: whose event it is, for experiments of the platform."""
    id: UUID | None = None
    """Of the event, by who sends it: sent again with the same one, it counts once in an experiment."""


class FeedbackRequest(_Strict):
    """What a person says of an answer."""

    version: str = Field(max_length=20, pattern=r"^[0-9]+$")
    outcome: Literal["right", "wrong"]


class Taken(BaseModel):
    """It is counted."""

    taken: Literal[True] = True


class ModelAnswer(BaseModel):
    """What is served."""

    model: str
    alias: str
    version: str
    tags: dict[str, str]
    registry: str
    """What the last look at MLflow said."""


class Ready(BaseModel):
    """Whether predictions are answered; `registry` says in a few words what the last look at MLflow said."""

    ready: bool
    version: str | None = None
    registry: str


class Fault(BaseModel):
    """Why a request was refused."""

    detail: str
