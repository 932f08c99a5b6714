import { defaults } from "../defaults.ts";
import type { Experiment } from "../model.ts";
import type { ExperimentSpec } from "../schema/experiments.ts";

const { experiment: usual } = defaults;

/** In the order of the spec: the first one in which somebody takes part is his. */
export function resolveExperiments(specs: Readonly<Record<string, ExperimentSpec>> = {}): Experiment[] {
  return Object.entries(specs).map(([name, spec]) => ({
    name,
    description: spec.description ?? "",
    unit: spec.unit,
    salt: spec.salt ?? name,
    eligible: sorted(spec.eligible).map(([attribute, values]) => ({ attribute, values: [...values].sort() })),
    variants: Object.entries(spec.variants).map(([variant, settings]) => ({ name: variant, ...settings })),
    control: spec.control,
    metric: {
      kind: spec.metric.kind,
      event: spec.metric.event,
      better: spec.metric.better ?? usual.better,
      baseline: spec.metric.baseline,
      deviation: spec.metric.deviation ?? null,
    },
    minimumEffect: spec.minimum_effect,
    power: spec.power ?? usual.power,
    confidence: spec.confidence ?? usual.confidence,
    looks: { days: spec.looks?.days ?? usual.looks.days, number: spec.looks?.number ?? usual.looks.number },
    guardrails: sorted(spec.guardrails).map(([guardrail, settings]) => ({
      name: guardrail,
      kind: settings.kind,
      event: settings.event,
      better: settings.better ?? usual.better,
      tolerance: settings.tolerance ?? usual.tolerance,
    })),
  }));
}

function sorted<T>(record: Readonly<Record<string, T>> = {}): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
