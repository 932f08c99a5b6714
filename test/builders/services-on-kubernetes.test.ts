import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { ServicePlace } from "../../builders/services/kubernetes/place.ts";
import { plannedServices } from "../../builders/services/kubernetes/planned.ts";
import type { StackParts } from "../../builders/services/kubernetes/stack-parts.ts";
import { MinioServerConfig } from "../../config/minio-server/schema.ts";
import type { Platform } from "../../config/model.ts";
import {
  encrypted,
  keys,
  manifests,
  named,
  of,
  parts,
  place,
  platforms,
  secured,
  tokens,
  withKeys,
} from "../support/service-manifests.ts";

const GOLDEN = join(import.meta.dirname, "../golden");

test.each([
  ["plain", withKeys],
  ["secured", secured],
  ["encrypted", encrypted],
])("services.%s: the manifests of a stack's services (make golden writes them)", async (name, given) => {
  const file = join(GOLDEN, `services.${name}.manifests.json`);
  await expect(JSON.stringify(manifests(given), null, 2)).toMatchFileSnapshot(file);
});

test("where an operator's Prometheus reads the object store, a stack has none of its own, and tells nobody twice", () => {
  const names = (given: ServicePlace) =>
    plannedServices(platforms, parts, given).services.map((each) => each.instance.name);
  const beside = ["postgres-exporter", "log-store", "log-shipper", "logs", "grafana"];
  expect(names(withKeys)).toEqual(["mlops-mlflow", "mlops-model-api", "alertmanager", "prometheus", ...beside]);
  const watched = {
    ...withKeys,
    server: MinioServerConfig.parse({ monitoring: true, monitoringLabels: { release: "r" } }),
  };
  expect(names(watched)).toEqual(["mlops-mlflow", "mlops-model-api", ...beside]);
  expect(of("ServiceMonitor", withKeys)).toEqual([]);
  const [, monitor] = of("ServiceMonitor", watched);
  expect(monitor?.metadata.labels).toMatchObject({ release: "r" });
  const text = JSON.stringify(monitor?.spec);
  expect(text).toContain('"regex":"mlops-model-api-pods"');
  expect(text).toContain(
    '{"targetLabel":"job","replacement":"model-api"},{"targetLabel":"platform","replacement":"mlops"}',
  );
});

test("what a stack lacks for a service leaves that one out, and those that need it, and is named", () => {
  const idle = (given: StackParts, at = withKeys) => plannedServices(platforms, given, at).idle;
  expect(idle(parts)).toEqual({});
  expect(idle(parts, place())).toEqual({ tokens: ["mlops-model-api"] });
  expect(idle({ ...parts, database: undefined })).toEqual({
    database: ["mlops-mlflow"],
    mlflow: ["mlops-model-api"],
    statefulset: ["postgres-exporter"],
  });
  const [mlops] = platforms as [Platform];
  const { mlflow } = mlops.services;
  const withLogins = { ...mlops, services: { ...mlops.services, mlflow: mlflow && { ...mlflow, auth: true } } };
  const { servicesKey, mlflow: behind } = plannedServices([withLogins], { ...parts, hasKey: false }, withKeys).idle;
  expect([servicesKey, behind]).toEqual([expect.arrayContaining(["mlops-mlflow"]), ["mlops-model-api"]]);
  expect(idle({ ...parts, images: {} })).toEqual({
    "mlflow-server": ["mlops-mlflow"],
    mlops: ["mlops-model-api"],
    workloads: ["logs"],
  });
});

test("ML-035, ML-058: replicas of the model API stand behind one Service, and an autoscaler adds some where they are busy", () => {
  expect(named("Service", "mlops-model-api").spec).toMatchObject({
    type: "ClusterIP",
    selector: { "bucketworks.io/service": "mlops-model-api" },
    ports: [{ port: 8000, targetPort: "http" }],
  });
  expect(named("HorizontalPodAutoscaler", "mlops-model-api").spec).toMatchObject({
    scaleTargetRef: { kind: "Deployment", name: "mlops-model-api" },
    minReplicas: 1,
    maxReplicas: 3,
  });
  const { spec } = named("Deployment", "mlops-model-api");
  expect(spec).not.toHaveProperty("replicas");
  expect(spec.template.spec?.containers[0]?.resources?.requests).toEqual({ cpu: "250m", memory: "512Mi" });
  expect(spec.template.spec?.topologySpreadConstraints?.map(({ topologyKey }) => topologyKey)).toEqual([
    "kubernetes.io/hostname",
    "topology.kubernetes.io/zone",
  ]);
  expect(named("PodDisruptionBudget", "mlops-model-api").spec).toMatchObject({ maxUnavailable: 1 });
});

test("ML-039: the report on drift asks the pods of the model API by the name that they have in DNS, and is let in", () => {
  const job = platforms.flatMap(({ workloads }) => workloads).find(({ name }) => name === "mlops-drift-report");
  const [way, address = ""] = job?.steps[0]?.arguments ?? [];
  expect(way).toBe("--each-address");
  const { hostname, port } = new URL(address);
  const { spec } = named("Service", hostname);
  expect([spec?.clusterIP, spec?.selector, spec?.ports?.map((each) => String(each.port))]).toEqual([
    ...["None", { "bucketworks.io/service": "mlops-model-api" }, [port]],
  ]);
  const clients = named("NetworkPolicy", "mlops-model-api-clients").spec?.ingress?.flatMap(({ from = [] }) => from);
  expect(clients).toContainEqual({ podSelector: { matchLabels: { "app.kubernetes.io/part-of": "mlops" } } });
});

test("a pod behind a Service answers until every node knows that it goes, and has its own time to end after that", () => {
  const { spec } = named("Deployment", "mlops-model-api").spec.template;
  expect(spec?.containers.map(({ lifecycle }) => lifecycle?.preStop)).toEqual([{ sleep: { seconds: 5 } }]);
  expect(spec?.terminationGracePeriodSeconds).toBe(45);
});

test("an update waits for MLflow, and for no model that nobody has registered yet", () => {
  const skipped = (name: string) => named("Deployment", name).metadata.annotations?.["pulumi.com/skipAwait"];
  expect(skipped("mlops-model-api")).toBe("true");
  expect(skipped("mlops-mlflow")).toBeUndefined();
});

test("the model API reads keys of tokens from an address, or from a file of its own", () => {
  const variable = (given?: ServicePlace) =>
    named("Deployment", "mlops-model-api", given).spec.template.spec?.containers[0]?.env?.find(
      ({ name }) => name === "JWT_JWKS",
    )?.value;
  expect(variable()).toBe("/etc/bucketworks/settings/jwks.json");
  expect(named("ConfigMap", "mlops-model-api-settings").data).toEqual({ "jwks.json": keys });
  expect(variable(secured)).toBe(tokens.jwks);
  const egress = JSON.stringify(named("NetworkPolicy", "mlops-model-api-servers", secured).spec);
  expect(egress).toContain('{"ports":[{"port":8443,"protocol":"TCP"}]}');
});

test("a service with a host has an Ingress with its certificate, whose controller is let in; others have none", () => {
  expect(of("Ingress", withKeys)).toEqual([]);
  expect(of("Ingress", secured).map(({ spec }) => spec)).toEqual([
    {
      ingressClassName: "nginx",
      tls: [{ hosts: ["models.example.com"], secretName: "edge" }],
      rules: [
        {
          host: "models.example.com",
          http: {
            paths: [
              {
                path: "/",
                pathType: "Prefix",
                backend: { service: { name: "mlops-model-api", port: { name: "http" } } },
              },
            ],
          },
        },
      ],
    },
  ]);
  const policy = (name: string) => JSON.stringify(named("NetworkPolicy", `${name}-clients`, secured).spec.ingress);
  expect(policy("mlops-model-api")).toContain('"kubernetes.io/metadata.name":"ingress-nginx"');
  expect(policy("mlops-mlflow")).not.toContain("ingress-nginx");
});

test("ML-098: with TLS of the servers, MLflow and the model API verify them by their authorities", () => {
  const database = { host: "db.mlops.svc", pods: {}, port: 5432, caSecret: "postgresql-tls", hasMetricsRole: true };
  const planned = plannedServices(platforms, { ...parts, database }, secured).services.flatMap(
    (each) => each.manifests,
  );
  const text = (name: string) =>
    JSON.stringify(planned.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === name));
  expect(text("postgres-exporter")).toContain(
    '"db.mlops.svc:5432/postgres?sslmode=verify-full&sslrootcert=/etc/bucketworks/database-ca/ca.crt"',
  );
  expect(text("mlops-mlflow")).toContain('{"name":"PGSSLROOTCERT","value":"/etc/bucketworks/database-ca/ca.crt"}');
  for (const name of ["mlops-mlflow", "mlops-model-api"])
    expect(text(name)).toContain('{"name":"AWS_CA_BUNDLE","value":"/etc/bucketworks/ca/ca.crt"}');
});

test("nobody reaches a service's pods, and they reach nobody, but who is named", () => {
  const policies = of("NetworkPolicy", withKeys);
  for (const { metadata, spec } of policies.filter(({ metadata }) => metadata.name.endsWith("-deny"))) {
    expect(spec, metadata.name).toMatchObject({ ingress: [] });
  }
  const open = policies.filter(({ spec }) => spec.ingress.some(({ from }) => from === undefined || from.length === 0));
  expect(open.map(({ metadata }) => metadata.name)).toEqual([]);
  const policy = (name: string) => JSON.stringify(policies.find(({ metadata }) => metadata.name === name)?.spec);
  expect(policy("alertmanager-clients")).toContain('"bucketworks.io/service":"prometheus"');
  for (const name of ["prometheus", "mlops-mlflow", "mlops-model-api"])
    expect(policy(`${name}-deny`), name).toContain('"egress":[]');
  expect(policy("prometheus-servers")).toContain('"app.kubernetes.io/name":"minio"');
  expect(policy("mlops-mlflow-clients")).toContain('"app.kubernetes.io/part-of":"mlops"');
});

test("volumes of services outlive them, with room for what Prometheus keeps", () => {
  const sets = of("StatefulSet");
  expect(sets.map(({ metadata }) => metadata.name)).toEqual(["alertmanager", "prometheus", "log-store", "log-shipper"]);
  for (const { spec } of sets) {
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: "Retain", whenScaled: "Retain" });
  }
  expect(sets[1]?.spec.volumeClaimTemplates?.[0]?.spec?.resources?.requests).toEqual({ storage: "4Gi" });
});

test("Prometheus reads the object store as the stack's rules ask, over TLS that it verifies where there is TLS", () => {
  const settings = (given = withKeys) =>
    parse(named("ConfigMap", "prometheus-settings", given).data["prometheus.yml"] ?? "");
  const minio = (given?: ServicePlace) => settings(given).scrape_configs[0];
  expect(minio()).toMatchObject({
    scheme: "http",
    static_configs: [
      {
        targets: ["minio-service.mlops.svc.cluster.local:9000"],
        labels: { namespace: "mlops", job: "minio-service" },
      },
    ],
  });
  expect(minio(secured)).toMatchObject({ scheme: "https", tls_config: { ca_file: "/etc/bucketworks/ca/ca.crt" } });
  const rules = named("ConfigMap", "prometheus-settings").data["rules.yml"] ?? "";
  expect(rules).toContain('job="minio-service"');
  expect(rules).toContain("model_api_");
  expect(rules).not.toMatch(/kube_|node_|pipeline_last/);
});

test("no manifest of a service holds a secret: token, receivers, keys and logins come by reference", () => {
  const secrets = of("StatefulSet").flatMap(({ spec }) =>
    (spec.template.spec?.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []),
  );
  expect([...new Set(secrets)]).toEqual(["alertmanager-settings", "minio-metrics", "log-store-login", "logs-login"]);
  const referred = of("Deployment", withKeys).map(({ spec }) => [
    ...new Set(
      (spec.template.spec?.containers[0]?.env ?? []).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []),
    ),
  ]);
  expect(referred).toEqual([
    ["mlops-mlflow-server-s3", "mlops-mlflow-postgres"],
    ["mlops-model-api-s3", "mlops-model-api-postgres"],
    [],
    [],
    [],
  ]);
  expect(manifests(withKeys).map(({ kind }) => kind)).not.toContain("Secret");
});

test("other settings make other pods", () => {
  const marks = (given?: ServicePlace) =>
    of("StatefulSet", given).map(({ spec }) => spec.template.metadata?.annotations?.["bucketworks.io/settings"]);
  expect(marks(secured)[1]).not.toBe(marks()[1]);
  expect(marks()[1]).toMatch(/^[0-9a-f]{16}$/);
});
