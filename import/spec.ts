import { formatPath } from "../config/document/source-tree.ts";
import type { ResolvedModel } from "../config/model.ts";
import type { UnmanagedSpec } from "../config/schema/unmanaged.ts";
import type { LiveBucket, LiveGroup, LiveServer, LiveUser } from "../live/live-server.ts";
import { OWN_POLICIES, type OwnIdentities } from "../live/own-identities.ts";
import type { PolicyDocument } from "../provider/bucket-types.ts";
import { compareServer } from "../scan/compare/compare-server.ts";
import { withoutOwn as scannedWithoutOwn } from "../scan/compare/without-own.ts";
import type { Finding } from "../scan/finding.ts";
import { addReason, type Draft, draftOf, type Reasons, type WholeServer } from "./draft.ts";
import { judged, policyKeys } from "./platform-file.ts";
import { rewritten } from "./rewritten.ts";
import { leftReason, unmanagedEntry } from "./unmanaged-entry.ts";

/** A platform file that says what a server holds, and what of it no spec can say. */
export interface ImportedSpec {
  readonly yaml: string;
  readonly model: ResolvedModel;
  /** In the order of risk. */
  readonly left: readonly Left[];
  /** What an update writes anew with the same rights: `policy reader`. */
  readonly rewritten: readonly string[];
}

/** Something on the server that stays out of the spec, and is untouched by it. */
export interface Left {
  readonly subject: Finding["subject"];
  readonly reason: string;
  /** What the spec would say of a bucket, for a person to fix. */
  readonly entry: unknown;
  /** How the file knows it; null where it can't, or where it is there for this program. */
  readonly unmanaged: UnmanagedSpec | null;
}

interface ImportOptions {
  /** Its name, which is that of its file. */
  readonly platform: string;
  /** The specs that are there already: what they name is theirs. */
  readonly beside: ResolvedModel;
  /** What is there for this program: no platform's. */
  readonly own: OwnIdentities;
}

/**
 * Only what a spec says wholly is in it: the draft is judged as `check` does and compared with the server as `scan`
 * does, and what has a fault or would be changed is taken out, until nothing would. What is left over the file lists as
 * unmanaged.
 */
export function importSpec(
  live: LiveServer,
  server: WholeServer,
  { platform, beside, own }: ImportOptions,
): ImportedSpec {
  const reasons: Reasons = new Map();
  const draft = draftOf(withoutOwn(without(server, beside), own, reasons), reasons);
  const entries = new Map(draft.buckets);
  for (;;) {
    prune(draft, reasons);
    const { model, faults } = judged(draft, platform, beside.stage);
    if (faults.length > 0) {
      // all subjects first: dropping a bucket moves the places of those behind it
      const found = faults.map(({ place, message }) => ({ subject: subjectAt(draft, place, message), message }));
      for (const { subject, message } of found) drop(draft, reasons, subject, message);
      continue;
    }
    const all = { ...model, platforms: [...beside.platforms, ...model.platforms] };
    const findings = compareServer(all, live).findings.filter((each) => (each.platform ?? platform) === platform);
    const wrong = findings.filter(({ kind, platform: of }) => kind !== "unmanaged" && of !== null);
    if (wrong.length === 0) {
      const strange = new Set(scannedWithoutOwn(findings, live, own));
      const left = findings.map((each) => leftOver(each, { reasons, entries, live, isOwn: !strange.has(each) }));
      return { ...withUnmanaged(draft, left, { platform, stage: beside.stage }), rewritten: rewritten(model, server) };
    }
    for (const finding of wrong) drop(draft, reasons, finding.subject, reasonOf(finding, reasons));
  }
}

/** The server without what the specs beside this one name already. */
function without(server: WholeServer, { platforms }: ResolvedModel): WholeServer {
  const named = <T>(list: (platform: ResolvedModel["platforms"][number]) => readonly { readonly name: string }[]) => {
    const names = new Set(platforms.flatMap((each) => list(each).map(({ name }) => name)));
    return (all: ReadonlyMap<string, T>): Map<string, T> => new Map([...all].filter(([name]) => !names.has(name)));
  };
  const left = named<LiveUser>(({ access }) => access.users)(server.users);
  return {
    buckets: named<LiveBucket>(({ buckets }) => buckets)(server.buckets),
    users: left,
    groups: named<LiveGroup>(({ access }) => access.groups)(server.groups),
    policies: named<PolicyDocument>(({ access }) => access.policies)(server.policies),
    accounts: server.accounts.filter(({ user }) => left.has(user) || !server.users.has(user)),
  };
}

/** Who deploys, scans or asks, and their policies: an update by a spec that names them could lock them out. */
function withoutOwn(server: WholeServer, { policies, holders, known }: OwnIdentities, reasons: Reasons): WholeServer {
  const isOwnPolicy = (name: string): boolean => policies.has(name) || Object.hasOwn(OWN_POLICIES, name);
  const isOwnUser = (name: string): boolean => holders.has(name) || known.has(name);
  for (const name of server.policies.keys()) {
    if (isOwnPolicy(name))
      reasons.set(`policy ${name}`, "it is there for bucketworks itself, which a spec could lock out");
  }
  for (const name of server.users.keys()) {
    const why = holders.has(name) ? `it holds ${holders.get(name)}` : "bucketworks itself uses its key";
    if (isOwnUser(name))
      reasons.set(`user ${name}`, `${why}: who deploys, scans or reads metrics is in no spec, which could lock it out`);
  }
  const others = <T>(all: ReadonlyMap<string, T>, isOwn: (name: string) => boolean): Map<string, T> =>
    new Map([...all].filter(([name]) => !isOwn(name)));
  return {
    ...server,
    users: others(server.users, isOwnUser),
    policies: others(server.policies, isOwnPolicy),
    accounts: server.accounts.filter(({ user }) => !isOwnUser(user)),
  };
}

/** The file with all that is left over; an entry that no file can hold (its name is no text of YAML) is taken out. */
function withUnmanaged(
  draft: Draft,
  left: readonly Left[],
  { platform, stage }: { readonly platform: string; readonly stage: string },
): Omit<ImportedSpec, "rewritten"> {
  const listed = left.filter(({ unmanaged }) => unmanaged !== null);
  const entries = listed.flatMap(({ unmanaged }) => unmanaged ?? []);
  const { yaml, model, faults } = judged(draft, platform, stage, entries);
  if (faults.length === 0) return { yaml, model, left };
  const wrong = new Set(faults.map(({ place }) => listed[Number(/^unmanaged\[(\d+)\]/.exec(place)?.[1])]));
  if (wrong.has(undefined)) throw new Error(`a fault of the draft is nobody's: ${faults[0]?.message}`);
  const fewer = left.map((each) => (wrong.has(each) ? { ...each, unmanaged: null } : each));
  return withUnmanaged(draft, fewer, { platform, stage });
}

interface LeftWith {
  readonly reasons: Reasons;
  readonly entries: Draft["buckets"];
  readonly live: LiveServer;
  /** There for this program: `scan` knows it without an entry. */
  readonly isOwn: boolean;
}

function leftOver(found: Finding, { reasons, entries, live, isOwn }: LeftWith): Left {
  const { subject } = found;
  const reason = leftReason(found, reasons);
  const entry = subject.kind === "bucket" ? entries.get(subject.name) : undefined;
  return { subject, reason, entry, unmanaged: isOwn ? null : unmanagedEntry(found, reason, live) };
}

/** Why a spec can't say it; undefined where that was said before. */
function reasonOf({ path, expected, message, subject }: Finding, reasons: Reasons): string | undefined {
  const isExtra = subject.kind === "public grant" || (/^(?:policy$|lifecycle)/.test(path) && expected === null);
  return isExtra && reasons.has(`bucket ${subject.name}`) ? undefined : message;
}

/** Takes out what names something that is out. */
function prune({ buckets, policies, groups, users, accounts }: Draft, reasons: Reasons): void {
  for (const [name, grants] of policies) {
    const other = grants.find(({ bucket }) => !buckets.has(bucket));
    if (other === undefined) continue;
    reasons.set(`policy ${name}`, `it reaches ${other.bucket}, which is in no spec`);
    policies.delete(name);
  }
  const known = (names: readonly string[]): string[] => names.filter((name) => policies.has(name));
  for (const [name, group] of groups) groups.set(name, { policies: known(group.policies) });
  for (const [name, user] of users) {
    users.set(name, { policies: known(user.policies), groups: user.groups.filter((each) => groups.has(each)) });
  }
  for (const [key, { user, policies: own }] of accounts) {
    if (users.has(user) && own.every((name) => policies.has(name))) continue;
    reasons.set(`service account ${key}`, users.has(user) ? "a policy of it is in no spec" : `${user} is in no spec`);
    accounts.delete(key);
  }
}

/** Whose fault it is, by its place in the draft's file. */
function subjectAt(draft: Draft, place: string, message: string): Finding["subject"] {
  const bucket = /^bucket_groups\.imported\.buckets\[(\d+)\]/.exec(place)?.[1];
  if (bucket !== undefined) return { kind: "bucket", name: [...draft.buckets.keys()][Number(bucket)] ?? "" };
  const keys = policyKeys(draft.policies);
  const places = [
    ...[...draft.policies.keys()].map((name) => ["policy", name, ["policies", keys.get(name) ?? name]] as const),
    ...[...draft.groups.keys()].map((name) => ["group", name, ["groups", name]] as const),
    ...[...draft.users.keys()].map((name) => ["user", name, ["users", name]] as const),
    ...[...draft.accounts.keys()].map((name) => ["service account", name, ["service_accounts", name]] as const),
  ];
  const found = places.find(([, , path]) => {
    const start = formatPath(["access", ...path]);
    return place === start || place.startsWith(`${start}.`) || place.startsWith(`${start}[`);
  });
  if (found === undefined) throw new Error(`a fault of the draft at ${place} is nobody's: ${message}`);
  return { kind: found[0], name: found[1] };
}

function drop(draft: Draft, reasons: Reasons, { kind, name }: Finding["subject"], message?: string): void {
  const subject = `${kind === "public grant" ? "bucket" : kind} ${name}`;
  const from = {
    bucket: draft.buckets,
    "public grant": draft.buckets,
    policy: draft.policies,
    group: draft.groups,
    user: draft.users,
    "service account": draft.accounts,
  }[kind as string];
  if (from?.delete(name) !== true && !reasons.has(subject))
    throw new Error(`${kind} ${name} can't be taken out of the draft: ${message}`);
  if (message !== undefined) addReason(reasons, subject, message);
}
