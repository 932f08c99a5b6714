"""How well a detector tells made-up anomalies from real rows, of which none counts as one."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, roc_auc_score

from pipeline.detection.features import Floats

_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def distribution(scores: Floats, threshold: float) -> dict[str, float | int]:
    """Describe scores: how many, from where to where, and how many are above the threshold."""
    return {
        "count": len(scores),
        "min": float(scores.min()),
        **{f"p{round(each * 100):02}": float(np.quantile(scores, each)) for each in _QUANTILES},
        "max": float(scores.max()),
        "mean": float(scores.mean()),
        "flagged": int(np.sum(scores > threshold)),
        "flagged_share": float(np.mean(scores > threshold)),
    }


def detection(real: Floats, injected: dict[str, Floats], threshold: float) -> dict[str, Any]:
    """Measure what is found: a score above the threshold says anomaly.

    Returns:
        Counts, precision (null where nothing is flagged), recall, F1, and two measures that need no threshold.
    """
    made_up = np.concatenate(list(injected.values()))
    hit, alarm = int(np.sum(made_up > threshold)), int(np.sum(real > threshold))
    precision = hit / (hit + alarm) if hit + alarm else None
    recall = hit / len(made_up)
    scores = np.concatenate([real, made_up])
    labels: npt.NDArray[np.int64] = np.repeat(np.array([0, 1]), [len(real), len(made_up)])
    return {
        "true_positives": hit,
        "false_positives": alarm,
        "false_negatives": len(made_up) - hit,
        "true_negatives": len(real) - alarm,
        "precision": precision,
        "recall": recall,
        "f1": 2 * hit / (hit + alarm + len(made_up)),
        "roc_auc": float(roc_auc_score(labels, scores)),
        "average_precision": float(average_precision_score(labels, scores)),
        "recall_of_kind": {kind: float(np.mean(found > threshold)) for kind, found in injected.items()},
    }
