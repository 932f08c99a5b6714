import { accessPolicy } from "../../builders/access-policy.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { builtIn, isBuiltIn } from "../../live/built-in-policies.ts";
import { canonicalPolicy } from "../../live/canonical.ts";
import { sameRights } from "../../live/covering.ts";
import type { LiveGroup, LiveServer, LiveUser } from "../../live/live-server.ts";
import { ownPolicy } from "../../live/own-identities.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";
import type { Finding } from "../finding.ts";
import { type Compared, finding, NOTHING, together, where } from "./findings.ts";
import { rightsChange } from "./rights.ts";

/** Policies, users and groups: their documents, status, attachments and members. */
export function compareIdentities(model: ResolvedModel, live: LiveServer): Compared {
  return together([
    comparePolicies(model, live),
    where(live.users, "user", null, (users) => compareUsers(model, users)),
    where(live.groups, "group", null, (groups) =>
      together([
        missingGroups(model, groups),
        ...[...groups].map(([name, look]) => where(look, "group", name, (group) => compareGroup(model, name, group))),
      ]),
    ),
  ]);
}

function comparePolicies(model: ResolvedModel, { policies, policyList }: LiveServer): Compared {
  const all = where(policyList, "policy", null, () => NOTHING);
  const declared = new Map(
    model.platforms.flatMap(({ name: platform, access }) =>
      access.policies.map(({ name, grants }) => [name, { platform, document: accessPolicy(grants) }] as const),
    ),
  );
  const absent = [...declared.keys()].filter((name) => "value" in policyList && !policies.has(name));
  const looks = [...policies, ...absent.map((name) => [name, { value: null }] as const)];
  const parts = looks.map(([name, look]) =>
    where(look, "policy", name, (actual) => ({
      findings: policyFindings(name, declared.get(name), actual),
      notLooked: [],
    })),
  );
  return together([...parts, all]);
}

interface Declared {
  readonly platform: string;
  readonly document: PolicyDocument;
}

/** @param actual null where the server has none */
function policyFindings(name: string, own: Declared | undefined, actual: PolicyDocument | null): Finding[] {
  const subject = { kind: "policy", name } as const;
  if (actual === null) {
    const of = { severity: "medium", platform: own?.platform ?? null, message: "missing" } as const;
    return own === undefined ? [] : [finding("missing", subject, of)];
  }
  if (own !== undefined) return documentFindings(name, own.platform, own.document, actual);
  const known = isBuiltIn(name) ? builtIn(name, actual) : ownPolicy(name);
  if (known !== undefined && (isBuiltIn(name) || !sameRights(known, actual)))
    return documentFindings(name, null, known, actual);
  const of = { severity: "low", platform: null, actual: "present", message: "in no spec" } as const;
  return [finding("unmanaged", subject, of)];
}

function documentFindings(
  name: string,
  platform: string | null,
  expected: PolicyDocument,
  actual: PolicyDocument,
): Finding[] {
  const { more, less } = rightsChange(expected, actual);
  const words = [...more, ...less];
  if (words.length === 0) return [];
  return [
    finding(
      "changed",
      { kind: "policy", name },
      {
        severity: more.length > 0 ? "high" : "medium",
        platform,
        path: "document",
        expected: canonicalPolicy(expected) as Finding["expected"],
        actual: canonicalPolicy(actual) as Finding["actual"],
        message: `document: ${words.join("; ")}`,
      },
    ),
  ];
}

function compareUsers(model: ResolvedModel, users: ReadonlyMap<string, LiveUser>): Compared {
  const declared = new Set<string>();
  const findings: Finding[] = [];
  for (const { name: platform, access } of model.platforms) {
    for (const { name, policies } of access.users) {
      declared.add(name);
      const user = users.get(name);
      const subject = { kind: "user", name } as const;
      if (user === undefined) {
        findings.push(finding("missing", subject, { severity: "medium", platform, message: "missing" }));
        continue;
      }
      if (!user.enabled) findings.push(disabled(subject, platform));
      findings.push(...attachments(`user ${name}`, platform, policies, user.policies));
    }
  }
  for (const [name, { enabled, policies }] of users) {
    if (!declared.has(name)) findings.push(unmanagedUser(name, enabled, policies));
  }
  return { findings, notLooked: [] };
}

function unmanagedUser(name: string, enabled: boolean, policies: readonly string[]): Finding {
  const rights = policies.length > 0 ? `has ${policies.join(", ")}` : "has no policy of its own";
  const severity = !enabled ? "low" : policies.length > 0 ? "high" : "medium";
  const actual = { enabled, policies: [...policies] };
  const message = `in no spec; ${enabled ? "enabled" : "disabled"}, ${rights}`;
  return finding("unmanaged", { kind: "user", name }, { severity, platform: null, actual, message });
}

function missingGroups(model: ResolvedModel, groups: ReadonlyMap<string, unknown>): Compared {
  const findings = model.platforms.flatMap(({ name: platform, access }) =>
    access.groups
      .filter(({ name }) => !groups.has(name))
      .map(({ name }) =>
        finding("missing", { kind: "group", name }, { severity: "medium", platform, message: "missing" }),
      ),
  );
  return { findings, notLooked: [] };
}

function compareGroup(model: ResolvedModel, name: string, { enabled, members, policies }: LiveGroup): Compared {
  const owner = model.platforms.find(({ access }) => access.groups.some((group) => group.name === name));
  const users = model.platforms.flatMap(({ access }) => access.users);
  const wanted = users.filter(({ groups }) => groups.includes(name)).map((user) => user.name);
  const declared = owner?.access.groups.find((group) => group.name === name);
  if (owner === undefined || declared === undefined) {
    const actual = { enabled, members: [...members], policies: [...policies] };
    const message = `in no spec; members: ${members.length}, ${policies.join(", ") || "no policy"}`;
    const of = { severity: policies.length > 0 ? "medium" : "low", platform: null, actual, message } as const;
    const ours = members.filter((member) => users.some((user) => user.name === member));
    const joined = ours.map((member) => membership("unmanaged", name, member, null));
    return { findings: [finding("unmanaged", { kind: "group", name }, of), ...joined], notLooked: [] };
  }
  const platform = owner.name;
  const findings = [
    ...(enabled ? [] : [disabled({ kind: "group", name }, platform)]),
    ...attachments(`group ${name}`, platform, declared.policies, policies),
    ...wanted.filter((user) => !members.includes(user)).map((user) => membership("missing", name, user, platform)),
    ...members.filter((user) => !wanted.includes(user)).map((user) => membership("unmanaged", name, user, platform)),
  ];
  return { findings, notLooked: [] };
}

function disabled(subject: Finding["subject"], platform: string): Finding {
  const sides = { path: "status", expected: "enabled", actual: "disabled" } as const;
  return finding("changed", subject, { severity: "medium", platform, ...sides, message: "status: is disabled" });
}

function attachments(
  owner: string,
  platform: string,
  expected: readonly string[],
  actual: readonly string[],
): Finding[] {
  const subject = (policy: string) => ({ kind: "attachment", name: `${owner}/${policy}` }) as const;
  const extra = { severity: "high", platform, actual: "attached", message: "attached, no spec says so" } as const;
  const lacks = { severity: "medium", platform, expected: "attached", message: "not attached" } as const;
  return [
    ...expected.filter((each) => !actual.includes(each)).map((each) => finding("missing", subject(each), lacks)),
    ...actual.filter((each) => !expected.includes(each)).map((each) => finding("unmanaged", subject(each), extra)),
  ];
}

function membership(kind: "missing" | "unmanaged", group: string, user: string, platform: string | null): Finding {
  const subject = { kind: "membership", name: `${group}/${user}` } as const;
  if (kind === "missing") {
    return finding(kind, subject, { severity: "medium", platform, expected: "member", message: "isn't a member" });
  }
  return finding(kind, subject, {
    severity: "high",
    platform,
    actual: "member",
    message: "is a member, no spec says so",
  });
}
