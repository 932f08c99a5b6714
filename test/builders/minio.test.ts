import { join } from "node:path";
import { expect, test } from "vitest";
import { type Manifest, type ManifestOf, parted } from "../../builders/kubernetes/manifest.ts";
import { minioManifests } from "../../builders/minio/manifests.ts";
import { secretValues } from "../../builders/minio/notifications.ts";
import { type MinioServer, MinioServerConfig, type MinioServerInput } from "../../config/minio-server/schema.ts";
import { NotificationTargets } from "../../config/stack/notification-targets.ts";

const GOLDEN = join(import.meta.dirname, "../golden");

function server(given: MinioServerInput = {}): MinioServer {
  return MinioServerConfig.parse(given);
}

const manifests = (given: MinioServerInput = {}): Manifest[] => minioManifests(server(given));
const of = <Kind extends Manifest["kind"]>(all: readonly Manifest[], kind: Kind) => parted(all, kind)[0];

const container = (all: readonly Manifest[]) => of(all, "StatefulSet")[0]?.spec.template.spec?.containers[0];

test.each([
  ["standalone", { servers: 1 }],
  ["distributed", { namespace: "mlops", service: "minio-service", drives: 2, storageClass: "local" }],
  [
    "whole",
    {
      tls: { from: "cert-manager", issuer: "house" },
      ingress: { host: "s3.example.com", consoleHost: "console.example.com", className: "nginx", tlsSecret: "edge" },
      monitoring: true,
      monitoringLabels: { release: "kube-prometheus-stack" },
    },
  ],
] as const)("the manifests of a %s server (make golden writes them)", async (name, given) => {
  await expect(JSON.stringify(manifests(given), null, 2)).toMatchFileSnapshot(
    join(GOLDEN, `minio.${name}.manifests.json`),
  );
});

test("one server keeps its data on its own drive, several know one another by the names of their pods", () => {
  expect(container(manifests({ servers: 1 }))?.args?.at(-1)).toBe("/drive-0");
  expect(container(manifests({ servers: 1, drives: 4 }))?.args?.at(-1)).toBe("/drive-{0...3}");
  expect(container(manifests({ drives: 2 }))?.args?.at(-1)).toBe(
    "http://minio-{0...3}.minio-nodes.mlops.svc.cluster.local:9000/drive-{0...1}",
  );
  expect(container(manifests({ tls: { from: "secret", secret: "own" } }))?.args?.at(-1)).toMatch(/^https:/);
});

test("no manifest holds a secret: credentials and KMS key come by reference", () => {
  const names = ["MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", "MINIO_KMS_SECRET_KEY"];
  for (const name of names) {
    const variable = container(manifests())?.env?.find((each) => each.name === name);
    expect(variable).toEqual({ name, valueFrom: { secretKeyRef: { name: "minio-root", key: expect.any(String) } } });
  }
  expect(manifests().map(({ kind }) => kind)).not.toContain("Secret");
});

test("pods run on nodes with the stack's labels alone, fast ones for example (M-062)", () => {
  const pod = (given: MinioServerInput) => of(manifests(given), "StatefulSet")[0]?.spec.template.spec;
  expect(pod({ nodeSelector: { network: "25g" } })?.nodeSelector).toEqual({ network: "25g" });
  expect(pod({})).not.toHaveProperty("nodeSelector");
});

test("what tunes the server and its webhook for audits are variables; the webhook's token comes by reference", () => {
  const given = {
    tuning: { siteName: "riga", scannerSpeed: "slow" as const },
    audit: { url: "https://siem.example/x" },
  };
  const env = (hasToken: boolean) =>
    Object.fromEntries(
      (container(minioManifests(server(given), { hasAuditToken: hasToken }))?.env ?? []).map(
        ({ name, value, valueFrom }) => [name, value ?? valueFrom?.secretKeyRef],
      ),
    );
  expect(env(false)).toMatchObject({
    MINIO_SITE_NAME: "riga",
    MINIO_SCANNER_SPEED: "slow",
    MINIO_AUDIT_WEBHOOK_ENABLE_bucketworks: "on",
    MINIO_AUDIT_WEBHOOK_ENDPOINT_bucketworks: "https://siem.example/x",
    MINIO_AUDIT_WEBHOOK_QUEUE_DIR_bucketworks: "/drive-0/.bucketworks/audit",
  });
  const token = "MINIO_AUDIT_WEBHOOK_AUTH_TOKEN_bucketworks";
  expect([env(false)[token], env(true)[token]]).toEqual([undefined, { name: "minio-root", key: "audit-token" }]);
});

test("targets for notifications are variables with a queue on the disk; what they are reached with comes by reference", () => {
  const notificationTargets = NotificationTargets.parse({
    lake: { type: "webhook", endpoint: "https://lake.example/told" },
    log: { type: "postgresql", host: "db", database: "d", user: "teller", table: "events", queueLimit: 7 },
  });
  const told = { notificationTargets, secretTargets: ["log"] };
  const env = (container(minioManifests(server(), told))?.env ?? []).filter(({ name }) => name.includes("NOTIFY"));
  expect(Object.fromEntries(env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.secretKeyRef]))).toEqual(
    {
      MINIO_NOTIFY_WEBHOOK_ENABLE_lake: "on",
      MINIO_NOTIFY_WEBHOOK_ENDPOINT_lake: "https://lake.example/told",
      MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_lake: "/drive-0/.bucketworks/notifications",
      MINIO_NOTIFY_WEBHOOK_QUEUE_LIMIT_lake: "100000",
      MINIO_NOTIFY_POSTGRES_ENABLE_log: "on",
      MINIO_NOTIFY_POSTGRES_TABLE_log: "events",
      MINIO_NOTIFY_POSTGRES_FORMAT_log: "access",
      MINIO_NOTIFY_POSTGRES_QUEUE_DIR_log: "/drive-0/.bucketworks/notifications",
      MINIO_NOTIFY_POSTGRES_QUEUE_LIMIT_log: "7",
      MINIO_NOTIFY_POSTGRES_CONNECTION_STRING_log: { name: "minio-root", key: "notify-log" },
    },
  );
  expect(secretValues(notificationTargets, { lake: { token: "t" }, log: { password: "a'b\\c" } })).toEqual({
    lake: "t",
    log: "host='db' port='5432' user='teller' password='a\\'b\\\\c' dbname='d' sslmode='verify-full'",
  });
});

test("volumes stay when the server is removed or made smaller", () => {
  expect(of(manifests(), "StatefulSet")[0]?.spec).toMatchObject({
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
  });
});

test("a budget lets one of several servers go at a time, and doesn't hold a lone one", () => {
  expect(of(manifests(), "PodDisruptionBudget")).toMatchObject([{ spec: { maxUnavailable: 1 } }]);
  expect(of(manifests({ servers: 1 }), "PodDisruptionBudget")).toEqual([]);
});

test("nobody reaches the pods but the servers, labelled clients, and who looks at console or metrics", () => {
  const policies = of(manifests(), "NetworkPolicy");
  expect(policies.map(({ metadata }) => metadata.name)).toEqual([
    "minio-deny",
    "minio-nodes",
    "minio-clients",
    "minio-console",
    "minio-metrics",
  ]);
  expect(policies[0]).toMatchObject({ spec: { policyTypes: ["Ingress"], ingress: [] } });
  expect(JSON.stringify(policies[2]?.spec)).toContain('"bucketworks.io/s3-client":"true"');
});

test("an Ingress's controller is let in from its namespace, to the console where that has a host", () => {
  const policy = (ingress: MinioServerInput["ingress"]) =>
    of(manifests({ ingress }), "NetworkPolicy").find(({ metadata }) => metadata.name === "minio-ingress")?.spec;
  const controller = (namespace: string, ports: readonly number[]) => ({
    podSelector: { matchLabels: { "app.kubernetes.io/name": "minio", "app.kubernetes.io/instance": "minio" } },
    policyTypes: ["Ingress"],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } }],
        ports: ports.map((port) => ({ port, protocol: "TCP" })),
      },
    ],
  });
  const host = "s3.example.com";
  expect(policy({ host })).toEqual(controller("ingress-nginx", [9000]));
  expect(policy({ host, consoleHost: "console.example.com", from: { namespace: "edge" } })).toEqual(
    controller("edge", [9000, 9001]),
  );
  expect(policy(undefined)).toBeUndefined();
});

test("the operator's Prometheus finds the ServiceMonitor by the labels that the stack names, and the selector stays", () => {
  const monitor = (monitoringLabels = {}) =>
    of(manifests({ monitoring: true, monitoringLabels }), "ServiceMonitor")[0] as ManifestOf<"ServiceMonitor">;
  const { metadata, spec } = monitor({ release: "kube-prometheus-stack" });
  expect(metadata.labels).toEqual({ ...monitor().metadata.labels, release: "kube-prometheus-stack" });
  expect(spec).toEqual(monitor().spec);
});

test("what needs CRDs or an ingress controller is made only when asked for", () => {
  const kinds = new Set(manifests().map(({ kind }) => kind));
  for (const kind of ["Certificate", "ServiceMonitor", "Ingress"]) expect(kinds).not.toContain(kind);
});

test("the namespace refuses pods that Pod Security restricted refuses, unless it isn't ours", () => {
  expect(of(manifests(), "Namespace")).toMatchObject([
    { metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
  ]);
  expect(of(manifests({ createNamespace: false }), "Namespace")).toEqual([]);
});

test("clients find it by the name that the platforms' programs look for, on S3's port and the console's (U-076, M-015, M-023)", () => {
  const service = of(manifests(), "Service").find(({ metadata }) => metadata.name === "minio-service");
  expect(service).toMatchObject({ spec: { ports: [{ port: 9000 }, { port: 9001 }] } });
  expect(container(manifests())?.args).toContain(":9001");
});

test("it is asked for its health as the source asks, and as often (U-087, M-021, M-047)", () => {
  expect(container(manifests())).toMatchObject({
    livenessProbe: {
      httpGet: { path: "/minio/health/live" },
      periodSeconds: 30,
      timeoutSeconds: 20,
      failureThreshold: 3,
    },
    readinessProbe: { httpGet: { path: "/minio/health/ready" } },
  });
});

test("certificates lie where the source has them (M-013)", () => {
  const args = container(manifests({ tls: { from: "secret", secret: "supplied" } }))?.args ?? [];
  expect(args[args.indexOf("--certs-dir") + 1]).toBe("/etc/minio/certs");
});

test("the console's own address is told where an Ingress has one (M-016)", () => {
  const ingress = { host: "s3.example.com", consoleHost: "console.example.com" };
  const address = { name: "MINIO_BROWSER_REDIRECT_URL", value: "http://console.example.com" };
  expect(container(manifests({ ingress }))?.env).toContainEqual(address);
});

test("storage class, memory and processor are the stack's choice (M-060, M-063)", () => {
  const text = JSON.stringify(manifests({ storageClass: "fast-ssd", memory: "8Gi", cpu: "2" }));
  expect(text).toContain('"storageClassName":"fast-ssd"');
  expect(text).toContain('{"requests":{"cpu":"2","memory":"8Gi"},"limits":{"memory":"8Gi"}}');
});

test("the region of the stack is the server's own; without one it stays MinIO's default", () => {
  const named = container(minioManifests(server(), { region: "eu-west-1" }))?.env;
  expect(named).toContainEqual({ name: "MINIO_SITE_REGION", value: "eu-west-1" });
  expect(JSON.stringify(manifests())).not.toContain("MINIO_SITE_REGION");
});
