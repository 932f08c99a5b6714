import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { titlesIn } from "../support/coverage.ts";
import { commandFaults, shellLines } from "../support/documented-commands.ts";
import { ROOT } from "../support/toolchain.ts";

const DAY = readFileSync(join(ROOT, "docs/mlops.md"), "utf8");
const BOXES = [
  ["Data Sources", "Data Pipeline", "Monitoring"],
  ["Feature Store", "Model Training", "A/B Testing"],
  ["Model Registry", "Model Serving", "CI/CD"],
];
/** Links that the source's diagram lacks (ML-074). */
const ADDED = [
  ["Data Pipeline", "Feature Store"],
  ["Model Training", "Model Registry"],
  ["Model Serving", "Monitoring"],
  ["A/B Testing", "Monitoring"],
  ["CI/CD", "Model Serving"],
];

test("every command of the day is there, with its options: subcommands, make targets, programs of the pipelines", () => {
  const lines = shellLines("docs/mlops.md");
  expect(lines.filter((line) => /bucketworks|make /.test(line)).length).toBeGreaterThan(30);
  expect(lines.flatMap(commandFaults)).toEqual([]);
});

test.each([
  ["bin/bucketworks model list", ["bucketworks has no model list"]],
  ["bin/bucketworks models lists --platform mlops", ["bucketworks has no models lists"]],
  ["bin/bucketworks models list --plattform mlops", ["list has no option --plattform"]],
  ["bin/bucketworks models promote identity-masker", ["promote takes 2 arguments, not 1"]],
  ["bin/bucketworks report --depth deep && make up", ["report --depth takes no deep"]],
  ["make up && make service", ["make has no service"]],
  ["make model-pipelines TEXTS=a.jsonl", ["make has no model-pipelines"]],
  [
    "(set -a; exec .bucketworks/pipelines/mlops/bin/model-drifts http://127.0.0.1:8000)",
    ["no package has the program model-drifts"],
  ],
  ["token=$(.bucketworks/pipelines/mlops/bin/model-api token --rolle predictor)", ["model-api has no option --rolle"]],
])("a command that isn't there is found: %s", (line, faults) => {
  expect(commandFaults(line).slice(0, 1)).toEqual(faults);
});

test("what the day names is in the platform's file: experiment, accounts, view", () => {
  const file = readFileSync(join(ROOT, "config/platforms/mlops.yaml"), "utf8");
  const accounts = [...DAY.matchAll(/account `([a-z-]+)`|key show ([a-z-]+)/g)].map(([, one, other]) => one ?? other);
  expect(accounts.length).toBeGreaterThan(5);
  for (const name of [...accounts, "newer-masker", "texts"])
    expect(file).toContain(`\n    ${name}:`.replace("    newer", "  newer"));
});

test("the nine boxes of the source are there, with its links, those that it leaves out, and a page for each", () => {
  const chart = /```mermaid\n([\s\S]*?)```/.exec(DAY)?.[1] ?? "";
  const names = new Map([...chart.matchAll(/(\w+)\[([^\]]*\w)\]/g)].map(([, id = "", name = ""]) => [id, name]));
  const links = [...chart.matchAll(/^ *(\w+)\S*(?: \w+\])? -(?:->|\. .* \.->) (\w+)/gm)].map(
    ([, from = "", to = ""]) => [names.get(from), names.get(to)],
  );
  expect([...names.values()].sort()).toEqual(BOXES.flat().sort());
  for (const [first, second, third] of BOXES) {
    expect(links).toContainEqual([first, second]);
    expect(links).toContainEqual([second, third]);
  }
  for (const link of ADDED) expect(links).toContainEqual(link);
  for (const name of BOXES.flat()) expect(DAY).toMatch(new RegExp(`^\\| \\[${name}\\]\\(\\S+\\.md`, "m"));
});

test("what was not run on a laptop is run by a test that the page names", () => {
  const [, file = "", title = ""] = /`(test\/\S+\.test\.ts)` runs .* \("([^"]+)"\)/.exec(DAY) ?? [];
  const titles = titlesIn(readFileSync(join(ROOT, file), "utf8"));
  expect(titles.filter(({ text, isOff }) => text.includes(title) && !isOff)).toHaveLength(1);
});
