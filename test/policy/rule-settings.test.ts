import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ruleSettings } from "../../policy/rule-settings.ts";
import { rules } from "../../policy/rules.ts";

const faults = (configuration: unknown): readonly string[] => {
  const result = ruleSettings(rules, configuration);
  return result.ok ? [] : result.faults;
};

const levels = (configuration: unknown): Record<string, string> => {
  const result = ruleSettings(rules, configuration);
  if (!result.ok) throw new Error(result.faults.join("; "));
  return Object.fromEntries([...result.settings].map(([name, { level }]) => [name, level]));
};

test("without a configuration every rule is mandatory, with its options at their defaults", () => {
  expect(new Set(Object.values(levels(undefined)))).toEqual(new Set(["mandatory"]));
  const result = ruleSettings(rules, {});
  expect(result.ok && result.settings.get("bucket-tags")?.options).toEqual({ required: ["data_type"] });
});

test("a rule's own level wins over that of all, and options may stand with a level or without", () => {
  const configuration = {
    all: "advisory",
    "bucket-quota": "disabled",
    "bucket-tags": { enforcementLevel: "mandatory", required: ["owner"] },
    "bucket-naming": { longest: 40 },
  };
  expect(levels(configuration)).toMatchObject({
    "bucket-quota": "disabled",
    "bucket-tags": "mandatory",
    "bucket-naming": "advisory",
    "server-tls": "advisory",
  });
});

test.each([
  [
    "a rule that isn't there",
    { "bucket-quotas": "disabled" },
    /^bucket-quotas: no such rule, did you mean bucket-quota\?/,
  ],
  ["a level that isn't one", { "bucket-quota": "off" }, /^bucket-quota: /],
  ["an option that isn't there", { "bucket-tags": { require: ["x"] } }, /^bucket-tags: .*require/],
  ["an option of another type", { "bucket-naming": { longest: "long" } }, /^bucket-naming\.longest: /],
  ["something else altogether", ["bucket-quota"], /./],
])("%s is refused, and nothing is judged by it", (_, configuration, message) => {
  expect(faults(configuration)[0]).toMatch(message);
});

test("every stage's own file is one that CrossGuard and check take alike", () => {
  const folder = join(import.meta.dirname, "../../policy/stages");
  for (const file of readdirSync(folder)) {
    expect(faults(JSON.parse(readFileSync(join(folder, file), "utf8")))).toEqual([]);
  }
});
