import { z } from "zod";
import type { Path } from "../document/source-tree.ts";
import { platformSpec } from "./platform.ts";

/** Objects that have a word of their own; any other is named by its key, and one of several alike by where it stands. */
const NAMES: Readonly<Record<string, string>> = {
  "": "the file",
  "bucket_groups.*": "a bucket group",
  "bucket_groups.*.buckets.*": "a bucket",
  "bucket_groups.*.buckets.*.lifecycle.*": "a lifecycle rule",
  "bucket_groups.*.buckets.*.replication.*": "a replication rule",
  "bucket_groups.*.buckets.*.notifications.*": "a notification",
  "access.policies.*": "a policy",
  "access.policies.*.grants.*": "a grant",
  "access.groups.*": "a group of users",
  "access.users.*": "a user",
  "access.service_accounts.*": "a service account",
  "backup.buckets.*": "a bucket to back up",
  "experiments.*": "an experiment",
  "experiments.*.variants.*": "a variant",
  "experiments.*.guardrails.*": "a guardrail",
  "features.entities.*": "an entity",
  "features.views.*": "a feature view",
  "features.views.*.fields.*": "a feature",
  "services.model_api.rollout.steps.*": "a step of a rollout",
  "workloads.*": "a workload",
  "workloads.*.steps.*": "a step",
  "unmanaged.*": "an unmanaged entry",
  "database.roles.*": "a database role",
};

interface Known {
  /** Where it stands; `*` is any key or index. */
  readonly at: readonly string[];
  readonly name: string;
  readonly keys: readonly string[];
}

/** The strict objects of the language, as the schema has them. */
let objects: readonly Known[] | undefined;

function allObjects(): readonly Known[] {
  objects ??= [...objectsIn(platformSpec, [])];
  return objects;
}

function* objectsIn(schema: z.core.$ZodType, at: readonly string[]): Generator<Known> {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    yield* objectsIn(schema.unwrap(), at);
  } else if (schema instanceof z.ZodArray) {
    yield* objectsIn(schema.element, [...at, "*"]);
  } else if (schema instanceof z.ZodRecord) {
    yield* objectsIn(schema.valueType, [...at, "*"]);
  } else if (schema instanceof z.ZodUnion) {
    for (const option of schema.options) yield* objectsIn(option, at);
  } else if (schema instanceof z.ZodObject) {
    const keys = Object.keys(schema.shape);
    yield { at, name: nameOf(at), keys: at.length === 0 ? [...keys, "environments"] : keys };
    for (const [key, value] of Object.entries(schema.shape)) yield* objectsIn(value as z.core.$ZodType, [...at, key]);
  }
}

function nameOf(at: readonly string[]): string {
  const isOneOfMany = at.length === 2 && (at[0] === "services" || at[0] === "alerting");
  return NAMES[at.join(".")] ?? (isOneOfMany ? at.join(".") : (at.at(-1) ?? ""));
}

/** The keys allowed in the object at a path of a merged document. */
export function knownKeysAt(path: Path): readonly string[] {
  const found = allObjects().find(
    ({ at }) => at.length === path.length && at.every((step, index) => step === "*" || step === String(path[index])),
  );
  return found?.keys ?? [];
}

/** The objects that know a key, in words. */
export function ownersOf(key: string): string[] {
  return allObjects()
    .filter(({ keys }) => keys.includes(key))
    .map(({ name }) => name);
}
