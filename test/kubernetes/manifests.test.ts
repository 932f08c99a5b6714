import { beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "../../builders/kubernetes/manifest.ts";
import { minioManifests } from "../../builders/minio/manifests.ts";
import { configMap, workloadManifests } from "../../builders/workloads/manifests.ts";
import { MinioServerConfig, type MinioServerInput } from "../../config/minio-server/schema.ts";
import type { TestCluster } from "../support/kubernetes/cluster.ts";
import { testCluster, whyNoCluster } from "../support/kubernetes/test-cluster.ts";
import { PLACE, someWorkloads } from "../support/workload-place.ts";

const reason = whyNoCluster();
/** Of controllers that the test cluster lacks; their manifests are goldens alone. */
const OTHERS = ["Certificate", "ServiceMonitor", "PrometheusRule"];

describe.skipIf(reason !== undefined)(reason ?? "a real API server takes what the builders make", () => {
  let cluster: TestCluster;
  let namespace: string;

  beforeAll(async () => {
    cluster = await testCluster();
    namespace = await cluster.namespace("dry-run");
    await cluster.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/warn=restricted");
  });

  /** What the API server says to objects that it judges and doesn't keep. */
  const judged = (manifests: readonly Manifest[]) => cluster.dryRun(...manifests);

  function server(given: MinioServerInput): Manifest[] {
    const server = MinioServerConfig.parse({ ...given, namespace, createNamespace: false });
    return minioManifests(server).filter(({ kind }) => !OTHERS.includes(kind));
  }

  test.each<[string, MinioServerInput]>([
    ["one server", { servers: 1 }],
    ["four servers of two drives with TLS", { drives: 2, tls: { from: "secret", secret: "certificate" } }],
    ["an Ingress", { ingress: { host: "s3.example.com", consoleHost: "console.example.com", tlsSecret: "edge" } }],
  ])("%s, within Pod Security restricted", async (_name, given) => {
    const { code, stderr, stdout } = await judged(server(given));
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(server(given).length);
  });

  test("a job, a scheduled job and a service, within Pod Security restricted", async () => {
    const place = { ...PLACE, namespace };
    const manifests = [
      ...someWorkloads().flatMap((workload) => workloadManifests(workload, place)),
      configMap("bucket-config", "bucket_groups: {}\n", place),
    ];
    const { code, stderr } = await judged(manifests);
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  test("a pod that Pod Security restricted forbids is warned of, so that silence means something", async () => {
    const text = JSON.stringify(server({ servers: 1 })).replaceAll('"runAsNonRoot":true', '"runAsNonRoot":false');
    const { stderr } = await judged(JSON.parse(text));
    expect(stderr).toMatch(/Warning: .*runAsNonRoot/);
  });
});
