import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Checkout } from "../../cli/checkout.ts";
import { markOf } from "../../cli/ending/processes.ts";
import { liveBuckets } from "../../cli/local/minio/health.ts";
import { readRun } from "../../cli/local/service/record.ts";
import { eventually } from "../support/local-checkout.ts";
import { LocalProject } from "../support/local-project.ts";
import { freePort } from "../support/minio.ts";
import { RecordingProxy } from "../support/recording-proxy.ts";
import { tool } from "../support/toolchain.ts";

/** What the second run may ask: nothing of it writes. */
const READS = /^(s3\.(Get|List|Head)|admin\.(Get|Server|Info|KMSKeyStatus$)|health\.)/;

let project: LocalProject;
let checkout: Checkout;
const bucketworks = (...args: string[]) => project.bucketworks(...args);
const mc = (...args: string[]) => project.mc(...args);

beforeAll(async () => {
  project = await LocalProject.make();
  checkout = project.checkout;
});
// One that fails leaves no other spec to the next.
afterEach(() => project.declare());
afterAll(() => project?.remove());

/** Everything that git would look at, with the time of its last change. */
function tracked(folder = checkout.root): [string, number][] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name === ".bucketworks" || entry.name === "node_modules") return [];
    return entry.isDirectory() ? tracked(path) : [[path, statSync(path).mtimeMs]];
  });
}

test("up makes the server, the stack and its buckets, and says where they are; a proxy of the shell sees none of it (U-001, U-003, U-052)", async () => {
  const before = tracked();
  const proxy = await RecordingProxy.start();
  const { code, out } = project.run(proxy.variables, "up");
  // what was sent while the command ran is read now
  await new Promise((resolve) => setTimeout(resolve, 200));
  proxy.stop();
  expect(proxy.asked).toEqual([]);
  expect(out).toContain(`endpoint   http://127.0.0.1:${project.ports.BUCKETWORKS_PORT}`);
  expect(out).toMatch(/shop +3 +invoices, orders, scratch/);
  expect(out).toContain("the server is as the specs say: 3 buckets");
  expect(out).not.toContain(readFileSync(checkout.minio.rootPassword, "utf8").trim());
  expect(code).toBe(0);
  expect(mc("version", "info", "dev/orders")).toContain("enabled");
  expect(tracked()).toEqual(before);
});

test("a second up writes nothing to the server", async () => {
  project.ports = {};
  const trace = spawn(tool("mc"), ["admin", "trace", "--json", "--call", "s3", "--call", "internal", "dev"], {
    env: { ...process.env, MC_CONFIG_DIR: checkout.mc.folder },
  });
  const seen: string[] = [];
  trace.stdout.on("data", (data) => seen.push(String(data)));
  // However long the trace takes to begin, and to bring the last call: a read of ours is in it before and after.
  const reads = async (mark: string): Promise<boolean> => {
    spawnSync(tool("mc"), ["ls", `dev/orders/${mark}`], { env: { ...process.env, MC_CONFIG_DIR: checkout.mc.folder } });
    await new Promise((resolve) => setTimeout(resolve, 100));
    return seen.join("").includes(mark);
  };
  await eventually(() => reads("trace-begins"), 60_000);
  const { code, out } = bucketworks("up");
  await eventually(() => reads("trace-ends"), 60_000);
  trace.kill();
  await once(trace, "close");
  expect(out).toContain("deployed: nothing to change");
  expect(code).toBe(0);
  const calls = seen
    .join("")
    .split("\n")
    // the last one may be cut
    .slice(0, -1)
    .map((line) => String(JSON.parse(line).api));
  expect(calls).toContain("s3.GetBucketLifecycle");
  expect(calls.filter((call) => !READS.test(call))).toEqual([]);
});

test("scan finds nothing on it, nor in the server's own configuration, of which up sets a part by its environment", () => {
  const { code, out } = project.run({ MINIO_ENDPOINT: "" }, "scan", "--server-config");
  expect(out).toMatch(/^buckets 3, .*: as the specs say \(stage dev, /m);
  expect(code).toBe(0);
});

test("what was changed by hand is put right", () => {
  mc("version", "suspend", "dev/orders");
  const { code, out } = bucketworks("up");
  expect(out).toContain("~ Bucket orders");
  expect(code).toBe(0);
  expect(mc("version", "info", "dev/orders")).toContain("enabled");
});

test("rules that wait for a tier are named once, after what has changed", () => {
  const archive = "lifecycle: [{id: archive, transition: {days: 9, tier: COLD}}]";
  const text = project.good.replaceAll("retain, description: d", `retain, description: d, ${archive}`);
  project.declare(text);
  const { code, out } = bucketworks("up");
  expect(out.split("\n").filter((line) => line.includes("tier COLD"))).toEqual([
    "  the server has no tier COLD, so not applied: invoices lifecycle.archive, orders lifecycle.archive",
  ]);
  expect(out).toMatch(/~ Bucket orders[\s\S]*tier COLD/);
  expect(code).toBe(0);
});

test("other ports, another region: the stack follows the server", async () => {
  project.ports = { BUCKETWORKS_PORT: String(await freePort()) };
  const set = ["-c", ". toolchain/env.sh && pulumi config set --stack dev bucketworks:region eu-west-1"];
  expect(spawnSync("sh", set, { cwd: checkout.root }).status).toBe(0);
  expect(bucketworks("up")).toMatchObject({
    code: 0,
    out: expect.stringContaining(`:${project.ports.BUCKETWORKS_PORT}`),
  });
  project.ports = {};
  const [accessKeyId, secretAccessKey] = [checkout.minio.rootUser, checkout.minio.rootPassword].map((file) =>
    readFileSync(file, "utf8").trim(),
  ) as [string, string];
  const asked = (region: string) => {
    const endpoint = `http://${readFileSync(checkout.minio.endpoint, "utf8").trim()}`;
    const s3 = new S3({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
    return s3.listObjectsV2({ Bucket: "orders" }).finally(() => s3.destroy());
  };
  await expect(asked("us-east-1")).rejects.toThrow("expecting 'eu-west-1'");
  expect((await asked("eu-west-1")).KeyCount).toBe(0);
});

test("who was removed from the server by hand is made again, with a new key", () => {
  const access = `access:
  policies: {reader: {grants: [{role: read, bucket: orders}]}}
  users: {ada: {policies: [reader]}, ben: {policies: [reader]}}
  service_accounts: {ada-job: {user: ada, policies: [reader]}, ben-job: {user: ben, policies: [reader]}}
`;
  project.declare(project.good + access);
  expect(bucketworks("up").code).toBe(0);
  const accounts = () => {
    const list = ["-c", ". toolchain/env.sh && bin/bucketworks key list --format json"];
    const { stdout } = spawnSync("sh", list, { cwd: checkout.root, encoding: "utf8" });
    const { keys } = JSON.parse(stdout) as { keys: { identity: string; accessKey: string }[] };
    return Object.fromEntries(keys.map(({ identity, accessKey }) => [identity, accessKey]));
  };
  const before = accounts();
  mc("admin", "user", "rm", "dev", "ada");
  mc("admin", "user", "svcacct", "rm", "dev", String(before["ben-job"]));
  const { code, out } = bucketworks("up");
  expect(out).toMatch(/gone from the server, made again with new keys: ada, ada-job, ben-job/);
  expect(out).not.toContain("FATAL");
  expect(code, out).toBe(0);
  const after = accounts();
  expect(Object.keys(after)).toEqual(["ada", "ada-job", "ben", "ben-job"]);
  for (const account of ["ada-job", "ben-job"]) expect(after[account]).not.toBe(before[account]);
  project.declare();
  expect(bucketworks("up").code).toBe(0);
});

test("a fault in a spec is shown with its place and without a stack trace", () => {
  project.declare(project.good.replace("versioning: true", "versionning: true"));
  const { code, out } = bucketworks("up");
  expect(code).toBe(1);
  expect(out).toMatch(/shop\.yaml:\d+:\d+ /);
  expect(out).toContain("versionning");
  expect(out).not.toMatch(/^ +at /m);
});

test("a bucket made by hand under the name of one that the stack removed is refused and left as it is", () => {
  const declare = (options: string) =>
    project.declare(`${project.good.trimEnd()}\n      - {name: passing, description: d${options}}\n`);
  declare("");
  expect(bucketworks("up").code).toBe(0);
  project.declare();
  expect(bucketworks("up").out).toContain("- Bucket passing");
  mc("mb", "dev/passing");
  try {
    mc("tag", "set", "dev/passing", "owner=somebody");
    mc("quota", "set", "dev/passing", "--size", "1GiB");
    mc("cp", checkout.minio.endpoint, "dev/passing/object");
    const held = () => [mc("tag", "list", "dev/passing"), mc("quota", "info", "dev/passing"), mc("ls", "dev/passing")];
    const before = held();
    expect(before[0]).toContain("somebody");
    declare(", retention_days: 1");
    const { code, out } = bucketworks("up");
    expect({ code, out }).toMatchObject({
      code: 1,
      out: expect.stringMatching(/passing exists already .* adopt: true/),
    });
    expect(held()).toEqual(before);
    project.declare();
    expect(bucketworks("up").code).toBe(0);
    expect(held()).toEqual(before);
  } finally {
    mc("rb", "--force", "dev/passing");
  }
});

test("destroy names the buckets that stay, with all they hold", async () => {
  mc("cp", checkout.minio.endpoint, "dev/orders/object");
  const { code, out } = bucketworks("destroy");
  expect(out).toContain("2 buckets stay on the server with all they hold (on_delete: retain):\n  invoices\n  orders\n");
  expect(code).toBe(0);
  const port = Number(readFileSync(checkout.minio.endpoint, "utf8").split(":")[1]);
  expect([...(await liveBuckets(checkout, port)).keys()]).toEqual(["invoices", "orders"]);
  expect(mc("ls", "dev/orders")).toContain("object");
});

test("down ends every process, and says so once", () => {
  const run = readRun(checkout.minio);
  expect(bucketworks("down")).toMatchObject({ code: 0, out: expect.stringContaining("stopped the local server") });
  expect([run?.server, run?.supervisor].map((mark) => markOf(mark?.pid ?? 0))).toEqual([undefined, undefined]);
  expect(bucketworks("down").out).toContain("the local server isn't running");
});

/** Whether a stopped process has a signal waiting for it; the one that stops it waits there for a moment as well. */
function hasPending(pid: number, signal: number): boolean {
  const [, mask = "0"] = /^ShdPnd:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

/** Starts a command that ends the server, and sends it a signal while it waits for that; the server takes until then. */
async function interrupted(signal: NodeJS.Signals, ...args: string[]): Promise<unknown> {
  expect(bucketworks("up").code).toBe(0);
  const run = readRun(checkout.minio);
  const pid = run?.server?.pid ?? 0;
  process.kill(pid, "SIGSTOP");
  try {
    const child = spawn(join(checkout.root, "bin/bucketworks"), args, { cwd: checkout.root, stdio: "ignore" });
    const ended = once(child, "exit");
    await eventually(async () => hasPending(pid, constants.signals.SIGTERM), 60_000);
    child.kill(signal);
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(pid, "SIGCONT");
    const [code] = await ended;
    return { code, left: [run?.server, run?.supervisor].filter((mark) => markOf(mark?.pid ?? 0) !== undefined) };
  } finally {
    if (markOf(pid) !== undefined) process.kill(pid, "SIGCONT");
  }
}

test("a signal waits for the end of a server that was told to end: down has done its work, clean deletes nothing", async () => {
  expect(await interrupted("SIGTERM", "clean", "--yes")).toEqual({ code: 143, left: [] });
  expect(existsSync(checkout.passphrase) && existsSync(checkout.minio.data)).toBe(true);
  expect(await interrupted("SIGINT", "down")).toEqual({ code: 0, left: [] });
});

test("clean deletes what make toolchain makes in a checkout and keeps the programs", () => {
  expect(bucketworks("clean")).toMatchObject({ code: 2, out: expect.stringContaining("nothing was deleted") });
  expect(existsSync(checkout.passphrase)).toBe(true);
  expect(bucketworks("clean", "--yes").code).toBe(0);
  for (const place of [checkout.passphrase, checkout.state, join(checkout.home, "stacks")])
    expect([place, existsSync(place)]).toEqual([place, false]);
  expect(existsSync(checkout.toolchain)).toBe(true);
});
