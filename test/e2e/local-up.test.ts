import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Checkout, checkoutAt } from "../../cli/local/checkout.ts";
import { liveBuckets } from "../../cli/local/health.ts";
import { markOf } from "../../cli/local/processes.ts";
import { readRun } from "../../cli/local/run-record.ts";
import { stopServer } from "../../cli/local/server.ts";
import { judgeCheckpoint } from "../../toolchain/state/checkpoint.ts";
import { eventually } from "../support/local-checkout.ts";
import { freePort } from "../support/minio.ts";
import { copyProject, plainShell } from "../support/project-copy.ts";
import { RecordingProxy } from "../support/recording-proxy.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";
import { tool } from "../support/toolchain.ts";

/** What the second run may ask: nothing of it writes. */
const READS = /^(s3\.(Get|List|Head)|admin\.(Get|Server|Info|KMSKeyStatus$)|health\.)/;

let checkout: Checkout;
let spec: string;
/** What the spec says before and after each test: one that fails leaves nothing to the next. */
let good: string;
let ports: Record<string, string>;

beforeAll(async () => {
  checkout = checkoutAt(copyProject());
  ports = { BUCKETWORKS_PORT: String(await freePort()), BUCKETWORKS_CONSOLE_PORT: String(await freePort()) };
  const platforms = join(checkout.root, "config", "platforms");
  for (const name of readdirSync(platforms)) rmSync(join(platforms, name), { recursive: true });
  spec = join(platforms, "shop.yaml");
  const buckets = ["orders, versioning: true, on_delete: retain", "invoices, on_delete: retain", "scratch"];
  good = platformFile(buckets.map((each) => `      - {name: ${each}, description: d}`).join("\n"));
  writeFileSync(spec, good);
});
afterEach(() => writeFileSync(spec, good));
afterAll(async () => {
  await stopServer(checkout);
  rmSync(checkout.root, { recursive: true, force: true });
});

function bucketworks(...args: string[]): { code: number | null; out: string } {
  return run({}, ...args);
}

/** @param env on top of what `bucketworks` is given */
function run(env: NodeJS.ProcessEnv, ...args: string[]): { code: number | null; out: string } {
  const found = spawnSync(join(checkout.root, "bin", "bucketworks"), args, {
    cwd: checkout.root,
    env: { ...plainShell(), ...ports, MINIO_ENDPOINT: "127.0.0.1:1", PULUMI_BACKEND_URL: "file:///nowhere", ...env },
    encoding: "utf8",
  });
  return { code: found.status, out: found.stdout + found.stderr };
}

function mc(...args: string[]): string {
  const env = { ...process.env, MC_CONFIG_DIR: checkout.mc.folder };
  return spawnSync(tool("mc"), args, { env, encoding: "utf8" }).stdout;
}

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
  const { code, out } = run(proxy.variables, "up");
  // what was sent while the command ran is read now
  await new Promise((resolve) => setTimeout(resolve, 200));
  proxy.stop();
  expect(proxy.asked).toEqual([]);
  expect(out).toContain(`endpoint   http://127.0.0.1:${ports.BUCKETWORKS_PORT}`);
  expect(out).toMatch(/shop +3 +invoices, orders, scratch/);
  expect(out).toContain("the server is as the specs say: 3 buckets");
  expect(out).not.toContain(readFileSync(checkout.minio.rootPassword, "utf8").trim());
  expect(code).toBe(0);
  expect(mc("version", "info", "dev/orders")).toContain("enabled");
  expect(tracked()).toEqual(before);
});

test("a second up writes nothing to the server", async () => {
  ports = {};
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

test("what was changed by hand is put right", () => {
  mc("version", "suspend", "dev/orders");
  const { code, out } = bucketworks("up");
  expect(out).toContain("~ Bucket orders");
  expect(code).toBe(0);
  expect(mc("version", "info", "dev/orders")).toContain("enabled");
});

describe("a state that is cut off or lost", () => {
  const state = () => join(checkout.state, ".pulumi", "stacks", "bucketworks", "dev.json");
  const own = { PULUMI_BACKEND_URL: "", MINIO_ENDPOINT: "" };
  const locks = () => join(checkout.state, ".pulumi", "locks", "organization", "bucketworks", "dev");
  let before: string;
  beforeAll(() => {
    before = readFileSync(state(), "utf8");
  });
  afterAll(() => {
    // Each test here goes on from the one before it; those after them need a state, however these went.
    rmSync(locks(), { recursive: true, force: true });
    if (!existsSync(state()) || judgeCheckpoint(readFileSync(state(), "utf8")).kind !== "whole") {
      writeFileSync(state(), before);
    }
  });
  const refused = (run: { code: number | null; out: string }, what: RegExp) => {
    expect(run.code, run.out).toBe(3);
    expect(run.out).toMatch(what);
    expect(run.out).toMatch(/A whole copy from \S+ with \d+ resources is here: bin\/bucketworks recover/);
    expect(run.out).not.toMatch(/^\s+at |"urn"/m);
  };

  test("is never built upon: up, destroy and pulumi itself say so in one sentence and overwrite nothing", () => {
    const half = readFileSync(state(), "utf8").slice(0, 2000);
    writeFileSync(state(), half);
    const cut = /dev\.json: the state of stack dev is cut off or garbled \(2000 bytes/;
    refused(bucketworks("up"), cut);
    refused(bucketworks("destroy"), cut);
    const shell = ". ./toolchain/env.sh && pulumi up --yes --skip-preview --stack dev";
    const { status, stderr, stdout } = spawnSync("sh", ["-c", shell], { cwd: checkout.root, encoding: "utf8" });
    refused({ code: status, out: stdout + stderr }, cut);
    expect(readFileSync(state(), "utf8")).toBe(half);
  });

  test("is offered back with its age and what differs from the server, and taken when asked", () => {
    mc("rb", "dev/scratch");
    const offer = run(own, "recover");
    expect(offer.code, offer.out).toBe(3);
    expect(offer.out).toMatch(/the newest whole copy is \d+ minutes? old and knows \d+ resources: \.bucketworks\//);
    expect(offer.out).toContain("bucket scratch: in the copy, not on the server");
    expect(offer.out).not.toContain("bucket orders");
    const taken = run(own, "recover", "--take-state");
    expect(taken.code, taken.out).toBe(0);
    expect(taken.out).toContain(
      "is the state of stack dev again; the damaged one is .bucketworks/state-kept/dev/damaged-",
    );
  });

  test("missing, no new stack is made over what is left", () => {
    rmSync(state());
    refused(bucketworks("up"), /dev\.json: the state of stack dev is missing; nothing was changed/);
    refused(bucketworks("destroy"), /is missing/);
    const made = spawnSync("sh", ["toolchain/bootstrap.sh"], { cwd: checkout.root, encoding: "utf8" });
    expect(made.status).toBe(0);
    expect(made.stdout + made.stderr).toMatch(/stack dev: its state is damaged or lost, so none was made/);
    expect(existsSync(state())).toBe(false);
    expect(run(own, "recover", "--take-state").code).toBe(0);
  });

  test("taken back, the next up finishes the work, and settles what a full disk left of a lock", () => {
    mkdirSync(locks(), { recursive: true });
    for (const name of ["8e902ba6.json.18ec8c86e3bd6d22.tmp", "8e902ba7.json"]) writeFileSync(join(locks(), name), "");
    const { code, out } = bucketworks("up");
    expect(code, out).toBe(0);
    expect(out.match(/^lock file 8e902ba\S+ from \S+, cut off or left over by a full disk, removed$/gm)).toHaveLength(
      2,
    );
    expect(out).toContain("the server is as the specs say: 3 buckets");
    expect(readdirSync(locks())).toEqual([]);
  });
});

test("other ports, another region: the stack follows the server", async () => {
  ports = { BUCKETWORKS_PORT: String(await freePort()) };
  const set = ["-c", ". toolchain/env.sh && pulumi config set --stack dev bucketworks:region eu-west-1"];
  expect(spawnSync("sh", set, { cwd: checkout.root }).status).toBe(0);
  expect(bucketworks("up")).toMatchObject({ code: 0, out: expect.stringContaining(`:${ports.BUCKETWORKS_PORT}`) });
  ports = {};
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
  writeFileSync(spec, good + access);
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
  writeFileSync(spec, good);
  expect(bucketworks("up").code).toBe(0);
});

test("a fault in a spec is shown with its place and without a stack trace", () => {
  writeFileSync(spec, good.replace("versioning: true", "versionning: true"));
  const { code, out } = bucketworks("up");
  expect(code).toBe(1);
  expect(out).toMatch(/shop\.yaml:\d+:\d+ /);
  expect(out).toContain("versionning");
  expect(out).not.toMatch(/^ +at /m);
});

test("a bucket made by hand under the name of one that the stack removed is refused and left as it is", () => {
  const declare = (options: string) =>
    writeFileSync(spec, `${good.trimEnd()}\n      - {name: passing, description: d${options}}\n`);
  declare("");
  expect(bucketworks("up").code).toBe(0);
  writeFileSync(spec, good);
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
    writeFileSync(spec, good);
    expect(bucketworks("up").code).toBe(0);
    expect(held()).toEqual(before);
  } finally {
    mc("rb", "--force", "dev/passing");
  }
});

/** Does `work` while a folder lies where `file` must be. */
function whileAFolder<T>(file: string, work: () => T): T {
  renameSync(file, `${file}.away`);
  mkdirSync(file);
  try {
    return work();
  } finally {
    rmSync(file, { recursive: true });
    renameSync(`${file}.away`, file);
  }
}

test("a file of ours that can't be read is one sentence with its path, and changes nothing", () => {
  const state = join(checkout.state, ".pulumi", "stacks", "bucketworks", "dev.json");
  for (const file of [state, checkout.passphrase, checkout.minio.rootPassword, checkout.managed, checkout.mc.config]) {
    const { code, out } = whileAFolder(file, () => bucketworks("up"));
    expect(out).toMatch(/\.bucketworks\/[^\n]+: is a folder where a file must be \(EISDIR\); move the folder away/);
    expect(out).not.toMatch(/^ +at /m);
    expect(code).toBe(3);
  }
});

test.each([
  // the packages are linked here: a recipe that installs them would do so in the folder they are linked to
  ["SIGINT", ["make", "-o", "packages", "up"], "group"],
  ["SIGTERM", ["bin/bucketworks", "up"], "alone"],
] as const)(
  "%s to %j (%s) ends the deployment: nothing new is begun, and the next up finishes it",
  async (name, [file, ...args], to) => {
    writeFileSync(
      spec,
      platformFile(
        `      - {name: orders, description: d, versioning: true, on_delete: retain}\n      - {name: invoices, description: d, on_delete: retain}\n${manyBuckets(40, "more")}`,
      ),
    );
    const child = spawn(file, args, {
      cwd: checkout.root,
      detached: true,
      env: { ...process.env, ...ports },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = once(child, "close");
    onTestFinished(() => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-Number(child.pid), "SIGKILL");
    });
    let out = "";
    const sent = new Promise<void>((resolve) => {
      const take = (data: Buffer): void => {
        out += data;
        if (!/^ {2}\+ Bucket more-/m.test(out)) return;
        child.stderr.off("data", take).on("data", (more) => (out += more));
        process.kill(to === "group" ? -Number(child.pid) : Number(child.pid), name);
        resolve();
      };
      child.stderr.on("data", take);
    });
    await Promise.race([sent, ended]);
    const [code, signal] = await ended;
    if (file === "make") expect(signal ?? code).not.toBe(0);
    else expect(code).toBe(143);
    expect(out).toContain(`interrupted (${name}): nothing more was begun`);
    expect(out).not.toContain("putting right what differs");
    const made = out.match(/^ {2}\+ Bucket more-/gm) ?? [];
    expect(made.length).toBeLessThan(40);
    expect(existsSync(checkout.lock)).toBe(false);
    const left = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" })
      .stdout.split("\n")
      .filter((line) => line.includes(checkout.root));
    expect(left.filter((line) => /pulumi|provider\/main/.test(line))).toEqual([]);
    expect(bucketworks("up")).toMatchObject({ code: 0, out: expect.stringContaining("42 buckets") });
    writeFileSync(spec, good);
    expect(bucketworks("up").code).toBe(0);
  },
);

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
  const run = readRun(checkout);
  expect(bucketworks("down")).toMatchObject({ code: 0, out: expect.stringContaining("stopped the local server") });
  expect([run?.server, run?.supervisor].map((mark) => markOf(mark?.pid ?? 0))).toEqual([undefined, undefined]);
  expect(bucketworks("down").out).toContain("the local server isn't running");
});
