"""What a run leaves for the next one to be compared with: shapes of distributions, and correlations."""

import itertools
import math
from typing import Any

import ibis.expr.types as ir

from conf.validate.base import Correlation, Distribution, Expectation
from pipeline_dataops.transform.clean import Ask
from pipeline_dataops.transform.columns import finite

_PARTS = {"psi": 10, "ks": 100}
_LEAST_SHARE = 1e-4  # an empty part would make the index infinite


def profile(table: ir.Table, expectations: list[Expectation], ask: Ask) -> dict[str, Any]:
    """Describe rows, so that others can be compared with them.

    Returns:
        `rows`; for each distribution `edges` between its parts, and `below`, the share of values up to each; for each
        correlation its value. Everything is a plain value of JSON.
    """
    shapes = {name_of(each): each for each in expectations if isinstance(each, Distribution)}
    pairs = {name_of(each): each for each in expectations if isinstance(each, Correlation)}
    edges = _edges(table, shapes, ask)
    return {
        "rows": ask(table.aggregate(rows=table.count()))["rows"],
        "distributions": {
            name: {"edges": edges[name], "below": below(table, each.column, edges[name], ask)}
            for name, each in shapes.items()
        },
        "correlations": {name: correlation(table, each, ask) for name, each in pairs.items()},
    }


def name_of(expectation: Distribution | Correlation) -> str:
    """The name of a shape or a pair in a profile."""
    if isinstance(expectation, Correlation):
        return " ".join(expectation.columns)
    return f"{expectation.column} {expectation.method}"


def _edges(table: ir.Table, shapes: dict[str, Distribution], ask: Ask) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for name, each in shapes.items():
        parts = _PARTS[each.method]
        values = known(table[each.column])
        asked = {f"q{index}": values.quantile(index / parts) for index in range(parts)}
        quantiles = [each for each in ask(table.aggregate(**asked)).values() if each is not None]
        found[name] = _between(quantiles)
    return found


def _between(quantiles: list[float]) -> list[float]:
    """Edges from the least value and the quantiles.

    One edge lies just below all values, and one just below each value that many rows have: what moves down from there
    would stay in its part otherwise.
    """
    often = {a for a, b in itertools.pairwise(quantiles) if a == b}
    return sorted({*quantiles[1:], *(math.nextafter(each, -math.inf) for each in {*quantiles[:1], *often})})


def below(table: ir.Table, column: str, edges: list[float], ask: Ask) -> list[float]:
    """Which share of a column's values is at most each of these edges; 0 where there are no values."""
    values = known(table[column])
    asked = {f"n{index}": table.count(where=values <= edge) for index, edge in enumerate(edges)}
    counted = ask(table.aggregate(rows=values.count(), **asked))
    return [counted[f"n{index}"] / max(counted["rows"], 1) for index in range(len(edges))]


def correlation(table: ir.Table, pair: Correlation, ask: Ask) -> float | None:
    """Pearson's correlation of two columns; none where one of them never changes."""
    first, second = (known(table[each]) for each in pair.columns)
    found = ask(table.aggregate(r=first.corr(second, how="pop")))["r"]
    return None if found is None or math.isnan(found) else float(found)


def known(column: Any) -> Any:
    """A column as floats, without NaN and infinity: one of them would be all that a mean or correlation says."""
    return finite(column.cast("float64"))


def distance(method: str, reference: list[float], found: list[float]) -> float:
    """How far two distributions are apart, from their shares below the same edges.

    Args:
        method: `psi`: population stability index, 0 for equal ones; usual reading: over 0.1 changed, over 0.25 much.
            `ks`: Kolmogorov-Smirnov, the greatest difference of both shares, from 0 to 1.
    """
    if method == "ks":
        return max((abs(a - b) for a, b in zip(reference, found, strict=True)), default=0.0)
    total = 0.0
    for a, b in zip(_parts(reference), _parts(found), strict=True):
        total += (b - a) * math.log(b / a)
    return total


def _parts(below_edges: list[float]) -> list[float]:
    return [max(b - a, _LEAST_SHARE) for a, b in itertools.pairwise([0.0, *below_edges, 1.0])]
