import { expect, test } from "vitest";
import { parse } from "yaml";
import type { ServicePlace } from "../../builders/services/kubernetes/place.ts";
import { plannedServices } from "../../builders/services/kubernetes/planned.ts";
import { resolveRollout } from "../../config/resolve/rollout.ts";
import { encrypted, manifests, named, of, parts, place, platforms, tokens } from "../support/service-manifests.ts";

const supplied = place({}, { tls: { from: "secret", secret: "supplied" }, tokens });
const DOMAIN = "mlops.svc.cluster.local";

const pods = (given: ServicePlace) =>
  [...of("Deployment", given), ...of("StatefulSet", given)].map(({ metadata: { name }, spec: { template } }) => ({
    name,
    spec: template.spec,
    container: template.spec?.containers[0],
  }));

test("ML-098: each service has a certificate of its own from the issuer, with every name by which pods call it", () => {
  const made = of("Certificate", encrypted);
  expect(made.map(({ metadata }) => metadata.name).sort()).toEqual(
    pods(encrypted)
      .map(({ name }) => `${name}-tls`)
      .sort(),
  );
  const { spec } = named("Certificate", "mlops-mlflow-tls", encrypted);
  expect(spec).toMatchObject({
    secretName: "mlops-mlflow-tls",
    issuerRef: { name: "house", kind: "ClusterIssuer" },
    privateKey: { rotationPolicy: "Always" },
  });
  for (const host of ["mlops-mlflow", "mlops-mlflow.mlops", "mlops-mlflow.mlops.svc", `mlops-mlflow.${DOMAIN}`])
    expect((spec as { dnsNames: string[] }).dnsNames).toContain(host);
  expect(of("Certificate", supplied)).toEqual([]);
});

test.each([
  ["cert-manager", encrypted, (name: string) => `${name}-tls`],
  ["a Secret", supplied, () => "supplied"],
])("by %s every pod has certificate, key and authority as files, and is probed by TLS", (_, given, secretOf) => {
  for (const { name, spec, container } of pods(given)) {
    const volume = spec?.volumes?.find((each) => each.name === "tls");
    expect(volume?.secret, name).toEqual({
      secretName: secretOf(name),
      defaultMode: 0o440,
      items: ["tls.crt", "tls.key", "ca.crt"].map((key) => ({ key, path: key })),
    });
    expect(container?.volumeMounts, name).toContainEqual({
      name: "tls",
      mountPath: "/etc/bucketworks/tls",
      readOnly: true,
    });
    for (const probe of [container?.startupProbe, container?.readinessProbe, container?.livenessProbe])
      expect(probe?.httpGet, name).toMatchObject({ scheme: "HTTPS", port: "https" });
  }
  expect(pods(given).length).toBe(9);
});

test("ML-098: nothing that one service is told of another is plain HTTP", () => {
  const texts = manifests(encrypted).map((each) => JSON.stringify(each));
  const plain = texts.flatMap((text) => text.match(/http:\/\/[\w.-]+/g) ?? []);
  // The object store of this place has no TLS.
  expect([...new Set(plain)]).toEqual(["http://minio-service.mlops.svc.cluster.local"]);
  expect(texts.join("\n")).not.toMatch(/"name":"http"|"port":"http"|targetPort":"http"/);
});

test("Prometheus knows each service by its own name, also where it asks a pod by its address", () => {
  const settings = parse(named("ConfigMap", "prometheus-settings", encrypted).data["prometheus.yml"] ?? "");
  const known = (name: string) => ({
    scheme: "https",
    tls_config: { ca_file: "/etc/bucketworks/tls/ca.crt", server_name: `${name}.${DOMAIN}` },
  });
  for (const job of settings.scrape_configs) {
    if (!job.job_name.startsWith("minio-")) expect(job, job.job_name).toMatchObject(known(job.job_name));
  }
  expect(settings.alerting.alertmanagers).toMatchObject([known("alertmanager")]);
  for (const name of ["prometheus", "alertmanager", "postgres-exporter"]) {
    expect(parse(named("ConfigMap", `${name}-web`, encrypted).data["web.yml"] ?? "")).toEqual({
      tls_server_config: { cert_file: "/etc/bucketworks/tls/tls.crt", key_file: "/etc/bucketworks/tls/tls.key" },
    });
  }
});

test("an operator's Prometheus is told the same", () => {
  const watched = { ...encrypted, server: { ...encrypted.server, monitoring: true } };
  const monitors = of("ServiceMonitor", watched);
  expect(monitors.length).toBeGreaterThan(4);
  for (const { metadata, spec } of monitors)
    expect(spec, metadata.name).toMatchObject({
      endpoints: [
        {
          port: "https",
          scheme: "https",
          tlsConfig: {
            ca: { secret: { name: `${metadata.name}-tls`, key: "ca.crt" } },
            serverName: `${metadata.name}.${DOMAIN}`,
          },
        },
      ],
    });
});

test("who judges a rollout asks Prometheus by a name that its certificate proves, and may not skip that", () => {
  const [mlops] = platforms;
  const { modelApi } = mlops?.services ?? {};
  if (mlops === undefined || !modelApi) throw new Error("mlops has no model API");
  const rollout = resolveRollout({ strategy: "blue_green", analysis: {} });
  const judged = { ...mlops, services: { ...mlops.services, modelApi: { ...modelApi, rollout } } };
  const given = { ...encrypted, settings: { ...encrypted.settings, deploy: true } };
  const made = plannedServices([judged], parts, given).services.flatMap((each) => [...each.manifests]);
  const text = JSON.stringify(made.find(({ kind }) => kind === "AnalysisTemplate"));
  expect(text).toContain(`"address":"https://prometheus.${DOMAIN}:9090"`);
  expect(text).not.toContain("insecure");
});

test("nginx verifies the pods behind an Ingress; what another controller needs is the stack's to say", () => {
  const [ingress] = of("Ingress", encrypted);
  expect(ingress?.metadata.annotations).toMatchObject({
    "nginx.ingress.kubernetes.io/backend-protocol": "HTTPS",
    "nginx.ingress.kubernetes.io/proxy-ssl-verify": "on",
    "nginx.ingress.kubernetes.io/proxy-ssl-secret": "mlops/mlops-model-api-tls",
    "nginx.ingress.kubernetes.io/proxy-ssl-name": `mlops-model-api.${DOMAIN}`,
    "example.com/timeout": "60",
  });
  expect(JSON.stringify(ingress?.spec)).toContain('"port":{"name":"https"}');
});
