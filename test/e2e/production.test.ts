import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ArgvWatch } from "../support/argv-watch.ts";
import type { Outcome } from "../support/checkout.ts";
import { ProductionCheckout } from "../support/production.ts";
import { platformFile } from "../support/specs.ts";
import { dumpOf } from "../support/state.ts";

const BUCKETS = "      - {name: raw-data, description: d}\n      - {name: clean-data, description: d}";
const ACCESS = `access:
  policies:
    cleaner: {grants: [{role: write, bucket: clean-data}]}
  users:
    cleaning: {policies: [cleaner]}
  service_accounts:
    cleaning-job: {user: cleaning, policies: [cleaner]}
`;
const STACK = ["--stack", "production"];
const UP = ["up", ...STACK, "--yes", "--skip-preview"];

let production: ProductionCheckout;
const run = (...args: string[]): Promise<Outcome> => production.checkout.run("pulumi", ...args);

beforeAll(async () => {
  production = await ProductionCheckout.make({ people: platformFile(BUCKETS) + ACCESS });
});

afterAll(() => production.remove());

/** The sentences of a failed run, each once. */
function sentences({ code, stdout, stderr }: Outcome): string {
  expect(code).not.toBe(0);
  expect(stdout + stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  return stdout + stderr;
}

test("a stack without settings doesn't take the local server: endpoint and credentials are asked for", async () => {
  const said = sentences(await run("preview", ...STACK));
  expect(said).toMatch(/names no MinIO endpoint; .*: pulumi config set --stack production bucketworks:endpoint/);
  expect(said).toMatch(/set the user, .*: pulumi config set --stack production --secret bucketworks:rootUser/);
  expect(said).toMatch(/pulumi config set --stack production --secret bucketworks:rootPassword/);
});

test("connections in plaintext and default credentials are refused", async () => {
  await production.settle({ user: "minioadmin", password: "minioadmin" });
  await production.set("secure", "false");
  const said = sentences(await run("preview", ...STACK));
  expect(said).toMatch(/bucketworks:secure is false: credentials and data would travel in plaintext, refused/);
  expect(said).toMatch(/rootUser or rootPassword of the stack is a well-known default, refused/);
  await production.unset("secure");
});

test("a server without TLS is refused before anything reaches it", async () => {
  await production.settle();
  await production.set("endpoint", production.checkout.server.endpoint);
  expect(sentences(await run("preview", ...STACK))).toMatch(/doesn't speak TLS/);
  expect(await dumpOf(production.checkout.server)).toEqual({});
});

test("a certificate that isn't trusted is refused, and the remedy is caFile", async () => {
  await production.set("endpoint", production.server.endpoint);
  await production.set("caFile", "");
  expect(sentences(await run("preview", ...STACK))).toMatch(/isn't trusted .*; set bucketworks:caFile/);
  await production.set("caFile", ".bucketworks/authority.pem");
});

test("up deploys over TLS, every bucket protected, and no secret shows in state, output, logs or arguments", async () => {
  const watch = new ArgvWatch();
  const up = await run(...UP);
  const seen = watch.stop();
  expect(up.code, up.stdout).toBe(0);
  expect(seen).toContain("pulumi-resource-minio");
  expect(Object.keys(await dumpOf(production.server)).sort()).toEqual(["clean-data", "raw-data"]);
  const exported = JSON.parse(await production.checkout.must("pulumi", "stack", "export", ...STACK));
  const buckets = exported.deployment.resources.filter(({ type }: { type: string }) => type.endsWith(":Bucket"));
  expect(buckets.map(({ protect }: { protect?: boolean }) => protect)).toEqual([true, true]);

  const shown = ["stack", "output", "credentials", ...STACK, "--json", "--show-secrets"];
  const keys: { secretKey: string }[] = Object.values(JSON.parse(await production.checkout.must("pulumi", ...shown)));
  expect(keys).toHaveLength(2);
  const canaries = [production.server.user, production.server.password, ...keys.map(({ secretKey }) => secretKey)];
  for (const canary of canaries) {
    expect(up.stdout + up.stderr + seen).not.toContain(canary);
    expect(JSON.stringify(exported)).not.toContain(canary);
  }
  const written = ["grep", "-rlF", ...canaries.flatMap((each) => ["-e", each]), ".bucketworks", "--exclude=typed"];
  expect(await production.checkout.run("env", ...written)).toMatchObject({ code: 1, stdout: "" });
});

test("a second look finds nothing to change, and verify asks with the same authority", async () => {
  await production.checkout.must("pulumi", "preview", ...STACK, "--refresh", "--expect-no-changes");
  expect(await production.checkout.must("bin/bucketworks", "verify", "--stage", "production")).toMatch(/right \(stage/);
});

test("mc trusts the same authority", async () => {
  const { url, user, password } = production.server;
  const lines = [
    'mkdir -p "$MC_CONFIG_DIR/certs/CAs" && cp .bucketworks/authority.pem "$MC_CONFIG_DIR/certs/CAs/production.pem"',
    `{ echo ${user} && cat .bucketworks/typed; } | mc alias set production ${url}`,
  ];
  await production.checkout.must("sh", "-c", lines.join(" && "));
  expect(readFileSync(join(production.checkout.root, ".bucketworks", "typed"), "utf8")).toBe(password);
  expect(await production.checkout.must("mc", "ls", "production")).toContain("raw-data/");
});

test("a protected bucket is not deleted with its spec", async () => {
  production.checkout.writePlatforms({ people: platformFile(BUCKETS.split("\n")[0] ?? "") });
  expect(sentences(await run("preview", ...STACK))).toMatch(/clean-data.* protected|protect.*clean-data/s);
});

test("a rollback that the policies refuse changes nothing", async () => {
  const shorter = platformFile(BUCKETS).replace("retention_days: 90", "retention_days: 60");
  production.checkout.writePlatforms({ people: shorter + ACCESS });
  await production.checkout.must("pulumi", ...UP);
  const before = await dumpOf(production.server);
  const to = ["--to", "1", "--yes-roll-back", "1"];
  const { code, stdout, stderr } = await production.checkout.run("bin/bucketworks", "rollback", ...STACK, ...to);
  expect(stdout).toContain("`retentionDays`: `60` becomes `90`");
  expect(stderr).toContain("lacks tag data_type");
  expect(stderr).toContain("rollback: refused; nothing was changed");
  expect(code).toBe(1);
  expect(await dumpOf(production.server)).toEqual(before);
});
