import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Outcome, TestCheckout } from "../support/checkout.ts";
import { EmptyCluster } from "../support/empty-cluster.ts";
import { policyEvents, refusals } from "../support/policy-events.ts";

const CANARY = "canary-of-the-program";
const PACK = ["--policy-pack", "policy"];

const KINDS = {
  "/api/v1": ["Namespace", "Secret", "Service"],
  "/apis/apps/v1": ["Deployment", "StatefulSet"],
  "/apis/batch/v1": ["CronJob"],
  "/apis/postgresql.cnpg.io/v1": ["Cluster"],
};

let cluster: EmptyCluster;
let checkout: TestCheckout;
let kubeconfig: string;

beforeAll(async () => {
  checkout = await TestCheckout.make({});
  kubeconfig = join(checkout.root, ".bucketworks", "kubeconfig");
  cluster = await EmptyCluster.start(KINDS, kubeconfig);
  writeFileSync(join(checkout.root, "index.ts"), 'import "./test/fixtures/kubernetes-program/index.ts";\n');
});

afterAll(async () => {
  await checkout?.remove();
  cluster?.stop();
});

function pulumi(broken: "yes" | "no", ...args: string[]): Promise<Outcome> {
  const env = [`BREAK=${broken}`, `KUBECONFIG=${kubeconfig}`, "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true"];
  return checkout.run("env", ...env, "pulumi", ...args);
}

const BROKEN = [
  "kubernetes-deadline: CronJob mlops/validator may run for ever: it has no activeDeadlineSeconds",
  "kubernetes-env-secret: Deployment mlops/app holds a literal value in variable KEY of container app",
  "kubernetes-host-access: Deployment mlops/app mounts /tmp of its node",
  "kubernetes-image-pinned: CronJob mlops/validator runs container prepare from prepare, which names no version",
  "kubernetes-pod-security: Namespace mlops enforces no Pod Security",
  "kubernetes-privileges: CronJob mlops/validator gives container prepare more rights than it needs (allowPrivilegeEscalation isn't false, capabilities.drop lacks ALL)",
  "kubernetes-privileges: Deployment mlops/later gives container app more rights than it needs (allowPrivilegeEscalation isn't false, capabilities.drop lacks ALL)",
  "kubernetes-read-only-root: CronJob mlops/validator lets container prepare change its root file system",
  "kubernetes-read-only-root: Deployment mlops/later lets container app change its root file system",
  "kubernetes-resources: CronJob mlops/validator sets no requests.cpu, requests.memory, limits.memory for container prepare",
  "kubernetes-service-account-token: StatefulSet mlops/queue mounts a token of its service account",
  "kubernetes-service-exposure: Service mlops/queue is a NodePort, which the network outside the cluster reaches",
  "kubernetes-volume-retention: StatefulSet mlops/queue loses its volumes when it is deleted (whenDeleted is Delete)",
];

test("a program whose objects break rules of Kubernetes is refused in the preview, each fault by its name", async () => {
  const preview = await pulumi("yes", "preview", "--json", ...PACK);
  expect(preview.code).not.toBe(0);
  expect(refusals(preview).map((line) => line.replace(/;.*/, ""))).toEqual(BROKEN);
  expect(JSON.stringify(policyEvents(preview))).not.toContain(CANARY);
  const undecided = policyEvents(preview).filter(({ enforcementLevel }) => enforcementLevel === "advisory");
  expect(undecided.map(({ policyName }) => policyName)).toEqual(["kubernetes-env-secret"]);
});

test("an update of it writes none of the refused objects, even where the preview is skipped", async () => {
  const up = await pulumi("yes", "up", "--yes", "--skip-preview", ...PACK);
  expect(up.code).not.toBe(0);
  expect(up.stdout + up.stderr).toMatch(/\[mandatory\].*kubernetes-/);
  expect(up.stdout + up.stderr).not.toContain(CANARY);
  // The Secret and the database keep every rule: whether they were written depends on which object the engine took first.
  expect(cluster.writes().filter(({ url }) => !/\/(secrets|clusters)\//.test(url))).toEqual([]);
});

test("the same program that keeps the rules passes at the level of production", async () => {
  const preview = await pulumi("no", "preview", "--json", ...PACK);
  expect(refusals(preview)).toEqual([]);
  expect(preview.code, preview.stderr).toBe(0);
  const dryRun = expect.stringMatching(/\/deployments\/app\?.*dryRun=All/);
  expect(cluster.asked).toContainEqual(expect.objectContaining({ method: "PATCH", url: dryRun }));
});
