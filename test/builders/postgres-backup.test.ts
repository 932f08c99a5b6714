import { expect, test } from "vitest";
import { backupFault, unkeptBackup } from "../../builders/postgres/backup.ts";
import { type PostgresServer, PostgresServerConfig } from "../../config/postgres-server/schema.ts";
import { modelOf } from "../support/spec.ts";
import { platformFile } from "../support/specs.ts";

const STORE = { namespace: "mlops", caSecret: undefined };
const ENOUGH = [
  "{role: list, bucket: shop-backups}",
  "{role: read_write, bucket: shop-backups, prefixes: [postgresql/]}",
];

function server(given: object = {}): PostgresServer {
  const backup = { bucket: "shop-backups", serviceAccount: "shop-backup-job" };
  return PostgresServerConfig.parse({ kind: "cloudnative-pg", backup, ...given });
}

/** A platform whose account has some grants, and its user these or others. */
function model(grants: readonly string[], ofUser = grants) {
  const list = (lines: readonly string[]): string => `{grants: [${lines.join(", ")}]}`;
  return modelOf(`${platformFile("      - {name: shop-backups, description: copies}\n      - {name: shop-orders, description: orders}")}
access:
  policies:
    of-account: ${list(grants)}
    of-user: ${list(ofUser)}
  groups:
    shop-keepers: {policies: [of-user]}
  users:
    shop-backup: {groups: [shop-keepers]}
  service_accounts:
    shop-backup-job: {user: shop-backup, policies: [of-account]}
`);
}

test("an account that lists the bucket and does everything below the server's prefix keeps backups", () => {
  expect(backupFault(server(), model(ENOUGH), STORE)).toBeNull();
  expect(backupFault(server(), model(["{role: read_write, bucket: shop-backups}"]), STORE)).toBeNull();
});

test("a server without backups asks for nothing", () => {
  expect(backupFault(server({ backup: undefined }), model(ENOUGH), STORE)).toBeNull();
});

test("who asks in a platform's file for backups that the deployed server doesn't keep is told so", () => {
  const { platforms } = model(ENOUGH);
  const asking = asked(platforms);
  const one = PostgresServerConfig.parse({ kind: "statefulset" });
  expect(unkeptBackup(one, asking, false)?.message).toBe(
    "database_backup of platform a asks for backups, and the stack has no image database-backup: nothing backs up mlops-postgresql",
  );
  expect(unkeptBackup(server({ backup: undefined }), asking, true)?.message).toMatch(
    /^database_backup of platform a is for /,
  );
  expect([unkeptBackup(one, asking, true), unkeptBackup(server(), asking, false)]).toEqual([null, null]);
  expect(unkeptBackup(one, platforms, false)).toBeNull();
});

/** Platforms that ask for backups of their databases. */
function asked(platforms: ReturnType<typeof model>["platforms"]) {
  const place = { bucket: "b", prefix: "databases/", serviceAccount: "s" };
  const databaseBackup = { ...place, archiveTimeoutSeconds: 60, schedule: "11 1 * * *" };
  return platforms.map((each) => ({ ...each, databaseBackup }));
}

test("a server begins with backups of another one alone, and where a platform says where they lie", () => {
  const restoring = (from: string) =>
    PostgresServerConfig.parse({
      kind: "statefulset",
      name: "shop",
      restore: { server: from, to: "2026-11-20T10:00:00Z" },
    });
  const plain = model(ENOUGH);
  const whole = { ...plain, platforms: asked(plain.platforms) };
  expect(backupFault(restoring("mlops-postgresql-7"), whole, STORE)).toBeNull();
  expect(backupFault(restoring("shop-7"), whole, STORE)).toMatch(
    /^bucketworks:postgres\.restore\.server shop-7 is what shop writes itself/,
  );
  expect(backupFault(restoring("mlops-postgresql-7"), plain, STORE)).toMatch(/no platform has its databases backed up/);
  expect(() => PostgresServerConfig.parse({ restore: { server: "a", to: "yesterday" } })).toThrow(
    /must be a moment like/,
  );
});

test("a bucket that no platform has is refused, with those there are", () => {
  const backup = { bucket: "shop-backup", serviceAccount: "shop-backup-job" };
  expect(backupFault(server({ backup }), model(ENOUGH), STORE)).toBe(
    "bucketworks:postgres.backup.bucket shop-backup is no bucket of the stack: there are shop-backups, shop-orders",
  );
});

test("an account that nobody has is refused, with those of the bucket's platform", () => {
  const backup = { bucket: "shop-backups", serviceAccount: "nobody" };
  expect(backupFault(server({ backup }), model(ENOUGH), STORE)).toBe(
    "bucketworks:postgres.backup.serviceAccount nobody is no service account of the stack; name one of platform a, which has bucket shop-backups: there are shop-backup-job",
  );
});

test.each([
  [
    "nothing on the bucket",
    ["{role: read_write, bucket: shop-orders}"],
    "lacks list, read, write, delete",
    ["list, bucket: shop-backups}", 'read_write, bucket: shop-backups, prefixes: ["postgresql/mlops-postgresql/"]}'],
  ],
  [
    "another server's prefix",
    ["{role: read_write, bucket: shop-backups, prefixes: [postgresql/other/]}", "{role: list, bucket: shop-backups}"],
    "lacks read, write, delete",
    ['read_write, bucket: shop-backups, prefixes: ["postgresql/mlops-postgresql/"]}'],
  ],
  [
    "its prefix alone",
    ["{role: read_write, bucket: shop-backups, prefixes: [postgresql/mlops-postgresql/]}"],
    "lacks list;",
    ["list, bucket: shop-backups}"],
  ],
  [
    "no right to delete",
    ["{role: read, bucket: shop-backups}", "{role: write, bucket: shop-backups}"],
    "lacks delete;",
    ['delete, bucket: shop-backups, prefixes: ["postgresql/mlops-postgresql/"]}'],
  ],
])("an account with %s is refused, with the lines that it lacks", (_, grants, words, lines) => {
  const fault = backupFault(server(), model(grants), STORE);
  expect(fault).toMatch(
    /^bucketworks:postgres\.backup\.serviceAccount shop-backup-job can't keep backups in bucket shop-backups: it or its user shop-backup /,
  );
  expect(fault).toContain(words);
  expect(fault?.split("\n").slice(1)).toEqual(lines.map((line) => `- {role: ${line}`));
  const mended = lines.map((line) => `{role: ${line}`);
  expect(backupFault(server(), model([...grants, ...mended]), STORE)).toBeNull();
});

test("an account never does more than its user", () => {
  expect(backupFault(server(), model(ENOUGH, ["{role: read, bucket: shop-backups}"]), STORE)).toMatch(
    /lacks write, delete; in a\.yaml, to the grants of a policy/,
  );
});

test("the authority of a store with TLS isn't to be had in another namespace", () => {
  const secured = { namespace: "storage", caSecret: "minio-tls" };
  expect(backupFault(server(), model(ENOUGH), secured)).toMatch(
    /^bucketworks:postgres\.namespace is mlops, and backups go to a store with TLS in namespace storage: .* Secret minio-tls/,
  );
  expect(backupFault(server({ namespace: "storage" }), model(ENOUGH), secured)).toBeNull();
  expect(backupFault(server(), model(ENOUGH), { ...secured, caSecret: undefined })).toBeNull();
});
