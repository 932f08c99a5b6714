import { accessPolicy } from "../builders/access-policy.ts";
import type { Grant, Role } from "../config/model.ts";
import { canonicalPolicy } from "../live/canonical.ts";
import { sameRights } from "../live/covering.ts";
import type { PolicyDocument } from "../provider/bucket-types.ts";

/** Roles with actions on objects; the widest first, so that it is taken before its parts. */
const ROLES: readonly Role[] = ["read_write", "restore", "read", "write", "delete"];

/** Roles on objects that list them as well. */
const LISTS_TOO: ReadonlySet<Role> = new Set<Role>(["read_write", "restore", "read"]);

/** @returns the grants with the rights of this document, or undefined where it says anything that grants can't */
export function grantsOf(document: PolicyDocument): Grant[] | undefined {
  const canonical = canonicalPolicy(document);
  const objects = new Map<string, Set<string>>();
  const listings: [bucket: string, prefix: string][] = [];
  const inspected: string[] = [];
  for (const statement of canonical.Statement) {
    const { Resource, Condition } = statement;
    const actions = texts(statement.Action);
    for (const resource of texts(Resource)) {
      const [, bucket = "", key] = /^arn:aws:s3:::([^/]*)(?:\/(.*))?$/.exec(resource) ?? [];
      if (key !== undefined) {
        const place = JSON.stringify([bucket, key.replace(/\*$/, "")]);
        objects.set(place, new Set([...(objects.get(place) ?? []), ...rightsIn(statement)]));
        continue;
      }
      if (actions.includes("s3:ListBucket")) {
        for (const prefix of listedPrefixes(Condition)) listings.push([bucket, prefix]);
      }
      if (actions.includes("s3:GetBucketVersioning")) inspected.push(bucket);
    }
  }
  const grants = [...objects].flatMap(([place, actions]) => {
    const [bucket, prefix] = JSON.parse(place) as [string, string];
    return rolesOf(actions).map((role) => ({ role, bucket, prefix }));
  });
  const reads = (bucket: string, prefix: string): boolean =>
    grants.some((each) => each.bucket === bucket && each.prefix === prefix && LISTS_TOO.has(each.role));
  for (const [bucket, prefix] of listings) if (!reads(bucket, prefix)) grants.push({ role: "list", bucket, prefix });
  for (const bucket of inspected) grants.push({ role: "inspect", bucket, prefix: "" });
  const found = joined(grants);
  return found.length > 0 && sameRights(accessPolicy(found), document) ? found : undefined;
}

/** Roles that together permit these actions; an action of no role is noticed when the document is made again. */
function rolesOf(actions: ReadonlySet<string>): Role[] {
  const left = new Set(actions);
  return ROLES.filter((role) => {
    const own = actionsOf(role);
    if (!own.every((action) => left.has(action))) return false;
    for (const action of own) left.delete(action);
    return true;
  });
}

function actionsOf(role: Role): string[] {
  const { Statement } = accessPolicy([{ role, bucket: "b", prefixes: [] }]);
  return Statement.filter(({ Resource }) => texts(Resource).includes("arn:aws:s3:::b/*")).flatMap(rightsIn);
}

/** Actions of a statement, each with what else the statement says: refused, or on some condition alone. */
function rightsIn({ Action, Effect, Condition }: Record<string, unknown>): string[] {
  return texts(Action).map((action) => JSON.stringify([action, Effect, Condition]));
}

/** Prefixes without their star; `""` is the whole bucket. */
function listedPrefixes(condition: unknown): string[] {
  if (condition === undefined) return [""];
  const { StringLike } = condition as { StringLike?: Record<string, unknown> };
  return texts(StringLike?.["s3:prefix"]).map((prefix) => prefix.replace(/\*$/, ""));
}

/** One grant for all prefixes of a role on a bucket; a role on the whole bucket is a grant of its own. */
function joined(grants: readonly { role: Role; bucket: string; prefix: string }[]): Grant[] {
  const prefixes = new Map<string, string[]>();
  const whole: Grant[] = [];
  for (const { role, bucket, prefix } of grants) {
    if (prefix === "") whole.push({ role, bucket, prefixes: [] });
    else {
      const key = JSON.stringify([role, bucket]);
      prefixes.set(key, [...(prefixes.get(key) ?? []), prefix]);
    }
  }
  const limited = [...prefixes].map(([key, of]): Grant => {
    const [role, bucket] = JSON.parse(key) as [Role, string];
    return { role, bucket, prefixes: of.sort() };
  });
  return [...whole, ...limited].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
