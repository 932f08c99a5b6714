"""What a model of `models` is: code that makes texts, learns from them and finds spans in others."""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from pipeline_mlops.failed import FailedError

Parameters = Mapping[str, float]
State = Any
"""What a model has learnt: an estimator of scikit-learn, or a dict of such, arrays and texts; skops saves it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text, from `start` to before `end` in characters, and its kind; `score` says how sure, 0 to 1."""

    kind: str
    start: int
    end: int
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """A text and what is in it, ordered and without overlap."""

    text: str
    spans: tuple[Span, ...]

    def plain(self) -> dict[str, Any]:
        """As it stands in a line of a file."""
        spans = [{"kind": each.kind, "start": each.start, "end": each.end} for each in self.spans]
        return {"text": self.text, "spans": spans}

    @staticmethod
    def read(plain: Any) -> "Row":
        """Take a line's content back.

        Raises:
            KeyError, TypeError: it isn't a row.
        """
        return Row(plain["text"], tuple(Span(each["kind"], each["start"], each["end"]) for each in plain["spans"]))


class Model(Protocol):
    """One kind of model. Each function answers the same for the same arguments."""

    kinds: tuple[str, ...]
    trusted: tuple[str, ...]
    """Types beyond skops's own that the saved state may have; none is best."""

    def generate(self, seed: int, count: int, *, held_out: bool) -> Iterator[Row]:
        """Make texts; those held out are to judge by, and of other forms than those to learn from."""

    def begin(self, seed: int, parameters: Parameters) -> State:
        """Make a state that has learnt nothing."""

    def prepare(self, rows: Sequence[Row], parameters: Parameters) -> Any:
        """Bring rows into the form to learn from, once for all epochs."""

    def learn(self, state: State, prepared: Any, epoch: int) -> State:
        """Go over all rows once more; answers the next state."""

    def finish(self, state: State) -> State:
        """Reduce what has been learnt to what finding needs."""

    def find(self, state: State, texts: Sequence[str]) -> list[list[Span]]:
        """Find the spans of each text, ordered and without overlap. Threads may call it at once."""


def code_of(name: str) -> Model:
    """Find the code of a model by the name that configuration gives it.

    Raises:
        FailedError: there is no such package below src/models/, or it has no MODEL.
    """
    package = f"models.{name.replace('-', '_')}"
    try:
        model: Model = importlib.import_module(package).MODEL
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise FailedError(f"{name}: has no code; src/models/{name.replace('-', '_')}/ is to have it") from None
    except AttributeError:
        raise FailedError(f"{name}: {package} has no MODEL; see Model in pipeline_mlops/model.py") from None
    return model


def plain_span(span: Span) -> dict[str, Any]:
    """As an answer has it."""
    return asdict(span)
