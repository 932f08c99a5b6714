import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync, type Stats, statSync } from "node:fs";

/** A process as the system tells of it. */
export interface Running {
  readonly pid: number;
  /** Undefined where the system tells them joined only (no /proc). */
  readonly args: readonly string[] | undefined;
  /** Arguments joined by blanks. */
  readonly line: string;
  /** Undefined where the system doesn't tell. */
  readonly cwd: WorkingFolder | undefined;
  /** False where the path leads it to another folder than us, or to none: it runs in a container. True where unknown. */
  readonly sees: (path: string) => boolean;
}

/** The folder that a process works in: the one it is in, whatever its path is by now. */
export interface WorkingFolder {
  /** Its path today. */
  readonly path: string;
  /** Whether a path leads there. */
  readonly is: (path: string) => boolean;
  readonly holds: (name: string) => boolean;
}

/** Every process but this one that the system lets us see. */
export function allProcesses(): Running[] {
  if (!existsSync("/proc/self/cmdline")) return fromPs();
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
      // Asked of the few processes that are called like ours.
      return [
        {
          pid,
          args,
          line: args.join(" "),
          sees: seenBy(pid),
          get cwd() {
            return workingFolder(pid);
          },
        },
      ];
    } catch {
      return [];
    }
  });
}

function workingFolder(pid: number): WorkingFolder | undefined {
  const link = `/proc/${pid}/cwd`;
  try {
    return {
      path: readlinkSync(link),
      is: (path) => isSame(look(link), look(path)),
      holds: (name) => existsSync(`${link}/${name}`),
    };
  } catch {
    return undefined;
  }
}

function seenBy(pid: number): (path: string) => boolean {
  return (path) => {
    const here = look(path);
    const there = look(`/proc/${pid}/root${path}`);
    return here === undefined || there === "hidden" || isSame(here, there);
  };
}

type Look = Pick<Stats, "dev" | "ino"> | "hidden" | undefined;

/** Undefined where nothing is there; `hidden` where we may not look. */
function look(path: string): Look {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : "hidden";
  }
}

function isSame(one: Look, other: Look): boolean {
  if (typeof one !== "object" || typeof other !== "object") return false;
  return one.dev === other.dev && one.ino === other.ino;
}

function fromPs(): Running[] {
  const { stdout } = spawnSync("ps", ["-axww", "-o", "pid=,command="], { encoding: "utf8" });
  return [...(stdout ?? "").matchAll(/^\s*(\d+) (.*)$/gm)].map(([, pid, line = ""]) => ({
    pid: Number(pid),
    args: undefined,
    line,
    cwd: undefined,
    sees: () => true,
  }));
}
