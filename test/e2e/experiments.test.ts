import { afterAll, expect, test } from "vitest";
import { type ExperimentQueries, experimentQueries } from "../../builders/services/dashboards/experiment.ts";
import { JudgedAlerts } from "../support/judged-alerts.ts";

const checker = new JudgedAlerts([]);
afterAll(() => checker.remove());

const queries = experimentQueries({
  name: "colour",
  control: "blue",
  exposure: "view",
  conversion: "purchase",
  range: "100m",
});

/** Series that grow evenly: so many in 100 minutes, which is what `increase` finds. */
function series(counts: Readonly<Record<string, readonly [shown: number, done: number]>>): Record<string, string> {
  const of = (event: string, variant: string): string =>
    `model_api_events_total{experiment="colour",event="${event}",variant="${variant}"}`;
  return Object.fromEntries(
    Object.entries(counts).flatMap(([variant, [shown, done]]) => [
      [of("view", variant), `0+${shown / 100}x200`],
      ...(done === 0 ? [] : [[of("purchase", variant), `0+${done / 100}x200`]]),
    ]),
  );
}

/** A query says this of a variant, as near as told: floating point adds a little. */
function says(
  counts: Parameters<typeof series>[0],
  query: keyof ExperimentQueries,
  values: Record<string, number>,
  near = 1e-9,
): void {
  for (const [variant, value] of Object.entries(values)) {
    const one = `(${queries[query]}) and on (variant) label_replace(vector(1), "variant", "${variant}", "", "")`;
    const expected = [{ labels: `{variant="${variant}"}`, value: 1 }];
    const { code, said } = checker.evaluated(
      series(counts),
      "150m",
      `abs((${one}) - ${value}) < bool ${near}`,
      expected,
    );
    expect(code, said).toBe(0);
  }
}

/** Two-proportion z test as a textbook has it, in plain arithmetic. */
function zOf([n0, x0]: readonly [number, number], [n, x]: readonly [number, number]): number {
  const pooled = (x + x0) / (n + n0);
  return (x / n - x0 / n0) / Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / n0));
}

/** Upper half of the normal distribution by adding up its density: no approximation of ours is in it. */
function twoSided(z: number): number {
  const [steps, end] = [200_000, 12];
  const width = (end - Math.abs(z)) / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += Math.exp(-((Math.abs(z) + (i + 0.5) * width) ** 2) / 2);
  return (2 * sum * width) / Math.sqrt(2 * Math.PI);
}

const BLUE = [1000, 100] as const;
const GREEN = [1200, 156] as const;
const RED = [800, 80] as const;

test("ML-029: z of each variant against the control is that of the two-proportion test, for shares that differ and for one that doesn't", () => {
  expect(zOf(BLUE, GREEN)).toBeCloseTo(2.185, 3);
  says({ blue: BLUE, green: GREEN, red: RED }, "z", { green: zOf(BLUE, GREEN), red: 0 });
});

test("rates, uplift and the ends of the interval are those of the counts", () => {
  const all = { blue: BLUE, green: GREEN };
  says(all, "rate", { blue: 0.1, green: 0.13 });
  says(all, "uplift", { green: 0.3 });
  const margin = 1.96 * Math.sqrt((0.13 * 0.87) / 1200 + (0.1 * 0.9) / 1000);
  says(all, "low", { green: 0.03 - margin });
  says(all, "high", { green: 0.03 + margin });
});

test("a variant in which nobody converted is compared, and counts as none", () => {
  says({ blue: BLUE, green: [500, 0] }, "conversions", { blue: 100, green: 0 });
  says({ blue: BLUE, green: [500, 0] }, "z", { green: zOf(BLUE, [500, 0]) });
});

test.each([
  ["far from chance", [1000, 160]],
  ["just significant", GREEN],
  ["just not significant", [1200, 152]],
  ["as likely as not", [1000, 107]],
  ["fewer than the control", [1000, 71]],
] as const)("p is within 0.0003 of the exact one: %s", (_, green) => {
  says({ blue: BLUE, green }, "chance", { green: twoSided(zOf(BLUE, green)) }, 0.0003);
});
