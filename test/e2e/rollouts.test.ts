import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RolloutSpec } from "../../config/schema/rollout.ts";
import { installRollouts } from "../support/argo-rollouts.ts";
import { ClusterCheckout } from "../support/cluster-checkout.ts";
import { testCluster, whyNoCluster } from "../support/kubernetes/test-cluster.ts";
import { RolledOutApi } from "../support/rolled-out-api.ts";
import { loadServiceImages } from "../support/service-images.ts";
import { ServicesCertificate } from "../support/services-certificate.ts";

const reason = whyNoCluster();
const ANALYSIS = { error_percent: 5, latency_ms: 1000, requests: 20, interval: "10s", rounds: 1 };
const BLUE_GREEN: RolloutSpec = { strategy: "blue_green" };
const CANARY: RolloutSpec = { strategy: "canary", steps: [{ weight: 50, pause: "1s" }], analysis: ANALYSIS };
const WAITING: RolloutSpec = { strategy: "canary", steps: [{ weight: 50 }] };
const NAME = "mlops-model-api";

describe.skipIf(reason !== undefined)(
  reason ?? "rollouts of a model API by Argo Rollouts",
  { timeout: 300_000 },
  () => {
    let checkout: ClusterCheckout;
    let certificate: ServicesCertificate;
    let api: RolledOutApi;

    beforeAll(async () => {
      const cluster = await testCluster();
      await loadServiceImages(cluster);
      await RolledOutApi.loadImage(cluster);
      await cluster.freeVolumes(1, "10Gi");
      checkout = await ClusterCheckout.make(cluster);
      certificate = await ServicesCertificate.supply(cluster, checkout.namespace);
      await checkout.set({ "services.tls.from": "secret", "services.tls.secret": "supplied" });
      await installRollouts(cluster, certificate.authority);
      api = new RolledOutApi(cluster, checkout.namespace);
      await api.deploy(1, BLUE_GREEN);
      await api.reaches("Healthy", 180);
    }, 600_000);

    afterAll(async () => {
      await checkout?.remove();
      certificate?.remove();
    });

    const rollout = (...words: string[]) => checkout.run("bin/bucketworks", "rollout", ...words, "--stack", "cluster");

    test("blue_green: all requests go to the new version once its pods are ready, and none of twenty a second fails", async () => {
      const load = api.load(40);
      await api.deploy(2, BLUE_GREEN);
      const answers = await load;
      expect(Object.keys(answers).sort()).toEqual(["version 1", "version 2"]);
      await api.reaches("Healthy", 60);
      expect(await api.load(2)).toEqual({ "version 2": expect.any(Number) });
    });

    test("a canary that nobody asks is neither right nor wrong: it waits, and a person goes on", async () => {
      await api.deploy(3, CANARY);
      await api.saysWhy("InconclusiveAnalysisRun", 90);
      const shown = await rollout("status");
      expect(shown.stdout).toContain(`${NAME}: Paused, step`);
      expect(shown.stdout).toContain("Inconclusive");
      expect(Object.keys(await api.load(3)).sort()).toEqual(["version 2", "version 3"]);
      expect((await rollout("promote", NAME)).code).toBe(0);
      await api.reaches("Healthy", 90);
      expect((await rollout("promote", NAME)).code).toBe(1);
      expect((await rollout("promote", "nobody")).stderr).toContain(`it has ${NAME}`);
    });

    test("a canary whose requests are answered well comes into service by itself", async () => {
      const load = api.load(60);
      await api.deploy(4, CANARY);
      await load;
      await api.reaches("Healthy", 90);
      await api.stands(60);
      expect(await api.load(2)).toEqual({ "version 4": expect.any(Number) });
    });

    test("a canary whose requests fail is taken back by itself, to the pods that were there", async () => {
      const before = await api.status("stableRS");
      const load = api.load(60);
      await api.deploy(100, CANARY);
      await api.reaches("Degraded", 120);
      expect(Object.keys(await load).sort()).toEqual(["failed", "version 100", "version 4"]);
      await api.stands(60);
      expect(await api.load(2)).toEqual({ "version 4": expect.any(Number) });
      expect(await api.status("stableRS")).toBe(before);
      const shown = await rollout("status");
      expect([shown.code, shown.stdout]).toEqual([1, expect.stringContaining("Degraded")]);
    });

    test("pods that don't become ready get no request, and a person ends the rollout", async () => {
      await api.deploy(4, CANARY);
      await api.reaches("Healthy", 90);
      await api.deploy(200, CANARY);
      await api.reaches("Progressing", 60);
      expect(await api.load(3)).toEqual({ "version 4": expect.any(Number) });
      expect((await rollout("abort", NAME)).code).toBe(0);
      await api.reaches("Degraded", 60);
      await api.stands(60);
      expect(await api.load(2)).toEqual({ "version 4": expect.any(Number) });
    });

    test("new pods that fail the smoke test end their rollout without one request lost, and those that pass it come into service (ML-055)", async () => {
      const decide = (version: string) =>
        checkout.run(
          ...(["env", "MODEL_API_TOKEN=stand-in", "bin/bucketworks", "rollout", "smoke", NAME] as const),
          ...["--stack", "cluster", "--decide", "--wait", "20", "--model-version", version],
        );
      await api.deploy(300, WAITING);
      await api.reaches("Paused", 120);
      const load = api.load(60);
      const refused = await decide("300");
      expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining("is ended, the former pods serve")]);
      expect(refused.stderr).toContain("the prediction leaves an e-mail address in the text");
      await api.reaches("Degraded", 60);
      await api.stands(60);
      expect(Object.keys(await load).sort()).toEqual(["version 300", "version 4"]);
      expect(await api.load(2)).toEqual({ "version 4": expect.any(Number) });

      await api.deploy(5, WAITING);
      await api.reaches("Paused", 120);
      const taken = await decide("5");
      expect([taken.code, taken.stderr]).toEqual([0, ""]);
      expect(taken.stdout).toContain("version 5 is healthy and predicts");
      await api.reaches("Healthy", 90);
      await api.stands(60);
      expect(await api.load(2)).toEqual({ "version 5": expect.any(Number) });
    });
  },
);
