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
import { loadProgramImage, programImage } from "../support/pipelines/program-image.ts";
import { TRAINING_ACCOUNTS, trainsOnce } from "../support/pipelines/training-in-cluster.ts";
import { loadPostgresImage, POSTGRES_IMAGE } from "../support/postgres-image.ts";
import { loadServiceImages, SERVICE_IMAGES } from "../support/service-images.ts";
import { ISSUER, Signer } from "../support/signed-tokens.ts";
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
  const signer = new Signer();

  beforeAll(async () => {
    cluster = await testCluster();
    await loadMinioImage(cluster);
    await loadWorkloadsImage(cluster);
    await loadServiceImages(cluster);
    await loadPostgresImage(cluster);
    await loadMlflowImage(cluster);
    await loadProgramImage(cluster, "mlops");
    await cluster.freeVolumes(4, "10Gi");
    const mlops = readFileSync(join(ROOT, "config/platforms/mlops.yaml"), "utf8");
    checkout = await ClusterCheckout.make(cluster, { servers: 1 }, { mlops });
    await checkout.set({
      "services.images.prometheus": SERVICE_IMAGES.prometheus,
      "services.images.alertmanager": SERVICE_IMAGES.alertmanager,
      "services.images.mlflow": MLFLOW_IMAGE,
      "services.tokens.jwks": signer.jwks,
      "services.tokens.issuer": ISSUER,
      "programImages.mlops": programImage("mlops"),
      "exportedServiceAccounts[0]": TRAINING_ACCOUNTS.data,
      "exportedServiceAccounts[1]": TRAINING_ACCOUNTS.training,
      "postgres.kind": "statefulset",
      "postgres.image": POSTGRES_IMAGE,
      "postgres.memory": "256Mi",
      "postgres.cpu": "50m",
      "postgres.namespace": checkout.namespace,
      "postgres.createNamespace": false,
    });
    await checkout.setSecret("databaseKey", randomBytes(32).toString("base64"));
  }, 900_000);

  afterAll(() => checkout?.remove());

  const kubectl = (...args: string[]): Promise<string> => cluster.kubectl("-n", checkout.namespace, ...args);
  const said = ({ stdout, stderr }: Outcome): string => stdout + stderr;

  async function through<T>(service: string, port: number, speak: (address: string) => Promise<T>): Promise<T> {
    const { port: local, close } = await cluster.forward(checkout.namespace, `service/${service}`, port);
    try {
      return await speak(`http://127.0.0.1:${local}`);
    } finally {
      await close();
    }
  }

  const ask = <T>(service: string, port: number, path: string): Promise<T> =>
    through(service, port, async (address) => (await (await fetch(address + path)).json()) as T);

  const targets = async (): Promise<readonly Target[]> => {
    const answer = await ask<{ data: { activeTargets: Target[] } }>("prometheus", 9090, "/api/v1/targets?state=active");
    return answer.data.activeTargets;
  };

  test("one update brings them to Ready; a second one has nothing to do, and the house rules hold", {
    timeout: 600_000,
  }, async () => {
    const up = await checkout.pulumi("up", "--yes", "--skip-preview");
    expect(up.code, said(up)).toBe(0);
    const pack = ["--policy-pack", "policy", "--policy-pack-config", "policy/stages/dev.json"];
    const preview = await checkout.pulumi("preview", "--expect-no-changes", "--refresh", ...pack);
    expect(preview.code, said(preview)).toBe(0);
  });

  test("a model that is trained beside it and registered in MLflow makes the model API ready, and it answers", {
    timeout: 600_000,
  }, async () => {
    const waiting = await kubectl("get", "deployment", "mlops-model-api", "-o", "jsonpath={.status.readyReplicas}");
    expect(waiting).toBe("");
    await trainsOnce(checkout, "http://mlops-mlflow:5000");
    await kubectl("wait", "deployment/mlops-model-api", "--for=condition=Available", "--timeout=120s");
    const masked = (token?: string): Promise<{ readonly status: number; readonly text: string }> =>
      through("mlops-model-api", 8000, async (address) => {
        const answer = await fetch(`${address}/predict`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
          },
          body: JSON.stringify({ text: "Please write to maria.lopez@example.org about it." }),
        });
        return { status: answer.status, text: await answer.text() };
      });
    const { status, text } = await masked(signer.token("tester", ["predictor"]));
    expect(status, text).toBe(200);
    expect(text).not.toContain("maria.lopez@example.org");
    expect((await masked()).status).toBe(401);
    expect((await masked(new Signer().token("stranger", ["predictor"]))).status).toBe(401);
  });

  test("Prometheus reads the object store, Alertmanager, MLflow, the model API and itself; the prediction is counted", {
    timeout: 180_000,
  }, async () => {
    await eventually(async () => (await targets()).every(({ health }) => health === "up"), 90_000);
    const jobs = ["alertmanager", "minio-service", "minio-service", "mlflow", "model-api", "prometheus"];
    expect((await targets()).map(({ labels }) => labels.job).sort()).toEqual(jobs);
    const series = async (query: string): Promise<readonly { readonly value: readonly [number, string] }[]> => {
      const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
      return (await ask<{ data: { result: { value: [number, string] }[] } }>("prometheus", 9090, path)).data.result;
    };
    expect((await series('up{job="model-api",platform="mlops"}')).map(({ value }) => value[1])).toEqual(["1"]);
    const counted = async () => Number((await series("sum(model_api_predictions_total)"))[0]?.value[1] ?? 0);
    await eventually(async () => (await counted()) >= 1, 60_000);
  });

  test("a service that the platform no longer asks for goes, and its volume stays", { timeout: 300_000 }, async () => {
    const claims = (): Promise<string> =>
      kubectl(
        "get",
        "persistentvolumeclaims",
        "-o",
        "jsonpath={range .items[*]}{.metadata.name}={.status.phase} {end}",
      );
    const before = await claims();
    expect(before).toContain("data-alertmanager-0=Bound data-mlops-postgresql-0=Bound data-prometheus-0=Bound");
    const file = "config/platforms/mlops.yaml";
    const text = readFileSync(join(checkout.root, file), "utf8");
    checkout.writeFile(file, text.replace("  alertmanager: {}\n", "  alertmanager: {enabled: false}\n"));
    const up = await checkout.pulumi("up", "--yes", "--skip-preview");
    expect(up.code, said(up)).toBe(0);
    expect(await kubectl("get", "statefulsets", "-o", "name")).not.toContain("alertmanager");
    expect(await claims()).toBe(before);
  });
});
