import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Checkout } from "../../cli/checkout.ts";
import { judgeCheckpoint } from "../../toolchain/state/checkpoint.ts";
import { LocalProject } from "../support/local-project.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";

let project: LocalProject;
let checkout: Checkout;
const bucketworks = (...args: string[]) => project.bucketworks(...args);
const mc = (...args: string[]) => project.mc(...args);

beforeAll(async () => {
  project = await LocalProject.make();
  checkout = project.checkout;
  // The second run keeps what the first one made.
  for (const _ of ["first", "second"]) expect(bucketworks("up")).toMatchObject({ code: 0 });
});
// One that fails leaves no other spec to the next.
afterEach(() => project.declare());
afterAll(() => project?.remove());

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
    const offer = project.run(own, "recover");
    expect(offer.code, offer.out).toBe(3);
    expect(offer.out).toMatch(/the newest whole copy is \d+ minutes? old and knows \d+ resources: \.bucketworks\//);
    expect(offer.out).toContain("bucket scratch: in the copy, not on the server");
    expect(offer.out).not.toContain("bucket orders");
    const taken = project.run(own, "recover", "--take-state");
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
    expect(project.run(own, "recover", "--take-state").code).toBe(0);
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
    project.declare(
      platformFile(
        `      - {name: orders, description: d, versioning: true, on_delete: retain}\n      - {name: invoices, description: d, on_delete: retain}\n${manyBuckets(40, "more")}`,
      ),
    );
    const child = spawn(file, args, {
      cwd: checkout.root,
      detached: true,
      env: { ...process.env, ...project.ports },
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
    // What hears the signal first decides: make itself, or the recipe, whose exit code make reports.
    if (file === "make") expect(signal ?? [code, /Error \d+/.exec(out)?.[0]]).toBeOneOf([name, [2, "Error 130"]]);
    else expect(code).toBe(143);
    expect(out).toContain(`interrupted (${name}): nothing more was begun`);
    expect(out).not.toContain("fixing what differs");
    const made = out.match(/^ {2}\+ Bucket more-/gm) ?? [];
    expect(made.length).toBeLessThan(40);
    expect(existsSync(checkout.lock)).toBe(false);
    const left = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" })
      .stdout.split("\n")
      .filter((line) => line.includes(checkout.root));
    expect(left.filter((line) => /pulumi|provider\/main/.test(line))).toEqual([]);
    expect(bucketworks("up")).toMatchObject({ code: 0, out: expect.stringContaining("42 buckets") });
    project.declare();
    expect(bucketworks("up").code).toBe(0);
  },
);
