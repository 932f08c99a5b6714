import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { peakMemory } from "./memory.ts";

/** What a program took. */
export interface Measured {
  readonly seconds: number;
  /** Of all its processors, user and system. */
  readonly cpuSeconds: number;
  /** MiB, of its largest process. */
  readonly peak: number;
  /** MiB, the most that all its processes had together: pages that they share count once in each. */
  readonly family: number;
  /** Of the server, meanwhile. */
  readonly serverSeconds: number;
}

/**
 * The kernel tells a parent what its children took, Node doesn't pass it on. Children whose parent has ended become this one's,
 * so that theirs counts too.
 */
const SCRIPT = `
import ctypes, json, os, resource, subprocess, sys, tempfile, time
PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
with tempfile.TemporaryFile() as said:
    began = time.monotonic()
    code = subprocess.run(sys.argv[2:], stdout=said, stderr=said, stdin=subprocess.DEVNULL).returncode
    took = time.monotonic() - began
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
    use = resource.getrusage(resource.RUSAGE_CHILDREN)
    said.seek(max(0, said.tell() - 4000))
    tail = said.read().decode(errors="replace")
print(json.dumps({"code": code, "tail": tail, "seconds": took, "cpuSeconds": use.ru_utime + use.ru_stime, "peak": use.ru_maxrss / 1024}))
`;

/** A program with its place and what its environment has besides ours. */
export interface Command {
  readonly words: readonly string[];
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * Runs a program.
 * @param server pid of the server that it asks
 * @throws with the end of what it said where it ends with another code than 0
 */
export async function measured(server: number, { words, cwd, env }: Command): Promise<Measured> {
  const before = cpuSeconds(server);
  const child = spawn("python3", ["-c", SCRIPT, "-", ...words], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  const most = peakMemory(child.pid ?? 0, "left out");
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  const family = most();
  const { code, tail, ...took } = JSON.parse(text);
  if (code !== 0) throw new Error(`${words.slice(0, 6).join(" ")} ended with ${code}\n${tail}`);
  // One that is over before it was looked at is one process.
  return { ...took, family: Math.max(family, took.peak), serverSeconds: cpuSeconds(server) - before };
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
