import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, test } from "vitest";
import { type DatabasePlan, databasePlan } from "../../builders/postgres/database-plan.ts";
import type { OneBackup } from "../../builders/postgres/kubernetes/backup-pods.ts";
import type { Cluster } from "../../components/kubernetes/cluster.ts";
import { deployPostgres } from "../../components/kubernetes/postgres/deploy-postgres.ts";
import { PostgresDeployment } from "../../components/kubernetes/postgres/postgres-deployment.ts";
import type { CredentialOutput } from "../../components/outputs.ts";
import { MinioServerConfig } from "../../config/minio-server/schema.ts";
import { PostgresServerConfig, type PostgresServerInput } from "../../config/postgres-server/schema.ts";
import { type Registration, recordRegistrations } from "../support/registrations.ts";
import { modelOf } from "../support/spec.ts";
import { platformFile } from "../support/specs.ts";

let of: (name: string) => Registration;
beforeEach(async () => {
  of = await recordRegistrations();
});

const plan: DatabasePlan = {
  schemaVersion: 1,
  databases: [{ name: "shop_db", platforms: [{ name: "shop", roles: [{ name: "shop_reader", description: "" }] }] }],
};

const KEY = Buffer.alloc(32, 7).toString("base64");
const STORAGE_KEYS: Record<string, CredentialOutput> = { backups: { accessKey: "KEY", secretKey: "SECRET" } };

class Ready extends pulumi.ComponentResource {}

async function deployed(given: PostgresServerInput, stage = "dev", backup?: OneBackup): Promise<void> {
  const cluster = aCluster();
  new PostgresDeployment("mlops-postgresql", {
    server: PostgresServerConfig.parse(given),
    plan,
    metrics: true,
    backup,
    stage,
    key: pulumi.secret(KEY),
    image: "registry.example/workloads:1",
    cluster,
    storageKeys: pulumi.output(STORAGE_KEYS),
  });
  await pulumi.runtime.disconnect();
}

/** The whole of a stack's PostgreSQL, as far as it goes. */
async function asked(given: PostgresServerInput): Promise<string> {
  const settings = { kind: "deployed", server: PostgresServerConfig.parse(given), key: pulumi.secret(KEY) } as const;
  const storage = platformFile("      - {name: shop-orders, description: orders}");
  const model = modelOf(`${storage}\ndatabase: {name: shop_db, roles: {reader: {}}}\n`);
  const args = { settings, plan: databasePlan(model), model, cluster: aCluster() };
  const answer = await deployPostgres({ ...args, storageKeys: pulumi.output(STORAGE_KEYS) }).then(
    ({ host }) => host,
    (error: unknown) => (pulumi.RunError.isInstance(error) ? error.message : String(error)),
  );
  await pulumi.runtime.disconnect();
  return answer;
}

function aCluster(): Cluster {
  return {
    settings: { server: MinioServerConfig.parse({}) } as Cluster["settings"],
    server: {} as Cluster["server"],
    provider: new Provider("kubernetes"),
    ready: new Ready("test:Ready", "ready"),
    metrics: undefined,
    workloadsImage: "registry.example/workloads:1",
    mlflowImage: undefined,
    backupImage: undefined,
    programImages: {},
    store: { endpoint: "http://minio", region: "us-east-1", caSecret: undefined },
  };
}

test("a migration that would end its transaction, or is named wrongly, is refused in the preview", async () => {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "migrations-"));
  const migrations = join(folder, "config/migrations/a");
  mkdirSync(migrations, { recursive: true });
  process.chdir(folder);
  try {
    writeFileSync(join(migrations, "001.do.hidden.sql"), `CREATE TABLE a ("it's" int);\nCOMMIT; SELECT 'x';\n`);
    expect(await asked({ kind: "statefulset" })).toMatch(/001\.do\.hidden\.sql:2: a migration can't begin or end/);
    renameSync(join(migrations, "001.do.hidden.sql"), join(migrations, "1.sql"));
    expect(await asked({ kind: "statefulset" })).toMatch(/1\.sql: must be named NNN\.do\.<name>\.sql/);
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
});

test("an update waits for the migrations as long as they may take, and a minute more", async () => {
  await deployed({ kind: "statefulset" });
  expect(of("Job/mlops-postgresql-migrate").timeouts).toEqual({ create: "1860s", update: "1860s" });
});

test("CloudNativePG is told to look again at the Secrets it reads: another key is another password at once", async () => {
  await deployed({ kind: "cloudnative-pg", backup: { bucket: "mlops-backups", serviceAccount: "backups" } });
  const labels = (name: string) => (of(`Secret/mlops-postgresql-${name}`).inputs.metadata as { labels: object }).labels;
  for (const name of ["owner", "backup"]) {
    expect(labels(name)).toMatchObject({ "app.kubernetes.io/name": "postgresql", "cnpg.io/reload": "true" });
  }
  expect(labels("key")).not.toHaveProperty("cnpg.io/reload");
});

test("an operator's cluster, which owns its volumes, stays when it leaves the stack; outside dev it doesn't leave", async () => {
  await deployed({ kind: "cloudnative-pg" });
  expect(of("Cluster/mlops-postgresql")).toMatchObject({ retained: true, protected: false });
  of = await recordRegistrations();
  await deployed({ kind: "cloudnative-pg" }, "production");
  expect(of("Cluster/mlops-postgresql")).toMatchObject({ retained: true, protected: true });
});

test("a StatefulSet's key for backups is a file of AWS's form and its login is variables, both secret; without backups it has none", async () => {
  const declared = {
    bucket: "b",
    prefix: "databases/",
    serviceAccount: "backups",
    archiveTimeoutSeconds: 60,
    schedule: "11 1 * * *",
  };
  const store = { endpoint: "http://minio", region: "us-east-1", caSecret: undefined };
  await deployed({ kind: "statefulset" }, "dev", { declared, image: "registry.example/database-backup:1", ...store });
  const data = (name: string) => of(`Secret/mlops-postgresql-${name}`).inputs.stringData;
  expect(JSON.stringify(data("backup-key"))).toContain("aws_secret_access_key = SECRET");
  expect(JSON.stringify(data("backup-login"))).toMatch(/"PGDATABASE":"postgres".*"PGUSER":"bucketworks_backup"/);
  expect(JSON.stringify(data("bootstrap"))).toContain("pg_backup_start");
  of = await recordRegistrations();
  await deployed({ kind: "statefulset" });
  expect(() => of("Secret/mlops-postgresql-backup-key")).toThrow(/^no Secret/);
  expect(() => of("CronJob/mlops-postgresql-base-backup")).toThrow(/^no CronJob/);
});

test("a StatefulSet goes: its volumes stay by themselves", async () => {
  await deployed({ kind: "statefulset" }, "production");
  expect(of("StatefulSet/mlops-postgresql")).toMatchObject({ retained: false, protected: false });
});

test("what a server is made for stays in the state", async () => {
  expect(await asked({ kind: "statefulset", storageClass: "fast" })).toBe("mlops-postgresql.mlops.svc.cluster.local");
  expect(of("postgres made for").inputs).toEqual({
    input: { kind: "statefulset", name: "mlops-postgresql", namespace: "mlops", storageClass: "fast" },
  });
});

test("another server than the one that was made is refused, and nothing of it is registered", async () => {
  await asked({ kind: "statefulset" });
  of = await recordRegistrations({ kind: "statefulset", name: "first", namespace: "mlops" });
  expect(await asked({ kind: "statefulset" })).toMatch(
    /^bucketworks:postgres asks for name mlops-postgresql, .* was made with name first: .*pulumi config set --path --stack dev bucketworks:postgres\.name first /,
  );
  expect(() => of("StatefulSet/mlops-postgresql")).toThrow(/^no StatefulSet/);
});

test("backups in a bucket that isn't the stack's are refused before anything is made", async () => {
  const backup = { bucket: "elsewhere", serviceAccount: "backups" };
  expect(await asked({ kind: "cloudnative-pg", backup })).toBe(
    "bucketworks:postgres.backup.bucket elsewhere is no bucket of the stack: there are shop-orders",
  );
  expect(() => of("postgres made for")).toThrow(/^no postgres made for/);
});
