import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Outcome, TestCheckout } from "../support/checkout.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";
import { bucketsIn, dumpOf, stateOf } from "../support/state.ts";

const BUCKETS = 40;
const UP = ["up", "--yes", "--skip-preview"];

let checkout: TestCheckout;

beforeAll(async () => {
  checkout = await TestCheckout.make({ many: platformFile(manyBuckets(BUCKETS, "first")) });
});

afterAll(() => checkout.remove());

const onServer = async () => Object.keys(await dumpOf(checkout.server)).sort();
const names = (prefix: string) => Array.from({ length: BUCKETS }, (_, index) => `${prefix}-${index}`).sort();

/** Waits until an update has begun to make these buckets. */
async function begun(prefix: string): Promise<void> {
  while (!(await onServer()).some((name) => name.startsWith(prefix))) await setTimeout(20);
}

/** Waits until an update holds the lock of the stack. */
async function locked(): Promise<void> {
  const locks = join(checkout.root, ".bucketworks/state/.pulumi/locks/organization/bucketworks/dev");
  while (!existsSync(locks) || readdirSync(locks).length === 0) await setTimeout(20);
}

/** As a terminal does, Ctrl-C reaches every process of the group: the wrapper, the engine and its plugins. */
function atTerminal(...command: string[]): { outcome: Promise<Outcome>; interrupt: () => void } {
  const script = '. ./toolchain/env.sh && "$@"; exit $?';
  const options = { cwd: checkout.root, detached: true, env: { ...process.env, NO_COLOR: "1" } } as const;
  const child = spawn("sh", ["-c", script, "sh", ...command], options);
  const closed = once(child, "close").then(([code]) => code ?? -1);
  const outcome = Promise.all([closed, text(child.stdout), text(child.stderr)]).then(([code, stdout, stderr]) => ({
    code,
    stdout,
    stderr,
  }));
  return { outcome, interrupt: () => process.kill(-Number(child.pid), "SIGINT") };
}

async function pendingOperations(): Promise<unknown[]> {
  const { deployment } = JSON.parse(await checkout.must("pulumi", "stack", "export"));
  return deployment.pending_operations ?? [];
}

test("Ctrl-C in the middle of an update ends it tidily, and the next one finishes the work without recover", async () => {
  const update = atTerminal("pulumi", ...UP);
  await begun("first-");
  update.interrupt();
  const { code, stdout, stderr } = await update.outcome;
  expect(code).not.toBe(0);
  expect(stdout + stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  expect(await pendingOperations()).toEqual([]);
  const made = await onServer();
  expect(made.length).toBeLessThan(BUCKETS);
  expect(bucketsIn(await stateOf(checkout))).toEqual(expect.arrayContaining(made));

  await checkout.must("pulumi", ...UP);
  expect(await onServer()).toEqual(names("first"));
  expect(bucketsIn(await stateOf(checkout))).toEqual(names("first"));
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("an update that begins while another one runs is refused by name of the lock; the other does the work", async () => {
  checkout.writePlatforms({ many: platformFile(manyBuckets(BUCKETS, "second")) });
  // Two that begin in the same moment may each see the other's lock, and both are refused: the first has its lock here.
  const first = checkout.start("pulumi", ...UP);
  await locked();
  const lost = await checkout.run("pulumi", ...UP);
  const won = await first.outcome;
  expect(won.code, won.stdout).toBe(0);
  expect(lost.code).not.toBe(0);
  expect(lost.stdout + lost.stderr).toMatch(/the stack is currently locked by 1 lock/);
  expect(await pendingOperations()).toEqual([]);
  expect(await onServer()).toEqual(names("second"));
  expect(bucketsIn(await stateOf(checkout))).toEqual(names("second"));
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});
