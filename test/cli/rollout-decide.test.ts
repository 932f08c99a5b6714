import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { checkoutAt } from "../../cli/checkout.ts";
import { rolloutCommand } from "../../cli/rollout.ts";
import { ROOT } from "../support/cli.ts";

const NAME = "mlops-model-api";
const WAITS = { phase: "Paused", stableRS: "a", currentPodHash: "b", pauseConditions: [{ reason: "CanaryPauseStep" }] };

let root: string;
let server: Server;
/** What the API server says of the rollout, and was told. */
let status: object;
let told: unknown[];
let predicted: string;

/** The API server of a cluster with one rollout, and the model API of its new pods. */
async function answer({ method, url = "" }: IncomingMessage, body: unknown): Promise<[number, object]> {
  if (url.includes("/rollouts/") && method === "PATCH") {
    told.push(body);
    return [200, {}];
  }
  if (url.includes("/rollouts")) return [200, { items: [{ metadata: { name: NAME }, status }] }];
  if (url === "/health/ready") return [200, { ready: true, version: "3" }];
  return [200, { version: "3", predictions: [{ masked: predicted }] }];
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "rollout-"));
  symlinkSync(join(ROOT, "config"), join(root, "config"));
  const config = ["stage: dev", "target: kubernetes", "server: {namespace: ml, image: localhost/minio:test}"];
  writeFileSync(
    join(root, "Pulumi.cluster.yaml"),
    `config:\n${config.map((each) => `  bucketworks:${each}\n`).join("")}`,
  );
  server = createServer(async (request, reply) => {
    const body = request.method === "GET" ? undefined : await json(request);
    const isUnknown = request.url === "/predict" && request.headers.authorization === undefined;
    const [code, said] = isUnknown ? [401, {}] : await answer(request, body);
    reply.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(said));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cluster = { name: "c", cluster: { server: address(), "insecure-skip-tls-verify": true } };
  const kubeconfig = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": "c", clusters: [cluster] },
    ...{ users: [{ name: "u", user: {} }], contexts: [{ name: "c", context: { cluster: "c", user: "u" } }] },
  };
  writeFileSync(join(root, "kubeconfig"), JSON.stringify(kubeconfig));
});

afterAll(() => {
  server.close();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(() => {
  [status, told, predicted] = [WAITS, [], "[EMAIL]"];
  vi.stubEnv("KUBECONFIG", join(root, "kubeconfig"));
  vi.stubEnv("MODEL_API_TOKEN", "token");
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

function address(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function decide(): Promise<{ readonly code: number; readonly out: string }> {
  const out = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const args = ["smoke", NAME, "--stack", "cluster", "--url", address(), "--decide"];
  await rolloutCommand(checkoutAt(root)).parseAsync(args, { from: "user" });
  return { code: Number(process.exitCode ?? 0), out: out.mock.calls.map(([text]) => String(text)).join("") };
}

test("a rollout that waits goes on once its new pods pass the smoke test", async () => {
  expect(await decide()).toEqual({ code: 0, out: expect.stringContaining(`${NAME} goes on`) });
  expect(told).toEqual([{ status: { pauseConditions: null } }]);
});

test("a rollout whose new pods fail the smoke test is ended, and that is a failure (ML-055)", async () => {
  predicted = "ada.king@example.org";
  expect(await decide()).toEqual({ code: 1, out: expect.stringContaining("is ended, the former pods serve") });
  expect(told).toEqual([{ status: { abort: true } }]);
});

test("one that goes on by itself isn't hurried, and where none is under way nothing is written", async () => {
  status = { ...WAITS, phase: "Progressing", pauseConditions: [] };
  expect((await decide()).out).toContain("goes on by itself");
  status = { phase: "Healthy", stableRS: "b", currentPodHash: "b" };
  expect((await decide()).out).toContain("has no rollout under way");
  predicted = "ada.king@example.org";
  expect((await decide()).code).toBe(1);
  expect(told).toEqual([]);
});
