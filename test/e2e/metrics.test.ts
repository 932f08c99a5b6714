import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { metricsPolicy, metricsToken } from "../../builders/monitoring/metrics-access.ts";
import { alertGroups } from "../../builders/monitoring/prometheus-rule.ts";
import { eventually } from "../support/local-checkout.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { platform } from "../support/platforms.ts";

const PATHS = ["/minio/v2/metrics/cluster", "/minio/v2/metrics/bucket"] as const;
const user = "minio-metrics";
const secret = randomBytes(20).toString("hex");

let folder: string;
let data: string;
let server: TestServer;
let mc: Mc;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks-metrics-"));
  const scanner = { MINIO_SCANNER_SPEED: "fastest", MINIO_SCANNER_CYCLE: "1s" };
  server = await TestServer.start({ MINIO_PROMETHEUS_AUTH_TYPE: "jwt", ...scanner }, undefined, (path) => {
    data = path;
    return [];
  });
  mc = new Mc(server);
  await mc.run("mb", "t/kept", "t/empty");
  await mc.run("quota", "set", "t/kept", "--size", "1GiB");
  writeFileSync(join(folder, "object"), Buffer.alloc(300_000));
  await mc.run("cp", join(folder, "object"), "t/kept/object");
  // The server keeps its answers for a minute: nobody asks before it has counted.
  const usage = join(data, ".minio.sys", "buckets", ".usage.json", "xl.meta");
  await eventually(async () => existsSync(usage) && readFileSync(usage, "latin1").includes('"empty"'), 60_000);
  // What can't be read is the server's fault: it counts such requests from the first one on.
  const parts = readdirSync(join(data, "kept", "object"), { recursive: true, encoding: "utf8" });
  for (const part of parts.filter((each) => each.endsWith("part.1"))) rmSync(join(data, "kept", "object", part));
  await expect(mc.run("cat", "t/kept/object")).rejects.toThrow();
  writeFileSync(join(folder, "policy.json"), JSON.stringify(metricsPolicy()));
  await mc.run("admin", "user", "add", "t", user, secret);
  await mc.run("admin", "user", "add", "t", "somebody", secret);
  await mc.run("admin", "policy", "create", "t", "metrics", join(folder, "policy.json"));
  await mc.run("admin", "policy", "attach", "t", "metrics", "--user", user);
});

afterAll(async () => {
  mc?.remove();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function scrape(path: string, token?: string): Promise<{ status: number; text: string }> {
  const headers = token === undefined ? undefined : { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${server.url}${path}`, headers && { headers });
  return { status: answer.status, text: await answer.text() };
}

test("M-018, M-050: the token of the metrics' own user opens the metrics, and nothing else does", async () => {
  for (const path of PATHS) {
    expect((await scrape(path, metricsToken({ user, secret }))).status).toBe(200);
    expect((await scrape(path)).status).toBe(403);
    expect((await scrape(path, metricsToken({ user, secret: "of-somebody-else" }))).status).toBe(403);
    expect((await scrape(path, metricsToken({ user: "somebody", secret }))).status).toBe(403);
  }
});

test("U-084: the metrics tell of storage in use, of who asks for what, and how long it takes", async () => {
  const { text } = await scrape(PATHS[1], metricsToken({ user, secret }));
  for (const name of ["usage_total_bytes", "requests_total", "requests_ttfb_seconds_distribution"]) {
    expect(text).toMatch(new RegExp(`^minio_bucket_${name}\\{.*bucket="kept"`, "m"));
  }
});

test("the token is the same whenever it is made", () => {
  expect(metricsToken({ user, secret })).toBe(metricsToken({ user, secret }));
  const [, claims = ""] = metricsToken({ user, secret }).split(".");
  expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toEqual({ iss: "prometheus", sub: user });
});

/** Of kube-state-metrics: the server knows nothing of validators. */
const NOT_THE_SERVERS = ["kube_cronjob_status_last_successful_time"];

/** Metrics that alerts use, by who has them. */
function metricsInUse(): { server: string[]; others: string[] } {
  const usdcop = platform("usdcop");
  if (usdcop.alerting === null) throw new Error("usdcop asks for no alerts");
  const groups = alertGroups(
    { platform: usdcop, server: { namespace: "n", service: "s", monitoringLabels: {} } },
    usdcop.alerting,
  );
  const text = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)).join("\n");
  const names = [...new Set([...text.matchAll(/\b([a-z0-9_]+)\{/g)].map(([, name = ""]) => name))].sort();
  return {
    server: names.filter((name) => name.startsWith("minio_")),
    others: names.filter((name) => !name.startsWith("minio_")),
  };
}

test("the server has every metric that an alert uses, but the one of the validator's runs", async () => {
  const { server: wanted, others } = metricsInUse();
  expect(others).toEqual(NOT_THE_SERVERS);
  const seen = async (): Promise<string> => {
    const answers = await Promise.all(PATHS.map((path) => scrape(path, metricsToken({ user, secret }))));
    return answers.map(({ text }) => text).join("\n");
  };
  const text = await seen();
  expect(wanted.filter((name) => !new RegExp(`^${name}[{ ]`, "m").test(text))).toEqual([]);
  expect(text).toMatch(/^minio_bucket_usage_total_bytes\{bucket="empty"/m);
});
