import { defaults } from "../defaults.ts";
import type { Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import { isAsked } from "../resolve/services.ts";
import type { ExperimentSpec } from "../schema/experiments.ts";
import { shownText } from "../schema/values.ts";
import { EXPERIMENT_ROLES } from "../values/experiments.ts";
import { nearest } from "../values/nearest.ts";
import type { DocumentRule } from "./rule.ts";
import type { View } from "./stage-view.ts";

/** As the model's own configuration has them (`pipelines/mlops/src/pipeline_mlops/config.py`). */
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const LABEL = /^[a-z][a-z0-9_]{0,39}$/;
const ALIAS = /^[a-z][a-z0-9-]{0,39}$/;
const LONGEST_NAME = 60;
const ALL = 100;

/** Experiments that can be dealt, measured and planned. */
export const experiments: DocumentRule = (view) =>
  Object.entries(view.spec.experiments ?? {}).flatMap(([name, spec]) => {
    const at = (...path: Path): Path => ["experiments", name, ...path];
    const faults = [...nameFaults(name, spec, at), ...variantFaults(view, spec, at)];
    return [...faults, ...planFaults(spec, at), ...guardrailFaults(spec, at)];
  });

/** Who deals the units, and where what they did is kept. */
export const experimentPlace: DocumentRule = (view) => {
  const { experiments: asked, services, database } = view.spec;
  if (asked === undefined || Object.keys(asked).length === 0) return [];
  const needs = (message: string, fix: string): Fault => ({
    ...{ code: "experiment-needs", path: ["experiments"], onKey: true, message, fix },
  });
  if (!isAsked(services?.model_api) && view.isKnown(["services", "model_api"])) {
    return [
      needs(
        "experiments are dealt by model_api, which the file doesn't ask for",
        "add model_api to services, or remove experiments",
      ),
    ];
  }
  const roles = Object.values(EXPERIMENT_ROLES);
  const missing = roles.filter((role) => database?.roles[role] === undefined);
  if (missing.length === 0 || !view.isKnown(["database"])) return [];
  return [
    needs(
      `what is seen and done in experiments is kept in the platform's database, which has no role ${missing.join(" and no role ")}`,
      `add database: {name: ..., roles: {${roles.map((role) => `${role}: {}`).join(", ")}}}, and the migration that docs/experiments.md names`,
    ),
  ];
};

type At = (...path: Path) => Path;

function nameFaults(name: string, spec: ExperimentSpec, at: At): Fault[] {
  const named = (word: string, what: string, path: Path, form: RegExp, allowed: string, onKey = true): Fault[] =>
    form.test(word) && word.length <= LONGEST_NAME
      ? []
      : [
          {
            ...{ code: "experiment-value", path, onKey, fix: "rename it" },
            message: `${what} ${shownText(word)} must have ${allowed}`,
          },
        ];
  const dashes = `lower-case letters, digits and single dashes, ${LONGEST_NAME} at most`;
  const underscores = "lower-case letters, digits and _, 40 at most";
  const taken = spec.guardrails?.metric === undefined ? [] : [guardrailTaken(at("guardrails", "metric"))];
  const measures = [["metric", spec.metric] as const, ...Object.entries(spec.guardrails ?? {})];
  return [
    ...taken,
    ...named(name, "experiment", at(), NAME, dashes),
    ...named(spec.unit, "attribute", at("unit"), LABEL, underscores, false),
    ...Object.keys(spec.eligible ?? {}).flatMap((word) =>
      named(word, "attribute", at("eligible", word), LABEL, underscores),
    ),
    ...Object.keys(spec.variants).flatMap((word) => named(word, "variant", at("variants", word), NAME, dashes)),
    ...Object.keys(spec.guardrails ?? {}).flatMap((word) =>
      named(word, "guardrail", at("guardrails", word), NAME, dashes),
    ),
    ...measures.flatMap(([word, { event }]) =>
      named(
        event,
        "event",
        word === "metric" ? at("metric", "event") : at("guardrails", word, "event"),
        LABEL,
        underscores,
        false,
      ),
    ),
    ...Object.entries(spec.variants).flatMap(([word, { alias }]) =>
      named(
        alias,
        "alias",
        at("variants", word, "alias"),
        ALIAS,
        "lower-case letters, digits and dashes, 40 at most",
        false,
      ),
    ),
  ];
}

function guardrailTaken(path: Path): Fault {
  const message = "guardrail metric has the name of what the experiment itself is about";
  return { code: "experiment-value", path, onKey: true, message, fix: "rename it" };
}

function variantFaults({ spec: { services } }: View, { variants, control }: ExperimentSpec, at: At): Fault[] {
  const names = Object.keys(variants);
  const faults: Fault[] = [];
  if (names.length < 2) {
    const message = `${names.length === 0 ? "no variant" : "one variant alone"}, and nothing to compare`;
    faults.push({ code: "experiment-value", path: at("variants"), onKey: true, message, fix: "write two or more" });
  }
  const sum = Object.values(variants).reduce((all, { share }) => all + share, 0);
  if (names.length > 1 && sum !== ALL) {
    const message = `shares of the variants sum to ${sum}`;
    faults.push({
      ...{ code: "experiment-value", path: at("variants"), onKey: true, message },
      fix: `make them sum to ${ALL}; eligible says who doesn't take part`,
    });
  }
  const chosen = names.includes(control) ? variants[control] : undefined;
  if (chosen === undefined) {
    const near = nearest(control, names);
    const message = `control ${shownText(control)} is no variant; there are ${names.join(", ") || "none"}`;
    const fix = near === null ? "name one of them" : `did you mean ${near}?`;
    return [...faults, { code: "dangling-reference", path: at("control"), message, fix }];
  }
  const api = services?.model_api;
  const usual = api?.alias ?? defaults.services.modelApi.alias;
  if (isAsked(api) && chosen.alias !== usual) {
    const message = `the control has alias ${shownText(chosen.alias)}, and everybody who takes no part is answered by ${shownText(usual)}`;
    const fix = `write ${usual}: an experiment compares with what is in use`;
    faults.push({ code: "experiment-value", path: at("variants", control, "alias"), message, fix });
  }
  return faults;
}

/** A guardrail that nothing could ever break: two shares differ by less than 1. */
function guardrailFaults({ guardrails = {} }: ExperimentSpec, at: At): Fault[] {
  return Object.entries(guardrails).flatMap(([name, { kind, tolerance = 0 }]): Fault[] => {
    if (kind !== "proportion" || tolerance < 1) return [];
    const message = `tolerance ${tolerance} of a proportion permits anything: it is a difference of two shares, below 1`;
    const fix =
      tolerance < ALL
        ? `write ${Number((tolerance / ALL).toPrecision(12))} for ${tolerance} in 100`
        : "write it as 0.02 for 2 in 100";
    return [{ code: "experiment-value", path: at("guardrails", name, "tolerance"), message, fix }];
  });
}

/** What nobody could plan with. */
function planFaults({ metric, minimum_effect: effect }: ExperimentSpec, at: At): Fault[] {
  const fault = (path: Path, message: string, fix: string): Fault => ({ code: "experiment-value", path, message, fix });
  if (metric.kind === "mean") {
    if (metric.deviation !== undefined) return [];
    const message = "metric of kind mean has no deviation, without which no number of units can be planned";
    return [{ ...fault(at("metric"), message, "add deviation: the standard deviation of a unit's sum"), onKey: true }];
  }
  const faults: Fault[] = [];
  if (metric.deviation !== undefined) {
    const message = "deviation belongs to kind mean: that of a proportion follows from its baseline";
    faults.push({ ...fault(at("metric", "deviation"), message, "remove it"), onKey: true });
  }
  if (metric.baseline <= 0 || metric.baseline >= 1) {
    const message = `baseline ${metric.baseline} of a proportion must be between 0 and 1, as 0.2`;
    return [...faults, fault(at("metric", "baseline"), message, "write a share")];
  }
  const there = metric.baseline + (metric.better === "less" ? -effect : effect);
  if (there > 0 && there < 1) return faults;
  const message = `with minimum_effect ${effect} the proportion would be ${Number(there.toPrecision(12))}, which is none between 0 and 1`;
  return [...faults, fault(at("minimum_effect"), message, "write the difference itself, as 0.02 for 2 more in 100")];
}
