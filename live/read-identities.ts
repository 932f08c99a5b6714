import { BUILT_IN_NAMES } from "./built-in-policies.ts";
import { answerFault, codeOf } from "./faults.ts";
import { jsonIn } from "./json.ts";
import type { LiveGroup, LiveServer, LiveUser, Look } from "./live-server.ts";
import { groupNames } from "./read-lists.ts";
import { readPolicies } from "./read-policies.ts";
import type { Reader } from "./reader.ts";

/**
 * Users, groups and policies.
 * @param wanted policies that are asked for by name where the server can't list them
 */
export async function readIdentities(
  reader: Reader,
  wanted: readonly string[],
): Promise<Pick<LiveServer, "users" | "groups" | "policies" | "policyList">> {
  const owners = Promise.all([reader.look(() => readUsers(reader)), readGroups(reader)]);
  const known = async (): Promise<string[]> => {
    const [users, groups] = await owners;
    const attached = [...held(users), ...held(groups).flatMap((look) => ("value" in look ? [look.value] : []))];
    return [...wanted, ...BUILT_IN_NAMES, ...attached.flatMap(({ policies }) => policies)];
  };
  const [[users, groups], policies] = await Promise.all([owners, readPolicies(reader, known)]);
  return { users, groups, ...policies };
}

function held<T>(look: Look<ReadonlyMap<string, T>>): T[] {
  return "value" in look ? [...look.value.values()] : [];
}

async function readUsers({ client }: Reader): Promise<Map<string, LiveUser>> {
  const users = await client.encrypted("list-users", {}, { what: "users", right: "admin:ListUsers" });
  const found = Object.entries(users).map(([name, user]): [string, LiveUser] => {
    const { status, policyName } = user as Record<string, unknown>;
    return [name, { enabled: status === "enabled", policies: commaList(policyName) }];
  });
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function readGroups(reader: Reader): Promise<LiveServer["groups"]> {
  const names = await reader.look(() => groupNames(reader));
  if (!("value" in names)) return names;
  const looks = await reader.lookAtEach(names.value, (name) => readGroup(reader, name));
  const groups = new Map<string, Look<LiveGroup>>();
  for (const [index, name] of names.value.entries()) {
    const look = looks[index] as Look<LiveGroup | null>;
    if (!("value" in look)) groups.set(name, look);
    else if (look.value !== null) groups.set(name, { value: look.value });
  }
  return withPoliciesOfDisabled(reader, groups);
}

/** @returns null where the group is gone meanwhile @throws ReadError */
async function readGroup({ client }: Reader, name: string): Promise<LiveGroup | null> {
  const answer = await client.admin("group", { group: name });
  if (codeOf(answer) === "XMinioAdminNoSuchGroup") return null;
  const group = answer.status === 200 ? jsonIn(answer.body) : undefined;
  if (group === undefined) throw answerFault(answer, client.server, { what: `group ${name}`, right: "admin:GetGroup" });
  const members = (group.members ?? []) as string[];
  return { enabled: group.status !== "disabled", members: [...members].sort(), policies: commaList(group.policy) };
}

/** A disabled group is answered without the policies that it has again once it is enabled. */
async function withPoliciesOfDisabled(
  reader: Reader,
  groups: ReadonlyMap<string, Look<LiveGroup>>,
): Promise<LiveServer["groups"]> {
  if (![...groups.values()].some((look) => "value" in look && !look.value.enabled)) return { value: groups };
  const attached = await reader.look(() => readGroupPolicies(reader));
  const completed = [...groups].map(([name, look]): [string, Look<LiveGroup>] => {
    if (!("value" in look) || look.value.enabled) return [name, look];
    if (!("value" in attached)) return [name, attached];
    return [name, { value: { ...look.value, policies: attached.value.get(name) ?? [] } }];
  });
  return { value: new Map(completed) };
}

async function readGroupPolicies({ client }: Reader): Promise<Map<string, string[]>> {
  const asked = { what: "policies of groups", right: "admin:ListUserPolicies" };
  const answer = await client.encrypted("idp/builtin/policy-entities", {}, asked);
  const found = new Map<string, string[]>();
  for (const { policy, groups } of (answer.policyMappings ?? []) as readonly Mapping[]) {
    for (const group of groups ?? []) found.set(group, [...(found.get(group) ?? []), policy].sort());
  }
  return found;
}

interface Mapping {
  readonly policy: string;
  readonly groups: readonly string[] | null;
}

function commaList(value: unknown): string[] {
  return typeof value === "string" && value !== "" ? value.split(",").sort() : [];
}
