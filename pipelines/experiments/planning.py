"""How many units an experiment needs, for the very test that will judge it.

The power of a test at several looks has no formula here: paths of the estimate are drawn, and those counted that leave
the library's interval at one of the planned looks. The seed is fixed, so a plan is the same each time; drawing is off
by less than a point.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from library import Counts, compared

Json = Mapping[str, Any]

_PATHS = 20_000
_SEED = 53
_MOST_UNITS = 1 << 34


def alpha_of(experiment: Json) -> float:
    """Chance of a wrong difference in one comparison: the experiment's, shared by all (Bonferroni)."""
    # 1 - 0.95 is a little more than 0.05 in floating point, and people read this.
    return round((1 - float(experiment["confidence"])) / (len(experiment["variants"]) - 1), 12)


def plan(experiment: Json) -> Json:
    """Plan an experiment.

    Returns:
        `units`: in all variants, until the last look; `perVariant`: by name; `perLook`: new units until each look;
        `days`: until the end; `power`: that was counted; `tuning`: units of a comparison for which its interval is the
        narrowest; `alpha`: of a comparison.
    """
    low, high = 64, 128
    while _power(experiment, high) < experiment["power"]:
        low, high = high, high * 2
        if high > _MOST_UNITS:
            raise ValueError("more than 17,000,000,000 units are needed; nobody has so many")
    while high - low > max(1, high // 1000):
        middle = (low + high) // 2
        if _power(experiment, middle) < experiment["power"]:
            low = middle
        else:
            high = middle
    looks = experiment["looks"]
    shares = {each["name"]: each["share"] for each in experiment["variants"]}
    return {
        "units": high,
        "perVariant": {name: round(high * share / 100) for name, share in shares.items()},
        "perLook": -(-high // looks["number"]),
        "days": looks["days"] * looks["number"],
        "power": round(_power(experiment, high), 4),
        "tuning": {name: tuning(experiment, high, name) for name in shares if name != experiment["control"]},
        "alpha": alpha_of(experiment),
    }


def tuning(experiment: Json, units: int, variant: str) -> float:
    """Units of a comparison at the planned end; the interval is the narrowest there."""
    shares = {each["name"]: each["share"] for each in experiment["variants"]}
    return max(64.0, float(units * (shares[variant] + shares[experiment["control"]]) / 100))


def _power(experiment: Json, units: int) -> float:
    """Count how often the effect is found, of the variant with the smallest share."""
    shares = {each["name"]: each["share"] for each in experiment["variants"]}
    control = experiment["control"]
    variant = min((name for name in shares if name != control), key=lambda name: shares[name])
    metric, effect = experiment["metric"], experiment["minimumEffect"]
    if metric["better"] == "less":
        effect = -effect
    there = metric["baseline"] + effect
    looks = experiment["looks"]["number"]
    widths, variances = [], []
    for look in range(1, looks + 1):
        seen = units * look / looks / 100
        a = _expected(metric, metric["baseline"], max(2, round(seen * shares[control])))
        b = _expected(metric, there, max(2, round(seen * shares[variant])))
        found = compared(metric["kind"], a, b, alpha_of(experiment), tuning(experiment, units, variant))
        if found is None:
            return 0
        widths.append((found.high - found.low) / 2)
        variances.append(
            a.statistic(metric["kind"]).variance / a.units + b.statistic(metric["kind"]).variance / b.units
        )
    # Information grows with each look; between two looks its estimate moves by what is new alone.
    information = 1 / np.array(variances)
    steps = np.diff(information, prepend=0)
    drawn = np.random.default_rng(_SEED).standard_normal((_PATHS, looks))
    score = np.cumsum(effect * steps + drawn * np.sqrt(steps), axis=1)
    estimates = score / information
    # Only a difference in the direction that is looked for counts.
    found_at = estimates * np.sign(effect) > np.array(widths)
    return float(found_at.any(axis=1).mean())


def _expected(metric: Json, mean: float, units: int) -> Counts:
    if metric["kind"] == "proportion":
        return Counts(units, mean * units, mean * units)
    squares = metric["deviation"] ** 2 * (units - 1) + mean**2 * units
    return Counts(units, mean * units, squares)
