import { createHash } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import type { Manifest } from "../../builders/kubernetes/manifest.ts";
import { configMap, workloadManifests } from "../../builders/workloads/manifests.ts";
import { platformText } from "../../config/document/platform-files.ts";
import { resolved } from "../support/platforms.ts";
import { ROOT } from "../support/toolchain.ts";
import { PLACE } from "../support/workload-place.ts";

const FOLDER = join(ROOT, "pipelines/dataops/scripts/k8s/dataops");
const HEAD = `# Written by make golden from config/platforms/dataops.yaml. A stack makes the same of it, with its own image, names of servers and
# stage: nobody needs to apply this file.
`;
const text = platformText(join(ROOT, "config/platforms"), "dataops");
const configDigest = createHash("sha256").update(text).digest("hex").slice(0, 16);
const place = { ...PLACE, platform: "dataops", configDigest, programImages: { dataops: "REGISTRY/dataops:COMMIT" } };
const [dataops] = resolved("dataops", "production").platforms;
const manifests: Manifest[] = (dataops?.workloads ?? []).flatMap((each) => [
  ...workloadManifests(each, place),
  ...(each.config === null ? [] : [configMap(each.config, text, place)]),
]);
const isConfig = ({ kind }: Manifest): boolean => kind === "ConfigMap";
const fileOf = (each: Manifest): string =>
  join(FOLDER, isConfig(each) ? "config_maps" : "manifests", `${each.metadata.name}.yaml`);

test.each(manifests.map((each) => [each.kind, each] as const))(
  "the committed %s of DataOps is what its platform file says now (DO-034)",
  async (_, each) => {
    await expect(HEAD + stringify(each, { aliasDuplicateObjects: false, lineWidth: 0 })).toMatchFileSnapshot(
      fileOf(each),
    );
  },
);

test("nothing of DataOps listens or is let in: there is a job by the clock and its file, no Service and no Ingress (DO-072)", () => {
  expect(manifests.map(({ kind }) => kind)).toEqual(["CronJob", "ConfigMap"]);
  expect(JSON.stringify(manifests.filter((each) => !isConfig(each)))).not.toMatch(/"ports"|hostPort|hostNetwork/);
});

test("DuckDB leaves Python at least 400 MiB of what a container of DataOps may take", () => {
  const { initContainers, containers } = JSON.parse(JSON.stringify(manifests.find(({ kind }) => kind === "CronJob")))
    .spec.jobTemplate.spec.template.spec;
  for (const { name, env, resources } of [...initContainers, ...containers]) {
    const duckdb = env.find((each: { name: string }) => each.name === "DATAOPS_DUCKDB_MEMORY")?.value ?? "3000MB";
    const least = Number(duckdb.replace(/MB$/, "")) * 1e6 + 400 * 2 ** 20;
    expect(Number(resources.limits.memory.replace(/Gi$/, "")) * 2 ** 30, name).toBeGreaterThanOrEqual(least);
  }
});

test("each step of DataOps is handed the key and the login of its own task by reference, and no other secret (DO-042)", () => {
  const job = JSON.stringify(manifests.find(({ kind }) => kind === "CronJob"));
  const { initContainers, containers } = JSON.parse(job).spec.jobTemplate.spec.template.spec;
  const secrets = [...initContainers, ...containers].map(({ name, env }) => [
    name,
    ...new Set(
      env.flatMap(
        (each: { valueFrom?: { secretKeyRef: { name: string } } }) => each.valueFrom?.secretKeyRef.name ?? [],
      ),
    ),
  ]);
  expect(secrets).toEqual([
    ["extract", "dataops-loader-job-s3", "dataops-loader-postgres"],
    ["load", "dataops-loader-job-s3", "dataops-loader-postgres"],
    ["validate-raw", "dataops-validator-job-s3", "dataops-validator-postgres"],
    ["transform", "dataops-transformer-job-s3", "dataops-loader-postgres"],
    ["validate-transformed", "dataops-validator-job-s3", "dataops-validator-postgres"],
    ["promote", "dataops-promoter-job-s3", "dataops-promoter-postgres"],
  ]);
});
