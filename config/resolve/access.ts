import { defaults } from "../defaults.ts";
import type { Access, Grant, Rotation } from "../model.ts";
import type { AccessSpec, GrantSpec } from "../schema/access.ts";

/** Names everything as on the server; sorted, so that the order in the spec makes no difference. */
export function resolveAccess(platform: string, spec: AccessSpec | undefined): Access {
  const { policies = {}, groups = {}, users = {}, service_accounts = {} } = spec ?? {};
  const nameOf = (key: string): string => policies[key]?.name ?? `${platform}-${key}`;
  const names = (keys: readonly string[] = []): string[] => [...new Set(keys.map(nameOf))].sort();
  const resolved = entries(policies).map(([key, { grants }]) => ({
    key,
    name: nameOf(key),
    grants: grants.map(grant),
  }));
  return {
    policies: resolved.sort((a, b) => (a.name < b.name ? -1 : 1)),
    groups: entries(groups).map(([name, group]) => ({ name, policies: names(group.policies) })),
    users: entries(users).map(([name, user]) => ({
      name,
      policies: names(user.policies),
      groups: [...new Set(user.groups)].sort(),
    })),
    serviceAccounts: entries(service_accounts).map(([name, account]) => ({
      name,
      user: account.user,
      policies: names(account.policies),
    })),
  };
}

export function resolveRotation(rotation: AccessSpec["rotation"]): Rotation | null {
  if (rotation === undefined) return null;
  const { max_age_days: maxAgeDays = null, grace_days: graceDays = defaults.rotation.graceDays } = rotation;
  return { maxAgeDays, graceDays };
}

function grant({ role, bucket, prefixes = [] }: GrantSpec): Grant {
  return { role, bucket, prefixes: [...new Set(prefixes)].sort() };
}

function entries<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
