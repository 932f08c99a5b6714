import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeCommand } from "../../cli/help/description.ts";
import { indexText } from "../../cli/help/index.ts";
import { manPage } from "../../cli/help/man-page.ts";
import { declaredAccess } from "../../cli/report/declared-access.ts";
import { everyCommand } from "../../cli/run.ts";
import { versionsAt } from "../../cli/version.ts";
import { errorCodes } from "../../config/error-codes.ts";
import { type JsonSchema, platformJsonSchema, platformJsonSchemaText } from "../../config/schema/json-schema.ts";
import { referenceText } from "../../config/schema/reference.ts";
import { policiesText } from "../../policy/reference.ts";
import { healthReportSchemaText } from "../../report/json-schema.ts";
import { rolesPage } from "../../report/roles-page.ts";
import { resolved } from "../support/platforms.ts";

const docs = (name: string): string => readFileSync(join(import.meta.dirname, "../../docs", name), "utf8");

test("docs/schema.json is what the schema generates (else: make docs)", () => {
  expect(docs("schema.json")).toBe(platformJsonSchemaText());
});

test("docs/spec-reference.md is what the schema generates (else: make docs)", () => {
  expect(docs("spec-reference.md")).toBe(referenceText());
});

test("docs/policies.md is what the rules generate (else: make docs)", () => {
  expect(docs("policies.md")).toBe(policiesText());
});

test("docs/report.schema.json is what the report's schema generates (else: make docs)", () => {
  expect(docs("report.schema.json")).toBe(healthReportSchemaText());
});

test("docs/roles.md is what the platform files say of the stage dev (else: make docs)", () => {
  const model = resolved(null, "dev");
  expect(docs("roles.md")).toBe(rolesPage(model, declaredAccess(model)));
});

test("docs/commands.json and the man page are what the commands say of themselves (else: make docs)", async () => {
  const program = describeCommand(await everyCommand());
  expect(docs("commands.json")).toBe(indexText(program.commands));
  const { bucketworks } = versionsAt(join(import.meta.dirname, "../.."));
  expect(docs("bucketworks.1")).toBe(manPage(program, bucketworks));
});

test("every key of the language has a description", () => {
  expect(withoutDescription(platformJsonSchema(), "")).toEqual([]);
});

test("the schema for editors lets an overlay be sparse and null, and a file not", () => {
  const { properties = {} } = platformJsonSchema();
  const overlay = properties.environments?.additionalProperties;
  const groupOf = (schema: JsonSchema | boolean | undefined) =>
    typeof schema === "object" ? schema.properties?.bucket_groups?.additionalProperties : undefined;
  expect(groupOf({ properties })).toMatchObject({ type: "object", required: ["buckets"] });
  expect(groupOf(overlay)).toMatchObject({
    type: ["object", "null"],
    properties: { retention_days: { type: ["integer", "null"] } },
  });
  expect(groupOf(overlay)).not.toHaveProperty("required");
});

test("the schema for editors wants a bucket's name in an overlay, and a policy's not; grants are whole", () => {
  const overlay = platformJsonSchema().properties?.environments?.additionalProperties;
  if (typeof overlay !== "object") throw new Error("an overlay has a schema");
  const { bucket_groups, access } = overlay.properties ?? {};
  expect(bucket_groups).toHaveProperty("additionalProperties.properties.buckets.items.required", ["name"]);
  const policy = access?.properties?.policies?.additionalProperties;
  expect(policy).not.toHaveProperty("required");
  expect(policy).toHaveProperty("properties.grants.items.required", ["role", "bucket"]);
});

test("docs/errors.md has exactly one row for each code, in the order of the code list, each with an example and a fix", () => {
  const rows = [...docs("errors.md").matchAll(/^\| `([a-z0-9-]+)` \| (.+) \| (.+) \| (.+) \|$/gm)];
  expect(rows.map((row) => row[1])).toEqual([...errorCodes]);
});

function withoutDescription(schema: JsonSchema, path: string): string[] {
  const { properties = {}, items, additionalProperties } = schema;
  const own = Object.entries(properties).flatMap(([key, value]) => [
    ...(value.description === undefined ? [`${path}${key}`] : []),
    ...(key === "environments" ? [] : withoutDescription(value, `${path}${key}.`)),
  ]);
  const below = [items, additionalProperties].flatMap((each) =>
    typeof each === "object" ? withoutDescription(each, `${path}*.`) : [],
  );
  return [...own, ...below];
}
