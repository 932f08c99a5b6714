import { accessPolicy } from "../builders/access-policy.ts";
import type { Grant, ResolvedModel } from "../config/model.ts";
import { bucketArn } from "../config/values/names.ts";
import { type Identities, identitiesOf } from "./model-lookup.ts";

/** One action on the objects below a prefix of one bucket, or on listing them; `""` is the whole bucket. */
export interface Permission {
  readonly action: string;
  readonly bucket: string;
  readonly prefix: string;
}

/** A user or service account and all it may do: its own policies, those of its groups, nothing beyond its user's. */
export interface Principal {
  readonly kind: "user" | "service account";
  readonly name: string;
  readonly platform: string;
  readonly permissions: readonly Permission[];
}

/** Every principal of a model by kind and name. */
export function principalsOf(model: ResolvedModel): ReadonlyMap<string, Principal> {
  const identities = identitiesOf(model);
  const users = new Map(identities.users.map((user) => [user.name, userPermissions(identities, user)]));
  const principal = (kind: Principal["kind"], name: string, permissions: readonly Permission[]): Principal => {
    return { kind, name, platform: identities.platformOf.get(name) ?? "", permissions };
  };
  const all = [
    ...[...users].map(([name, permissions]) => principal("user", name, permissions)),
    ...identities.serviceAccounts.map(({ name, user, policies }) => {
      const own = permissionsOf(identities, policies);
      return principal("service account", name, both(own, users.get(user) ?? []));
    }),
  ];
  return new Map(all.map((each) => [`${each.kind} ${each.name}`, each]));
}

/** What some permissions allow and none of others does. */
export function beyond(permissions: readonly Permission[], others: readonly Permission[]): Permission[] {
  return permissions.filter((each) => !others.some((other) => covers(other, each)));
}

function userPermissions(identities: Identities, user: Identities["users"][number]): Permission[] {
  const groups = identities.groups.filter(({ name }) => user.groups.includes(name));
  return permissionsOf(identities, [...user.policies, ...groups.flatMap(({ policies }) => policies)]);
}

function permissionsOf({ policies }: Identities, names: readonly string[]): Permission[] {
  const grants = policies.filter(({ name }) => names.includes(name)).flatMap((policy) => policy.grants);
  return grants.flatMap(grantPermissions);
}

/** Where a bucket is, and that it is, says nothing of what is in it, and comes with every grant: these are left out. */
const OF_EVERY_GRANT: readonly string[] = ["s3:GetBucketLocation", "s3:HeadBucket"];

function grantPermissions(grant: Grant): Permission[] {
  const { bucket, prefixes } = grant;
  const document = accessPolicy([grant]);
  return document.Statement.filter(({ Effect }) => Effect === "Allow").flatMap((statement) => {
    const actions = texts(statement.Action).filter((action) => !OF_EVERY_GRANT.includes(action));
    const whole = texts(statement.Resource).includes(bucketArn(bucket));
    const keys = whole ? (prefixes.length > 0 ? prefixes : [""]) : keysIn(statement.Resource, bucket);
    return actions.flatMap((action) => keys.map((prefix) => ({ action, bucket, prefix })));
  });
}

function keysIn(resources: unknown, bucket: string): string[] {
  return texts(resources).map((arn) => arn.slice(bucketArn(bucket).length + 1).replace(/\*$/, ""));
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function covers(wide: Permission, narrow: Permission): boolean {
  return wide.action === narrow.action && wide.bucket === narrow.bucket && narrow.prefix.startsWith(wide.prefix);
}

/** What both allow: of two prefixes, one below the other, the longer one. */
function both(one: readonly Permission[], other: readonly Permission[]): Permission[] {
  return [
    ...one.filter((each) => other.some((wide) => covers(wide, each))),
    ...other.filter((each) => one.some((wide) => covers(wide, each) && wide.prefix !== each.prefix)),
  ];
}
