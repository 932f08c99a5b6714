import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../support/checkout.ts";
import { ClusterCheckout, loadMinioImage, MINIO_IMAGE } from "../support/cluster-checkout.ts";
import type { TestCluster } from "../support/kubernetes/cluster.ts";
import { testCluster, whyNoCluster } from "../support/kubernetes/test-cluster.ts";
import { eventually } from "../support/local-checkout.ts";
import { freePort } from "../support/minio.ts";
import { loadWorkloadsImage } from "../support/workloads-image.ts";
import { writeLoad } from "../support/write-load.ts";

const reason = whyNoCluster();
const SERVERS = 4;
const OBJECTS = 20;
/** A service account whose key another program of the cluster uses. */
const EXPORTED = "mlflow-server";

describe.skipIf(reason !== undefined)(reason ?? "MinIO on Kubernetes, by the program that makes its buckets", () => {
  let cluster: TestCluster;
  let checkout: ClusterCheckout;

  beforeAll(async () => {
    cluster = await testCluster();
    await loadMinioImage(cluster);
    await loadWorkloadsImage(cluster);
    await cluster.freeVolumes(SERVERS, "1Gi");
    checkout = await ClusterCheckout.make(cluster, { servers: SERVERS });
    await checkout.set({ "exportedServiceAccounts[0]": EXPORTED });
  });

  afterAll(() => checkout?.remove());

  const mc = (...args: string[]): Promise<string> => checkout.mc(...args);
  const kubectl = (...args: string[]): Promise<string> => cluster.kubectl("-n", checkout.namespace, ...args);
  const rolledOut = (): Promise<string> => kubectl("rollout", "status", "statefulset/minio", "--timeout=120s");
  const said = ({ stdout, stderr }: Outcome): string => stdout + stderr;

  test("a preview before anything exists dials nobody, and shows everything to be made", {
    timeout: 60_000,
  }, async () => {
    const preview = await checkout.pulumi("preview");
    expect(preview.code, said(preview)).toBe(0);
    expect(preview.stdout).toMatch(/StatefulSet StatefulSet\/minio create/);
    expect(preview.stdout).toMatch(/Bucket 00-raw-usdcop-marketdata create/);
    expect(await cluster.kubectl("get", "namespaces", "-o", "name")).not.toContain(checkout.namespace);
  });

  test("one update brings four servers to Ready and makes the five platforms in them; a preview is empty then (M-005, M-006, U-077)", {
    timeout: 240_000,
  }, async () => {
    const up = await checkout.pulumi("up", "--yes", "--skip-preview");
    expect(up.code, said(up)).toBe(0);
    expect(await kubectl("get", "statefulset", "minio", "-o", "jsonpath={.status.readyReplicas}")).toBe(
      String(SERVERS),
    );
    expect((await mc("ls", "t")).trim().split("\n")).toHaveLength(30);
    const preview = await checkout.pulumi("preview", "--expect-no-changes", "--refresh");
    expect(preview.code, said(preview)).toBe(0);
  });

  test("commands that look at the server reach it by a forwarded port, as docs/kubernetes.md says", async () => {
    const root = [`MINIO_ROOT_USER=${checkout.user}`, `MINIO_ROOT_PASSWORD=${checkout.password}`];
    const forward = ["bucketworks", "forward", "--quiet", "--stack", "cluster", "--"];
    const verify = ["bucketworks", "verify", "--stage", "cluster", "--no-identities"];
    const { code, stdout, stderr } = await checkout.run("env", ...root, ...forward, ...verify);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/^30 buckets: right \(stage dev, http:\/\/127\.0\.0\.1:\d+\)$/m);
  });

  test("objects outlive a rolling restart and a pod that is killed, byte for byte (M-061)", {
    timeout: 240_000,
  }, async () => {
    const written = join(checkout.root, ".bucketworks", "written");
    const readBack = join(checkout.root, ".bucketworks", "read-back");
    for (const folder of [written, readBack]) mkdirSync(folder);
    for (let index = 0; index < OBJECTS; index++) writeFileSync(join(written, `${index}.bin`), randomBytes(100_000));
    await mc("cp", "--recursive", `${written}/`, "t/mlops-quality/kept/");
    await kubectl("rollout", "restart", "statefulset/minio");
    await rolledOut();
    await kubectl("delete", "pod", "minio-2", "--grace-period=0", "--force");
    await eventually(async () => {
      const read = mc("cp", "--recursive", "t/mlops-quality/kept/", `${readBack}/`);
      return read.then(
        () => true,
        () => false,
      );
    }, 60_000);
    expect(sums(readBack)).toEqual(sums(written));
    await rolledOut();
  });

  test("no write that was acknowledged is lost when a server is killed and a pod deleted under load", {
    timeout: 240_000,
  }, async () => {
    const { port, close } = await cluster.forward(checkout.namespace, "pod/minio-0", 9000);
    const load = writeLoad({ port, user: checkout.user, password: checkout.password, bucket: "mlops-quality" });
    try {
      await load.acknowledged(40);
      await cluster.killContainer(checkout.namespace, "minio-2", "minio");
      await load.acknowledged(40);
      await rolledOut();
      await kubectl("delete", "pod", "minio-3", "--grace-period=0", "--force");
      await load.acknowledged(40);
      await load.stop();
      await rolledOut();
      expect(await load.lost()).toEqual([]);
    } finally {
      await load.stop();
      close();
    }
  });

  test("the platform's first job has seen its buckets to be right, and its validator keeps a report of them (U-005, U-068, U-074, U-083)", {
    timeout: 240_000,
  }, async () => {
    expect(await kubectl("logs", "job/usdcop-bucket-init")).toMatch(/^10 buckets: right \(stage dev, /m);
    await kubectl("create", "job", "--from=cronjob/usdcop-validator", "validator-now");
    await cluster.jobDone(checkout.namespace, "validator-now", 180);
    // On Mondays, or the first of a month, reports by the clock may lie beside it.
    const reports = (await mc("ls", "--recursive", "t/99-common-trading-reports/type=daily/")).trim();
    expect(reports).toMatch(/ date=\d{8}\/verify-\d{14}\.json$/);
    const report = JSON.parse(await mc("cat", `t/99-common-trading-reports/type=daily/${reports.split(" ").at(-1)}`));
    expect(report).toMatchObject({ schemaVersion: 1, stage: "dev", buckets: 10, findings: [], notRead: [] });
  });

  test("U-050, U-084: the platform's monitor runs as a service, and its metrics say that its buckets are healthy", {
    timeout: 480_000,
  }, async () => {
    const { port, close } = await cluster.forward(checkout.namespace, "deployment/usdcop-monitor", 8080);
    const healthy = 'bucketworks_platform_health_score{stage="dev",platform="usdcop"} 100\n';
    let metrics = "";
    const look = async () => {
      metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return metrics.includes(healthy);
    };
    try {
      // A run that came while servers were renewed is followed by the next after its interval.
      await eventually(look, 420_000).catch(() => undefined);
      expect(metrics, await kubectl("logs", "deployment/usdcop-monitor")).toContain(healthy);
    } finally {
      close();
    }
  });

  test("a key is handed over as variables and as a file, and says whose it is and since when", async () => {
    const secret = JSON.parse(await kubectl("get", "secret", `${EXPORTED}-s3`, "-o", "json"));
    expect(secret.metadata.labels).toMatchObject({
      "bucketworks.io/owner": "ml-security",
      "bucketworks.io/identity": EXPORTED,
      "bucketworks.io/issued": expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
    });
    const text = (key: string): string => Buffer.from(secret.data[key], "base64").toString();
    expect(text("credentials")).toContain(`aws_access_key_id = ${text("AWS_ACCESS_KEY_ID")}\n`);
    expect(text("MINIO_ENDPOINT")).toBe(`minio-service.${checkout.namespace}.svc.cluster.local:9000`);
  });

  test("a pod with an issued key reaches its bucket, and no other one", { timeout: 120_000 }, async () => {
    await cluster.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "ingestion", namespace: checkout.namespace, labels: { "bucketworks.io/s3-client": "true" } },
      spec: {
        restartPolicy: "Never",
        volumes: [{ name: "temporary", emptyDir: {} }],
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: "mc",
            image: MINIO_IMAGE,
            command: ["/usr/bin/minio", "server", "/tmp/nothing"],
            env: [
              ...["MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"].map((key) => ({
                name: key,
                valueFrom: { secretKeyRef: { name: "mlflow-server-s3", key } },
              })),
              { name: "MC_HOST_t", value: "http://$(MINIO_ACCESS_KEY):$(MINIO_SECRET_KEY)@$(MINIO_ENDPOINT)" },
              { name: "MC_CONFIG_DIR", value: "/tmp/mc" },
              { name: "HOME", value: "/tmp" },
            ],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            volumeMounts: [{ name: "temporary", mountPath: "/tmp" }],
          },
        ],
      },
    });
    await kubectl("wait", "pod/ingestion", "--for=condition=Ready", "--timeout=60s");
    const inPod = (...args: string[]) =>
      cluster.try("exec", "-n", checkout.namespace, "ingestion", "--", "mc", ...args);
    // The servers were just renewed: a client tries again, as any would.
    await eventually(async () => {
      const put = await inPod("cp", "/usr/bin/mc", "t/mlflow-artifacts/1/run/artifacts/mc");
      return put.code === 0;
    }, 60_000);
    const elsewhere = await inPod("cp", "/usr/bin/mc", "t/ml-security/models/x");
    expect(elsewhere.code).not.toBe(0);
    expect(elsewhere.stdout + elsewhere.stderr).toMatch(/Access Denied|Insufficient permissions/i);
    await kubectl("delete", "pod", "ingestion", "--grace-period=0", "--force");
  });

  test("another root password makes all servers start anew, and says so before; data and keys stay", {
    timeout: 240_000,
  }, async () => {
    const before = await kubectl(
      "get",
      "pods",
      "-l",
      "app.kubernetes.io/name=minio",
      "-o",
      "jsonpath={.items[*].metadata.uid}",
    );
    checkout.password = randomBytes(20).toString("hex");
    await checkout.setSecret("rootPassword", checkout.password);
    const preview = await checkout.pulumi("preview");
    expect(preview.code, said(preview)).toBe(0);
    expect(preview.stdout).toMatch(/StatefulSet StatefulSet\/minio\s+replace/);
    const up = await checkout.pulumi("up", "--yes", "--skip-preview");
    expect(up.code, said(up)).toBe(0);
    const after = await kubectl(
      "get",
      "pods",
      "-l",
      "app.kubernetes.io/name=minio",
      "-o",
      "jsonpath={.items[*].metadata.uid}",
    );
    for (const uid of after.split(" ")) expect(before).not.toContain(uid);
    expect((await mc("ls", "t/mlops-quality/kept/")).trim().split("\n")).toHaveLength(OBJECTS);
  });

  test("a cluster that doesn't answer is one sentence, and the state stays as it is", {
    timeout: 120_000,
  }, async () => {
    const exported = (): Promise<string> => checkout.must("pulumi", "stack", "export", "--stack", "cluster");
    const before = JSON.parse(await exported()).deployment.resources;
    const away = join(checkout.root, ".bucketworks", "away");
    const text = await cluster.kubectl("config", "view", "--raw", "--flatten");
    const nobody = `127.0.0.1:${await freePort()}`;
    writeFileSync(away, text.replace(/server: .*/, `server: https://${nobody}`), { mode: 0o600 });
    const up = await checkout.run(
      "env",
      `KUBECONFIG=${away}`,
      "pulumi",
      "up",
      "--stack",
      "cluster",
      "--yes",
      "--skip-preview",
    );
    expect(up.code).not.toBe(0);
    expect(said(up)).toMatch(/can't reach (MinIO|Kubernetes) at /);
    expect(up.stderr).toMatch(
      new RegExp(`^forward: minio-service in namespace ${checkout.namespace}: .*ECONNREFUSED ${nobody}$`, "m"),
    );
    expect(said(up)).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
    expect(
      JSON.parse(await exported())
        .deployment.resources.map(({ urn }: { urn: string }) => urn)
        .sort(),
    ).toEqual(before.map(({ urn }: { urn: string }) => urn).sort());
  });

  test("outside dev a server without TLS is refused in one sentence, with the command that fixes it", async () => {
    await checkout.set({ stage: "production" });
    const preview = await checkout.pulumi("preview");
    await checkout.set({ stage: "dev" });
    expect(preview.code).not.toBe(0);
    expect(said(preview)).toMatch(
      /server\.tls is none: .*; give the server a certificate: pulumi config set --stack cluster --path bucketworks:server\.tls\.from/,
    );
  });

  test("destroying the stack leaves every volume, and the namespace that holds them (M-022, CS-045)", {
    timeout: 240_000,
  }, async () => {
    const destroy = await checkout.pulumi("destroy", "--yes", "--skip-preview");
    expect(destroy.code, said(destroy)).toBe(0);
    expect(await kubectl("get", "statefulset,service,secret", "-o", "name")).toBe("");
    const claims = await kubectl("get", "persistentvolumeclaims", "-o", "jsonpath={.items[*].status.phase}");
    expect(claims.split(" ")).toEqual(Array.from({ length: SERVERS }, () => "Bound"));
  });
});

/** Checksum of each file by name. */
function sums(folder: string): Record<string, string> {
  const sum = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, sum(name)]),
  );
}
