import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keyVariables } from "../../builders/key-variables.ts";
import { connectionVariables } from "../../builders/postgres/connection-variables.ts";
import { podTemplate } from "../../builders/workloads/pod.ts";
import { modelOf } from "../support/spec.ts";
import { ROOT } from "../support/toolchain.ts";
import { PLACE } from "../support/workload-place.ts";

const PYTHON = join(ROOT, ".bucketworks/pipelines/venv/bin/python");
const SHOWN = `
import json, os
from pipeline_shared.settings import load_settings
minio, postgres = load_settings()
print(json.dumps({
  "endpoint": minio.endpoint, "secure": minio.secure, "ca": minio.ca_file, "key": minio.secret_key.get_secret_value(),
  "login": f"{postgres.user}:{postgres.password.get_secret_value()}@{postgres.host}:{postgres.port}/{postgres.database}",
  "tls": [os.environ["PGSSLMODE"], os.environ.get("PGSSLROOTCERT")],
}))`;

const SPEC = `
bucket_groups: {raw: {buckets: [{name: raw-data}]}}
access:
  policies: {writer: {grants: [{role: write, bucket: raw-data}]}}
  users: {jobs: {policies: [writer]}}
  service_accounts: {raw-writer: {user: jobs, policies: [writer]}}
database: {name: raw_db, roles: {writer: {description: writes}}}
workloads:
  ingestion: {kind: job, image: cybersec, service_account: raw-writer, database_role: writer}
`;

/** What the program of a pod reads from its environment: plain values, and what its Secrets hold. */
function settingsIn(tls: boolean): unknown {
  const [workload] = modelOf(SPEC, "production").platforms[0]?.workloads ?? [];
  if (workload === undefined) throw new Error("the spec has a workload");
  const place = { ...PLACE, ...(!tls && { caSecret: undefined, databaseCaSecret: undefined }) };
  const endpoint = `${tls ? "https" : "http"}://minio-service.mlops.svc.cluster.local:9000`;
  const secrets: Record<string, string> = {
    ...keyVariables({ endpoint, region: "us-east-1", accessKey: "access", secretKey: "secret" }),
    ...connectionVariables({ host: "db.mlops", port: 5432, user: "w", password: "pass", database: "raw_db", tls }),
  };
  const [container] = podTemplate(workload, place, { restartPolicy: "Never" }).spec?.containers ?? [];
  const env = Object.fromEntries(
    (container?.env ?? []).map(({ name, value, valueFrom }) => [
      name,
      value ?? secrets[valueFrom?.secretKeyRef?.key ?? ""],
    ]),
  );
  return JSON.parse(execFileSync(PYTHON, ["-c", SHOWN], { encoding: "utf8", env }));
}

test("a data program understands what its pod's Secrets hold, of servers with TLS and their authorities", () => {
  expect(settingsIn(true)).toEqual({
    endpoint: "minio-service.mlops.svc.cluster.local:9000",
    secure: true,
    ca: "/etc/bucketworks/ca/ca.crt",
    key: "secret",
    login: "w:pass@db.mlops:5432/raw_db",
    tls: ["verify-full", "/etc/bucketworks/database-ca/ca.crt"],
  });
});

test("and of servers without TLS", () => {
  expect(settingsIn(false)).toMatchObject({ secure: false, ca: null, tls: ["disable", null] });
});
