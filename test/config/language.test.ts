import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type JsonSchema, platformJsonSchema } from "../../config/schema/json-schema.ts";
import { knownKeysAt } from "../../config/schema/known-keys.ts";
import { reservedKeys } from "../../config/schema/special-keys.ts";
import { faultsOf, modelOf } from "../support/spec.ts";

const complete = readFileSync(join(import.meta.dirname, "../fixtures/specs/complete.yaml"), "utf8");

describe("the file that holds every key once", () => {
  test("is right, in every stage", () => {
    expect(faultsOf(complete)).toEqual([]);
    expect(faultsOf(complete, { stage: "dev" })).toEqual([]);
  });

  test("resolves as the language says: in dev the bucket's own retention wins over the overlay's group value", () => {
    const retention = (stage: string) =>
      modelOf(complete, stage).platforms[0]?.buckets.map(({ name, retentionDays }) => [name, retentionDays]);
    expect(retention("dev")).toEqual([
      ["00-raw-usdcop-marketdata", 60],
      ["usdcop-l6-backtest", 7],
    ]);
    expect(retention("production")).toEqual([
      ["00-raw-usdcop-marketdata", 60],
      ["usdcop-l6-backtest", 90],
    ]);
  });

  test("leaves out no key of the schema", () => {
    const missing = keysOf(platformJsonSchema()).filter((key) => !new RegExp(`(^|[ {])${key}:`, "m").test(complete));
    expect(missing).toEqual([]);
  });
});

test("an unknown key is told with the keys that its place knows, wherever it stands", () => {
  const objects = objectsOf(platformJsonSchema()).filter(([at]) => at[0] !== "environments");
  expect(objects.length).toBeGreaterThan(50);
  for (const [at, keys] of objects) expect([at, [...knownKeysAt(at)].sort()]).toEqual([at, keys.sort()]);
  expect(faultsOf("access: {rotation: {max_age: 90}}\n")).toEqual([
    "1:21 unknown-key access.rotation.max_age: unknown key max_age, allowed are max_age_days, grace_days; did you mean max_age_days?",
  ]);
});

test.each(reservedKeys)("the reserved key %s is refused wherever it stands", (key) => {
  expect(faultsOf(`${key}: {}\n`)).toEqual([
    `1:1 reserved-key ${key}: ${key} is a reserved key: it comes with a later version; remove it until then`,
  ]);
  expect(faultsOf(`metadata: {${key}: 1}\n`)[0]).toMatch(/^1:12 reserved-key /);
});

test("tiers in a platform file are refused with where they belong", () => {
  expect(faultsOf("tiers: {}\n")).toEqual([
    "1:1 reserved-key tiers: tiers is a reserved key: a tier is the stack's, as each stage has another store; remove it, and set bucketworks:tiers (docs/tiers.md)",
  ]);
});

test.each(["constructor", "toString", "hasOwnProperty"])("%s is a key like any other unknown one", (key) => {
  expect(faultsOf(`${key}: 1\n`)).toEqual([
    `1:1 unknown-key ${key}: unknown key ${key}, allowed are metadata, minio_config, bucket_groups, access, database, database_backup, workloads, alerting, services, experiments, features, backup, unmanaged, environments; remove it`,
  ]);
});

test("a bucket has no more lifecycle rules than the server takes", () => {
  const withRules = (count: number): string => {
    const rules = Array.from({ length: count }, (_, index) => `{id: r${index}, prefix: p${index}/, expire_days: 3}`);
    return `bucket_groups: {raw: {buckets: [{name: raw-data, lifecycle: [${rules.join(", ")}]}]}}\n`;
  };
  expect(faultsOf(withRules(998))).toEqual([]);
  expect(faultsOf(withRules(999))).toEqual([
    expect.stringMatching(/ out-of-range .*lifecycle: must hold at most 998 rules, got 999: /),
  ]);
});

/** Every object of the schema, by where it stands, with the keys that it takes. */
function objectsOf(schema: JsonSchema, at: readonly string[] = []): (readonly [readonly string[], string[]])[] {
  const { properties, items, additionalProperties } = schema;
  const own = properties === undefined ? [] : [[at, Object.keys(properties)] as const];
  const below = Object.entries(properties ?? {}).flatMap(([key, value]) => objectsOf(value, [...at, key]));
  const others = [items, additionalProperties].flatMap((each) =>
    typeof each === "object" ? objectsOf(each, [...at, "any"]) : [],
  );
  return [...own, ...below, ...others];
}

function keysOf(schema: JsonSchema): string[] {
  const { properties = {}, items, additionalProperties } = schema;
  const own = Object.entries(properties).flatMap(([key, value]) => [key, ...keysOf(value)]);
  const below = typeof additionalProperties === "object" ? keysOf(additionalProperties) : [];
  return [...new Set([...own, ...below, ...(items === undefined ? [] : keysOf(items))])];
}
