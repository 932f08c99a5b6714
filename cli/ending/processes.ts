import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError, EXIT } from "./exit.ts";

/** One particular process: a pid alone may belong to something else by now. */
export interface ProcessMark {
  readonly pid: number;
  /** When it started, in whatever form the system tells; compared for equality only. */
  readonly started: string;
}

/** Marks a live process; undefined when there is none of that pid (a zombie counts as none). */
export function markOf(pid: number): ProcessMark | undefined {
  const started = existsSync("/proc/self/stat") ? startedFromProc(pid) : startedFromPs(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether a value read from a file marks a process. Pids of 1 and less stand for init, or for many processes at once. */
export function isMark(value: unknown): value is ProcessMark {
  const mark = value as ProcessMark | null | undefined;
  return Number.isInteger(mark?.pid) && Number(mark?.pid) > 1 && typeof mark?.started === "string";
}

/** True while exactly that process lives, not merely one with its pid. */
export function isAlive(mark: ProcessMark | undefined): boolean {
  return isMark(mark) && markOf(mark.pid)?.started === mark.started;
}

/** Sends a signal to exactly that process; does nothing when it has ended. @returns false where it is another user's */
export function signal(mark: ProcessMark, name: NodeJS.Signals): boolean {
  if (!isAlive(mark)) return true;
  try {
    process.kill(mark.pid, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EPERM") return false;
    if (code !== "ESRCH") throw error;
  }
  return true;
}

/** Waits until the process has ended; false when it still lives after `milliseconds`. */
async function ended(mark: ProcessMark, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (isAlive(mark)) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

/**
 * Ends processes one after another: a supervisor first, which ends its server gently and would start it again.
 * @param milliseconds what each gets before it is killed
 * @param gently what asks it to end: PostgreSQL waits for its clients on SIGTERM, and doesn't on SIGINT
 * @throws CommandError when one still lives: nothing may be done to what it works on
 */
export async function endAll(
  processes: readonly ProcessMark[],
  milliseconds: number,
  gently: NodeJS.Signals = "SIGTERM",
): Promise<void> {
  for (const mark of processes) {
    const ours = signal(mark, gently);
    if (ours && (await ended(mark, milliseconds))) continue;
    signal(mark, "SIGKILL");
    if (ours ? await ended(mark, milliseconds) : !isAlive(mark)) continue;
    const why = ours ? "does not end" : "belongs to another user";
    const fix = ours ? "end it by hand" : "stop it as that user, for example: sudo make down";
    throw new CommandError(
      `process ${mark.pid} (${commandLineOf(mark.pid) ?? "unknown"}) ${why}; ${fix}, then try again`,
      EXIT.couldNotLook,
    );
  }
}

/** The command line of a process, arguments joined by spaces; undefined when it can't be read. */
export function commandLineOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() || undefined;
  } catch {
    return ps(pid, "command=");
  }
}

/** Field 22 of stat(5), counted after the command name, which may itself hold spaces and brackets. */
function startedFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function startedFromPs(pid: number): string | undefined {
  const [state, ...started] = (ps(pid, "stat=,lstart=") ?? "Z").split(/\s+/);
  return state?.startsWith("Z") ? undefined : started.join(" ");
}

function ps(pid: number, columns: string): string | undefined {
  const found = spawnSync("ps", ["-ww", "-o", columns, "-p", String(pid)], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  return found.status === 0 ? found.stdout.trim() || undefined : undefined;
}
