import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { markOf } from "../../cli/ending/processes.ts";
import { withLock } from "../../cli/local/checkout-lock.ts";
import { startMinio } from "../../cli/local/minio/start.ts";
import { LocalCheckout } from "../support/local-checkout.ts";

let local: LocalCheckout;
beforeEach(async () => {
  local = await LocalCheckout.make();
});
afterEach(() => local.remove());

test("of two starts at once one starts the server, the other waits and uses it", async () => {
  const waits: string[] = [];
  const start = () =>
    withLock(local.checkout, "up", () => startMinio(local.checkout, local.env), {
      onWait: (text) => waits.push(text),
    });
  const both = await Promise.all([start(), start()]);
  expect(both.map(({ how }) => how).sort()).toEqual(["reused", "started"]);
  expect(waits).toEqual([`bucketworks up (pid ${process.pid}) is at work in this checkout; waiting for it`]);
  expect(existsSync(local.checkout.lock)).toBe(false);
});

test("who can't wait any longer is told who holds the lock, and the lock stays", async () => {
  const holder = spawn("sleep", ["600"]);
  try {
    const held = JSON.stringify({ ...markOf(Number(holder.pid)), command: "destroy" });
    writeFileSync(local.checkout.lock, held);
    await expect(withLock(local.checkout, "up", async () => "ran", { patience: 200 })).rejects.toThrow(
      `.bucketworks/lock: bucketworks destroy (pid ${holder.pid}) is at work in this checkout; wait for it to end or end it`,
    );
    expect(readFileSync(local.checkout.lock, "utf8")).toBe(held);
  } finally {
    holder.kill("SIGKILL");
  }
});

test.for([
  ["of a dead process", JSON.stringify({ pid: 999_999_999, started: "1", command: "up" })],
  ["of a process id that is something else by now", JSON.stringify({ pid: process.pid, started: "1", command: "up" })],
  ["that was cut off", '{"pid":'],
])("a lock %s counts as none", async ([, text = ""]) => {
  mkdirSync(local.checkout.home, { recursive: true });
  writeFileSync(local.checkout.lock, text);
  expect(await withLock(local.checkout, "up", async () => "ran", { patience: 1000 })).toBe("ran");
  expect(existsSync(local.checkout.lock)).toBe(false);
});

test("the lock is given back when the work fails", async () => {
  const fails = withLock(local.checkout, "up", () => Promise.reject(new Error("no")));
  await expect(fails).rejects.toThrow("no");
  expect(existsSync(local.checkout.lock)).toBe(false);
});
