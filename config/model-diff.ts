import { isDeepStrictEqual } from "node:util";
import type { Platform, ResolvedModel } from "./model.ts";

/** One setting that differs; null where one side has none. */
export interface SettingChange {
  /** Keys of the model, what stands in lists by its id or name: `lifecycle.drop-cache.expireDays`. */
  readonly setting: string;
  readonly from: unknown;
  readonly to: unknown;
}

export type PartKind = "platform" | "bucket" | "policy" | "group" | "user" | "service_account" | "workload";

/** A part of a platform that differs. */
export interface PartChange {
  readonly platform: string;
  readonly kind: PartKind;
  readonly name: string;
  readonly change: "added" | "removed" | "changed";
  /** Sorted; empty where the part is there on one side only. */
  readonly settings: readonly SettingChange[];
}

export interface ModelDiff {
  readonly connection: readonly SettingChange[];
  /** By platform, kind and name. */
  readonly parts: readonly PartChange[];
}

interface Part {
  readonly platform: string;
  readonly kind: PartKind;
  readonly name: string;
  readonly value: object;
}

const KINDS: readonly PartKind[] = ["platform", "bucket", "policy", "group", "user", "service_account", "workload"];

/** What makes one resolved model another; the stages' names are no difference. */
export function compareModels(from: ResolvedModel, to: ResolvedModel): ModelDiff {
  const [before, after] = [partsOf(from), partsOf(to)];
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  const parts = keys.flatMap((key): PartChange[] => comparePart(before.get(key), after.get(key)));
  return { connection: compareValues("connection", from.connection, to.connection), parts };
}

function comparePart(before: Part | undefined, after: Part | undefined): PartChange[] {
  const part = after ?? before;
  if (part === undefined) return [];
  const { platform, kind, name } = part;
  if (before === undefined) return [{ platform, kind, name, change: "added", settings: [] }];
  if (after === undefined) return [{ platform, kind, name, change: "removed", settings: [] }];
  const settings = compareValues("", before.value, after.value);
  return settings.length === 0 ? [] : [{ platform, kind, name, change: "changed", settings }];
}

/** Parts by a key that sorts them. */
function partsOf({ platforms }: ResolvedModel): Map<string, Part> {
  const parts = platforms.flatMap(platformParts);
  return new Map(parts.map((part) => [[part.platform, KINDS.indexOf(part.kind), part.name].join("\n"), part]));
}

function platformParts({ buckets, access, workloads, ...about }: Platform): Part[] {
  const platform = about.name;
  const parts = (kind: PartKind, values: readonly { readonly name: string }[]): Part[] =>
    values.map((value) => ({ platform, kind, name: value.name, value }));
  return [
    ...parts("platform", [about]),
    ...parts("bucket", buckets),
    ...parts("policy", access.policies),
    ...parts("group", access.groups),
    ...parts("user", access.users),
    ...parts("service_account", access.serviceAccounts),
    ...parts("workload", workloads),
  ];
}

/** Maps are compared key by key, lists whole. */
function compareValues(setting: string, from: unknown, to: unknown): SettingChange[] {
  if (isDeepStrictEqual(from, to)) return [];
  const [before, after] = [asRecord(from), asRecord(to)];
  if (before === null || after === null) return [{ setting, from: from ?? null, to: to ?? null }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => compareValues(setting === "" ? key : `${setting}.${key}`, before[key], after[key]));
}

function asRecord(value: unknown): Record<string, unknown> | null {
  if (typeof value !== "object" || value === null) return null;
  if (!Array.isArray(value)) return { ...value };
  const ids = value.map((each: unknown) => {
    const { id, name } = asRecord(each) ?? {};
    return id ?? name;
  });
  if (value.length > 0 && !ids.every((id) => typeof id === "string")) return null;
  return Object.fromEntries(value.map((each, index) => [String(ids[index]), each]));
}
