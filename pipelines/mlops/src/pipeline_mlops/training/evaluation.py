"""How well a model finds what it should: spans that agree in kind, beginning and end."""

from collections.abc import Mapping, Sequence

from pipeline_mlops.config import ModelConfig
from pipeline_mlops.drift import features_of, profile
from pipeline_mlops.model import Model, Row, State

_AT_ONCE = 200


def evaluate(model: Model, state: State, rows: Sequence[Row]) -> dict[str, float]:
    """Judge a finished state by rows that it hasn't learnt from.

    Returns:
        precision, recall and f1 from 0 to 1, of all kinds and of each (`recall.email`), rounded to four digits.
    """
    counts = {kind: [0, 0, 0] for kind in model.kinds}  # right, found, there
    for begin in range(0, len(rows), _AT_ONCE):
        part = rows[begin : begin + _AT_ONCE]
        for row, spans in zip(part, model.find(state, [each.text for each in part]), strict=True):
            there = {(each.kind, each.start, each.end) for each in row.spans}
            found = {(each.kind, each.start, each.end) for each in spans}
            for place, group in enumerate((there & found, found, there)):
                for kind, _, _ in group:
                    counts[kind][place] += 1
    totals = [sum(each[place] for each in counts.values()) for place in range(3)]
    metrics = _metrics("", totals)
    for kind, each in counts.items():
        metrics |= _metrics(f".{kind}", each)
    return metrics


def profile_of(model: Model, state: State, rows: Sequence[Row]) -> dict[str, dict[str, list[float]]]:
    """Describe the texts that a finished state learnt from, and its answers: what service is compared with."""
    found = model.find(state, [each.text for each in rows])
    return profile(features_of(row.text, spans) for row, spans in zip(rows, found, strict=True))


def too_low(config: ModelConfig, metrics: Mapping[str, float]) -> list[str]:
    """What falls short of the quality that the configuration asks for, in words."""
    wanted = config.quality.model_dump()
    return [
        f"{name} {metrics[name]} where {least} is needed" for name, least in wanted.items() if metrics[name] < least
    ]


def _metrics(suffix: str, counts: Sequence[int]) -> dict[str, float]:
    right, found, there = counts
    precision = right / found if found else 0.0
    recall = right / there if there else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    named = {"precision": precision, "recall": recall, "f1": f1}
    return {f"{name}{suffix}": round(value, 4) for name, value in named.items()}
