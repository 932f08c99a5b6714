import { NONCURRENT_RULE, RETENTION_RULE } from "../builders/lifecycle.ts";
import type { Grant } from "../config/model.ts";
import type { BucketSpec, RuleSpec } from "../config/schema/bucket.ts";
import { isBuiltIn } from "../live/built-in-policies.ts";
import type { LiveAccount, LiveBucket, LiveGroup, LiveServer, LiveUser, Look } from "../live/live-server.ts";
import type { LifecycleRule, PolicyDocument } from "../provider/settings.ts";
import { grantsOf } from "./grants.ts";

/** What a spec could say of a server, by name on it. Whether that is right and whole is judged later. */
export interface Draft {
  readonly buckets: Map<string, BucketSpec>;
  readonly policies: Map<string, readonly Grant[]>;
  readonly groups: Map<string, { readonly policies: readonly string[] }>;
  readonly users: Map<string, { readonly policies: readonly string[]; readonly groups: readonly string[] }>;
  readonly accounts: Map<string, { readonly user: string; readonly policies: readonly string[] }>;
}

/** Why something of a server is in no spec, by kind and name: `policy reader`. */
export type Reasons = Map<string, string>;

/** A server of which every part was read. */
export interface WholeServer {
  readonly buckets: ReadonlyMap<string, LiveBucket>;
  readonly users: ReadonlyMap<string, LiveUser>;
  readonly groups: ReadonlyMap<string, LiveGroup>;
  readonly policies: ReadonlyMap<string, PolicyDocument>;
  readonly accounts: readonly LiveAccount[];
}

/** The first draft: everything that has a word in the language. */
export function draftOf(server: WholeServer, reasons: Reasons): Draft {
  const policies = new Map<string, readonly Grant[]>();
  for (const [name, document] of server.policies) {
    if (isBuiltIn(name)) continue;
    const grants = grantsOf(document);
    if (grants === undefined) reasons.set(`policy ${name}`, "its document permits what no grant says");
    else policies.set(name, grants);
  }
  const memberships = (user: string): string[] =>
    [...server.groups].filter(([, { members }]) => members.includes(user)).map(([name]) => name);
  return {
    buckets: new Map([...server.buckets].map(([name, bucket]) => [name, bucketSpec(name, bucket)])),
    policies,
    groups: new Map([...server.groups].map(([name, { policies: attached }]) => [name, { policies: attached }])),
    users: new Map(
      [...server.users].map(([name, user]) => [name, { policies: user.policies, groups: memberships(name) }]),
    ),
    accounts: accountsOf(server, policies, reasons),
  };
}

/** An account's document is that of some policies together. */
function accountsOf(
  { accounts, users }: WholeServer,
  policies: ReadonlyMap<string, readonly Grant[]>,
  reasons: Reasons,
): Draft["accounts"] {
  const found: Draft["accounts"] = new Map();
  for (const { accessKey, user, detail } of accounts) {
    const subject = `service account ${accessKey}`;
    if (!users.has(user)) {
      reasons.set(subject, `it acts for ${user}, the server's root`);
      continue;
    }
    const document = detail !== null && "value" in detail ? detail.value.policy : null;
    const grants = document === null ? undefined : grantsOf(document);
    const own = grants && matching(grants, policies);
    if (own) found.set(accessKey, { user, policies: own });
    else
      reasons.set(subject, document === null ? `it may do whatever ${user} may` : "its document is that of no policy");
  }
  return found;
}

/** Policies that add up to these grants: one, or every one that gives a part of them and nothing else. */
function matching(grants: readonly Grant[], policies: ReadonlyMap<string, readonly Grant[]>): string[] | undefined {
  const wanted = new Set(grants.map((grant) => JSON.stringify(grant)));
  const parts = [...policies].filter(([, own]) => own.every((grant) => wanted.has(JSON.stringify(grant))));
  const whole = parts.find(([, own]) => own.length === wanted.size);
  if (whole !== undefined) return [whole[0]];
  const together = new Set(parts.flatMap(([, own]) => own.map((grant) => JSON.stringify(grant))));
  return together.size === wanted.size ? parts.map(([name]) => name).sort() : undefined;
}

function bucketSpec(name: string, { settings }: LiveBucket): BucketSpec {
  const { versioning, tags, lifecycle, encryption, objectLock, policy, quota } = settings;
  const retention = lifecycle.find(({ ID }) => ID === RETENTION_RULE)?.Expiration?.Days;
  const noncurrent = lifecycle.find(({ ID }) => ID === NONCURRENT_RULE)?.NoncurrentVersionExpiration?.NoncurrentDays;
  const rules = lifecycle.filter(({ ID }) => ID !== RETENTION_RULE && ID !== NONCURRENT_RULE).map(ruleSpec);
  const open = publicPrefixes(name, policy?.Statement ?? []);
  const { mode, days } = objectLock ?? {};
  return {
    name,
    ...(Object.keys(tags).length > 0 && { tags: { ...tags } }),
    ...(versioning && { versioning }),
    ...(retention !== undefined && { retention_days: retention }),
    ...(noncurrent !== undefined && { noncurrent_days: noncurrent }),
    ...(encryption && {
      encryption: encryption.algorithm === "AES256" ? "sse-s3" : `sse-kms:${encryption.keyId ?? ""}`,
    }),
    ...(quota !== undefined && { quota }),
    ...(rules.length > 0 && { lifecycle: rules }),
    ...(mode && days && { object_lock: { mode: mode === "GOVERNANCE" ? "governance" : "compliance", days } }),
    ...(open.length > 0 && { public_read: open }),
  };
}

/** As much of a rule as a spec can say; what is missing is noticed when the rule is made again. */
function ruleSpec(rule: LifecycleRule): RuleSpec {
  const { ID, Filter, Expiration, NoncurrentVersionExpiration: old, Transition } = rule;
  return {
    id: ID,
    ...(Filter.Prefix && { prefix: Filter.Prefix }),
    ...(Filter.Tags && { tags: { ...Filter.Tags } }),
    ...(Expiration?.Days !== undefined && { expire_days: Expiration.Days }),
    ...(old?.NoncurrentDays !== undefined && { noncurrent_days: old.NoncurrentDays }),
    ...(old?.NewerNoncurrentVersions !== undefined && { keep_versions: old.NewerNoncurrentVersions }),
    ...(Transition?.Days !== undefined && { transition: { days: Transition.Days, tier: Transition.StorageClass } }),
  };
}

function publicPrefixes(bucket: string, statements: readonly Record<string, unknown>[]): string[] {
  const start = `arn:aws:s3:::${bucket}/`;
  const resources = statements.flatMap(({ Resource }) => [Resource].flat().map(String));
  return resources.filter((each) => each.startsWith(start)).map((each) => each.slice(start.length).replace(/\*$/, ""));
}

/** @returns the server where all of it could be read, else the reasons why not */
export function wholeServer(live: LiveServer): WholeServer | { readonly unread: readonly string[] } {
  const { buckets, bucketList, users, groups, policies, policyList, accounts, tiers, targets } = live;
  const details = "value" in accounts ? accounts.value.flatMap(({ detail }) => detail ?? []) : [];
  const groupLooks = "value" in groups ? [...groups.value.values()] : [];
  const lists = [bucketList, users, groups, policyList, accounts, tiers, targets];
  const looks = [...lists, ...buckets.values(), ...groupLooks, ...policies.values(), ...details];
  const unread = looks.flatMap((look) => ("reason" in look ? [look.reason] : []));
  if (unread.length > 0) return { unread: [...new Set(unread)] };
  const read = <T>(look: Look<T>): T => {
    if ("value" in look) return look.value;
    throw new Error(look.reason);
  };
  const there = <T>(all: ReadonlyMap<string, Look<T | null>>): Map<string, T> => {
    const known = [...all].map(([name, look]) => [name, read(look)] as const);
    return new Map(known.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
  };
  return {
    buckets: there(buckets),
    users: read(users),
    groups: new Map([...read(groups)].map(([name, look]) => [name, read(look)] as const)),
    policies: there(policies),
    accounts: read(accounts),
  };
}
