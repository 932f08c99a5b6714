import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../support/checkout.ts";
import { ClusterCheckout, loadMinioImage } from "../support/cluster-checkout.ts";
import type { TestCluster } from "../support/kubernetes/cluster.ts";
import { testCluster, whyNoCluster } from "../support/kubernetes/test-cluster.ts";
import { eventually } from "../support/local-checkout.ts";
import { loadMlflowImage, MLFLOW_IMAGE } from "../support/pipelines/mlflow-image.ts";
import { loadPostgresImage, POSTGRES_IMAGE } from "../support/postgres-image.ts";
import { loadServiceImages, SERVICE_IMAGES } from "../support/service-images.ts";
import { ROOT } from "../support/toolchain.ts";
import { loadWorkloadsImage } from "../support/workloads-image.ts";

const reason = whyNoCluster();

/** What Prometheus says of one target. */
interface Target {
  readonly labels: { readonly job: string };
  readonly health: string;
  readonly lastError: string;
}

describe.skipIf(reason !== undefined)(reason ?? "services on Kubernetes, from the platform's own file", () => {
  let cluster: TestCluster;
  let checkout: ClusterCheckout;

  beforeAll(async () => {
    cluster = await testCluster();
    await loadMinioImage(cluster);
    await loadWorkloadsImage(cluster);
    await loadServiceImages(cluster);
    await loadPostgresImage(cluster);
    await loadMlflowImage(cluster);
    await cluster.freeVolumes(4, "10Gi");
    const mlops = readFileSync(join(ROOT, "config/platforms/mlops.yaml"), "utf8");
    checkout = await ClusterCheckout.make(cluster, { servers: 1 }, { mlops });
    await checkout.set({
      "services.images.prometheus": SERVICE_IMAGES.prometheus,
      "services.images.alertmanager": SERVICE_IMAGES.alertmanager,
      "services.images.mlflow": MLFLOW_IMAGE,
      "postgres.kind": "statefulset",
      "postgres.image": POSTGRES_IMAGE,
      "postgres.memory": "256Mi",
      "postgres.cpu": "50m",
      "postgres.namespace": checkout.namespace,
      "postgres.createNamespace": false,
    });
    await checkout.setSecret("databaseKey", randomBytes(32).toString("base64"));
  });

  afterAll(() => checkout?.remove());

  const said = ({ stdout, stderr }: Outcome): string => stdout + stderr;

  async function ask<T>(service: string, port: number, path: string): Promise<T> {
    const { port: local, close } = await cluster.forward(checkout.namespace, `service/${service}`, port);
    try {
      const answer = await fetch(`http://127.0.0.1:${local}${path}`);
      return (await answer.json()) as T;
    } finally {
      await close();
    }
  }

  const targets = async (): Promise<readonly Target[]> => {
    const answer = await ask<{ data: { activeTargets: Target[] } }>("prometheus", 9090, "/api/v1/targets?state=active");
    return answer.data.activeTargets;
  };

  test("one update brings them to Ready; a second one has nothing to do, and the house rules hold", {
    timeout: 240_000,
  }, async () => {
    const up = await checkout.pulumi("up", "--yes", "--skip-preview");
    expect(up.code, said(up)).toBe(0);
    const pack = ["--policy-pack", "policy", "--policy-pack-config", "policy/stages/dev.json"];
    const preview = await checkout.pulumi("preview", "--expect-no-changes", "--refresh", ...pack);
    expect(preview.code, said(preview)).toBe(0);
  });

  test("Prometheus reads the object store, Alertmanager and itself", { timeout: 90_000 }, async () => {
    const jobs = ["alertmanager", "mlflow", "minio-service", "minio-service", "prometheus"];
    await eventually(async () => (await targets()).every(({ health }) => health === "up"), 60_000);
    expect((await targets()).map(({ labels }) => labels.job).sort()).toEqual(jobs);
  });
});
