import { expect, test } from "vitest";
import { parse } from "yaml";
import { plannedServices } from "../../builders/services/kubernetes/planned.ts";
import { MinioServerConfig } from "../../config/minio-server/schema.ts";
import { named, of, parts, platforms, withKeys } from "../support/service-manifests.ts";

const argumentsOf = (kind: "StatefulSet" | "Deployment", name: string): readonly string[] =>
  named(kind, name).spec.template.spec?.containers[0]?.args ?? [];
const policy = (name: string): string => JSON.stringify(named("NetworkPolicy", name).spec);

test("the store keeps lines for the days and the room that the platform says, behind the writer's password", () => {
  const args = argumentsOf("StatefulSet", "log-store");
  expect(args).toContain("-retentionPeriod=7d");
  expect(args).toContain(`-retention.maxDiskSpaceUsageBytes=${1024 ** 3}`);
  expect(args).toContain("-httpAuth.username=writer");
  expect(args).toContain("-httpAuth.password=file:///etc/bucketworks/writer/password");
  expect(named("StatefulSet", "log-store").spec.volumeClaimTemplates?.[0]?.spec?.resources?.requests).toEqual({
    storage: "3Gi",
  });
});

test("who searches can't write: that program takes no line, and has a password of its own", () => {
  const args = argumentsOf("Deployment", "logs");
  expect(args).toEqual(
    expect.arrayContaining(["-insert.disable", "-internalinsert.disable", "-storageNode=log-store:9429"]),
  );
  expect(args).toContain("-httpAuth.password=file:///etc/bucketworks/reader/password");
});

test("the shipper may list pods and read their lines, in its namespace alone, and gets nothing of the node", () => {
  expect(named("Role", "log-shipper").rules).toEqual([
    { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
    { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
  ]);
  const { roleRef, subjects } = named("RoleBinding", "log-shipper");
  expect(roleRef).toEqual({ apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "log-shipper" });
  expect(subjects).toEqual([{ kind: "ServiceAccount", name: "log-shipper", namespace: "mlops" }]);
  const pods = [...of("StatefulSet", withKeys), ...of("Deployment", withKeys)].map(({ metadata, spec }) => ({
    name: metadata.name,
    pod: spec.template.spec,
  }));
  const withToken = pods.filter(
    ({ pod }) => pod?.automountServiceAccountToken !== false || /serviceAccountToken/.test(JSON.stringify(pod.volumes)),
  );
  expect(withToken.map(({ name }) => name)).toEqual(["log-shipper"]);
  expect(JSON.stringify(pods)).not.toContain("hostPath");
});

test("the store is reached by shipper, reader and Prometheus; the shipper reaches the API server and the store", () => {
  for (const name of ["log-shipper", "logs"])
    expect(policy("log-store-clients")).toContain(`"bucketworks.io/service":"${name}"`);
  expect(policy("log-store-servers")).not.toContain(
    'podSelector":{"matchLabels":{"bucketworks.io/service":"prometheus',
  );
  expect(policy("log-shipper-servers")).toContain(
    '{"ports":[{"port":443,"protocol":"TCP"},{"port":6443,"protocol":"TCP"}]}',
  );
  expect(policy("logs-clients")).toContain('{"bucketworks.io/logs-client":"true"}');
});

test("Prometheus reads all three with the logins that they ask for, and tells where lines don't arrive", () => {
  const { data } = named("ConfigMap", "prometheus-settings");
  const jobs: { readonly job_name: string; readonly basic_auth?: object }[] = parse(
    data["prometheus.yml"] ?? "",
  ).scrape_configs;
  const login = (name: string) => jobs.find(({ job_name }) => job_name === name)?.basic_auth;
  expect(login("log-store")).toEqual({
    username: "writer",
    password_file: "/etc/bucketworks/logins/log-store-login/password",
  });
  expect(login("logs")).toMatchObject({ username: "reader" });
  expect(jobs.map(({ job_name }) => job_name)).toContain("log-shipper");
  expect(login("log-shipper")).toBeUndefined();
  expect(data["rules.yml"]).toContain("LogsNotShipped");
  const mounts = named("StatefulSet", "prometheus").spec.template.spec?.containers[0]?.volumeMounts ?? [];
  expect(mounts.map(({ mountPath }) => mountPath)).toContain("/etc/bucketworks/logins/logs-login");
});

test("the exporter of PostgreSQL logs in as the role that reads statistics, by a file, and alerts on the database hold then", () => {
  const pod = JSON.stringify(named("Deployment", "postgres-exporter").spec.template.spec);
  expect(pod).toContain('{"name":"DATA_SOURCE_USER","value":"bucketworks_metrics"}');
  expect(pod).toContain('"value":"mlops-postgresql.mlops.svc.cluster.local:5432/postgres?sslmode=disable"');
  expect(pod).toContain('{"name":"DATA_SOURCE_PASS_FILE","value":"/etc/bucketworks/login/password"}');
  const rules = (given = parts) =>
    JSON.stringify(plannedServices(platforms, given, withKeys).services.map(({ manifests }) => manifests));
  expect(rules()).toContain("DatabaseSilent");
  const without = { ...parts, database: parts.database && { ...parts.database, hasMetricsRole: false } };
  expect(rules(without)).not.toContain("DatabaseSilent");
  expect(plannedServices(platforms, without, withKeys).idle.statefulset).toEqual(["postgres-exporter"]);
});

test("an operator's Prometheus finds the same logins in their Secrets", () => {
  const server = MinioServerConfig.parse({ monitoring: true });
  const monitor = of("ServiceMonitor", { ...withKeys, server }).find(({ metadata }) => metadata.name === "log-store");
  expect(JSON.stringify(monitor?.spec)).toContain(
    '"basicAuth":{"username":{"name":"log-store-login","key":"user"},"password":{"name":"log-store-login","key":"password"}}',
  );
});

test("without a key, or an image in which bucketworks runs, logs are not deployed, nor an alert on them; it is said", () => {
  const without = (change: object) => plannedServices(platforms, { ...parts, ...change }, withKeys);
  expect(without({ hasKey: false }).idle.servicesKey).toEqual(["logs", "grafana"]);
  const { idle, services } = without({ images: { ...parts.images, workloads: undefined } });
  expect(idle).toEqual({ workloads: ["logs"] });
  expect(JSON.stringify(services)).not.toContain("LogsNotShipped");
});
