import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, test } from "vitest";
import type { DatabasePlan } from "../../builders/postgres/plan.ts";
import type { Cluster } from "../../components/kubernetes/cluster.ts";
import { PostgresDeployment } from "../../components/kubernetes/postgres.ts";
import type { CredentialOutput } from "../../components/outputs.ts";
import { type PostgresServerInput, readPostgresServer } from "../../config/postgres-server/schema.ts";
import { type Registration, recordRegistrations } from "../support/registrations.ts";

let of: (name: string) => Registration;
beforeEach(async () => {
  of = await recordRegistrations();
});

const plan: DatabasePlan = {
  schemaVersion: 1,
  databases: [{ name: "shop_db", platforms: [{ name: "shop", roles: [{ name: "shop_reader", description: "" }] }] }],
};

class Ready extends pulumi.ComponentResource {}

async function deployed(given: PostgresServerInput): Promise<void> {
  const result = readPostgresServer(given);
  if (!result.ok) throw new Error(result.faults.join("; "));
  const storageKeys: Record<string, CredentialOutput> = { backups: { accessKey: "KEY", secretKey: "SECRET" } };
  const provider = new Provider("kubernetes");
  const cluster: Cluster = {
    server: {} as Cluster["server"],
    provider,
    context: undefined,
    namespace: "mlops",
    ready: new Ready("test:Ready", "ready"),
    workloadsImage: "registry.example/workloads:1",
    store: { endpoint: "http://minio", region: "us-east-1", caSecret: undefined },
    run: () => {},
  };
  new PostgresDeployment("mlops-postgresql", {
    server: result.server,
    plan,
    key: pulumi.secret(Buffer.alloc(32, 7).toString("base64")),
    image: "registry.example/workloads:1",
    cluster,
    storageKeys: pulumi.output(storageKeys),
    provider,
  });
  await pulumi.runtime.disconnect();
}

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
