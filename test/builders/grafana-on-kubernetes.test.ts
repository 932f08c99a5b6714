import { expect, test } from "vitest";
import { parse } from "yaml";
import { dashboardFiles } from "../../builders/services/dashboards/dashboards.ts";
import { loginData } from "../../builders/services/kubernetes/login.ts";
import { plannedServices } from "../../builders/services/kubernetes/planned.ts";
import { MinioServerConfig } from "../../config/minio-server/schema.ts";
import { named, parts, place, platforms, withKeys } from "../support/service-manifests.ts";

const pod = () => named("Deployment", "grafana").spec.template.spec;
const planned = (given = withKeys, has = parts) => plannedServices(platforms, has, given);

test("ML-023: a stack's Grafana gets the laptop's dashboards as ConfigMaps, each far below the 1 MiB of one", () => {
  const files = dashboardFiles();
  const { services } = planned(withKeys, { ...parts, dashboards: files });
  const maps = services.flatMap(({ manifests }) => manifests.filter((each) => each.kind === "ConfigMap"));
  const shown = maps.filter(({ metadata }) => metadata.name.startsWith("grafana-dashboards-"));
  const found = shown.flatMap(({ metadata, data }) =>
    Object.entries(data).map(([file, text]) => [`${metadata.name.slice("grafana-dashboards-".length)}/${file}`, text]),
  );
  const expected = Object.entries(files).map(([file, text]) => [
    file.replace(/^[^/]+/, (it) => it.toLowerCase()),
    text,
  ]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  for (const { metadata, data } of shown) {
    expect(Object.values(data).join("").length, metadata.name).toBeLessThan(512 * 1024);
  }
});

test("Grafana's settings name what its pod has: data source, folders of dashboards, password", () => {
  const { data } = named("ConfigMap", "grafana-settings");
  expect(parse(data["datasources-prometheus.yml"] ?? "").datasources[0]).toMatchObject({
    uid: "prometheus",
    url: "http://prometheus:9090",
  });
  const mounts = pod()?.containers[0]?.volumeMounts ?? [];
  const at = Object.fromEntries(mounts.map(({ mountPath, name }) => [mountPath, name]));
  const volume = (path: string) => pod()?.volumes?.find(({ name }) => name === at[path]);
  const { path } = parse(data["dashboards-bucketworks.yml"] ?? "").providers[0].options;
  expect(volume(`${path}/Operation`)?.configMap?.name).toBe("grafana-dashboards-operation");
  expect(volume(`${path}/Models`)?.configMap?.name).toBe("grafana-dashboards-models");
  const ini = data["grafana.ini"] ?? "";
  const [, file = ""] = /\$__file\{(.+)\/password\}/.exec(ini) ?? [];
  expect(volume(file)?.secret).toMatchObject({ secretName: "grafana-login", items: [{ key: "password" }] });
  const [, provisioning = ""] = /^provisioning = (.+)$/m.exec(ini) ?? [];
  expect(volume(`${provisioning}/datasources`)?.configMap?.items).toEqual([
    { key: "datasources-prometheus.yml", path: "prometheus.yml" },
  ]);
  expect(volume(/^data = (.+)$/m.exec(ini)?.[1] ?? "")?.emptyDir).toEqual({ sizeLimit: "1Gi" });
  expect(mounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath)).toEqual([
    "/var/lib/grafana",
    "/tmp",
  ]);
});

test("Grafana reaches Prometheus alone, and is reached by who reads metrics and by its host", () => {
  const policy = (name: string) => JSON.stringify(named("NetworkPolicy", name).spec);
  expect(policy("grafana-servers")).toContain('{"bucketworks.io/service":"prometheus"}');
  expect(named("NetworkPolicy", "grafana-servers").spec.egress).toHaveLength(2);
  expect(policy("grafana-clients")).not.toContain("ingress-nginx");
  expect(named("Deployment", "grafana").spec.template.metadata?.labels).toMatchObject({
    "bucketworks.io/prometheus-client": "true",
  });
  const hosted = place({}, { ingress: { tlsSecret: "edge", hosts: { grafana: "grafana.example.com" } } });
  const ini = named("ConfigMap", "grafana-settings", hosted).data["grafana.ini"];
  expect(ini).toContain("root_url = https://grafana.example.com/\n");
  expect(ini).toContain("cookie_secure = true\n");
});

test("the password of a service follows from the stack's key and its name, and is no well-known one", () => {
  const key = Buffer.alloc(32, 7).toString("base64");
  const { user, password } = loginData(key, "grafana-login", "admin");
  expect(user).toBe("admin");
  expect(password).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(loginData(key, "logs-login", "admin").password).not.toBe(password);
  expect(loginData(Buffer.alloc(32, 8).toString("base64"), "grafana-login", "admin").password).not.toBe(password);
});

test("without a key there is no Grafana, and without a Prometheus neither; each is said", () => {
  expect(planned(withKeys, { ...parts, hasKey: false }).idle.servicesKey).toContain("grafana");
  const alone = platforms.map((each) => ({ ...each, services: { ...each.services, prometheus: null } }));
  expect(plannedServices(alone, parts, withKeys).idle.prometheus).toEqual(["grafana"]);
});

test("where an operator's Prometheus reads everything, its Grafana finds the dashboards by their label", () => {
  const { services } = planned({ ...withKeys, server: MinioServerConfig.parse({ monitoring: true }) });
  const found = services.find(({ instance }) => instance.name === "grafana");
  expect(found?.manifests.map(({ kind, metadata }) => [kind, metadata.labels, metadata.annotations])).toEqual(
    ["Operation", "Models"].map((folder) => [
      "ConfigMap",
      expect.objectContaining({ grafana_dashboard: "1" }),
      { grafana_folder: folder },
    ]),
  );
});
