import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, test, vi } from "vitest";
import { clusterOf } from "../../components/kubernetes/cluster.ts";
import { startWorkloads } from "../../components/kubernetes/start-workloads.ts";
import type { StoragePlatform } from "../../components/storage/platform.ts";
import { MinioServerConfig } from "../../config/minio-server/schema.ts";
import type { Settings } from "../../config/stack/settings.ts";
import { type Registration, recordRegistrations } from "../support/registrations.ts";
import { modelOf } from "../support/spec.ts";

let of: (name: string) => Registration;
beforeEach(async () => {
  of = await recordRegistrations();
});

const WORKLOAD = "kind: scheduled_job, schedule: 0 6 * * 1, time_zone: Etc/UTC, command: [report]";

/** Runs the workloads of platform `a`, of which config/platforms has no file. */
async function run(workload: string, programImages: { cybersec?: string } = {}): Promise<void> {
  const model = modelOf(`bucket_groups: {raw: {buckets: [{name: raw-data}]}}\nworkloads: {report: {${workload}}}\n`);
  const server = MinioServerConfig.parse({});
  const [platform] = model.platforms;
  if (platform === undefined) throw new Error("must be right");
  const cluster = {
    server,
    context: undefined,
    kmsKey: "k",
    workloadsImage: "registry.example/workloads:1",
    programImages,
    exportedServiceAccounts: [],
    keyChecksums: undefined,
    services: undefined,
    servicesKey: undefined,
    alerts: undefined,
    auditToken: undefined,
    notificationTargets: {},
    notificationSecrets: undefined,
  };
  const settings = {
    stage: "dev",
    endpoint: "127.0.0.1:19000",
    credentials: { user: "root", password: "password" },
  } as unknown as Settings;
  const storage = new pulumi.ComponentResource("test:Storage", "storage") as StoragePlatform;
  Object.assign(storage, { credentials: pulumi.output({}) });
  startWorkloads({
    cluster: clusterOf(settings, cluster, model, {}),
    stage: "dev",
    platformsDir: "config/platforms",
    postgres: undefined,
    backupTargets: {},
    platforms: [{ platform, storage }],
    databases: undefined,
    serviceKeys: [],
  });
  await pulumi.runtime.disconnect();
}

test("a platform's file is read for workloads that have it, and for no other", async () => {
  await run(WORKLOAD);
  expect(of("CronJob/report").inputs).toMatchObject({ metadata: { namespace: "mlops" } });
  await expect(run(`${WORKLOAD}, config: bucket-config`)).rejects.toThrow(
    /^config\/platforms has no file of platform a; add a\.yaml$/,
  );
});

test("a data program runs from the image that the stack names; without one it is left out, and a warning says what to do", async () => {
  const cybersec = `${WORKLOAD}, image: cybersec`;
  await run(cybersec, { cybersec: "registry.example/cybersec:1" });
  expect(JSON.stringify(of("CronJob/report").inputs)).toContain('"image":"registry.example/cybersec:1"');
  of = await recordRegistrations();
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  await run(cybersec);
  expect(() => of("CronJob/report")).toThrow();
  expect(warn.mock.calls.flat().join()).toMatch(
    /^report: not deployed, the stack has no image cybersec; build pipelines\/cybersec\/Dockerfile .* --path bucketworks:programImages\.cybersec REGISTRY\/cybersec:COMMIT$/,
  );
  warn.mockRestore();
});
