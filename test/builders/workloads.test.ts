import { join } from "node:path";
import type { V1Job, V1PodSpec } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import type { Manifest } from "../../builders/kubernetes/manifest.ts";
import { configMap, workloadManifests } from "../../builders/workloads/manifests.ts";
import { podTemplate } from "../../builders/workloads/pod.ts";
import type { Workload } from "../../config/model.ts";
import { variableFaults } from "../../config/rules/workload-variables.ts";
import { PLACE, someWorkloads } from "../support/workload-place.ts";

const GOLDEN = join(import.meta.dirname, "../golden");
const manifests = (place = PLACE): Manifest[] => [
  ...someWorkloads().flatMap((workload) => workloadManifests(workload, place)),
  configMap("bucket-config", "bucket_groups: {}\n", place),
];
const named = (name: string, all = manifests()): string =>
  JSON.stringify(all.filter(({ metadata }) => metadata.name === name));

test("the manifests of a job, a scheduled job and a service (make golden writes them)", async () => {
  await expect(JSON.stringify(manifests(), null, 2)).toMatchFileSnapshot(join(GOLDEN, "workloads.manifests.json"));
});

test("a key comes by reference", () => {
  expect(named("report")).toContain(
    '{"name":"AWS_ACCESS_KEY_ID","valueFrom":{"secretKeyRef":{"name":"trial-reader-s3","key":"AWS_ACCESS_KEY_ID"}}}',
  );
  expect(named("serving")).not.toContain("secretKeyRef");
});

test("no variable that a pod is given can be another one by the spec", () => {
  const report = someWorkloads().find(({ name }) => name === "report") as Workload;
  const full = { ...report, config: "bucket-config" };
  const [container] = podTemplate(full, PLACE, { restartPolicy: "Never" }).spec?.containers ?? [];
  const given = (container?.env ?? [])
    .map(({ name }) => name)
    .filter((name) => !(name in (report.steps[0]?.variables ?? {})));
  const variables = Object.fromEntries(given.map((name) => [name, "x"]));
  const refused = variableFaults(variables, [], [{ service_account: "a", database_role: "b" }]);
  expect(given.length).toBeGreaterThan(25);
  expect(refused.map(({ path }) => path.at(-1))).toEqual(given);
});

test("a home folder has the size that the spec says, 256 MiB where it says none", () => {
  expect(named("report")).toContain('{"name":"home","emptyDir":{"sizeLimit":"2Gi"}}');
  expect(named("ingestion")).toContain('{"name":"home","emptyDir":{"sizeLimit":"256Mi"}}');
});

test("a login comes by reference, and with it the label that the database lets in", () => {
  expect(named("report")).toContain('{"name":"PGPASSWORD","valueFrom":{"secretKeyRef":{"name":"a-reporter-postgres"');
  expect(named("report")).toContain('"bucketworks.io/postgres-client":"true"');
  expect(named("first")).not.toMatch(/PGPASSWORD|postgres-client/);
});

test("a data program runs from the stack's image of it, at home in the image's own folder, with time to end", () => {
  expect(named("ingestion")).toContain('"image":"registry.example/cybersec:1.0.0"');
  expect(named("ingestion")).toContain('{"name":"home","mountPath":"/pipeline-cybersec"}');
  expect(named("ingestion")).toContain('{"name":"HOME","value":"/pipeline-cybersec"}');
  expect(named("ingestion")).toContain('"terminationGracePeriodSeconds":300');
  expect(named("serving")).toContain('{"name":"home","mountPath":"/home/bucketworks"}');
});

test("the job of a backup on another server gets that one's key and CA by reference, and no other pod does", () => {
  const backup = someWorkloads().find(({ name }) => name.endsWith("-bucket-backup")) as Workload;
  const { containers, volumes = [] } = podTemplate(backup, PLACE, { restartPolicy: "Never" }).spec as V1PodSpec;
  const env = containers[0]?.env?.filter(({ name }) => name.startsWith("BACKUP_TARGET_"));
  const byKey = (key: string) => ({
    name: key,
    valueFrom: { secretKeyRef: { name: "trial-backup-target", key } },
  });
  expect(env).toEqual([
    { name: "BACKUP_TARGET_URL", value: "https://offsite.example:9000" },
    { name: "BACKUP_TARGET_REGION", value: "eu-west-1" },
    { name: "BACKUP_TARGET_CA_FILE", value: "/etc/bucketworks/backup-target-ca/ca.crt" },
    byKey("BACKUP_TARGET_ACCESS_KEY"),
    byKey("BACKUP_TARGET_SECRET_KEY"),
  ]);
  const mount = containers[0]?.volumeMounts?.find(({ name }) => name === "backup-target-ca");
  expect(mount).toMatchObject({ mountPath: "/etc/bucketworks/backup-target-ca", readOnly: true });
  const items = [{ key: "ca.crt", path: "ca.crt" }];
  expect(volumes).toContainEqual({ name: "backup-target-ca", secret: { secretName: "trial-backup-target", items } });
  for (const { name } of someWorkloads().filter((each) => each !== backup)) {
    if (name !== backup.name) expect(named(name)).not.toMatch(/backup-target|BACKUP_TARGET/);
  }
});

test("a backup target that a public CA signed has no CA in the pod, and one without a region none of its own", () => {
  const backup = someWorkloads().find(({ name }) => name.endsWith("-bucket-backup")) as Workload;
  const place = { ...PLACE, backupTargets: { offsite: { endpoint: "https://offsite.example:9000" } } };
  const text = JSON.stringify(podTemplate(backup, place, { restartPolicy: "Never" }));
  expect(text).toContain('"BACKUP_TARGET_URL","value":"https://offsite.example:9000"');
  expect(text).not.toMatch(/backup-target-ca|BACKUP_TARGET_(CA_FILE|REGION)/);
});

test("steps are containers that run one after the other, each with its own key and login and no other, in one home", () => {
  const stages = someWorkloads().find(({ name }) => name === "stages") as Workload;
  const { initContainers, containers, volumes } = podTemplate(stages, PLACE, { restartPolicy: "Never" })
    .spec as V1PodSpec;
  const steps = [...(initContainers ?? []), ...containers];
  expect([initContainers?.map(({ name }) => name), containers.map(({ name }) => name)]).toEqual([
    ["extract", "load"],
    ["judge"],
  ]);
  const secrets = steps.map(({ env = [] }) => [
    ...new Set(env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? [])),
  ]);
  expect(secrets).toEqual([["trial-reader-s3"], ["a-reporter-postgres"], []]);
  const mounts = steps.map(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name).join());
  expect(mounts).toEqual(["home,config,ca", "home,config,ca,database-ca", "home,config,ca"]);
  expect(volumes?.find(({ name }) => name === "home")).toMatchObject({ emptyDir: {} });
  const common = steps.map(({ env = [] }) => env.find(({ name }) => name === "COMMON")?.value);
  expect(common).toEqual(["1", "2", "1"]);
});

test("a scheduled program that failed is started again in its pod, with its home, as often as its retries say", () => {
  const tries = (kind: "job" | "scheduled_job", retries: number): unknown => {
    const workload = someWorkloads().find(({ run }) => run.kind === kind) as Workload;
    const [made] = workloadManifests({ ...workload, run: { ...workload.run, retries } as Workload["run"] }, PLACE);
    const spec = made?.kind === "CronJob" ? made.spec?.jobTemplate.spec : (made as V1Job).spec;
    return [spec?.template.spec?.restartPolicy, spec?.backoffLimit];
  };
  expect(tries("scheduled_job", 3)).toEqual(["OnFailure", 4]); // the restart that reaches the limit is cut off
  expect(tries("scheduled_job", 0)).toEqual(["Never", 0]);
  expect(tries("job", 3)).toEqual(["Never", 3]);
});

test("another file makes another pod of who reads it, and of nobody else (U-048, U-075)", () => {
  const other = manifests({ ...PLACE, configDigest: "fedcba9876543210" });
  expect(named("first", other)).not.toBe(named("first"));
  expect(named("serving", other)).toBe(named("serving"));
});

test("without TLS no authority is mounted, and none is named", () => {
  const plain = JSON.stringify(
    manifests({ ...PLACE, caSecret: undefined, databaseCaSecret: undefined, backupTargets: {} }),
  );
  expect(plain).not.toMatch(/AWS_CA_BUNDLE|BUCKETWORKS_CA_FILE|PGSSLROOTCERT|ca\.crt/);
});

test("where services speak TLS a workload knows them, and doesn't wait for the Secret of services that begin after it", () => {
  const made = manifests({ ...PLACE, services: { caSecret: "trial-mlflow-tls", domain: "mlops.svc.cluster.local" } });
  const specs = made.flatMap((each) => (each.kind === "Deployment" ? (each.spec.template.spec ?? []) : []));
  expect(specs.length).toBeGreaterThan(0);
  for (const { volumes, containers } of specs) {
    const file = "/etc/bucketworks/services-ca/ca.crt";
    expect(volumes).toContainEqual({
      name: "services-ca",
      secret: { secretName: "trial-mlflow-tls", optional: true, items: [{ key: "ca.crt", path: "ca.crt" }] },
    });
    for (const name of ["BUCKETWORKS_SERVICES_CA_FILE", "MLFLOW_TRACKING_SERVER_CERT_PATH", "NODE_EXTRA_CA_CERTS"])
      expect(containers[0]?.env).toContainEqual({ name, value: file });
    const domain = { name: "BUCKETWORKS_SERVICES_DOMAIN", value: "mlops.svc.cluster.local" };
    expect(containers[0]?.env).toContainEqual(domain);
  }
});
