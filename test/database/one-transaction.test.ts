import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ROOT } from "../support/toolchain.ts";

/** What the Job of migrations may have, in MiB; see builders/postgres/kubernetes/migration-job.ts. */
const JOB = 256;

/** The most memory that a process had until it ended, in MiB: its compilers work on after its program has. */
async function mostMemory(program: string): Promise<number> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { cwd: ROOT, stdio: "inherit" });
  let most = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    most = Math.max(most, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
    await sleep(5);
  }
  expect(child.exitCode).toBe(0);
  return most;
}

test.runIf(existsSync("/proc/self/status"))(
  "migrations are judged in a fraction of the memory that the Job of migrations has",
  async () => {
    const most = await mostMemory(`
      const { requireOneTransaction } = await import("${join(ROOT, "database", "one-transaction.ts")}");
      await requireOneTransaction("shop", [{ file: "001.do.orders.sql", sql: "CREATE TABLE orders (id int);".repeat(100) }]);`);
    expect(most).toBeGreaterThan(10);
    expect(most).toBeLessThan(JOB / 2);
  },
);
