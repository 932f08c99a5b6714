import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Manifest, parted } from "../../builders/kubernetes/manifest.ts";
import { bootstrapStatements, hostAccess } from "../../builders/postgres/configuration.ts";
import type { DatabasePlan } from "../../builders/postgres/database-plan.ts";
import type { OneBackup } from "../../builders/postgres/kubernetes/backup-pods.ts";
import { severalServers } from "../../builders/postgres/kubernetes/cloudnative-pg.ts";
import { roleSecretName } from "../../builders/postgres/kubernetes/manifest.ts";
import { migrationJob } from "../../builders/postgres/kubernetes/migration-job.ts";
import { oneServer } from "../../builders/postgres/kubernetes/stateful-set.ts";
import { ownerVerifier, rolePassword, scramVerifier } from "../../builders/postgres/passwords.ts";
import {
  type PostgresServer,
  PostgresServerConfig,
  type PostgresServerInput,
} from "../../config/postgres-server/schema.ts";
import { parseStackSettings } from "../../config/stack/parse-settings.ts";

const GOLDEN = join(import.meta.dirname, "../golden");
const KEY = Buffer.alloc(32, 7).toString("base64");
const plan: DatabasePlan = {
  schemaVersion: 1,
  databases: [
    { name: "shop_db", platforms: [{ name: "shop", roles: [{ name: "shop_reader", description: "reads orders" }] }] },
  ],
};
const migrations = [
  { platform: "shop", files: [{ file: "001.do.orders.sql", sql: "CREATE TABLE orders (id int);\n" }] },
];
const store = {
  endpoint: "http://minio-service.mlops.svc.cluster.local:9000",
  keySecret: "mlops-postgresql-backup",
  caSecret: undefined,
};

function server(given: object): PostgresServer {
  return PostgresServerConfig.parse(given);
}

/** How a server of kind statefulset is backed up. */
const BACKUP: OneBackup = {
  declared: {
    bucket: "mlops-backups",
    prefix: "postgres/",
    serviceAccount: "mlops-database-backup",
    archiveTimeoutSeconds: 60,
    schedule: "11 1 * * *",
  },
  image: "registry.example/database-backup:1",
  endpoint: "https://minio-service.mlops.svc.cluster.local:9000",
  region: "us-east-1",
  caSecret: "minio-tls",
};

function manifests(given: PostgresServerInput): Manifest[] {
  const read = server(given);
  const backup = read.kind === "statefulset" && read.backupImage !== undefined ? BACKUP : undefined;
  const own = read.kind === "statefulset" ? oneServer(read, plan, { backup }) : severalServers(read, plan, store);
  const { config, job } = migrationJob(read, plan, migrations, "registry/workloads:1");
  return [...own, config, job];
}

/** What the operator is asked for. */
function operatorsCluster(): object {
  const [[cluster]] = parted(manifests({ kind: "cloudnative-pg" }), "Cluster");
  if (cluster === undefined) throw new Error("no Cluster");
  return cluster.spec;
}

test.each([
  ["one", { kind: "statefulset" }],
  [
    "secured",
    {
      kind: "statefulset",
      tls: { from: "secret", secret: "postgres-tls" },
      storageClass: "fast",
      createNamespace: false,
    },
  ],
  [
    "backed-up",
    {
      kind: "statefulset",
      tls: { from: "secret", secret: "postgres-tls" },
      backupImage: BACKUP.image,
      restore: { server: "mlops-postgresql-7437281930218472913", to: "2026-11-20T10:00:00Z" },
    },
  ],
  [
    "several",
    {
      kind: "cloudnative-pg",
      monitoring: true,
      monitoringLabels: { release: "kube-prometheus-stack" },
      backup: { bucket: "mlops-backups", serviceAccount: "mlops-backup-job" },
    },
  ],
] as const)("the manifests of PostgreSQL, %s (make golden writes them)", async (name, given) => {
  await expect(JSON.stringify(manifests(given), null, 2)).toMatchFileSnapshot(
    join(GOLDEN, `postgres.${name}.manifests.json`),
  );
});

test("each script of a backed-up server that a container names is there, and the server's own container has no key", () => {
  const all = manifests({
    kind: "statefulset",
    backupImage: BACKUP.image,
    restore: { server: "other-1", to: "latest" },
  });
  const [[set], [config], [job]] = [
    parted(all, "StatefulSet")[0],
    parted(all, "ConfigMap")[0],
    parted(all, "CronJob")[0],
  ];
  const pod = set?.spec.template.spec;
  const containers = [
    ...(pod?.initContainers ?? []),
    ...(pod?.containers ?? []),
    ...(job?.spec.jobTemplate.spec?.template.spec?.containers ?? []),
  ];
  expect(containers.map(({ name }) => name)).toEqual(["archiver", "fetch", "recover", "postgresql", "base-backup"]);
  for (const { command = [] } of containers) {
    expect(Object.keys(config?.data ?? {})).toContain(command.at(-1)?.split("/").at(-1));
  }
  const withKey = containers.filter(({ volumeMounts = [] }) => volumeMounts.some(({ name }) => name === "backup-key"));
  expect(withKey.map(({ name }) => name)).toEqual(["archiver", "fetch", "base-backup"]);
});

test("names are the source's: StatefulSet and Service mlops-postgresql on 5432 in namespace mlops (CS-038, CS-039, CS-040, CS-043)", () => {
  const all = manifests({ kind: "statefulset" });
  const named = { name: "mlops-postgresql", namespace: "mlops" };
  expect(all.find(({ kind }) => kind === "StatefulSet")).toMatchObject({ metadata: named, spec: { replicas: 1 } });
  expect(all.find(({ kind }) => kind === "Service")).toMatchObject({
    metadata: named,
    spec: { ports: [{ port: 5432 }] },
  });
});

test("the migration's pod isn't one that the server's Service or StatefulSet takes for its own", () => {
  const all = manifests({ kind: "statefulset" });
  const [[job], [service]] = [parted(all, "Job")[0], parted(all, "Service")[0]];
  expect(job?.spec.template.metadata?.labels).not.toMatchObject(service?.spec.selector ?? {});
});

test("another migration, role or text is another Job; the same ones are the same", () => {
  const name = (of: DatabasePlan, sql: string): string =>
    migrationJob(server({}), of, [{ platform: "shop", files: [{ file: "001.do.orders.sql", sql }] }], "image:1").job
      .metadata.name;
  const first = name(plan, "SELECT 1;");
  expect(name(plan, "SELECT 1;")).toBe(first);
  expect(name(plan, "SELECT 2;")).not.toBe(first);
  expect(name({ schemaVersion: 1, databases: [] }, "SELECT 1;")).not.toBe(first);
});

test("the longest name of a server leaves its Job, with the digest behind it, 63 characters", () => {
  const name = "a".repeat(33);
  const { job } = migrationJob(server({ name }), plan, migrations, "image:1");
  expect(`${job.metadata.name}-01234567`).toHaveLength(63);
});

test("no manifest holds a password, a verifier or the key", () => {
  const text = JSON.stringify([manifests({ kind: "statefulset" }), manifests({ kind: "cloudnative-pg" })]);
  expect(text).not.toMatch(/SCRAM-SHA-256\$/);
  expect(text).not.toContain(KEY);
});

describe("who comes in", () => {
  test("is the owner, and each role into its own database; the superuser by the socket alone", () => {
    expect(
      hostAccess(plan, { tls: false, superusers: ["postgres"] })
        .trim()
        .split("\n"),
    ).toEqual([
      "local all postgres peer map=superuser",
      "local all all reject",
      'host "postgres" bucketworks_owner all scram-sha-256',
      'host "shop_db" bucketworks_owner all scram-sha-256',
      'host "shop_db" "shop_reader" all scram-sha-256',
      "host all all all reject",
    ]);
  });

  test("is the role that reads metrics, where they are read, into no database of a platform", () => {
    const lines = hostAccess(plan, { tls: false, superusers: ["postgres"], metrics: true }).split("\n");
    expect(lines.filter((line) => line.includes("bucketworks_metrics"))).toEqual([
      'host "postgres" bucketworks_metrics all scram-sha-256',
    ]);
  });

  test("comes with TLS where there is TLS, and an operator's cluster has it always", () => {
    expect(hostAccess(plan, { tls: true, superusers: [] })).not.toMatch(/^host (?!all all all reject)/m);
    const { postgresql } = operatorsCluster() as { postgresql: { pg_hba: string[] } };
    expect(postgresql.pg_hba.at(-1)).toBe("host all all all reject");
    expect(postgresql.pg_hba.filter((line) => line.startsWith("local"))).toEqual([]);
  });
});

test("the operator's streaming_replica, who isn't there yet when a cluster is made, keeps its way into the maintenance database", () => {
  const { bootstrap } = operatorsCluster() as { bootstrap: { initdb: { postInitSQL: string[] } } };
  expect(bootstrap.initdb.postInitSQL).toEqual([
    "CREATE ROLE bucketworks_owner",
    "REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC",
    "REVOKE ALL ON DATABASE template1 FROM PUBLIC",
  ]);
});

describe("passwords", () => {
  test("are made from the key, the role and the database, each another", () => {
    const all = [
      rolePassword(KEY, "shop_reader", "shop_db"),
      rolePassword(KEY, "shop_writer", "shop_db"),
      rolePassword(KEY, "shop_reader", "other_db"),
      rolePassword(Buffer.alloc(32, 8).toString("base64"), "shop_reader", "shop_db"),
    ];
    expect(new Set(all).size).toBe(4);
    for (const each of all) expect(each).toMatch(/^[\w-]{43}$/);
    expect(rolePassword(KEY, "shop_reader", "shop_db")).toBe(all[0]);
  });

  test("are told to the server as verifiers, on one line", () => {
    const verifier = ownerVerifier(KEY);
    expect(verifier).toMatch(/^SCRAM-SHA-256\$4096:[\w+/]{22}==\$[\w+/]{43}=:[\w+/]{43}=$/);
    expect(scramVerifier(KEY, "a", "b")).not.toBe(scramVerifier(KEY, "a", "c"));
    const lines = bootstrapStatements(verifier).trim().split("\n");
    expect(lines.every((line) => line.endsWith(";"))).toBe(true);
    expect(lines.join()).toContain(verifier);
  });
});

test("a role's Secret has a name that Kubernetes takes", () => {
  expect(roleSecretName("cybersec_ingestion")).toBe("cybersec-ingestion-postgres");
});

test.each([
  [{ kind: "pod" }, "bucketworks:postgres.kind must be one of statefulset, cloudnative-pg"],
  [
    { image: "postgres:latest" },
    "bucketworks:postgres.image must name one version, not latest, like docker.io/library/postgres:18.1-bookworm",
  ],
  [{ size: "10 GB" }, "bucketworks:postgres.size must be a quantity like 500m, 2Gi"],
  [{ instances: 3 }, "bucketworks:postgres.instances is an unknown key, allowed are kind, "],
  [{ monitoring: true }, "must be false: the image has no metrics, kind cloudnative-pg has"],
  [
    { kind: "cloudnative-pg", instances: 1 },
    "bucketworks:postgres.synchronous must be less than instances (1), got 1: nothing could be committed",
  ],
])("%j is refused", (given, words) => {
  const { faults } = parseStackSettings({ postgres: { value: given, isEncrypted: false } });
  expect(faults.map(({ message }) => message).join("\n")).toContain(words);
});
