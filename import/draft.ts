import type { Grant } from "../config/model.ts";
import type { BucketSpec } from "../config/schema/bucket.ts";
import { isBuiltIn } from "../live/built-in-policies.ts";
import type { LiveAccount, LiveBucket, LiveGroup, LiveServer, LiveUser, Look } from "../live/live-server.ts";
import type { PolicyDocument } from "../provider/bucket-types.ts";
import { bucketDraft } from "./bucket-draft.ts";
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

/** Every reason is told, each once. */
export function addReason(reasons: Reasons, subject: string, reason: string): void {
  const before = reasons.get(subject);
  if (before?.split("; ").includes(reason)) return;
  reasons.set(subject, before === undefined ? reason : `${before}; ${reason}`);
}

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
    if (grants === undefined) reasons.set(`policy ${name}`, whyNoGrants(document));
    else policies.set(name, grants);
  }
  const buckets = new Map<string, BucketSpec>();
  for (const [name, bucket] of server.buckets) {
    const { spec, unsaid } = bucketDraft(name, bucket);
    buckets.set(name, spec);
    for (const each of unsaid) addReason(reasons, `bucket ${name}`, each);
  }
  const memberships = (user: string): string[] =>
    [...server.groups].filter(([, { members }]) => members.includes(user)).map(([name]) => name);
  return {
    buckets,
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
    else reasons.set(subject, accountReason(document, user));
  }
  return found;
}

function accountReason(document: PolicyDocument | null, user: string): string {
  if (document === null) return `it may do whatever ${user} may`;
  return document.Statement.some(({ Effect }) => Effect === "Deny")
    ? "its document refuses something (Deny), and policies of a spec only permit"
    : "its document is that of no policy";
}

/** Why a document is that of no grants. */
function whyNoGrants({ Statement }: PolicyDocument): string {
  return Statement.some(({ Effect }) => Effect === "Deny")
    ? "its document refuses something (Deny), and grants only permit"
    : "its document permits what no grant says";
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
