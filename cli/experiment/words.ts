import type { Experiment } from "../../config/model.ts";
import type { Analysis } from "./engine.ts";

const VERDICTS: Readonly<Record<Analysis["verdict"], string>> = {
  mismatch: "NO VERDICT: the split isn't the declared one",
  harm: "a guardrail is broken",
  better: "better",
  worse: "worse",
  none: "no variant was found better",
  running: "still running",
};

export function verdictWords({ verdict }: Pick<Analysis, "verdict">): string {
  return VERDICTS[verdict];
}

export function measureWords({ kind, event, better }: Pick<Experiment["metric"], "kind" | "event" | "better">): string {
  const what = kind === "proportion" ? `share of units with ${event}` : `sum of ${event} for each unit`;
  return `${what}, ${better} is better`;
}

/** Four significant digits, without an exponent where it is small. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return "-";
  return String(Number(value.toPrecision(4)));
}

export function signed(value: number): string {
  return value > 0 ? `+${figure(value)}` : figure(value);
}
