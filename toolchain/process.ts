import { type ChildProcess, spawn } from "node:child_process";
import { Fault, Interrupted, isDiskFull } from "./fault.ts";

/** How to run a tool. `limitMs` ends it when it takes longer; `signal` ends it when the whole work is interrupted. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly limitMs?: number;
}

/** What a tool answered. `code` is null when it was ended by a signal or could not be started. */
export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const KEPT = 256 * 1024;

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

/** Runs a tool in a process group of its own, so that ending it ends what it started; never throws for an exit code. */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
  options.signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const text = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        text[name] = (text[name] + chunk).slice(-KEPT);
      });
    }
    const stop = () => endGroup(child);
    options.signal?.addEventListener("abort", stop, { once: true });
    const limit = options.limitMs === undefined ? undefined : setTimeout(stop, options.limitMs);
    const done = () => {
      clearTimeout(limit);
      options.signal?.removeEventListener("abort", stop);
    };
    child.once("error", (error) => {
      done();
      resolve({ code: null, ...text, stderr: error.message });
    });
    child.once("close", (code) => {
      done();
      if (options.signal?.aborted) reject(new Interrupted("interrupted"));
      else resolve({ code, ...text });
    });
  });
}

/**
 * Runs a tool that has to succeed.
 * @throws Fault with the last lines it said, or with the plain sentence when the disk is full
 */
export async function mustRun(
  what: string,
  file: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  const { code, stdout, stderr } = await run(file, args, options);
  if (code === 0) return stdout;
  const said = `${stderr}\n${stdout}`;
  if (isDiskFull(said)) throw new Fault(diskFull(what));
  const tail = said
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-8)
    .join("\n  ");
  throw new Fault(`${what}: ${file} ${args[0] ?? ""} ended with exit code ${code ?? "none"}:\n  ${tail}`);
}

/** The sentence for a full disk. */
export function diskFull(what: string): string {
  return `${what}: no space left on the disk; free some (a first build takes about 12 GB), or name another place in XDG_CACHE_HOME, GOCACHE and GOMODCACHE`;
}
