import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { LocalProject } from "../local-project.ts";
import { TestServer } from "../minio.ts";
import { plainShell } from "../project-copy.ts";
import { makeCertificate } from "../tls.ts";
import { ROOT } from "../toolchain.ts";
import type { Surroundings } from "./python-tests.ts";

/** Every bucket may be inspected by a key of its own, as a worker has one that is no checkout's. */
const PLATFORM = `
metadata: {version: v1, description: platform of Python's tests, environment: production}
minio_config:
  endpoint: \${MINIO_ENDPOINT:-localhost:9000}
  access_key: \${MINIO_ACCESS_KEY:-minioadmin}
  secret_key: \${MINIO_SECRET_KEY:-minioadmin123}
  secure: false
  region: us-east-1
bucket_groups:
  shop:
    description: d
    layer: L0
    retention_days: 90
    versioning: true
    encryption: sse-s3
    quota: 1GiB
    on_delete: retain
    buckets:
      - {name: orders, description: d, tags: {data_type: test}}
      - {name: invoices, description: d, tags: {data_type: test}}
access:
  policies:
    inspector: {grants: [{role: inspect, bucket: orders}, {role: inspect, bucket: invoices}]}
    clerk: {grants: [{role: read_write, bucket: invoices}]}
  users:
    health-check: {policies: [inspector]}
    clerk: {policies: [clerk]}
`;

const SETTLE = `. toolchain/env.sh
pulumi stack init production --no-select
pulumi config set-all --stack production --plaintext "bucketworks:endpoint=$ENDPOINT" --plaintext bucketworks:caFile=.bucketworks/authority.pem
printf %s "$ROOT_USER" | pulumi config set --stack production --secret bucketworks:rootUser
printf %s "$ROOT_PASSWORD" | pulumi config set --stack production --secret bucketworks:rootPassword`;

/**
 * A copy of the project for Python's tests, as the variable PLACE. Nothing is started in it yet; its stack production
 * names a server behind TLS, which is empty.
 */
export async function pythonProject(): Promise<Surroundings> {
  const project = await LocalProject.make();
  project.declare(PLATFORM);
  const { minio, root } = project.checkout;
  const certificate = makeCertificate();
  const server = await TestServer.start({}, certificate);
  cpSync(certificate.caFile, join(root, ".bucketworks", "authority.pem"));
  const settings = { ENDPOINT: server.endpoint, ROOT_USER: server.user, ROOT_PASSWORD: server.password };
  const options = { cwd: root, env: { ...plainShell(), ...settings }, stdio: "pipe" } as const;
  execFileSync("sh", ["-ec", SETTLE], options);
  const place = {
    project: root,
    spec: project.spec,
    port: project.ports.BUCKETWORKS_PORT,
    root_user: minio.rootUser,
    root_password: minio.rootPassword,
    airflow: join(ROOT, ".bucketworks/pipelines/airflow/bin/airflow"),
    uv: join(ROOT, ".bucketworks/toolchain/bin/uv"),
  };
  const unset = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return {
    env: { ...unset, ...plainShell(), ...project.ports, PLACE: JSON.stringify(place) },
    stop: async () => {
      await server.stop();
      certificate.remove();
      await project.remove();
    },
  };
}
