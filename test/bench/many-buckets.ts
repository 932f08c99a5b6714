/**
 * What commands that look at a whole server take, by the number of its buckets: `node test/bench/many-buckets.ts 1000 10000`.
 * The buckets are real, empty, and as their spec says. Half an hour for 10,000 on two busy cores; no test runs it.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { bucketInputs } from "../../builders/bucket-inputs.ts";
import type { Bucket } from "../../config/model.ts";
import { TestServer } from "../support/minio.ts";
import { Plugin } from "../support/plugin.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";
import { ROOT } from "../support/toolchain.ts";
import { environment, SpecFile } from "../support/verified.ts";
import { peakMemory } from "./memory.ts";

const WORKERS = 16;
const COMMANDS: readonly (readonly string[])[] = [
  ["check"],
  ["verify", "--no-identities", "--quiet"],
  ["scan", "--quiet"],
  ["report", "--no-identities", "--depth", "health", "--quiet"],
];

const counts = process.argv.slice(2).map(Number);
const server = await TestServer.start();
try {
  const made = new Set<string>();
  for (const count of counts.length > 0 ? counts : [1000, 10_000]) {
    const spec = new SpecFile(platformFile(manyBuckets(count)));
    const { platforms } = spec.model();
    const all = platforms.flatMap(({ buckets }) => buckets);
    await makeAll(all.filter(({ name }) => !made.has(name)));
    for (const { name } of all) made.add(name);
    console.log(`\n${count} buckets`);
    for (const command of COMMANDS) await measure([...command, spec.path]);
    spec.remove();
  }
} finally {
  await server.stop();
}

async function makeAll(buckets: readonly Bucket[]): Promise<void> {
  const plugin = await Plugin.start();
  try {
    await plugin.configure({ endpoint: server.endpoint, rootUser: server.user, rootPassword: server.password });
    const left = [...buckets];
    const worker = async (): Promise<void> => {
      for (let bucket = left.pop(); bucket !== undefined; bucket = left.pop())
        await plugin.create({ ...bucketInputs(bucket, "dev") });
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
  } finally {
    await plugin.stop();
  }
}

async function measure(args: readonly string[]): Promise<void> {
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
