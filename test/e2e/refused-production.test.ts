import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ProductionCheckout } from "../support/production.ts";
import { platformFile } from "../support/specs.ts";
import { dumpOf } from "../support/state.ts";
import { tool } from "../support/toolchain.ts";

const READS = /^(s3\.(Get|Head|List)|admin\.|peer\.|storage\.|bootstrap\.|lock\.|grid\.)/;
const UP = ["up", "--stack", "production", "--yes", "--policy-pack", "policy"];

let production: ProductionCheckout;

/** Who has a key that is replaced. */
const ACCESS = `access:
  policies: {clerk: {grants: [{role: read_write, bucket: orders}]}}
  users: {shop-clerk: {policies: [clerk]}}
  service_accounts: {shop-till: {user: shop-clerk, policies: [clerk]}}
  rotation: {max_age_days: 30, grace_days: 2}
`;

const buckets = platformFile("      - {name: orders, description: d, tags: {data_type: raw}}");

beforeAll(async () => {
  production = await ProductionCheckout.make({ shop: buckets });
  await production.settle();
});

afterAll(() => production.remove());

/** Names of all calls that the server answers while something is done. */
async function callsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const { server, certificate } = production;
  const home = mkdtempSync(join(tmpdir(), "bucketworks-trace-"));
  const env = {
    ...process.env,
    MC_CONFIG_DIR: home,
    SSL_CERT_FILE: certificate.caFile,
    MC_HOST_t: `https://${server.user}:${server.password}@${server.endpoint}`,
  };
  const trace = spawn(tool("mc"), ["admin", "trace", "--json", "--call", "s3", "t"], { env });
  const seen: string[] = [];
  trace.stdout.on("data", (data) => seen.push(String(data)));
  await setTimeout(1500);
  await work();
  await setTimeout(1500);
  trace.kill();
  await once(trace, "close");
  rmSync(home, { recursive: true, force: true });
  const lines = seen.join("").trim().split("\n").filter(Boolean);
  return lines.map((line) => String(JSON.parse(line).api));
}

test("an update of production that breaks a policy is refused, and the server sees no write", async () => {
  production.checkout.writePlatforms({ shop: buckets.replace("    quota: 1GiB\n", "") });
  const calls = await callsDuring(async () => {
    const up = await production.checkout.run("pulumi", ...UP);
    expect(up.code).not.toBe(0);
    expect(up.stdout + up.stderr).toMatch(/\[mandatory\].*bucket-quota[\s\S]*bucket orders has no quota; set quota/);
  });
  expect(calls.filter((call) => call.startsWith("s3."))).toContain("s3.ListBuckets");
  expect(calls.filter((call) => !READS.test(call))).toEqual([]);
  expect(await dumpOf(production.server)).toEqual({});
});

test("the same update that keeps the rules is made, protected and over TLS", async () => {
  production.checkout.writePlatforms({ shop: buckets + ACCESS });
  const up = await production.checkout.run("pulumi", ...UP);
  expect(up.code, up.stdout + up.stderr).toBe(0);
  expect(Object.keys(await dumpOf(production.server))).toEqual(["orders"]);
});

/** What the stack hands out for the service account. */
async function key(): Promise<unknown> {
  const args = ["--stack", "production", "--json", "--show-secrets"];
  return JSON.parse(await production.checkout.must("pulumi", "stack", "output", "credentials", ...args))["shop-till"];
}

test("another key is an update under the same policies: where they hold it is made, where one is broken the old key stays", async () => {
  const { checkout } = production;
  const bucketworks = (...args: string[]) => checkout.run("bin/bucketworks", ...args, "--stack", "production");
  const first = await key();
  const rotated = await bucketworks("rotate", "shop-till");
  expect(rotated, rotated.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("is delivered") });
  const second = await key();
  expect(second).not.toEqual(first);

  checkout.writePlatforms({ shop: buckets.replace("    quota: 1GiB\n", "") + ACCESS });
  await checkout.must("pulumi", "up", "--stack", "production", "--yes", "--skip-preview");
  for (const args of [
    ["key", "rotate", "shop-till", "--yes-rotate", "shop-till"],
    ["key", "rotate", "shop-clerk", "--yes-rotate", "shop-clerk"],
  ]) {
    const refused = await bucketworks(...args);
    expect(refused.stderr).toMatch(/bucket orders has no quota; set quota/);
    expect(refused.code).toBe(1);
  }
  expect(await key()).toEqual(second);
});
