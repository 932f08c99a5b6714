import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyVariables } from "../../builders/key-variables.ts";
import { connectionVariables } from "../../builders/postgres/connection-variables.ts";
import { workloadManifests } from "../../builders/workloads/manifests.ts";
import type { TestCluster } from "../support/kubernetes/cluster.ts";
import { testCluster, whyNoCluster } from "../support/kubernetes/test-cluster.ts";
import { modelOf } from "../support/spec.ts";
import { platformFile } from "../support/specs.ts";
import { PLACE } from "../support/workload-place.ts";
import { loadWorkloadsImage, WORKLOADS, WORKLOADS_IMAGE } from "../support/workloads-image.ts";

const other = process.env.BUCKETWORKS_TEST_KUBECONFIG && "no image can be put into another cluster";
const reason = whyNoCluster() ?? other;

describe.skipIf(reason !== undefined)(reason ?? "the image of workloads in a cluster", () => {
  let cluster: TestCluster;
  let namespace: string;

  beforeAll(async () => {
    cluster = await testCluster();
    namespace = await cluster.namespace("workloads");
    await loadWorkloadsImage(cluster);
    const right = platformFile("      - {name: one, description: d}");
    const data = {
      "right.yaml": right,
      "wrong.yaml": right.replace("retention_days: 90", "retention_days: many"),
      "Pulumi.dev.yaml": "config: {bucketworks:endpoint: absent.invalid:9000}\n",
    };
    await cluster.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "specs", namespace }, data });
  });

  afterAll(async () => {
    await cluster?.kubectl("delete", "namespace", namespace, "--wait=false");
  });

  /** Runs a command line of bucketworks in a pod of its own; answers its exit code and what it wrote. */
  async function bucketworks(name: string, ...args: readonly string[]): Promise<{ code: number; log: string }> {
    await cluster.apply(readOnlyPod(name, namespace, args));
    const ended = "jsonpath={.status.containerStatuses[0].state.terminated}";
    await cluster.kubectl("wait", "-n", namespace, `pod/${name}`, `--for=${ended}`, "--timeout=60s");
    const code = "jsonpath={.status.containerStatuses[0].state.terminated.exitCode}";
    return {
      code: Number(await cluster.kubectl("get", "pod", name, "-n", namespace, "-o", code)),
      log: await cluster.logs(namespace, name),
    };
  }

  it("judges a right spec under Pod Security restricted, with a root that nobody can write to", async () => {
    const { code, log } = await bucketworks("right", "check", "/specs/right.yaml");
    expect(log).toBe("1 file, 1 bucket: right\n");
    expect(code).toBe(0);
  });

  it("ends with 1 for a wrong spec, the finding in its log", async () => {
    const { code, log } = await bucketworks("wrong", "check", "/specs/wrong.yaml");
    expect(log).toMatch(/^\/specs\/wrong\.yaml:6:21 \S+ .*"many"/);
    expect(code).toBe(1);
  });

  it("holds the platforms of its commit", async () => {
    const { code, log } = await bucketworks("own", "check", "--stage", "dev", "--quiet");
    expect({ code, log }).toEqual({ code: 0, log: "" });
  });

  it("loads every command that the help lists", async () => {
    const { code, log } = await bucketworks("help", "--help");
    expect(log).toContain("verify");
    expect(code).toBe(0);
  });

  it("runs steps one after the other, with one home folder, each with its own key and login and no other (DO-042)", async () => {
    const key = keyVariables({ endpoint: "http://s", region: "r", accessKey: "one-key", secretKey: "one-secret" });
    const login = connectionVariables({
      host: "h",
      port: 1,
      user: "reporter",
      password: "p",
      database: "d",
      tls: false,
    });
    await cluster.apply(
      { apiVersion: "v1", kind: "Secret", metadata: { name: "trial-one-s3", namespace }, stringData: key },
      { apiVersion: "v1", kind: "Secret", metadata: { name: "a-reporter-postgres", namespace }, stringData: login },
      ...stepJobs(namespace),
    );
    await cluster.jobDone(namespace, "stages", 120);
    const second = await cluster.kubectl("logs", "-n", namespace, "job/stages", "--container", "second");
    expect(second).toBe("one-key without login, then without key reporter\n");
    await cluster.kubectl("wait", "-n", namespace, "job/broken", "--for=condition=Failed", "--timeout=60s");
    const started = "jsonpath={.items[*].status.containerStatuses[*].started}";
    const pods = ["get", "pods", "-n", namespace, "-l", "job-name=broken"];
    expect(await cluster.kubectl(...pods, "-o", started)).toBe("false");
  });

  it("looks at the server of a stack whose settings are mounted; where none answers it says so and ends with 3", async () => {
    const { code, log } = await bucketworks("verify", "verify", "--no-identities", "/specs/right.yaml");
    expect(log).toMatch(/absent\.invalid/);
    expect(code).toBe(3);
  });
});

const SPEC = `
bucket_groups: {raw: {buckets: [{name: raw-data}]}}
access:
  policies: {reader: {grants: [{role: read, bucket: raw-data}]}}
  users: {jobs: {policies: [reader]}}
  service_accounts: {trial-one: {user: jobs, policies: [reader]}}
database: {name: trial_db, roles: {reporter: {description: reads}}}
workloads:
  stages:
    kind: job
    steps:
      - name: first
        command: [node, --eval, "fs.writeFileSync(process.env.HOME + '/said', process.env.MINIO_ACCESS_KEY + ' ' + (process.env.PGUSER ?? 'without login'))"]
        service_account: trial-one
      - name: second
        command: [node, --eval, "console.log(fs.readFileSync(process.env.HOME + '/said', 'utf8') + ', then', process.env.MINIO_ACCESS_KEY ?? 'without key', process.env.PGUSER)"]
        database_role: reporter
  broken:
    kind: job
    retries: 0
    steps:
      - {name: first, command: [node, --eval, "process.exit(1)"]}
      - {name: second, command: [node, --eval, "1"]}
`;

/** As a stack makes them. */
function stepJobs(namespace: string) {
  const place = { ...PLACE, namespace, image: WORKLOADS_IMAGE, caSecret: undefined, databaseCaSecret: undefined };
  const { workloads = [] } = modelOf(SPEC, "production").platforms[0] ?? {};
  return workloads.flatMap((each) => workloadManifests(each, place));
}

/** A pod as workloads run: nothing but its home can be written to. */
function readOnlyPod(name: string, namespace: string, args: readonly string[]) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "main",
          image: WORKLOADS_IMAGE,
          args,
          env: [
            { name: "MINIO_ROOT_USER", value: "nobody" },
            { name: "MINIO_ROOT_PASSWORD", value: "nobody-knows" },
          ],
          imagePullPolicy: "IfNotPresent",
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          volumeMounts: [
            { name: "home", mountPath: WORKLOADS.home },
            { name: "specs", mountPath: "/specs" },
            { name: "specs", mountPath: `${WORKLOADS.project}/Pulumi.dev.yaml`, subPath: "Pulumi.dev.yaml" },
          ],
        },
      ],
      volumes: [
        { name: "home", emptyDir: {} },
        { name: "specs", configMap: { name: "specs" } },
      ],
    },
  };
}
