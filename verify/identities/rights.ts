import type { Access, Grant, Role } from "../../config/model.ts";

/** What is tried with an identity's key. The last two are of who inspects alone. */
export type Operation = "list" | "get" | "put" | "delete" | "read the policy" | "read the lifecycle";

export interface Identity {
  readonly name: string;
  readonly kind: "user" | "service account";
  /** Grants that must each permit an operation: an account can never do more than its user. */
  readonly grants: readonly (readonly Grant[])[];
}

const ROLES: Readonly<Record<Operation, readonly Role[]>> = {
  list: ["list", "read", "read_write"],
  get: ["read", "read_write"],
  put: ["write", "read_write"],
  delete: ["delete", "read_write"],
  "read the policy": ["inspect"],
  "read the lifecycle": ["inspect"],
};

/** Users, then service accounts, with all that their own policies and their groups' grant them. */
export function identitiesOf({ policies, groups, users, serviceAccounts }: Access): Identity[] {
  const grantsOf = (names: readonly string[]): Grant[] =>
    policies.filter(({ name }) => names.includes(name)).flatMap(({ grants }) => grants);
  const ofUser = new Map(
    users.map((user) => {
      const joined = groups.filter(({ name }) => user.groups.includes(name)).flatMap((group) => group.policies);
      return [user.name, grantsOf([...user.policies, ...joined])];
    }),
  );
  return [
    ...users.map(({ name }): Identity => ({ name, kind: "user", grants: [ofUser.get(name) ?? []] })),
    ...serviceAccounts.map(
      ({ name, user, policies: own }): Identity => ({
        name,
        kind: "service account",
        grants: [grantsOf(own), ofUser.get(user) ?? []],
      }),
    ),
  ];
}

/** Whether the model permits an operation on a key; for `list` the key is the prefix that is listed. */
export function permits({ grants }: Identity, operation: Operation, bucket: string, key: string): boolean {
  return grants.every((each) =>
    each.some(
      (grant) =>
        grant.bucket === bucket &&
        ROLES[operation].includes(grant.role) &&
        (grant.prefixes.length === 0 || grant.prefixes.some((prefix) => key.startsWith(prefix))),
    ),
  );
}
