import type { PolicyDocument } from "../provider/settings.ts";
import { json } from "./answers.ts";
import { answerFault, codeOf } from "./faults.ts";
import { groupNames } from "./lists.ts";
import type { LiveGroup, LiveServer, LiveUser, Look } from "./live-server.ts";
import { ALIAS, type McClient } from "./mc.ts";
import type { Reader } from "./reader.ts";

/** Users, groups and policies; what is encrypted in the admin API comes through `mc`. */
export async function readIdentities(
  reader: Reader,
  mc: McClient,
): Promise<Pick<LiveServer, "users" | "groups" | "policies">> {
  const [users, groups, policies] = await Promise.all([
    reader.look(() => readUsers(mc)),
    readGroups(reader, mc),
    reader.look(() => readPolicies(reader)),
  ]);
  return { users, groups, policies };
}

async function readUsers(mc: McClient): Promise<Map<string, LiveUser>> {
  const lines = await mc.ask("users", ["admin", "user", "list", ALIAS]);
  const users = lines.map(({ accessKey, userStatus, policyName }): [string, LiveUser] => [
    String(accessKey),
    { enabled: userStatus === "enabled", policies: commaList(policyName) },
  ]);
  return new Map(users);
}

async function readGroups(reader: Reader, mc: McClient): Promise<LiveServer["groups"]> {
  const names = await reader.look(() => groupNames(reader));
  if (!("value" in names)) return names;
  const looks = await reader.lookAtEach(names.value, (name) => readGroup(reader, name));
  const groups = new Map<string, Look<LiveGroup>>();
  for (const [index, name] of names.value.entries()) {
    const look = looks[index] as Look<LiveGroup | null>;
    if (!("value" in look)) groups.set(name, look);
    else if (look.value !== null) groups.set(name, { value: look.value });
  }
  return withPoliciesOfDisabled(reader, mc, groups);
}

/** @returns null where the group is gone meanwhile @throws ReadError */
async function readGroup(reader: Reader, name: string): Promise<LiveGroup | null> {
  const answer = await reader.answer(reader.wire.admin("group", { group: name }));
  if (codeOf(answer) === "XMinioAdminNoSuchGroup") return null;
  const group = answer.status === 200 ? json(answer.body) : undefined;
  if (group === undefined) throw answerFault(answer, reader.server, `group ${name}`);
  const members = (group.members ?? []) as string[];
  return { enabled: group.status !== "disabled", members: [...members].sort(), policies: commaList(group.policy) };
}

/** A disabled group is answered without the policies that it has again once it is enabled. */
async function withPoliciesOfDisabled(
  reader: Reader,
  mc: McClient,
  groups: ReadonlyMap<string, Look<LiveGroup>>,
): Promise<LiveServer["groups"]> {
  if (![...groups.values()].some((look) => "value" in look && !look.value.enabled)) return { value: groups };
  const attached = await reader.look(() => readGroupPolicies(mc));
  const completed = [...groups].map(([name, look]): [string, Look<LiveGroup>] => {
    if (!("value" in look) || look.value.enabled) return [name, look];
    if (!("value" in attached)) return [name, attached];
    return [name, { value: { ...look.value, policies: attached.value.get(name) ?? [] } }];
  });
  return { value: new Map(completed) };
}

async function readGroupPolicies(mc: McClient): Promise<Map<string, string[]>> {
  const [line] = await mc.ask("policies of groups", ["admin", "policy", "entities", ALIAS]);
  const { policyMappings } = (line?.result ?? {}) as { policyMappings?: Mapping[] | null };
  const found = new Map<string, string[]>();
  for (const { policy, groups } of policyMappings ?? []) {
    for (const group of groups ?? []) found.set(group, [...(found.get(group) ?? []), policy].sort());
  }
  return found;
}

interface Mapping {
  readonly policy: string;
  readonly groups: readonly string[] | null;
}

async function readPolicies(reader: Reader): Promise<Map<string, PolicyDocument>> {
  const answer = await reader.answer(reader.wire.admin("list-canned-policies"));
  const policies = answer.status === 200 ? json(answer.body) : undefined;
  if (policies === undefined) throw answerFault(answer, reader.server, "policies");
  return new Map(Object.entries(policies as Record<string, PolicyDocument>));
}

function commaList(value: unknown): string[] {
  return typeof value === "string" && value !== "" ? value.split(",").sort() : [];
}
