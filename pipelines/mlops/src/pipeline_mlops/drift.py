"""How far texts are from those that a model was trained on: the population stability index of a few numbers of a text.

0 is no difference; below 0.1 is usual, above 0.25 the texts are others than the model knows.
"""

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline_mlops.model import Span

Profile = Mapping[str, Mapping[str, Sequence[float]]]
"""By feature: `edges`, numbers that rise, and `shares` of the texts below, between and above them; they add up to 1."""

_PARTS = 10
_LEAST_SHARE = 1e-4
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
    described = {}
    for name, values in columns.items():
        ordered = sorted(values)
        edges = sorted({ordered[len(ordered) * part // _PARTS] for part in range(1, _PARTS)})
        described[name] = {"edges": edges, "shares": _shares(values, edges)}
    return described


def read_profile(plain: Any) -> Profile:
    """Take a profile from a file.

    Raises:
        ValueError: it isn't what `profile` makes.
    """
    if not isinstance(plain, dict) or not plain:
        raise ValueError("is no profile of features")
    for name, each in plain.items():
        edges, shares = each["edges"], each["shares"]
        numbers = all(isinstance(one, int | float) and math.isfinite(one) for one in (*edges, *shares))
        if not numbers or len(shares) != len(edges) + 1 or list(edges) != sorted(edges):
            raise ValueError(f"feature {name} has no rising edges with one share more")
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
            name: _stability(each["shares"], _shares([one[name] for one in seen], each["edges"]))
            for name, each in self._profile.items()
            if name in seen[0]
        }


def _shares(values: Sequence[float], edges: Sequence[float]) -> list[float]:
    counts = [0] * (len(edges) + 1)
    for value in values:
        counts[bisect_right(edges, value)] += 1
    return [each / len(values) for each in counts]


def _stability(expected: Sequence[float], found: Sequence[float]) -> float:
    pairs = [(max(a, _LEAST_SHARE), max(b, _LEAST_SHARE)) for a, b in zip(expected, found, strict=True)]
    return sum((b - a) * math.log(b / a) for a, b in pairs)
