import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadModel } from "../../config/spec.ts";
import { wanted, wantedFile } from "../bench/compared/platform.ts";
import { median, middle, mostMemory, ratio } from "../bench/results/middle.ts";
import { pages } from "../bench/results/pages.ts";
import { plots } from "../bench/results/plots.ts";
import { type Bench, bench, merged, type Series, type Size } from "../bench/results/schema.ts";
import { sectionText } from "../bench/results/tables.ts";
import { targets } from "../bench/results/targets.ts";
import { ROOT } from "../support/toolchain.ts";

const took = (seconds: number, cpuSeconds = seconds, memory = 100) => ({
  seconds,
  cpuSeconds,
  serverSeconds: 0,
  memory,
});

function series(tool: string, step: Series["step"], rounds: readonly number[], memory = 100): Series {
  return { tool, step, rounds: rounds.map((seconds) => took(seconds, seconds / 2, memory)), calls: null };
}

function size(buckets: number, all: Series[]): Size {
  return { buckets, on: "2026-11-30", load: [1], series: all, states: { Terraform: 2000 } };
}

/** 500 buckets of which creating takes a fifth of Terraform's time and destroying a half; of 2,000 one takes twice what one of 100 does. */
const measured: Bench = {
  schemaVersion: 1,
  machine: { cores: 2, memory: 24, system: "linux x64" },
  tools: { bucketworks: "0.1.0", Terraform: "OpenTofu v1" },
  sizes: [
    size(100, [series("bucketworks", "create", [10])]),
    size(500, [
      series("bucketworks", "create", [20, 40, 21], 300),
      series("bucketworks", "destroy", [50, 50, 50], 150),
      series("Terraform", "create", [100, 200, 110], 200),
      series("Terraform", "destroy", [100, 100, 100], 250),
    ]),
    size(2000, [series("bucketworks", "create", [400])]),
  ],
  checks: [{ buckets: 5000, on: "2026-11-30", rounds: [took(2), took(1.2), took(1.4)] }],
};
const [, five] = measured.sizes as [Size, Size, Size];

test("the bench takes the middle round, of an even number the mean of the two in the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(() => median([])).toThrow("no median");
  expect(middle(five, "bucketworks", "create", "seconds")).toBe(21);
  expect(middle(five, "bucketworks", "scan", "seconds")).toBeUndefined();
});

test("the bench compares tools round by round, so that a round under load hits both", () => {
  // 20/100, 40/200, 21/110: of the medians it were 21/110
  expect(ratio(five, "create", "seconds", "bucketworks", "Terraform")).toBe(0.2);
  expect(ratio(five, "scan", "seconds", "bucketworks", "Terraform")).toBeUndefined();
});

test("a tool's memory in the bench is that of its greatest step", () => {
  expect(mostMemory(five, "bucketworks")).toBe(300);
  expect(mostMemory(five, "mc loop")).toBeUndefined();
});

test("the bench judges each target by its figures, and one without figures not at all", () => {
  const found = targets(measured).map(({ found, most }) => [found, found !== undefined && found <= most]);
  expect(found).toEqual([
    [0.2, true],
    [undefined, false],
    [undefined, false],
    [0.5, false],
    [300 / 250, false],
    [2, false],
    [1.4, true],
  ]);
  const text = sectionText(measured);
  expect(text).toContain("| 500 buckets: creating, of Terraform's time | 0.25 | 0.20 | 0.20 | reached |");
  expect(text).toContain("| 500 buckets: destroying, of Terraform's time | 0.17 | 0.50 | 0.50 | not reached |");
  expect(text).toContain("| 500 buckets: a preview without change, of Terraform's time | 0.25 |  |  | not measured |");
});

test("the bench's table has a line a tool with nothing where a tool has no such step", () => {
  const lines = sectionText(measured).split("\n");
  expect(lines).toContain("| Terraform | 110 |  |  |  |  | 100 | 105 | 0.0 | 250 MiB | 2 kB |");
  expect(lines).toContain("2026-11-30, medians of 3 rounds, load 1 to 1:");
});

test("a later bench replaces the sizes that it measured and keeps the others", () => {
  const again = size(500, [series("bucketworks", "create", [1])]);
  const both = merged(measured, { ...measured, tools: { bucketworks: "0.2.0" }, sizes: [again], checks: [] });
  expect(both.sizes.map(({ buckets }) => buckets)).toEqual([100, 500, 2000]);
  expect(both.sizes[1]).toBe(again);
  expect(both.tools).toEqual({ bucketworks: "0.2.0", Terraform: "OpenTofu v1" });
  expect(both.checks).toEqual(measured.checks);
});

test("a bench with a figure that is none, or one that nobody knows, is refused", () => {
  const broken = structuredClone(measured) as unknown as { sizes: { load: unknown[]; more?: number }[] };
  expect(bench.safeParse(broken).success).toBe(true);
  for (const wrong of [{ load: [-1] }, { load: ["1"] }, { load: [] }, { more: 1 }]) {
    const [first, ...rest] = broken.sizes;
    expect(
      bench.safeParse({ ...broken, sizes: [{ ...first, ...wrong }, ...rest] }).success,
      JSON.stringify(wrong),
    ).toBe(false);
  }
});

test("the drawings of the bench name every tool, load nothing, and have colours by day and by night", () => {
  const drawings = Object.values(plots(measured));
  expect(drawings).toHaveLength(3);
  for (const svg of drawings) {
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" role="img" aria-label="[^"]+" width="\d+"/);
    for (const tool of Object.keys(measured.tools)) expect(svg).toContain(`>${tool}</text>`);
    expect(svg).toContain("@media (prefers-color-scheme:dark)");
    expect(svg.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/NaN|undefined|https?:|<script/);
  }
});

test("docs/performance.md and its drawings are what docs/performance/bench.json says (else: make docs)", () => {
  const stale = Object.entries(pages(ROOT)).filter(([path, text]) => readFileSync(join(ROOT, path), "utf8") !== text);
  expect(stale.map(([path]) => path)).toEqual([]);
});

test("the bench's platform file means what the other tools are told: versioning, one rule of expiry, one policy", () => {
  const all = wanted(3, "some", true);
  const folder = mkdtempSync(join(tmpdir(), "bucketworks-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "many.yaml"), wantedFile(all));
  const result = loadModel({ dir: folder, stage: "dev", env: {} });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  const [platform] = result.model.platforms;
  expect(platform?.buckets.map(({ name, retentionDays }) => [name, retentionDays])).toEqual(
    all.map(({ bucket, expireDays }) => [bucket, expireDays]),
  );
  for (const bucket of platform?.buckets ?? [])
    expect(bucket).toMatchObject({ versioning: true, noncurrentDays: null, encryption: { type: "none" }, tags: {} });
  expect(platform?.access?.policies.map(({ name }) => name)).toEqual(all.map(({ policy }) => policy));
});
