import { join } from "node:path";
import type { Access, Bucket, Grant, LifecycleRule, Platform } from "../../config/model.ts";
import { loadModel } from "../../config/spec.ts";
import { ROOT } from "./cli.ts";
import { PLATFORM_FILES } from "./our-files.ts";

export const STAGES = ["dev", "production"] as const;

/** One of the project's own platforms as a stage has it, or all where none is named. */
export function resolved(name: string | null, stage: string) {
  const files = name === null ? PLATFORM_FILES : [`config/platforms/${name}.yaml`];
  const result = loadModel({ files: files.map((file) => join(ROOT, file)), stage, env: {} });
  if (!result.ok) throw new Error(JSON.stringify(result.issues, null, 2));
  return result.model;
}

export function platform(name: string, stage = "production"): Platform {
  const [only] = resolved(name, stage).platforms;
  if (only === undefined) throw new Error(`no platform ${name}`);
  return only;
}

export function bucket(of: Platform, name: string): Bucket {
  const found = of.buckets.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no bucket ${name}`);
  return found;
}

/** Policies by name on the server, a grant a line: `read 00-raw-usdcop-marketdata source=mt5/`. */
export function grantTable({ policies }: Access): Record<string, string[]> {
  return Object.fromEntries(policies.map(({ name, grants }) => [name, grants.map(grantText)]));
}

/** Who has which policies, by name: groups, users with their groups, and service accounts with their user. */
export function identityTable({ groups, users, serviceAccounts }: Access): Record<string, string> {
  return Object.fromEntries([
    ...groups.map(({ name, policies }) => [`group ${name}`, policies.join(" ")]),
    ...users.map(({ name, policies, groups }) => [`user ${name}`, [...policies, ...groups].join(" ")]),
    ...serviceAccounts.map(({ name, user, policies }) => [`job ${name}`, `${user}: ${policies.join(" ")}`]),
  ]);
}

/** What a bucket keeps and for how long: `365 days, versions 30 days, drop-cache _cache/ 7 days`. */
export function keeping({ retentionDays, noncurrentDays, lifecycle }: Bucket): string {
  return [
    retentionDays === null ? "for ever" : `${retentionDays} days`,
    noncurrentDays === null ? "no versions" : `versions ${noncurrentDays} days`,
    ...lifecycle.map(ruleText),
  ].join(", ");
}

function ruleText({ id, prefix, expireDays, noncurrentDays, transition }: LifecycleRule): string {
  const action = [
    ...(expireDays === null ? [] : [`${expireDays} days`]),
    ...(noncurrentDays === null ? [] : [`versions ${noncurrentDays} days`]),
    ...(transition === null ? [] : [`to ${transition.tier} at ${transition.days} days`]),
  ];
  return [id, prefix, ...action].filter((word) => word !== "").join(" ");
}

function grantText({ role, bucket, prefixes }: Grant): string {
  return [role, bucket, ...prefixes].join(" ");
}
