import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../support/checkout.ts";
import { ClusterCheckout, loadMinioImage, MINIO_IMAGE } from "../support/cluster-checkout.ts";
import { checkoutEnv } from "../support/compiled.ts";
import type { TestCluster } from "../support/kubernetes/cluster.ts";
import { testCluster, whyNoCluster } from "../support/kubernetes/test-cluster.ts";
import { eventually } from "../support/local-checkout.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";

const reason = whyNoCluster();
const SIZE = "3Gi";
const UP = ["--yes", "--skip-preview"];

describe.skipIf(reason !== undefined)(reason ?? "what can go wrong with a server on Kubernetes", () => {
  let cluster: TestCluster;
  let checkout: ClusterCheckout;

  beforeAll(async () => {
    cluster = await testCluster();
    await loadMinioImage(cluster);
    const platforms = { trial: platformFile(manyBuckets(2)) };
    checkout = await ClusterCheckout.make(cluster, { servers: 1, driveSize: SIZE, readyWithin: "10s" }, platforms);
  });

  afterAll(() => checkout?.remove());

  const said = ({ stdout, stderr }: Outcome): string => stdout + stderr;
  const kubectl = (...args: string[]): Promise<string> => cluster.kubectl("-n", checkout.namespace, ...args);
  const up = (): Promise<Outcome> => checkout.pulumi("up", ...UP);

  async function refused(outcome: Promise<Outcome>, words: RegExp): Promise<void> {
    const { code, ...text } = await outcome;
    expect(code).not.toBe(0);
    expect(text.stdout + text.stderr).toMatch(words);
    expect(text.stdout + text.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  }

  test("a context that the kubeconfig doesn't have is named, and nothing is made", { timeout: 60_000 }, async () => {
    await checkout.set({ context: "nowhere" });
    await refused(checkout.pulumi("preview"), /context "?nowhere"?/);
    await checkout.set({ context: "" });
    expect(await cluster.kubectl("get", "namespaces", "-o", "name")).not.toContain(checkout.namespace);
  });

  test("who lacks a permission is told which: verb, kind and namespace", { timeout: 120_000 }, async () => {
    const config = await restricted(cluster, checkout);
    const attempt = checkout.run("env", `KUBECONFIG=${config}`, "pulumi", "up", "--stack", "cluster", ...UP);
    await refused(attempt, /statefulsets\.apps.* is forbidden: .*cannot (create|patch|get) resource "statefulsets"/);
  });

  test("a storage class that isn't there is what the update waited for", { timeout: 120_000 }, async () => {
    // What was begun keeps its class, though it has no volume yet.
    await checkout.must("pulumi", "destroy", "--stack", "cluster", ...UP);
    await checkout.setServer({ servers: 1, driveSize: SIZE, readyWithin: "10s", storageClass: "nowhere" });
    await refused(up(), /StatefulSet \S+\/minio waits for [\s\S]*storageclass\S* "nowhere" not found/);
    // A claim keeps the class it was made with, and outlives the set.
    await checkout.must("pulumi", "destroy", "--stack", "cluster", ...UP);
    await kubectl("delete", "persistentvolumeclaims", "--all");
    await checkout.must("pulumi", "config", "rm", "--path", "--stack", "cluster", "bucketworks:server.storageClass");
  });

  test("a server for which no node has room is what the update waited for", { timeout: 120_000 }, async () => {
    await cluster.smallVolume({ namespace: checkout.namespace, name: "drive-0-minio-0" }, SIZE, 64);
    await checkout.setServer({ servers: 1, driveSize: SIZE, readyWithin: "10s", memory: "4000Gi" });
    await refused(up(), /pod minio-0 has no node: .*Insufficient memory/);
  });

  test("an image that can't be pulled is what the update waited for", { timeout: 120_000 }, async () => {
    await checkout.setServer({
      servers: 1,
      driveSize: SIZE,
      readyWithin: "10s",
      memory: "512Mi",
      image: "localhost/nothing:1",
    });
    await refused(
      up(),
      /container minio of pod minio-0 is waiting \((ErrImagePull|ImagePullBackOff)[\s\S]*localhost\/nothing:1/,
    );
  });

  test("an update that is interrupted between server and buckets is finished by the next one", {
    timeout: 240_000,
  }, async () => {
    await checkout.setServer({ servers: 1, driveSize: SIZE, readyWithin: "2m", image: MINIO_IMAGE });
    const { outcome, interrupt } = atTerminal(checkout, "pulumi", "up", "--stack", "cluster", ...UP);
    await eventually(
      async () => (await kubectl("get", "pods", "-o", "jsonpath={..image}")).includes(MINIO_IMAGE),
      60_000,
    );
    interrupt();
    expect((await outcome).code).not.toBe(0);
    const next = await up();
    expect(next.code, said(next)).toBe(0);
    expect((await checkout.mc("ls", "t")).trim().split("\n")).toHaveLength(2);
    const preview = await checkout.pulumi("preview", "--expect-no-changes", "--refresh");
    expect(preview.code, said(preview)).toBe(0);
  });

  test("a store elsewhere, of other volumes or under another key is refused, and the state stays as it is", {
    timeout: 120_000,
  }, async () => {
    const resources = async (): Promise<unknown> => {
      const state = await checkout.must("pulumi", "stack", "export", "--show-secrets", "--stack", "cluster");
      const { resources: all } = JSON.parse(state).deployment as { resources: Record<string, unknown>[] };
      return Object.fromEntries(all.map(({ urn, id, inputs, outputs }) => [urn, { id, inputs, outputs }]));
    };
    const before = await resources();
    const asked = { driveSize: "4Gi", namespace: `${checkout.namespace}-b`, image: MINIO_IMAGE, readyWithin: "2m" };
    await checkout.setServer({ servers: 4, ...asked });
    const kmsKey = await checkout.must("pulumi", "config", "get", "--stack", "cluster", "bucketworks:kmsKey");
    await checkout.setSecret("kmsKey", `test:${Buffer.alloc(32, 1).toString("base64")}`);
    const back = [
      /bucketworks:kmsKey isn't the key .*: kubectl -n \S+ get secret minio-root .* --stack cluster bucketworks:kmsKey/,
      /begins with empty volumes; .*: pulumi config set --path --stack cluster bucketworks:server\.namespace minio-\w+ \(/,
      /MinIO can't add drives .*: pulumi config set --path --stack cluster bucketworks:server\.servers 1 \(/,
      /all servers would restart without effect; .*: pulumi config set --path --stack cluster bucketworks:server\.driveSize 3Gi \(/,
    ];
    for (const attempt of [await checkout.pulumi("preview"), await up()]) {
      for (const words of back) await refused(Promise.resolve(attempt), words);
    }
    expect(await resources()).toEqual(before);
    await checkout.setSecret("kmsKey", kmsKey.trim());
    await checkout.setServer({ servers: 1, driveSize: SIZE, readyWithin: "2m", image: MINIO_IMAGE });
    const preview = await checkout.pulumi("preview", "--expect-no-changes", "--refresh");
    expect(preview.code, said(preview)).toBe(0);
  });

  test("a full volume is said in one sentence, and with room again the same update goes on", {
    timeout: 240_000,
  }, async () => {
    await cluster.ballast(checkout.namespace, "drive-0-minio-0", "fill");
    checkout.writePlatforms({ trial: platformFile(manyBuckets(3)) });
    await refused(up(), /the disk of MinIO at \S+ is full/);
    await cluster.ballast(checkout.namespace, "drive-0-minio-0", "free");
    const next = await up();
    expect(next.code, said(next)).toBe(0);
    expect((await checkout.mc("ls", "t")).trim().split("\n")).toHaveLength(3);
  });
});

/** A kubeconfig of somebody who may make everything of a server but its StatefulSet. */
async function restricted(cluster: TestCluster, checkout: ClusterCheckout): Promise<string> {
  const name = `deployer-${checkout.namespace}`;
  const metadata = { name };
  const all = ["get", "list", "watch", "create", "patch", "update", "delete"];
  await cluster.apply(
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: "default" } },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata,
      rules: [
        {
          apiGroups: [""],
          resources: ["namespaces", "serviceaccounts", "services", "secrets", "pods", "events"],
          verbs: all,
        },
        { apiGroups: ["networking.k8s.io", "policy"], resources: ["*"], verbs: all },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name, namespace: "default" }],
    },
  );
  const token = (await cluster.kubectl("create", "token", name, "-n", "default")).trim();
  const whole = JSON.parse(await cluster.kubectl("config", "view", "--raw", "--flatten", "-o", "json"));
  const config = { ...whole, users: whole.users.map((user: object) => ({ ...user, user: { token } })) };
  const path = join(checkout.root, ".bucketworks", "restricted");
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

/** As a terminal does, Ctrl-C reaches every process of the group: the wrapper, the engine and its plugins. */
function atTerminal(checkout: ClusterCheckout, ...command: string[]) {
  const child = spawn("sh", ["-c", '. ./toolchain/env.sh && "$@"; exit $?', "sh", ...command], {
    cwd: checkout.root,
    detached: true,
    stdio: "ignore",
    env: checkoutEnv({ KUBECONFIG: checkout.cluster.kubeconfig }),
  });
  const outcome = once(child, "close").then(([code]) => ({ code: Number(code ?? -1) }));
  return { outcome, interrupt: () => process.kill(-Number(child.pid), "SIGINT") };
}
