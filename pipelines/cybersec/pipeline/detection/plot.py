"""The scores as a picture. It holds numbers and words of ours alone: nothing that a row or an object says."""

import io

import numpy as np
from matplotlib.figure import Figure

from pipeline.detection.features import Floats

_BARS = 60


def score_plot(title: str, real: Floats, injected: Floats, threshold: float) -> bytes:
    """Draw how scores of real rows and of made-up anomalies are distributed, as PNG.

    Args:
        title: words of ours.
        real: scores of real rows; the higher, the stranger.
        injected: scores of made-up anomalies.
        threshold: above it a row is flagged.
    """
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.add_subplot()
    everything = np.concatenate([real, injected, [threshold]])
    edges = np.linspace(everything.min(), everything.max() + 1e-9, _BARS + 1).tolist()
    for scores, label, color in (
        (real, f"real rows ({len(real)})", "tab:blue"),
        (injected, f"made-up anomalies ({len(injected)})", "tab:red"),
    ):
        shares = np.full(len(scores), 100 / len(scores))
        axes.hist(scores, bins=edges, weights=shares, alpha=0.6, label=label, color=color)
    axes.axvline(threshold, color="black", linestyle="--", label=f"threshold ({threshold:.3f})")
    axes.set(title=title, xlabel="anomaly score (the higher, the stranger)", ylabel="share of the rows, %")
    axes.legend()
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()
