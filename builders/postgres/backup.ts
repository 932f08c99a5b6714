import type { Access, Grant, Platform, ResolvedModel, Role } from "../../config/model.ts";
import type { OnePostgres, PostgresServer } from "../../config/postgres-server/schema.ts";
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
  drill: [],
  keep: ["list", "read", "write"],
};
const ON_OBJECTS: readonly Role[] = ["read", "write", "delete"];
const SERVICE_ACCOUNT = "bucketworks:postgres.backup.serviceAccount";

/** Below it lies all that the operator keeps of one server. */
export function backupPrefix({ name }: Pick<PostgresServer, "name">): string {
  return `postgresql/${name}/`;
}

/**
 * What to tell who asks for backups in a platform's file and deploys a server that keeps none. Null where nobody asks, or the
 * server has backups.
 * @param hasImage whether the stack has an image with Barman
 */
export function unkeptBackup(
  server: PostgresServer,
  platforms: readonly Platform[],
  hasImage: boolean,
): { readonly message: string; readonly fix: Fix } | null {
  const asking = platforms.filter(({ databaseBackup }) => databaseBackup !== null).map(({ name }) => name);
  const isKept = server.kind === "cloudnative-pg" ? server.backup !== undefined : hasImage;
  if (asking.length === 0 || isKept) return null;
  const said = `database_backup of platform ${asking.join(", ")}`;
  if (server.kind === "statefulset") {
    const image = setCommand("--path bucketworks:postgres.backupImage REGISTRY/database-backup:COMMIT");
    const message = `${said} asks for backups, and the stack has no image database-backup: nothing backs up ${server.name}`;
    return { message, fix: ["build pipelines/database-backup/Dockerfile (docs/images.md), then ", image] };
  }
  const message = `${said} is for servers of other kinds: nothing backs up ${server.name}, which this stack deploys`;
  const set = setCommand("--path bucketworks:postgres.backup.bucket BUCKET");
  const account = setCommand("--path bucketworks:postgres.backup.serviceAccount ACCOUNT");
  return { message, fix: [set, ", then ", account, " (docs/postgres.md)"] };
}

/** Why the operator couldn't keep its backups where the stack asks for them; null where it can, and without backups. */
export function backupFault(server: PostgresServer, { platforms }: ResolvedModel, store: StorePlace): string | null {
  const isAsked = platforms.some(({ databaseBackup }) => databaseBackup !== null);
  const isKept = server.kind === "statefulset" ? isAsked : server.backup !== undefined;
  if (isKept && store.caSecret !== undefined && store.namespace !== server.namespace) {
    return `bucketworks:postgres.namespace is ${server.namespace}, and backups go to a store with TLS in namespace ${store.namespace}: its CA, Secret ${store.caSecret}, can't be read from another namespace; set both to the same one, or do without backups`;
  }
  if (server.kind === "statefulset") return restoreFault(server, isAsked);
  if (server.backup === undefined) return null;
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

/** A server begins with backups of another one alone, by what has the key of their place. */
function restoreFault(server: OnePostgres, isAsked: boolean): string | null {
  if (server.restore === undefined) return null;
  if (!isAsked)
    return "bucketworks:postgres.restore is set, and no platform has its databases backed up: add database_backup to the platform that has the bucket (docs/database-backup.md)";
  const { server: from } = server.restore;
  if (!new RegExp(`^${server.name.replaceAll(".", "\\.")}-\\d+$`).test(from)) return null;
  return `bucketworks:postgres.restore.server ${from} is what ${server.name} writes itself: a server that begins with a backup needs another bucketworks:postgres.name (docs/postgres.md#another-server)`;
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
