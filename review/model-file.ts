import { z } from "zod";
import type { ResolvedModel } from "../config/model.ts";

const text = z.string();
const texts = z.array(z.string());
const whole = z.number();
const naming = z.enum(["layered", "plain"]);
const record = z.record(z.string(), z.string());

const rule = z.object({
  id: text,
  prefix: text,
  tags: record,
  expireDays: whole.nullable(),
  noncurrentDays: whole.nullable(),
  keepVersions: whole.nullable(),
  transition: z.object({ days: whole, tier: text }).nullable(),
});

const bucket = z.looseObject({
  name: text,
  platform: text,
  group: text,
  layer: text.nullable(),
  naming,
  description: text,
  tags: record,
  paths: record,
  versioning: z.boolean(),
  retentionDays: whole.nullable(),
  noncurrentDays: whole.nullable(),
  lifecycle: z.array(rule),
  encryption: z.discriminatedUnion("type", [
    z.object({ type: z.literal("none") }),
    z.object({ type: z.literal("sse-s3") }),
    z.object({ type: z.literal("sse-kms"), key: text }),
  ]),
  quotaBytes: whole.nullable(),
  objectLock: z.object({ mode: z.enum(["governance", "compliance"]), days: whole }).nullable(),
  publicRead: texts,
  onDelete: z.enum(["retain", "delete_if_empty", "purge"]),
  adopt: z.boolean(),
  protect: z.boolean(),
});

const grant = z.object({
  role: z.enum(["list", "read", "write", "delete", "read_write", "inspect"]),
  bucket: text,
  prefixes: texts,
});

const access = z.object({
  policies: z.array(z.object({ key: text, name: text, grants: z.array(grant) })),
  groups: z.array(z.object({ name: text, policies: texts })),
  users: z.array(z.object({ name: text, policies: texts, groups: texts })),
  serviceAccounts: z.array(z.object({ name: text, user: text, policies: texts })),
});

const limits = { deadlineSeconds: z.number(), retries: z.number() };

const workload = z.object({
  name: text,
  run: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("job"), gates: z.boolean(), ...limits }),
    z.object({ kind: z.literal("scheduled_job"), schedule: text, timeZone: text, ...limits }),
    z.object({
      kind: z.literal("service"),
      port: z.number(),
      health: text,
      replicas: z.object({ min: z.number(), max: z.number() }),
    }),
  ]),
  image: text.nullable(),
  command: texts,
  arguments: texts,
  variables: z.record(text, text),
  serviceAccount: text.nullable(),
  databaseRole: text.nullable(),
  config: text.nullable(),
  cpu: text,
  memory: text,
});

const alerting = z.object({
  failures: z.object({ errorPercent: z.number(), forSeconds: z.number() }),
  capacity: z.object({ quotaPercent: z.number(), freePercent: z.number() }),
  compliance: z.object({ validationMaxAgeSeconds: z.number() }),
});

const platform = z.looseObject({
  name: text,
  version: text,
  description: text,
  environment: text.nullable(),
  naming,
  namingExceptions: texts,
  buckets: z.array(bucket),
  access,
  database: z.object({ name: text, roles: z.array(z.object({ key: text, name: text, description: text })) }).nullable(),
  workloads: z.array(workload),
  alerting: alerting.nullable(),
});

const model: z.ZodType<ResolvedModel> = z.object({
  schemaVersion: z.literal(1),
  stage: text,
  connection: z.object({ endpoint: text, secure: z.boolean(), region: text }).nullable(),
  platforms: z.array(platform),
});

/** Reads what `explain --format json` printed. @returns the first fault, `platforms[0].name: ...`, for any other text */
export function readModel(json: string): ResolvedModel | { readonly fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { fault: "it isn't JSON" };
  }
  const { success, data, error } = model.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const path = issue?.path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("") ?? "";
  return { fault: `${path.replace(/^\./, "") || "the whole"}: ${issue?.message}` };
}
