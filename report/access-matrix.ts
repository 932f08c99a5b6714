import type { ResolvedModel } from "../config/model.ts";
import type { LiveServer, LiveUser, Look } from "../live/live-server.ts";
import { type Right, rightsOf } from "../live/rights.ts";
import type { PolicyDocument } from "../provider/bucket-types.ts";
import { DEEDS, inBoth, type Places, placesOf } from "./access-places.ts";
import type { Report } from "./schema.ts";

export type AccessEntry = Extract<Report["access"], { entries: unknown }>["entries"][number];

/** Most entries of a report; a page with more can't be read. */
const MOST = 20_000;

/** A service account of the server, by the name that its spec gives it. */
export interface NamedAccount {
  readonly name: string;
  readonly user: string;
  /** Null where it may whatever its user may. */
  readonly policy: PolicyDocument | null;
}

/** What was read, and what the tries of `verify` told. */
export interface AccessSeen {
  readonly model: ResolvedModel;
  readonly live: Pick<LiveServer, "users" | "groups" | "policies" | "accounts" | "buckets">;
  readonly accounts: readonly NamedAccount[];
  /** Buckets in which each identity was tried. */
  readonly tries: ReadonlyMap<string, ReadonlySet<string>>;
  /** `identity bucket` where a try didn't end as the spec says. */
  readonly disagreed: ReadonlySet<string>;
}

export interface AccessMatrix {
  readonly access: Report["access"];
  readonly notLooked: Report["not_looked"];
}

/** Who may do what in each bucket of the model, from what is effective on the server. */
export function accessMatrix(seen: AccessSeen): AccessMatrix {
  const { live, accounts } = seen;
  if (!("value" in live.users)) return { access: { reason: live.users.reason }, notLooked: [] };
  const documents = documentsOf(live);
  const missing = new Set<string>();
  const ofUser = new Map(
    [...live.users.value].map(
      ([name, user]) => [name, rightsOfUser(name, user, { live, documents, missing })] as const,
    ),
  );
  const entries: AccessEntry[] = [...anyone(seen)];
  for (const [name, rights] of ofUser) collect(entries, seen, { identity: name, kind: "user" }, [rights]);
  for (const { name, user, policy } of accounts) {
    const users = ofUser.get(user);
    if (users === undefined) continue;
    const all = policy === null ? [users] : [rightsOf(policy), users];
    collect(entries, seen, { identity: name, kind: "service_account" }, all);
  }
  const reasons = [
    ...[...missing].map((name) => `policy ${name} can't be read, so what it permits isn't here`),
    ...("reason" in live.groups ? [`groups: ${live.groups.reason}`] : []),
    ...("reason" in live.accounts ? [`service accounts: ${live.accounts.reason}`] : []),
    ...(entries.length > MOST ? [`more than the ${MOST} entries that a report holds: the rest isn't here`] : []),
  ];
  return {
    access: { entries: entries.slice(0, MOST) },
    notLooked: reasons.map((reason) => ({ what: "access", reason })),
  };
}

function documentsOf({ policies }: AccessSeen["live"]): Map<string, Look<PolicyDocument | null>> {
  return new Map(policies);
}

function rightsOfUser(
  name: string,
  user: LiveUser,
  {
    live,
    documents,
    missing,
  }: { live: AccessSeen["live"]; documents: ReturnType<typeof documentsOf>; missing: Set<string> },
): Right[] {
  if (!user.enabled) return [];
  const groups = "value" in live.groups ? [...live.groups.value.values()] : [];
  const joined = groups.flatMap((look) =>
    "value" in look && look.value.enabled && look.value.members.includes(name) ? look.value.policies : [],
  );
  return [...new Set([...user.policies, ...joined])].flatMap((policy) => {
    const look = documents.get(policy);
    if (look !== undefined && "value" in look) return rightsOf(look.value ?? undefined);
    missing.add(policy);
    return [];
  });
}

/** What bucket policies permit to everybody. */
function anyone({ model, live }: AccessSeen): AccessEntry[] {
  return model.platforms.flatMap(({ name: platform, buckets }) =>
    buckets.flatMap(({ name }) => {
      const look = live.buckets.get(name);
      const policy = look !== undefined && "value" in look ? look.value?.settings.policy : undefined;
      const rights = rightsOf(policy).filter((right) => right.anyone);
      const about = { identity: "anyone", kind: "anyone", platform, bucket: name, confirmed: null } as const;
      return grouped(rights.length === 0 ? [] : [rights], name).map((each) => ({ ...about, ...each }));
    }),
  );
}

function collect(
  entries: AccessEntry[],
  { model, tries, disagreed }: AccessSeen,
  { identity, kind }: Pick<AccessEntry, "identity" | "kind">,
  all: readonly (readonly Right[])[],
): void {
  if (entries.length > MOST) return;
  const named = bucketsNamed(all[0] ?? []);
  for (const { name: platform, buckets, access } of model.platforms) {
    const own = [...access.users, ...access.serviceAccounts].some(({ name }) => name === identity);
    for (const { name: bucket } of buckets) {
      if (named !== undefined && !named.has(bucket)) continue;
      const tried = own && tries.get(identity)?.has(bucket);
      const confirmed = tried ? !disagreed.has(`${identity} ${bucket}`) : null;
      const about = { identity, kind, platform: own ? platform : null, bucket, confirmed };
      for (const each of grouped(all, bucket)) entries.push({ ...about, ...each });
    }
  }
}

/** Buckets that rights name one by one; undefined where one may be about any bucket. */
function bucketsNamed(rights: readonly Right[]): ReadonlySet<string> | undefined {
  const names = rights
    .filter(({ allow, action }) => allow && !/^(?:admin|kms|sts):/.test(action.text))
    .map(({ resource }) => /^arn:aws:s3:::([^/*?]+)(?:\/|$)/.exec(resource.pattern ?? "")?.[1]);
  return names.includes(undefined) ? undefined : new Set(names as string[]);
}

/** Deeds that every document permits, those of the same places together. */
function grouped(all: readonly (readonly Right[])[], bucket: string): Pick<AccessEntry, "actions" | "prefixes">[] {
  const together = new Map<string, { prefixes: string[]; actions: string[] }>();
  for (const deed of DEEDS) {
    const [first = [], ...others] = all.map((rights) => placesOf(rights, deed, bucket));
    const places: Places = others.reduce((both, each) => inBoth(both, each), first);
    if (places.length === 0) continue;
    const prefixes = places.includes("") ? [] : [...places];
    const key = JSON.stringify(prefixes);
    together.set(key, { prefixes, actions: [...(together.get(key)?.actions ?? []), deed.name] });
  }
  return [...together.values()];
}
