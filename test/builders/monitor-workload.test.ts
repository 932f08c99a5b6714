import { join } from "node:path";
import { expect, test } from "vitest";
import type { Manifest } from "../../builders/kubernetes/manifest.ts";
import { workloadManifests } from "../../builders/workloads/manifests.ts";
import { loadModel } from "../../config/spec.ts";
import { ROOT } from "../support/toolchain.ts";
import { PLACE } from "../support/workload-place.ts";

function monitorOf(platform: string): Manifest[] {
  const file = join(ROOT, "config", "platforms", `${platform}.yaml`);
  const use = { connection: false, credentials: false };
  const loaded = loadModel({ files: [file], stage: "production", env: {}, use });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  const found = loaded.model.platforms[0]?.workloads.find(({ name }) => name === `${platform}-monitor`);
  return found === undefined ? [] : workloadManifests(found, { ...PLACE, platform });
}

test("U-048 to U-051: USDCOP's monitor always runs, with the source's variables, its file, and probes on the port of its metrics", () => {
  const [service, deployment] = monitorOf("usdcop");
  expect(service).toMatchObject({ kind: "Service", spec: { ports: [{ port: 8080 }] } });
  expect(deployment).toMatchObject({ kind: "Deployment", spec: { replicas: 1 } });
  const { containers } = (deployment as { spec: { template: { spec: { containers: object[] } } } }).spec.template.spec;
  const probe = { httpGet: { path: "/health", port: "http" } };
  expect(containers[0]).toMatchObject({
    livenessProbe: probe,
    readinessProbe: probe,
    ports: [{ containerPort: 8080 }],
  });
  const { env } = containers[0] as { env: { name: string; value?: string }[] };
  const values = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  expect(values).toMatchObject({
    ENVIRONMENT: PLACE.stage,
    CONFIG_DIR: "/app/config",
    BUCKET_CONFIG_FILE: "minio-buckets.yaml",
    VALIDATION_INTERVAL: "300",
    HEALTH_CHECK_TIMEOUT: "30",
    LOG_LEVEL: "INFO",
  });
});

test("the monitor reads the platform's file by the platform's name, by which metrics and alerts call it", () => {
  const [, deployment] = monitorOf("usdcop") as { spec: { template: { spec: PodSpec } } }[];
  const { volumes, containers } = deployment?.spec.template.spec ?? { volumes: [], containers: [] };
  expect(containers[0]?.args.at(-1)).toBe("/app/config/usdcop.yaml");
  const key = "minio-buckets.yaml";
  const items = [key, "usdcop.yaml"].map((path) => ({ key, path }));
  expect(volumes).toContainEqual({ name: "config", configMap: { name: "bucket-config", items } });
});

interface PodSpec {
  readonly volumes: object[];
  readonly containers: { readonly args: string[] }[];
}
