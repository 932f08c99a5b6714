"""What a run of the load says of a model API. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles

FEWEST = 20
"""Answers below which the slowest twentieth is no figure."""


@dataclass(frozen=True)
class Measured:
    """One run, after its first seconds."""

    predictions: Sequence[float]
    """Milliseconds of each prediction that was answered."""
    health: Sequence[float]
    """Milliseconds of each answer of /health/live, asked just before."""
    planned: float
    """Predictions that were to be asked."""
    failures: Mapping[str, int]
    """How often, by what went wrong."""


@dataclass(frozen=True)
class Judgement:
    """One figure beside its limit."""

    name: str
    found: float
    limit: float
    is_right: bool

    def line(self) -> str:
        """Say it in a line."""
        word = "right" if self.is_right else "WRONG"
        return f"{word}  {self.name}: {self.found:.2f} (limit {self.limit:g})"


def judged(run: Measured, limits: Mapping[str, float]) -> list[Judgement]:
    """Judge a run by ratios within it; too few answers are judged by their number alone.

    Raises:
        KeyError: a limit is missing.
    """
    failed = sum(run.failures.values())
    asked = failed + len(run.predictions) + len(run.health)
    carried = len(run.predictions) / run.planned
    found = [
        _at_most("failed", failed / max(1, asked), limits),
        Judgement("carried", carried, limits["carried"], carried >= limits["carried"]),
    ]
    if min(len(run.predictions), len(run.health)) < FEWEST:
        return found
    halves = _percentile(run.predictions, 50) / _percentile(run.health, 50)
    most = _percentile(run.predictions, 95) / _percentile(run.health, 95)
    return [
        *found,
        _at_most("median_of_predictions_to_health", halves, limits),
        _at_most("p95_of_predictions_to_health", most, limits),
    ]


def _percentile(values: Sequence[float], percent: int) -> float:
    return max(quantiles(values, n=100, method="inclusive")[percent - 1], 0.001)


def _at_most(name: str, found: float, limits: Mapping[str, float]) -> Judgement:
    return Judgement(name, found, limits[name], found <= limits[name])
