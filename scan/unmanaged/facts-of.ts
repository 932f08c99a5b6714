import { plainText } from "../../config/text/plain.ts";
import { canonicalRule } from "../../live/canonical.ts";
import type { LiveAccount, LiveBucket, LiveGroup, LiveServer, Look } from "../../live/live-server.ts";
import type { Finding, SubjectKind } from "../finding.ts";
import { policyFacts } from "./policy-facts.ts";

/** What is so about a subject, a sentence each; null where the server says that it isn't there. */
export type Facts = readonly string[] | null;

/**
 * All that was read of a subject, in canonical form: where two are equal, nothing has changed that this program can see.
 * @param subject its name as scan shows it
 */
export function factsOf({ kind, name }: Finding["subject"], live: LiveServer): Look<Facts> {
  const look = READERS[kind]?.(live, name) ?? { reason: `nothing is known of a ${kind}` };
  if ("reason" in look || look.value === null) return look;
  return { value: [...new Set(look.value.map(plainText))].sort() };
}

type FactsReader = (live: LiveServer, name: string) => Look<Facts>;

const READERS: Readonly<Partial<Record<SubjectKind, FactsReader>>> = {
  bucket: (live, name) => ofBucket(live, name, bucketFacts),
  "public grant": (live, name) =>
    ofBucket(live, name, ({ settings: { policy } }) => (policy === undefined ? null : policyFacts(policy))),
  notification: (live, name) =>
    ofBucket(live, name, ({ notifications }) =>
      someOf(notifications.flatMap(({ target, events }) => events.map((event) => `${target} is told of ${event}`))),
    ),
  replication: ({ buckets, bucketList, targets }, name) =>
    then(targets, (all) =>
      then(named(buckets, name) ?? absent(bucketList), (held) => {
        const rules = (held?.replication ?? []).map(
          ({ rule, enabled, destination }) =>
            `rule ${text(rule)} to ${destination} is ${enabled ? "enabled" : "disabled"}`,
        );
        const places = all.filter(({ bucket }) => plainText(bucket) === name);
        const found = places.map(({ endpoint, targetBucket }) => `may be copied to ${targetBucket} on ${endpoint}`);
        return { value: someOf([...rules, ...found]) };
      }),
    ),
  user: ({ users }, name) =>
    then(users, (all) => {
      const user = named(all, name);
      return { value: user === undefined ? null : statusFacts(user) };
    }),
  group: ({ groups }, name) =>
    then(groups, (all) =>
      then<LiveGroup | null>(named(all, name) ?? { value: null }, (group) => ({
        value: group && [...statusFacts(group), ...group.members.map((each) => `member: ${each}`)],
      })),
    ),
  policy: ({ policies, policyList }, name) =>
    then(named(policies, name) ?? absent(policyList), (document) => ({ value: document && policyFacts(document) })),
  attachment: ({ users, groups }, name) =>
    name.startsWith("user ")
      ? then(users, (all) =>
          pairFact(
            name,
            "user ",
            [...all].map(([user, { policies }]) => [user, { value: policies }]),
          ),
        )
      : then(groups, (all) => pairFact(name, "group ", ofGroups(all, "policies"))),
  membership: ({ groups }, name) => then(groups, (all) => pairFact(name, "", ofGroups(all, "members"))),
  "service account": ({ accounts }, name) =>
    then(accounts, (all) => {
      const account = all.find(({ accessKey }) => plainText(accessKey) === name);
      return account === undefined ? { value: null } : accountFacts(account);
    }),
  tier: ({ tiers }, name) =>
    then(tiers, (all) => ({ value: all.some((each) => plainText(each.name) === name) ? ["present"] : null })),
};

type Holders = readonly (readonly [holder: string, held: Look<readonly string[]>])[];

/** @param name `HOLDER/HELD` after the start */
function pairFact(name: string, start: string, all: Holders): Look<Facts> {
  for (const [holder, look] of all) {
    const own = `${start}${plainText(holder)}/`;
    if (!name.startsWith(own)) continue;
    if ("reason" in look) return look;
    if (look.value.some((each) => own + plainText(each) === name)) return { value: ["present"] };
  }
  return { value: null };
}

function ofGroups(groups: ReadonlyMap<string, Look<LiveGroup>>, what: "members" | "policies"): Holders {
  return [...groups].map(([group, look]) => [group, "value" in look ? { value: look.value[what] } : look]);
}

function bucketFacts({ settings, beyond, notifications: _told, replication: _copied }: LiveBucket): string[] {
  const { policy, lifecycle, tags, ...rest } = settings;
  const rules = lifecycle.map(canonicalRule).map(({ ID, ...rule }) => `lifecycle rule ${text(ID)}: ${sorted(rule)}`);
  return [
    ...Object.entries({ ...rest, ...beyond })
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key}: ${sorted(value)}`),
    ...Object.entries(tags).map(([key, value]) => `tag ${text(key)}: ${text(value)}`),
    ...rules,
    ...(policy === undefined ? [] : policyFacts(policy).map((fact) => `policy: ${fact}`)),
  ];
}

function statusFacts(held: { readonly enabled: boolean; readonly policies: readonly string[] }): string[] {
  return [held.enabled ? "enabled" : "disabled", ...held.policies.map((each) => `policy: ${each}`)];
}

function accountFacts({ user, expires, detail }: LiveAccount): Look<Facts> {
  if (detail === null) return { reason: "its document wasn't asked for" };
  return then(detail, ({ enabled, policy }) => ({
    value: [
      `acts for ${user}`,
      enabled ? "enabled" : "disabled",
      expires === null ? "never expires" : `expires ${expires}`,
      ...(policy === null ? [`may do whatever ${user} may`] : policyFacts(policy)),
    ],
  }));
}

function ofBucket({ buckets, bucketList }: LiveServer, name: string, facts: (held: LiveBucket) => Facts): Look<Facts> {
  return then(named(buckets, name) ?? absent(bucketList), (held) => ({ value: held && facts(held) }));
}

function then<T>(look: Look<T>, next: (value: T) => Look<Facts>): Look<Facts> {
  return "value" in look ? next(look.value) : look;
}

/** What a list that was read to its end doesn't hold isn't on the server. */
function absent(list: Look<true>): Look<null> {
  return "value" in list ? { value: null } : list;
}

/** By the name as scan shows it, which differs where a name hides characters. */
function named<T>(all: ReadonlyMap<string, T>, name: string): T | undefined {
  return all.get(name) ?? [...all].find(([each]) => plainText(each) === name)?.[1];
}

function someOf(facts: readonly string[]): Facts {
  return facts.length === 0 ? null : facts;
}

function text(value: string): string {
  return JSON.stringify(value);
}

/** JSON with the keys of every object sorted. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, each) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
