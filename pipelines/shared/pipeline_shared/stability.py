"""Population stability index: how far numbers are from those that somebody learnt from.

0 is no difference; below 0.1 is usual, above 0.25 these are other numbers.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

Described = Mapping[str, Sequence[float]]
"""`edges`, numbers that rise, and `shares` of the values below, between and above them; they add up to 1."""

_PARTS = 10
_LEAST_SHARE = 1e-4


def described(values: Sequence[float]) -> dict[str, list[float]]:
    """Describe values by their tenths, fewer where many have one value.

    Args:
        values: one at least, none of them NaN.
    """
    ordered = sorted(values)
    edges = sorted({ordered[len(ordered) * part // _PARTS] for part in range(1, _PARTS)})
    return {"edges": edges, "shares": shares(values, edges)}


def check(name: str, plain: Any) -> None:
    """See whether something from a file is what `described` makes.

    Raises:
        ValueError: it isn't.
        KeyError, TypeError: it isn't even alike.
    """
    edges, parts = plain["edges"], plain["shares"]
    numbers = all(isinstance(one, int | float) and math.isfinite(one) for one in (*edges, *parts))
    if not numbers or len(parts) != len(edges) + 1 or list(edges) != sorted(edges):
        raise ValueError(f"feature {name} has no rising edges with one share more")


def shares(values: Sequence[float], edges: Sequence[float]) -> list[float]:
    """Answer which share of values, of which there is one at least, is below, between and above the edges."""
    counts = [0] * (len(edges) + 1)
    for value in values:
        counts[bisect_right(edges, value)] += 1
    return [each / len(values) for each in counts]


def index(expected: Sequence[float], found: Sequence[float]) -> float:
    """Compare two lists of shares by the same edges."""
    pairs = [(max(a, _LEAST_SHARE), max(b, _LEAST_SHARE)) for a, b in zip(expected, found, strict=True)]
    return sum((b - a) * math.log(b / a) for a, b in pairs)
