import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkSpecs } from "../../config/spec.ts";
import { evaluate } from "../../policy/evaluate.ts";
import { factsOfModel } from "../../policy/facts/from-model.ts";
import { ruleSettings } from "../../policy/rule-settings.ts";
import { rules } from "../../policy/rules.ts";
import { resolved } from "../support/platforms.ts";

const ROOT = join(import.meta.dirname, "../..");

function findings(stage: string, configuration: unknown): string[] {
  const settings = ruleSettings(rules, configuration);
  if (!settings.ok) throw new Error(settings.faults.join("; "));
  return evaluate(rules, settings.settings, factsOfModel(resolved(null, stage))).findings.map(({ message }) => message);
}

/** The findings on a spec's workloads in production, and where the first is. */
function judgedText(text: string) {
  const folder = mkdtempSync(join(tmpdir(), "bucketworks-rules-"));
  const file = join(folder, "p.yaml");
  writeFileSync(file, text);
  const { model, issues, placeOf } = checkSpecs({ files: [file], stage: "production", env: {} });
  rmSync(folder, { recursive: true });
  const settings = ruleSettings(rules, undefined);
  if (model === null || !settings.ok) throw new Error(JSON.stringify(issues));
  const found = evaluate(rules, settings.settings, factsOfModel(model)).findings;
  const [first] = found;
  return {
    findings: found.map(({ rule, message }) => `${rule}: ${message}`),
    placed: first && placeOf(first.subject.kind, first.subject.name),
  };
}

test("the five platforms keep every policy in production", () => {
  expect(findings("production", undefined)).toEqual([]);
});

test("they keep the rules of stage dev in dev, and only those", () => {
  const dev: unknown = JSON.parse(readFileSync(join(ROOT, "policy/stages/dev.json"), "utf8"));
  expect(findings("dev", dev)).toEqual([]);
  expect(findings("dev", undefined)).not.toEqual([]);
});

test("what a workload of a spec becomes is judged before anything is previewed, at the line that names it", () => {
  const { placed, findings } = judgedText(`workloads:
  nightly:
    kind: scheduled_job
    image: registry.example/nightly:1.2.3
    schedule: "0 3 * * *"
    variables: {DB_PASSWORD: canary-of-no-worth}
`);
  expect(findings).toEqual([
    "kubernetes-env-secret: workload nightly holds a literal value in variable DB_PASSWORD of container nightly; put the value into a Secret and take it by valueFrom.secretKeyRef, or mount it as a file",
  ]);
  expect(placed).toMatchObject({ line: 2, column: 3 });
});

test("each rule has a file of its own and cases of its own", () => {
  const files = readdirSync(join(ROOT, "policy/rules"));
  expect(files.length).toBe(rules.length);
  const cases = files.map((file) =>
    readFileSync(join(ROOT, "test/policy/rules", file.replace(/ts$/, "test.ts")), "utf8"),
  );
  for (const text of cases) expect(text).toMatch(/describeRule(?:<\w+>)?\([\s\S]*keeps:[\s\S]*breaks: \{\s+\S/);
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
});

test("each rule says what holds, why a framework asks for it where one does, and what to do", () => {
  for (const { name, description, remedy, options } of rules) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
    for (const text of [description, remedy]) expect(text).toMatch(/^[a-z].*[^.]$/);
    for (const option of Object.values(options.shape)) {
      expect((option as { meta: () => { description?: string } }).meta()?.description, name).toMatch(/\S/);
    }
  }
});

test("the pack's package pins what the project has", () => {
  const [own, project] = ["policy/package.json", "package.json"].map((file) =>
    JSON.parse(readFileSync(join(ROOT, file), "utf8")),
  );
  const pins = { ...project.dependencies, ...project.devDependencies };
  for (const [name, version] of Object.entries(own.dependencies)) expect(pins[name]).toBe(version);
});
