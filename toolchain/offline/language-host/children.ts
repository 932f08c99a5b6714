import { type ChildProcess, spawn } from "node:child_process";
import { fstatSync } from "node:fs";

/** A process to start: what, with which arguments, where, with which environment. */
export interface Command {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

export type Output = "stdout" | "stderr";

/** How a process ended: its exit code, or the signal that ended it. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The program's or pack's folder has no `@pulumi/pulumi`. */
export class NotInstalledError extends Error {}

const GRACE_MS = 1000;
const PARENT_POLL_MS = 500;
const running = new Set<ChildProcess>();

/**
 * Starts a command. Without `output` it writes to this process's own stdout and stderr, which the engine shows.
 * `ended` rejects when the command can't be started at all.
 */
export function start(
  command: Command,
  output?: (stream: Output, chunk: Buffer) => void,
): { ended: Promise<End>; end: () => void } {
  const child = spawn(command.file, command.arguments, {
    cwd: command.folder,
    env: command.environment,
    stdio: output ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
  });
  running.add(child);
  child.stdout?.on("data", (chunk: Buffer) => output?.("stdout", chunk));
  child.stderr?.on("data", (chunk: Buffer) => output?.("stderr", chunk));
  const ended = new Promise<End>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  }).finally(() => running.delete(child));
  return { ended, end: () => end(child) };
}

function end(child: ChildProcess): void {
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), GRACE_MS).unref();
}

/** Asks every child to end, and makes it after a second. */
export function endAll(): void {
  for (const child of running) end(child);
}

/**
 * Ends this process and all it started as soon as the engine is gone, however it went: the engine holds the other end of
 * stdin (closed by the kernel even after `kill -9`), and it is the parent.
 */
export function endWithEngine(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) killGroup();
  }, PARENT_POLL_MS).unref();
  if (fstatSync(0).isFIFO()) process.stdin.on("end", killGroup).on("error", killGroup).resume();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);
}

function stop(): void {
  endAll();
  const ends = [...running].map((child) => new Promise((resolve) => child.once("close", resolve)));
  const late = new Promise((resolve) => setTimeout(resolve, GRACE_MS));
  void Promise.race([Promise.all(ends), late]).then(killGroup);
}

/** The engine makes each plugin the leader of a group of its own, so this reaches the children's children too. */
function killGroup(): void {
  for (const child of running) child.kill("SIGKILL");
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    // not a group leader: started by hand
  }
  process.exit(0);
}
