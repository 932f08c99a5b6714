"""Experiments that never were: how often a difference is found where there is none, and where there is one."""

import argparse
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from library import MISMATCH, Counts, compared, split_chance
from planning import plan

Json = Mapping[str, Any]

_ALPHA = 0.05


def main() -> None:
    """Simulate, and print shares as JSON."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--experiments", type=int, default=1000)
    asked.add_argument("--looks", type=int, default=14)
    asked.add_argument("--seed", type=int, default=20261130)
    given = asked.parse_args()
    random = np.random.default_rng(given.seed)
    made = {kind: _of(kind, given.looks) for kind in ("proportion", "mean")}
    plans = {kind: plan(experiment) for kind, experiment in made.items()}
    print(
        json.dumps(
            {
                kind: {
                    "units": plans[kind]["units"],
                    "falsePositives": _found(made[kind], plans[kind], given.experiments, 0, random),
                    "power": _found(made[kind], plans[kind], given.experiments, made[kind]["minimumEffect"], random),
                }
                for kind in made
            }
            | {"mismatch": _mismatch(given.experiments, plans["proportion"]["units"], random)}
        )
    )


def _of(kind: str, looks: int) -> dict[str, Any]:
    metric = {"kind": kind, "event": "copied", "better": "more", "baseline": 0.2, "deviation": None}
    effect = 0.02
    if kind == "mean":
        # Sums of purchases: most buy nothing, a few much.
        metric |= {"baseline": 5.0, "deviation": 20.0}
        effect = 0.8
    return {
        "variants": [{"name": "a", "share": 50}, {"name": "b", "share": 50}],
        "control": "a",
        "metric": metric,
        "minimumEffect": effect,
        "power": 0.8,
        "confidence": 1 - _ALPHA,
        "looks": {"days": 1, "number": looks},
        "guardrails": [],
    }


def _found(experiment: Json, planned: Json, times: int, effect: float, random: np.random.Generator) -> float:
    """Run experiments of units dealt at random, looked at daily: the share in which a look finds a difference."""
    metric, looks = experiment["metric"], experiment["looks"]["number"]
    found = 0
    for _ in range(times):
        totals = [Counts(0, 0, 0), Counts(0, 0, 0)]
        for _ in range(looks):
            in_b = int(random.binomial(planned["perLook"], 0.5))
            for which, (size, mean) in enumerate(
                [(planned["perLook"] - in_b, metric["baseline"]), (in_b, metric["baseline"] + effect)]
            ):
                if metric["kind"] == "proportion":
                    total = squares = float(random.binomial(size, mean))
                else:
                    # Gamma: skewed, none below 0; its shape makes mean and deviation.
                    scale = metric["deviation"] ** 2 / metric["baseline"]
                    values = random.gamma(mean / scale, scale, size)
                    total, squares = float(values.sum()), float((values**2).sum())
                before = totals[which]
                totals[which] = Counts(before.units + size, before.total + total, before.squares + squares)
            said = compared(metric["kind"], totals[0], totals[1], planned["alpha"], planned["tuning"]["b"])
            if said is not None and not said.low <= 0 <= said.high and (effect == 0 or said.low > 0):
                found += 1
                break
    return found / times


def _mismatch(times: int, units: int, random: np.random.Generator) -> dict[str, float]:
    """Count how often a wrong split is found, and how often a right one is taken for wrong.

    Args:
        times: experiments.
        units: that are planned.
        random: source.
    """

    def blocked(size: int, share: float, lost: float) -> float:
        count = 0
        for _ in range(times):
            a = int(random.binomial(size, share))
            b = int(random.binomial(size - a, 1 - lost))
            count += split_chance([a, b], [50, 50]) < MISMATCH
        return count / times

    return {
        "twoPoints": blocked(units, 0.52, 0),
        "twoPercentLostOf400000": blocked(400_000, 0.5, 0.02),
        "falseAlarms": blocked(units, 0.5, 0),
    }


if __name__ == "__main__":
    main()
