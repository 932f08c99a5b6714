import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import type { Manifest } from "../../builders/kubernetes/manifest.ts";
import { ROOT } from "../support/toolchain.ts";

/** The operator whose CustomResourceDefinitions the manifests are held against. */
const OPERATOR = "github.com/cloudnative-pg/cloudnative-pg@v1.27.0";
/** Its plugin for backups, whose ObjectStore is held against its own. */
const PLUGIN = "github.com/cloudnative-pg/plugin-barman-cloud@v0.15.0";

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
}

let module: string;
let plugin: string;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks-go-"));
  [module = "", plugin = ""] = [OPERATOR, PLUGIN].map((each) => {
    const answer = execFileSync("go", ["mod", "download", "-json", each], { cwd: folder, encoding: "utf8" });
    return (JSON.parse(answer) as { Dir: string }).Dir;
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function schemaOf(plural: string): Schema {
  const [from, group] = plural === "objectstores" ? [plugin, "barmancloud"] : [module, "postgresql"];
  const text = readFileSync(join(from, "config/crd/bases", `${group}.cnpg.io_${plural}.yaml`), "utf8");
  const { spec } = parse(text) as { spec: { versions: { name: string; schema: { openAPIV3Schema: Schema } }[] } };
  const version = spec.versions.find(({ name }) => name === "v1");
  if (version === undefined) throw new Error(`${plural} has no version v1`);
  return version.schema.openAPIV3Schema;
}

/** What an API server with this schema would refuse or drop. */
function faults(value: unknown, schema: Schema, at = ""): string[] {
  if (schema["x-kubernetes-int-or-string"]) return [];
  const type = Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value;
  if (schema.type !== undefined && schema.type !== type && !(schema.type === "number" && type === "integer"))
    return [`${at} is ${type}, not ${schema.type}`];
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${at} is none of ${schema.enum.join(", ")}`];
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(String(value))) return [`${at} doesn't fit`];
  if (schema.minimum !== undefined && Number(value) < schema.minimum) return [`${at} is too small`];
  if (Array.isArray(value)) return value.flatMap((each, index) => faults(each, schema.items ?? {}, `${at}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  const { properties = {}, additionalProperties, required = [] } = schema;
  const missing = required.filter((key) => !(key in value)).map((key) => `${at}.${key} is missing`);
  const rest = typeof additionalProperties === "object" ? additionalProperties : undefined;
  const free =
    schema["x-kubernetes-preserve-unknown-fields"] || additionalProperties === true || at.endsWith(".metadata");
  const below = Object.entries(value).flatMap(([key, each]) => {
    const known = properties[key] ?? rest;
    if (known === undefined) return free || schema.properties === undefined ? [] : [`${at}.${key} is unknown`];
    return faults(each, known, `${at}.${key}`);
  });
  return [...missing, ...below];
}

const manifests = JSON.parse(
  readFileSync(join(ROOT, "test/golden/postgres.several.manifests.json"), "utf8"),
) as Manifest[];
const only = (kind: string): Manifest => {
  const found = manifests.filter((each) => each.kind === kind);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`there are ${found.length} of ${kind}`);
  return found[0];
};

test.each([
  ["Cluster", "clusters"],
  ["ScheduledBackup", "scheduledbackups"],
  ["ObjectStore", "objectstores"],
])("the %s of the golden is one that CloudNativePG's own schema takes, every field of it", (kind, plural) => {
  expect(faults(only(kind), schemaOf(plural))).toEqual([]);
});

test("a field that the operator doesn't know, a wrong type and a missing field are told", () => {
  const { spec, ...rest } = only("Cluster") as Manifest & { spec: Record<string, unknown> };
  const broken = {
    ...rest,
    spec: { ...spec, instances: "three", storrage: {}, managed: { roles: [{ ensure: "present" }] } },
  };
  expect(faults(broken, schemaOf("clusters"))).toEqual([
    ".spec.instances is string, not integer",
    ".spec.managed.roles[0].name is missing",
    ".spec.storrage is unknown",
  ]);
});
