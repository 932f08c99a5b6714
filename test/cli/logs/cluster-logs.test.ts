import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withClusterLogs } from "../../../cli/logs/cluster-logs.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cluster-logs-"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const asked = async (stack: string): Promise<string> =>
  withClusterLogs(root, stack, async () => "found").catch((error: { exitCode?: number } & Error) => error.message);

test("logs of a stack that runs on no cluster are not looked for there, and of none that isn't", async () => {
  writeFileSync(join(root, "Pulumi.dev.yaml"), "config:\n  bucketworks:stage: dev\n");
  expect(await asked("dev")).toBe(
    "logs: stack dev doesn't run on Kubernetes (bucketworks:target); leave out --stack for the logs of this checkout",
  );
  expect(await asked("live")).toContain('no stack "live"');
});

test("a cluster that can't be found is said with the stack and its namespace", async () => {
  writeFileSync(
    join(root, "Pulumi.live.yaml"),
    "config:\n  bucketworks:target: kubernetes\n  bucketworks:context: east\n",
  );
  const kubeconfig = join(root, "kubeconfig");
  writeFileSync(kubeconfig, "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n");
  vi.stubEnv("KUBECONFIG", kubeconfig);
  expect(await asked("live")).toBe(
    "logs: no login for the logs of stack live in namespace mlops: the kubeconfig has no context east (bucketworks:context), it has none; a platform of the stack has to ask for logs, and the stack to deploy them (docs/services-on-kubernetes.md#logs)",
  );
});
