"""What the counts of an experiment say.

An interval holds at all looks together, so the first look that decides, decides.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from library import MISMATCH, Counts, compared, split_chance

Json = Mapping[str, Any]

_MOST_IN_TWO = 0.01
"""Of the units that saw two variants: above it those who are left aren't dealt at random any more."""

_LEAST_UNITS = 100
"""Of a variant and of the control: the intervals hold for many units, so of fewer nothing is said."""


def analysis(experiment: Json, planned: Json, looks: Sequence[Json]) -> Json:
    """Judge an experiment at each look.

    Args:
        experiment: as the resolved model has it.
        planned: its plan.
        looks: the oldest first, each with `at`, `units` by variant, `inTwo` (units that saw two variants, and are left
            out) and `metrics`: by name (`metric` is the experiment's own), by variant, `[total, squares]`.

    Returns:
        `verdict`: `mismatch`, `harm`, `better`, `worse` (every variant), `none` (planned units, none better) or
        `running`; `reasons`; `mismatch`: the chance of the split; `looks`: what each of them said.
    """
    names = [each["name"] for each in experiment["variants"]]
    told = [_look(experiment, planned, look, names) for look in looks]
    if not told:
        return {"verdict": "running", "reasons": ["nobody has seen a variant yet"], "winner": None, "looks": []}
    last = told[-1]
    verdict, reasons, winner = _verdict(experiment, planned, told)
    return {"verdict": verdict, "reasons": reasons, "winner": winner, "splitChance": last["splitChance"], "looks": told}


def _look(experiment: Json, planned: Json, look: Json, names: Sequence[str]) -> dict[str, Any]:
    units = [int(look["units"].get(name, 0)) for name in names]
    metrics = {"metric": experiment["metric"], **{each["name"]: each for each in experiment["guardrails"]}}
    told: dict[str, Any] = {
        "at": look["at"],
        "units": dict(zip(names, units, strict=True)),
        "inTwo": int(look["inTwo"]),
        "splitChance": split_chance(units, [each["share"] for each in experiment["variants"]]),
        "metrics": {},
    }
    for name, metric in metrics.items():
        counts = {
            each: Counts(size, *map(float, look["metrics"].get(name, {}).get(each, (0, 0))))
            for each, size in zip(names, units, strict=True)
        }
        told["metrics"][name] = {
            "means": {each: one.total / one.units if one.units else None for each, one in counts.items()},
            "differences": {
                each: _difference_of(metric, counts[experiment["control"]], counts[each], planned, each)
                for each in names
                if each != experiment["control"]
            },
        }
    return told


def _difference_of(metric: Json, control: Counts, variant: Counts, planned: Json, name: str) -> Json | None:
    if min(control.units, variant.units) < _LEAST_UNITS:
        return None
    found = compared(metric["kind"], control, variant, planned["alpha"], planned["tuning"][name])
    if found is None:
        return None
    return {"estimate": found.estimate, "low": found.low, "high": found.high, "chance": found.chance}


Verdict = tuple[str, list[str], str | None]


def _verdict(experiment: Json, planned: Json, told: Sequence[Json]) -> Verdict:
    better, worse = _told_apart(experiment, told)
    return (
        _mismatch(experiment, told[-1])
        or _harm(experiment, told)
        or _difference(experiment, better, worse)
        or _none_yet(planned, told[-1], worse)
    )


def _mismatch(experiment: Json, last: Json) -> Verdict | None:
    total = sum(last["units"].values())
    if last["splitChance"] < MISMATCH:
        shares = {each["name"]: each["share"] for each in experiment["variants"]}
        split = ", ".join(f"{name} {size} (of {shares[name]} in 100)" for name, size in last["units"].items())
        reason = f"units weren't dealt as declared: {split}; by chance alone that is {last['splitChance']:.2g}"
        return "mismatch", [reason, "no result of it can be used: find out who is missing"], None
    if last["inTwo"] > _MOST_IN_TWO * (total + last["inTwo"]):
        reason = f"{last['inTwo']} units saw two variants: was the salt kept, and were the shares changed?"
        return "mismatch", [reason], None
    return None


def _harm(experiment: Json, told: Sequence[Json]) -> Verdict | None:
    for look in told:
        for guardrail in experiment["guardrails"]:
            for name, found in look["metrics"][guardrail["name"]]["differences"].items():
                if found is not None and _at_best(guardrail, found) < -guardrail["tolerance"]:
                    reason = f"guardrail {guardrail['name']}: {name} is worse than the control at {look['at']}"
                    return "harm", [reason], None
    return None


def _told_apart(experiment: Json, told: Sequence[Json]) -> tuple[dict[str, tuple[float, str]], set[str]]:
    """Find variants that some look told from the control.

    Returns:
        Those that are better, each with how much by the newest look that says it, and the look that found it; and those
        that are worse.
    """
    better: dict[str, tuple[float, str]] = {}
    worse: set[str] = set()
    sign = 1 if experiment["metric"]["better"] == "more" else -1
    for look in told:
        for name, found in look["metrics"]["metric"]["differences"].items():
            if found is None or name in worse:
                continue
            if name in better:
                better[name] = (sign * found["estimate"], better[name][1])
            elif sign * found["estimate"] > 0 and not found["low"] <= 0 <= found["high"]:
                better[name] = (sign * found["estimate"], look["at"])
            elif not found["low"] <= 0 <= found["high"]:
                worse.add(name)
    return better, worse


def _difference(experiment: Json, better: Mapping[str, tuple[float, str]], worse: set[str]) -> Verdict | None:
    """One that is better counts more than one that is worse."""
    control = experiment["control"]
    if better:
        winner = max(better, key=lambda name: better[name][0])
        return "better", [f"{winner} is better than {control}, seen at {better[winner][1]}"], winner
    if len(worse) == len(experiment["variants"]) - 1:
        return "worse", [f"{' and '.join(sorted(worse))}: worse than {control}"], control
    return None


def _none_yet(planned: Json, last: Json, worse: set[str]) -> Verdict:
    total = sum(last["units"].values())
    reason = f"{total} units of {planned['units']} that are planned"
    if total >= planned["units"]:
        if worse:
            found = f"no variant was found better; worse than the control: {', '.join(sorted(worse))}"
            return "none", [reason, found], None
        return "none", [f"{reason}, and no difference was found"], None
    return "running", [reason], None


def _at_best(guardrail: Json, found: Json) -> float:
    """Answer how good it is at best, in the direction that is better."""
    return float(found["high"] if guardrail["better"] == "more" else -found["low"])
