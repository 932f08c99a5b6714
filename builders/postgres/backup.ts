import type { Access, Grant, Platform, ResolvedModel, Role } from "../../config/model.ts";
import type { PostgresServer } from "../../config/postgres-server/schema.ts";
import { type Fix, setCommand } from "../../config/stack/fault.ts";

/** The stack's object store as the server's pods find it. */
export interface StorePlace {
  readonly namespace: string;
  /** Secret with the CA of the store's certificate; undefined without TLS. */
  readonly caSecret: string | undefined;
}

/** What each role lets one do of what backups need. */
const PERMITS: Readonly<Record<Role, readonly Role[]>> = {
  list: ["list"],
  read: ["list", "read"],
  write: ["write"],
  delete: ["delete"],
  read_write: ["list", "read", "write", "delete"],
  restore: ["list", "read"],
  inspect: [],
  back_up: ["list", "read"],
  keep: ["list", "read", "write"],
};
const ON_OBJECTS: readonly Role[] = ["read", "write", "delete"];
const SERVICE_ACCOUNT = "bucketworks:postgres.backup.serviceAccount";

/** Below it lies all that the operator keeps of one server. */
export function backupPrefix({ name }: Pick<PostgresServer, "name">): string {
  return `postgresql/${name}/`;
}

/**
 * What to tell who asks for backups in a platform's file and deploys a server that keeps none: `database_backup` is of the server
 * that `make up` runs. Null where nobody asks, or the operator keeps its own.
 */
export function unkeptBackup(
  server: PostgresServer,
  platforms: readonly Platform[],
): { readonly message: string; readonly fix: Fix } | null {
  const asking = platforms.filter(({ databaseBackup }) => databaseBackup !== null).map(({ name }) => name);
  if (asking.length === 0 || (server.kind === "cloudnative-pg" && server.backup !== undefined)) return null;
  const message = `database_backup of platform ${asking.join(", ")} is for the PostgreSQL of make up: nothing backs up ${server.name}, which this stack deploys`;
  if (server.kind === "statefulset")
    return { message, fix: ["dump it, or deploy kind cloudnative-pg with backups (docs/postgres.md)"] };
  const set = setCommand("--path bucketworks:postgres.backup.bucket BUCKET");
  const account = setCommand("--path bucketworks:postgres.backup.serviceAccount ACCOUNT");
  return { message, fix: [set, ", then ", account, " (docs/postgres.md)"] };
}

/** Why the operator couldn't keep its backups where the stack asks for them; null where it can, and without backups. */
export function backupFault(server: PostgresServer, { platforms }: ResolvedModel, store: StorePlace): string | null {
  if (server.kind !== "cloudnative-pg" || server.backup === undefined) return null;
  if (store.caSecret !== undefined && store.namespace !== server.namespace) {
    return `bucketworks:postgres.namespace is ${server.namespace}, and backups go to a store with TLS in namespace ${store.namespace}: its CA, Secret ${store.caSecret}, can't be read from another namespace; set both to the same one, or remove bucketworks:postgres.backup`;
  }
  const { bucket, serviceAccount } = server.backup;
  const home = platforms.find(({ buckets }) => buckets.some(({ name }) => name === bucket));
  if (home === undefined) {
    const names = platforms.flatMap(({ buckets }) => buckets.map(({ name }) => name));
    return `bucketworks:postgres.backup.bucket ${bucket} is no bucket of the stack: ${thereAre(names)}`;
  }
  const owner = platforms.find(({ access }) => access.serviceAccounts.some(({ name }) => name === serviceAccount));
  if (owner?.name === home.name) return rightsFault(home, { bucket, serviceAccount, prefix: backupPrefix(server) });
  const names = home.access.serviceAccounts.map(({ name }) => name);
  const why =
    owner === undefined
      ? "is no service account of the stack"
      : `belongs to platform ${owner.name}, and grants reach only buckets of their own platform`;
  return `${SERVICE_ACCOUNT} ${serviceAccount} ${why}; name one of platform ${home.name}, which has bucket ${bucket}: ${thereAre(names)}`;
}

function rightsFault(
  { name, access }: Platform,
  { bucket, serviceAccount, prefix }: { bucket: string; serviceAccount: string; prefix: string },
): string | null {
  const account = access.serviceAccounts.find((each) => each.name === serviceAccount);
  const user = access.users.find((each) => each.name === account?.user);
  const groups = access.groups.filter((each) => user?.groups.includes(each.name));
  const ofUser = [...(user?.policies ?? []), ...groups.flatMap(({ policies }) => policies)];
  const both = [account?.policies ?? [], ofUser].map((policies) => grantsOf(access, policies));
  const lacks = (role: Role, at: string): boolean => both.some((grants) => !permits(grants, role, bucket, at));
  // A client that asks whether a bucket is there lists it from its root.
  const list = lacks("list", "");
  const objects = ON_OBJECTS.filter((role) => lacks(role, prefix));
  if (!list && objects.length === 0) return null;
  const roles: readonly Role[] = objects.length === ON_OBJECTS.length ? ["read_write"] : objects;
  const lines = [
    ...(list ? [`- {role: list, bucket: ${bucket}}`] : []),
    ...roles.map((role) => `- {role: ${role}, bucket: ${bucket}, prefixes: ["${prefix}"]}`),
  ];
  const missing = [...(list ? ["list"] : []), ...objects].join(", ");
  return `${SERVICE_ACCOUNT} ${serviceAccount} can't keep backups in bucket ${bucket}: it or its user ${account?.user} lacks ${missing}; in ${name}.yaml, to the grants of a policy that both have:\n${lines.join("\n")}`;
}

function grantsOf({ policies }: Access, names: readonly string[]): Grant[] {
  return policies.filter(({ name }) => names.includes(name)).flatMap(({ grants }) => grants);
}

function permits(grants: readonly Grant[], role: Role, bucket: string, at: string): boolean {
  return grants.some(
    (grant) =>
      grant.bucket === bucket &&
      PERMITS[grant.role].includes(role) &&
      (grant.prefixes.length === 0 || grant.prefixes.some((prefix) => at.startsWith(prefix))),
  );
}

function thereAre(names: readonly string[]): string {
  return names.length === 0 ? "there are none" : `there are ${[...names].sort().join(", ")}`;
}
