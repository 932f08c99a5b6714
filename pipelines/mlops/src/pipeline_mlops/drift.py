"""How far texts are from those that a model was trained on: the population stability index of a few numbers of a text.

0 is no difference; below 0.1 is usual, above 0.25 the texts are others than the model knows.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline_shared import stability
from pipeline_shared.stability import Described

from pipeline_mlops.model import Span

Profile = Mapping[str, Described]
"""By feature."""

_WORDS = (" ", "\n")


def features_of(text: str, spans: Sequence[Span]) -> dict[str, float]:
    """Numbers that say what a text and a model's answer are like; none of them holds the text."""
    length = max(len(text), 1)
    scores = [each.score for each in spans]
    return {
        "characters": float(len(text)),
        "words": float(sum(text.count(each) for each in _WORDS) + 1),
        "digit_share": round(sum(map(str.isdigit, text)) / length, 4),
        "capital_share": round(sum(map(str.isupper, text)) / length, 4),
        "foreign_share": round(sum(not each.isascii() for each in text) / length, 4),
        "entities": float(len(spans)),
        "least_score": min(scores, default=1.0),
    }


def profile(observed: Iterable[Mapping[str, float]]) -> dict[str, dict[str, list[float]]]:
    """Describe the texts of training: tenths of each feature, fewer where many texts have one value."""
    columns: dict[str, list[float]] = {}
    for each in observed:
        for name, value in each.items():
            columns.setdefault(name, []).append(value)
    return {name: stability.described(values) for name, values in columns.items()}


def read_profile(plain: Any) -> Profile:
    """Take a profile from a file.

    Raises:
        ValueError: it isn't what `profile` makes.
    """
    if not isinstance(plain, dict) or not plain:
        raise ValueError("is no profile of features")
    for name, each in plain.items():
        stability.check(name, each)
    return plain


class Window:
    """The newest texts, as numbers alone."""

    def __init__(self, described: Profile, size: int) -> None:
        self._profile = described
        self._seen: deque[Mapping[str, float]] = deque(maxlen=size)

    def add(self, observed: Mapping[str, float]) -> None:
        """Take one more text; the oldest leaves."""
        self._seen.append(observed)

    def index(self, least: int) -> dict[str, float]:
        """Population stability index by feature; nothing where fewer than `least` texts came."""
        seen = list(self._seen)
        if len(seen) < least:
            return {}
        return {
            name: stability.index(each["shares"], stability.shares([one[name] for one in seen], each["edges"]))
            for name, each in self._profile.items()
            if name in seen[0]
        }
