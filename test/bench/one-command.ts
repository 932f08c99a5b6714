import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { TestServer } from "../support/minio.ts";
import { ROOT } from "../support/toolchain.ts";
import { environment } from "../support/verified.ts";
import { peakMemory } from "./memory.ts";

/** Runs `bucketworks` against a server and prints its seconds, processor time, most memory and exit code. */
export async function measure(server: TestServer, args: readonly string[]): Promise<void> {
  const began = performance.now();
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment(server) };
  const child = spawn(`${ROOT}bin/bucketworks`, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  const pid = child.pid ?? 0;
  const peak = peakMemory(pid);
  let ticks = 0;
  const timer = setInterval(() => {
    ticks = ticksOf(pid) ?? ticks;
  }, 100);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearInterval(timer);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const processor = (ticks / 100).toFixed(1);
  const what = `${args[0]}`.padEnd(8);
  console.log(
    `${what} ${seconds.padStart(7)} s, ${processor.padStart(6)} s of processor time, ${peak().toFixed(0)} MiB, exit ${code}`,
  );
}

/** Hundredths of a second that a process has used; undefined once it has ended. */
function ticksOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return undefined;
  }
}
