import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { type Manifest, type ManifestOf, parted } from "../../builders/kubernetes/manifest.ts";
import type { ServicePlace } from "../../builders/services/kubernetes/place.ts";
import { stackServices } from "../../builders/services/kubernetes/planned.ts";
import { ClusterServicesConfig } from "../../config/cluster-services/schema.ts";
import { MinioServerConfig, type MinioServerInput } from "../../config/minio-server/schema.ts";
import { platform } from "../support/platforms.ts";

const GOLDEN = join(import.meta.dirname, "../golden");
const platforms = ["mlops", "usdcop"].map((name) => platform(name));

const place = (server: MinioServerInput = {}, settings = {}): ServicePlace => ({
  server: MinioServerConfig.parse(server),
  settings: ClusterServicesConfig.parse(settings),
});
const manifests = (given = place()): Manifest[] =>
  stackServices(platforms, given).flatMap((each) => [...each.manifests]);
const of = <Kind extends Manifest["kind"]>(kind: Kind, given = place()): ManifestOf<Kind>[] =>
  parted(manifests(given), kind)[0];

const secured = place(
  { tls: { from: "secret", secret: "supplied" }, imagePullSecret: "registry" },
  { storageClass: "fast" },
);

test.each([
  ["plain", place()],
  ["secured", secured],
])("services.%s: the manifests of a stack's services (make golden writes them)", async (name, given) => {
  const file = join(GOLDEN, `services.${name}.manifests.json`);
  await expect(JSON.stringify(manifests(given), null, 2)).toMatchFileSnapshot(file);
});

test("where an operator's Prometheus reads the object store, a stack has none of its own, and tells nobody twice", () => {
  expect(manifests().length).toBeGreaterThan(0);
  expect(manifests(place({ monitoring: true }))).toEqual([]);
});

test("nobody reaches a service's pods, and they reach nobody, but who is named", () => {
  const policies = of("NetworkPolicy");
  for (const { metadata, spec } of policies.filter(({ metadata }) => metadata.name.endsWith("-deny"))) {
    expect(spec, metadata.name).toMatchObject({ ingress: [] });
  }
  const open = policies.filter(({ spec }) => spec.ingress.some(({ from }) => from === undefined || from.length === 0));
  expect(open.map(({ metadata }) => metadata.name)).toEqual([]);
  const named = (name: string) => JSON.stringify(policies.find(({ metadata }) => metadata.name === name)?.spec);
  expect(named("alertmanager-clients")).toContain('"bucketworks.io/service":"prometheus"');
  expect(named("prometheus-deny")).toContain('"egress":[]');
  expect(named("prometheus-servers")).toContain('"app.kubernetes.io/name":"minio"');
});

test("volumes of services outlive them, with room for what Prometheus keeps", () => {
  const sets = of("StatefulSet");
  expect(sets.map(({ metadata }) => metadata.name)).toEqual(["alertmanager", "prometheus"]);
  for (const { spec } of sets) {
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: "Retain", whenScaled: "Retain" });
  }
  expect(sets[1]?.spec.volumeClaimTemplates?.[0]?.spec?.resources?.requests).toEqual({ storage: "4Gi" });
});

test("Prometheus reads the object store as the stack's rules ask, over TLS that it verifies where there is TLS", () => {
  const settings = (given?: ServicePlace) => parse(of("ConfigMap", given)[0]?.data["prometheus.yml"] ?? "");
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
  const rules = of("ConfigMap")[0]?.data["rules.yml"] ?? "";
  expect(rules).toContain('job="minio-service"');
  expect(rules).not.toContain("kube_");
});

test("no manifest of a service holds a secret: token and receivers come by reference", () => {
  const secrets = of("StatefulSet").flatMap(({ spec }) =>
    (spec.template.spec?.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []),
  );
  expect(secrets).toEqual(["alertmanager-settings", "minio-metrics"]);
  expect(manifests().map(({ kind }) => kind)).not.toContain("Secret");
});

test("other settings make other pods", () => {
  const marks = (given?: ServicePlace) =>
    of("StatefulSet", given).map(({ spec }) => spec.template.metadata?.annotations?.["bucketworks.io/settings"]);
  expect(marks(secured)[1]).not.toBe(marks()[1]);
  expect(marks()[1]).toMatch(/^[0-9a-f]{16}$/);
});
