"""How well a model finds what it should: spans that agree in kind, beginning and end."""

from collections.abc import Sequence

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


def _metrics(suffix: str, counts: Sequence[int]) -> dict[str, float]:
    right, found, there = counts
    precision = right / found if found else 0.0
    recall = right / there if there else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    named = {"precision": precision, "recall": recall, "f1": f1}
    return {f"{name}{suffix}": round(value, 4) for name, value in named.items()}
