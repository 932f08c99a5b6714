import { spawn } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { bootstrap, fakeCheckout } from "./checkout.ts";

const BUILDS = ["build host", "build mc", "build minio", "build pulumi", "build pulumi-resource-minio"];

/** The cache of a fake checkout, and in it the folder of one piece. */
function cacheOf(checkout: { env: NodeJS.ProcessEnv }): string {
  return join(checkout.env.XDG_CACHE_HOME ?? "", "bucketworks", "toolchain");
}

function entry(checkout: { env: NodeJS.ProcessEnv }, piece: string): string {
  const name = readdirSync(cacheOf(checkout)).find((candidate) => candidate.startsWith(`${piece}-`));
  return join(cacheOf(checkout), name ?? `no ${piece}`);
}

function builds(checkout: { notes: () => string[] }): string[] {
  return checkout
    .notes()
    .filter((note) => note.startsWith("build"))
    .sort();
}

/** What is in the cache besides whole pieces. */
function leftovers(checkout: { env: NodeJS.ProcessEnv }): string[] {
  return readdirSync(cacheOf(checkout)).filter((name) => /\.(tmp-|lock)/.test(name));
}

describe("make toolchain", () => {
  it("builds every piece once; a second run and a second clone build nothing and say nothing of work", () => {
    const folder = temporaryFolder();
    const first = fakeCheckout(folder);
    expect(bootstrap(first)).toMatchObject({ code: 0 });
    expect(builds(first)).toEqual(BUILDS);

    expect(bootstrap(first).stderr).toBe("");
    const second = { ...first, root: join(folder, "second clone") };
    cpSync(first.root, second.root, { recursive: true, filter: (file) => !file.includes(".bucketworks") });
    expect(bootstrap(second)).toMatchObject({ code: 0, stderr: "toolchain: stack dev: made in .bucketworks/state\n" });
    expect(builds(first)).toEqual(BUILDS);
    expect(readdirSync(join(second.root, ".bucketworks/toolchain/bin")).sort()).toEqual([
      "bucketworks",
      "mc",
      "minio",
      "node",
      "pulumi",
    ]);
    expect(leftovers(first)).toEqual([]);
  });

  it("prints a line when a piece starts and its time when it is done", () => {
    const { stderr } = bootstrap(fakeCheckout());
    for (const piece of ["pulumi", "language-host", "cli", "pulumi-resource-minio", "minio", "mc"]) {
      expect(stderr).toMatch(new RegExp(`^toolchain: ${piece}: making \\S+$`, "m"));
      expect(stderr).toMatch(new RegExp(`^toolchain: ${piece}: done in [\\d.]+ s \\(.+\\)$`, "m"));
    }
  });

  it("rebuilds only the piece whose pin changed", () => {
    const checkout = fakeCheckout();
    bootstrap(checkout);
    appendFileSync(join(checkout.root, "toolchain/go/minio/go.sum"), "example.org/x v1.0.0 h1:x\n");
    const { stderr } = bootstrap(checkout);
    expect(builds(checkout)).toEqual([...BUILDS, "build minio"].sort());
    expect(stderr.match(/making/g)).toHaveLength(1);
  });

  it("refuses a pin that go.mod does not agree with, naming both versions", () => {
    const checkout = fakeCheckout();
    const pins = join(checkout.root, "toolchain/pins.json");
    writeFileSync(pins, readFileSync(pins, "utf8").replace("v3.258.0", "v3.259.0"));
    expect(bootstrap(checkout)).toMatchObject({
      code: 1,
      stderr:
        "toolchain: toolchain/go/pulumi/go.mod: requires github.com/pulumi/pulumi/pkg/v3 v3.258.0, pins.json says v3.259.0; change both\n",
    });
  });

  it("never takes a half-built piece for a whole one", () => {
    const checkout = fakeCheckout();
    bootstrap(checkout);
    rmSync(join(entry(checkout, "mc"), "manifest.json"));
    expect(bootstrap(checkout).stderr).toContain("is damaged (its manifest is missing or unreadable), making it again");
    expect(builds(checkout)).toEqual([...BUILDS, "build mc"].sort());
    expect(bootstrap(checkout).stderr).toBe("");
  });

  it("notices a file that was cut short, one that was overwritten, and with VERIFY=1 one changed behind its date", () => {
    const checkout = fakeCheckout();
    bootstrap(checkout);
    truncateSync(join(entry(checkout, "mc"), "mc"), 10);
    expect(bootstrap(checkout).stderr).toMatch(/mc: .* is damaged \(mc has 10 bytes instead of \d+\), making it again/);

    const server = join(entry(checkout, "minio"), "minio");
    const { length } = readFileSync(server);
    writeFileSync(server, "#".repeat(length));
    expect(bootstrap(checkout).stderr).toContain("is damaged (minio has other contents than were built)");

    const manifest = JSON.parse(readFileSync(join(entry(checkout, "minio"), "manifest.json"), "utf8"));
    const date = new Date(manifest.files.minio.mtimeMs);
    writeFileSync(server, "#".repeat(length));
    utimesSync(server, date, manifest.files.minio.mtimeMs / 1000);
    expect(bootstrap(checkout, {}, ["--verify"]).stderr).toContain(
      "is damaged (minio has other contents than were built)",
    );
    expect(bootstrap(checkout, {}, ["--verify"]).stderr).toBe("");
  });

  it("builds each piece once when two run at once; the later one waits and says so", async () => {
    const checkout = fakeCheckout();
    const env = { ...checkout.env, FAKE_GO_BUILD: "sleep 1" };
    const both = [1, 2].map(
      () =>
        new Promise<{ code: number | null; stderr: string }>((resolve) => {
          const child = spawn("sh", ["toolchain/bootstrap.sh"], { cwd: checkout.root, env });
          let stderr = "";
          child.stderr.setEncoding("utf8").on("data", (chunk) => {
            stderr += chunk;
          });
          child.once("close", (code) => resolve({ code, stderr }));
        }),
    );
    const answers = await Promise.all(both);
    expect(answers.map(({ code }) => code)).toEqual([0, 0]);
    expect(answers.map(({ stderr }) => stderr).join("")).toMatch(/process \d+ is building it, waiting/);
    expect(builds(checkout)).toEqual(BUILDS);
    expect(leftovers(checkout)).toEqual([]);
  });

  it("breaks the lock and removes the folder of a build that died", () => {
    const checkout = fakeCheckout();
    bootstrap(checkout);
    const name = entry(checkout, "mc");
    rmSync(name, { recursive: true });
    writeFileSync(`${name}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, host: "" }));
    utimesSync(`${name}.lock`, 0, 0);
    mkdirSync(`${name}.tmp-4194305/files`, { recursive: true });
    expect(bootstrap(checkout)).toMatchObject({ code: 0 });
    expect(existsSync(join(name, "mc"))).toBe(true);
    expect(leftovers(checkout)).toEqual([]);
  });

  it("leaves nothing half-built behind when it is interrupted, and ends what it started", async () => {
    const checkout = fakeCheckout();
    const mark = String(100_000 + process.pid);
    const child = spawn("sh", ["toolchain/bootstrap.sh"], {
      cwd: checkout.root,
      env: { ...checkout.env, FAKE_GO_BUILD: `sleep ${mark}` },
    });
    await expect.poll(() => builds(checkout).length, { timeout: 20_000 }).toBe(2);
    child.kill("SIGTERM");
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(143);
    expect(leftovers(checkout)).toEqual([]);
    const sleeping = readdirSync("/proc").filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(mark);
      } catch {
        return false;
      }
    });
    expect(sleeping).toEqual([]);
  });
});
