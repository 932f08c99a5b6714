import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { S3 } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { versionPages } from "../../cli/server-contents.ts";
import { type Outcome, TestCheckout } from "../support/checkout.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { copyProject } from "../support/project-copy.ts";
import { platformFile } from "../support/specs.ts";
import { bucketsIn, dumpOf, rootClient, stateOf } from "../support/state.ts";

/** Four pages, of which two are deleted at the same time. */
const MANY = 3200;
const BUCKETS = `      - {name: wiped, description: d, on_delete: purge}
      - {name: locked, description: d, on_delete: purge, object_lock: {mode: governance, days: 1}}
      - {name: big, description: d, on_delete: purge}
      - {name: kept, description: d}`;
const UP = ["up", "--yes", "--skip-preview"];
const DELETE = /^POST \/big\/?\?delete/;

let checkout: TestCheckout;
/** Between all commands and the server. */
let proxy: CuttingProxy;
let s3: S3;
/** What the server was asked while the buckets were made, in order. */
const asked: string[] = [];

beforeAll(async () => {
  checkout = await TestCheckout.make({ people: platformFile(BUCKETS) });
  proxy = await CuttingProxy.before(checkout.server.url);
  writeFileSync(join(checkout.root, ".bucketworks/minio/endpoint"), proxy.endpoint);
  s3 = rootClient(checkout.server);
  proxy.cut = (request) => {
    asked.push(request);
    return undefined;
  };
  await checkout.must("pulumi", ...UP);
  proxy.cut = () => undefined;
  for (const Bucket of ["wiped", "locked", "kept"]) {
    for (const Key of ["a", "a", "b"]) await put(Bucket, Key, "12345");
  }
  await checkout.must("mc", "rm", "dev/wiped/b");
});

afterEach(() => {
  proxy.cut = () => undefined;
});

afterAll(async () => {
  s3.destroy();
  proxy.stop();
  await checkout.remove();
});

const put = (Bucket: string, Key: string, Body: string) => s3.putObject({ Bucket, Key, Body });
const purge = (bucket: string, ...more: string[]) => checkout.run("bin/bucketworks", "purge", bucket, ...more);
const allow = (...buckets: string[]) =>
  writeFileSync(
    join(checkout.root, "Pulumi.dev.yaml"),
    `config:\n  bucketworks:stage: dev\n  bucketworks:allowPurge: ${JSON.stringify(buckets)}\n`,
  );

async function refusedUntouched(run: () => Promise<Outcome>, ...words: RegExp[]): Promise<Outcome> {
  const before = await dumpOf(checkout.server);
  const outcome = await run();
  expect(outcome).toMatchObject({ code: 2, stdout: "" });
  for (const word of words) expect(outcome.stderr).toMatch(word);
  expect(outcome.stderr).toMatch(/nothing was deleted/);
  expect(outcome.stderr).not.toMatch(/^\s+at /m);
  expect(await dumpOf(checkout.server)).toEqual(before);
  return outcome;
}

test("buckets of one update are made at the same time: each is begun before the first is finished", () => {
  const writes = asked.flatMap((request) => /^PUT \/(wiped|locked|big|kept)\b/.exec(request)?.[1] ?? []);
  const names = [...new Set(writes)];
  expect(names).toHaveLength(4);
  const finished = Math.min(...names.map((name) => writes.lastIndexOf(name)));
  for (const name of names) expect(writes.indexOf(name), writes.join(" ")).toBeLessThan(finished);
});

test("a key that is missing is named with what gives it, and nothing is deleted", async () => {
  allow("kept");
  const spec = /spec keeps the objects of kept \(on_delete: delete_if_empty\); write on_delete: purge .*people\.yaml/;
  await refusedUntouched(() => purge("kept", "--yes-delete", "kept"), spec);
  await refusedUntouched(() => purge("nowhere", "--yes-delete", "nowhere"), /no platform of stack dev declares/);
  const { stderr } = await refusedUntouched(() => purge("wiped", "--yes-delete", "wiped"), /bucketworks:allowPurge/);
  const command = /allow it: (pulumi config set-all .*)/.exec(stderr)?.[1] ?? "no command";
  await checkout.must("sh", "-c", command);
  await refusedUntouched(() => purge("wiped"), /standard input isn't a terminal/);
  await refusedUntouched(() => purge("kept"), /spec keeps the objects of kept/);
  await checkout.must("pulumi", "preview", "--expect-no-changes");
  await checkout.must("pulumi", "config", "rm", "bucketworks:allowPurge");
});

test("with both keys it still asks, and another name than the bucket's deletes nothing", async () => {
  allow("wiped");
  await refusedUntouched(() => purge("wiped", "--yes-delete", "kept"), /--yes-delete names another bucket, kept/);
  const shown = /bucket wiped on http:\S+ \(stack dev\): 1 object, 2 older versions, 1 delete marker, 15 bytes/;
  await refusedUntouched(() => purge("wiped"), shown, /--yes-delete wiped/);
});

test("in the shell of one checkout the commands of another do nothing: neither lends its keys to the other", async () => {
  allow("wiped");
  const other = copyProject();
  const tracked = join(other, "Pulumi.dev.yaml");
  try {
    for (const path of ["config/platforms", "Pulumi.dev.yaml"]) {
      rmSync(join(other, path), { recursive: true });
      cpSync(join(checkout.root, path), join(other, path), { recursive: true });
    }
    const before = readFileSync(tracked, "utf8");
    const there = (...command: string[]) => checkout.run("sh", "-c", 'cd "$0" && exec "$@"', other, ...command);
    const both = new RegExp(`${checkout.root}.* belongs to ${other}|${other}.* belongs to ${checkout.root}`);
    await refusedUntouched(async () => {
      const outcome = await there("bin/bucketworks", "purge", "wiped", "--yes-delete", "wiped");
      return { ...outcome, stderr: outcome.stderr.replace("nothing was done", "nothing was deleted") };
    }, both);
    for (const command of [
      ["pulumi", "preview"],
      ["pulumi", "up", "--yes"],
      ["bin/bucketworks", "drift"],
    ]) {
      expect(await there(...command)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(both) });
    }
    expect(readFileSync(tracked, "utf8")).toBe(before);
  } finally {
    rmSync(other, { recursive: true });
  }
});

/** Types a line at a terminal of its own. */
const typed = (line: string, command: string) =>
  checkout.run("sh", "-c", `{ sleep 4; printf '${line}\\n'; sleep 2; } | script -qec '${command}' /dev/null`);
const noTerminal = spawnSync("script", ["--version"]).status !== 0;

test.skipIf(noTerminal)(
  `at a terminal the bucket's name has to be typed${noTerminal ? " (no script here)" : ""}`,
  async () => {
    allow("kept", "wiped");
    const before = await dumpOf(checkout.server);
    const other = await typed("kept", "bin/bucketworks purge wiped");
    expect(other).toMatchObject({ code: 2, stdout: expect.stringContaining("purge: nothing was deleted") });
    expect(await dumpOf(checkout.server)).toEqual(before);
    const same = await typed("wiped", "bin/bucketworks purge wiped");
    expect(same).toMatchObject({ code: 0, stdout: expect.stringMatching(/bucket wiped: 4 versions deleted/) });
    for (const Key of ["a", "a", "b"]) await put("wiped", Key, "12345");
    await checkout.must("mc", "rm", "dev/wiped/b");
  },
);

test("a bucket of that name that the stack doesn't own is left alone, whatever the spec says", async () => {
  allow("theirs", "wiped");
  await checkout.must("mc", "mb", "dev/theirs");
  await put("theirs", "precious", "x");
  checkout.writePlatforms({
    people: platformFile(`${BUCKETS}\n      - {name: theirs, description: d, on_delete: purge}`),
  });
  await refusedUntouched(() => purge("theirs", "--yes-delete", "theirs"), /stack dev hasn't made or adopted it/);
  checkout.writePlatforms({ people: platformFile(BUCKETS) });
  writeFileSync(join(checkout.root, ".bucketworks/minio/endpoint"), checkout.server.endpoint);
  await refusedUntouched(() => purge("wiped", "--yes-delete", "wiped"), /stack dev has it on 127\.0\.0\.1:\d+, this/);
  writeFileSync(join(checkout.root, ".bucketworks/minio/endpoint"), proxy.endpoint);
});

test("all versions and delete markers go, the bucket stays with its settings, and the next update may remove it", async () => {
  allow("wiped");
  const before = await dumpOf(checkout.server);
  const { code, stdout } = await purge("wiped", "--yes-delete", "wiped");
  expect(stdout).toMatch(
    /^bucket wiped: 4 versions deleted \(15 bytes\); it is empty now\n.*take it out of \S+ and run/,
  );
  expect(code).toBe(0);
  const wiped = before.wiped as { settings: object };
  expect(await dumpOf(checkout.server)).toEqual({ ...before, wiped: { ...wiped, objects: [] } });
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
  expect((await purge("wiped")).stdout).toMatch(/^bucket wiped on http:\S+ is empty\n/);
  checkout.writePlatforms({ people: platformFile(BUCKETS.split("\n").slice(1).join("\n")) });
  await checkout.must("pulumi", ...UP);
  expect(Object.keys(await dumpOf(checkout.server))).not.toContain("wiped");
  expect(bucketsIn(await stateOf(checkout))).not.toContain("wiped");
});

test("locked versions stay and are counted by what locks them", async () => {
  allow("locked");
  await s3.putObject({ Bucket: "locked", Key: "held", Body: "x", ObjectLockLegalHoldStatus: "ON" });
  const until = new Date(Date.now() + 172_800_000);
  const retention = { ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate: until } as const;
  await s3.putObject({ Bucket: "locked", Key: "sealed", Body: "x", ...retention });
  await checkout.must("mc", "rm", "dev/locked/b");
  const { code, stderr } = await purge("locked", "--yes-delete", "locked");
  expect(code).toBe(1);
  expect(stderr).toMatch(/1 version deleted .*; 5 versions can't be deleted and stay: /);
  for (const part of ["3 under governance lock", "1 under compliance lock", "1 under legal hold"]) {
    expect(stderr).toContain(part);
  }
  expect(stderr).toContain(`the last lock ends ${until.toISOString().slice(0, 10)}`);
  expect(await dumpOf(checkout.server)).toMatchObject({ locked: { objects: { length: 5 } } });
});

test("Ctrl-C and an outage half-way say what is gone and what is left, and the next run deletes the rest", async () => {
  allow("big");
  const keys = Array.from({ length: MANY }, (_, index) => `key-${index}`);
  const putRest = async () => {
    for (let key = keys.pop(); key !== undefined; key = keys.pop()) await put("big", key, "x");
  };
  await Promise.all(Array.from({ length: 32 }, putRest));
  const left = async () => {
    let count = 0;
    for await (const page of versionPages(s3, "big")) count += page.Versions?.length ?? 0;
    return count;
  };
  const said = (text: string) =>
    /: (\d+) versions deleted .*about (\d+) versions left/.exec(text)?.slice(1).map(Number);

  const interrupted = checkout.start("bin/bucketworks", "purge", "big", "--yes-delete", "big");
  proxy.cut = (request) => {
    if (DELETE.test(request)) interrupted.kill("SIGINT");
    return undefined;
  };
  const stopped = await interrupted.outcome;
  expect(stopped.code).toBe(130);
  const afterStop = await left();
  expect(afterStop).toBeGreaterThan(0);
  expect(afterStop).toBeLessThan(MANY);
  expect(said(stopped.stderr)).toEqual([MANY - afterStop, afterStop]);
  expect(stopped.stderr).toMatch(/stopped, .*run bucketworks purge big again to delete the rest/);

  let batches = 0;
  proxy.cut = (request) => (DELETE.test(request) && ++batches > 1 ? "before" : undefined);
  const cut = await purge("big", "--yes-delete", "big");
  expect(cut.code).toBe(3);
  const afterCut = await left();
  expect(said(cut.stderr)).toEqual([afterStop - afterCut, afterCut]);
  expect(cut.stderr).toMatch(/connection broken off.*; then run bucketworks purge big again/);

  proxy.cut = () => undefined;
  expect(await purge("big", "--yes-delete", "big")).toMatchObject({ code: 0 });
  expect(await left()).toBe(0);
});
