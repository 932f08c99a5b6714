import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a program took. */
export interface Measured {
  readonly seconds: number;
  /** Of all its processors, user and system. */
  readonly cpuSeconds: number;
  /** MiB, of its largest process. */
  readonly peak: number;
  /** Of the server, meanwhile. */
  readonly serverSeconds: number;
}

/** The kernel tells a parent what its children took, Node doesn't pass it on. */
const SCRIPT = `
import json, resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL).returncode
took = time.monotonic() - began
use = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"code": code, "seconds": took, "cpuSeconds": use.ru_utime + use.ru_stime, "peak": use.ru_maxrss / 1024}))
`;

/** Runs a program. @param server pid of the server that it asks */
export async function measured(
  server: number,
  env: Readonly<Record<string, string | undefined>>,
  ...command: readonly string[]
): Promise<Measured> {
  const before = cpuSeconds(server);
  const child = spawn("python3", ["-c", SCRIPT, "-", ...command], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  const { code, ...took } = JSON.parse(text);
  if (code !== 0) throw new Error(`${command.slice(0, 3).join(" ")} ended with ${code}`);
  return { ...took, serverSeconds: cpuSeconds(server) - before };
}

/** Ticks of the clock by which Linux counts, a hundred a second everywhere. */
const TICKS = 100;

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** The middle one of several by time, and the spread of all. */
export function middle(all: readonly Measured[]): Measured {
  const sorted = all.toSorted((a, b) => a.seconds - b.seconds);
  return sorted[Math.floor((sorted.length - 1) / 2)] as Measured;
}
