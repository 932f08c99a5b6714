import type { Access, Grant, Role } from "../../config/model.ts";

/** What is tried with an identity's key on a bucket or its objects. */
export type Operation =
  | "find the bucket"
  | "list"
  | "get"
  | "put"
  | "delete"
  | "get a former version"
  | "tag a former version"
  | "delete a former version"
  | "read the policy"
  | "read the lifecycle"
  | "make a bucket"
  | "remove a bucket";

export interface Identity {
  readonly name: string;
  readonly kind: "user" | "service account";
  /** Grants that must each permit an operation: an account can never do more than its user. */
  readonly grants: readonly (readonly Grant[])[];
}

const ROLES: Readonly<Record<Operation, readonly Role[]>> = {
  "find the bucket": [
    "list",
    "read",
    "write",
    "delete",
    "read_write",
    "restore",
    "inspect",
    "back_up",
    "keep",
    "drill",
  ],
  list: ["list", "read", "read_write", "restore", "back_up", "keep", "drill"],
  get: ["read", "read_write", "restore", "back_up", "keep", "drill"],
  put: ["write", "read_write", "keep", "drill"],
  delete: ["delete", "read_write", "drill"],
  "get a former version": ["restore", "back_up", "keep", "drill"],
  "tag a former version": [],
  "delete a former version": ["drill"],
  "read the policy": ["inspect"],
  "read the lifecycle": ["inspect", "keep"],
  "make a bucket": ["drill"],
  "remove a bucket": ["drill"],
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

/** A grant on a prefix is one on these as well: they are of the bucket as a whole. */
const OF_THE_BUCKET: ReadonlySet<Operation> = new Set<Operation>(["find the bucket", "read the lifecycle"]);
/** The one role that is of no bucket of a spec is of these. */
const SCRATCH = /^bucketworks-drill-./;

/** Whether the model permits an operation on a key; for `list` the key is the prefix that is listed. */
export function permits({ grants }: Identity, operation: Operation, bucket: string, key: string): boolean {
  return grants.every((each) =>
    each.some(
      (grant) =>
        (grant.role === "drill" ? SCRATCH.test(bucket) : grant.bucket === bucket) &&
        ROLES[operation].includes(grant.role) &&
        (OF_THE_BUCKET.has(operation) ||
          grant.prefixes.length === 0 ||
          grant.prefixes.some((prefix) => key.startsWith(prefix))),
    ),
  );
}
