import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { Checkout } from "./checkout.ts";
import { markOf, type ProcessMark } from "./processes.ts";

/** Follows the name of a data folder that initdb is still making. */
export const UNFINISHED = ".making-";

/** A process by its command line, as the system tells it. */
interface Running {
  readonly pid: number;
  /** Undefined where the system tells them joined only (no /proc). */
  readonly args: readonly string[] | undefined;
  /** Arguments joined by blanks. */
  readonly line: string;
}

/**
 * Live processes that serve this checkout's MinIO, found by what they are and not by what was written down: a record may
 * be lost, while the server goes on writing into the data folder. The supervisor comes first.
 */
export function ownMinio({ root, minio }: Checkout): ProcessMark[] {
  const running = allProcesses();
  const servers = running.filter(({ args, line }) =>
    args === undefined
      ? / server .*--certs-dir /.test(line) && line.endsWith(` ${minio.data}`)
      : args[1] === "server" && args.at(-1) === minio.data,
  );
  return marks([...running.filter((each) => supervises(each, join("cli", "local", "supervise.ts"), root)), ...servers]);
}

/**
 * As `ownMinio`, for PostgreSQL: its supervisor, its server, an initdb that outlived who started it, and last the
 * server's children, which outlive one that was killed by a moment.
 */
export function ownPostgres({ root, postgres }: Checkout): ProcessMark[] {
  const running = allProcesses();
  const program = join("cli", "local", "postgres", "supervise.ts");
  const supervisors = running.filter((each) => supervises(each, program, root));
  return [...marks(supervisors), ...postgresOn(join(postgres.folder, "data"), running)];
}

/** PostgreSQL's processes on exactly this data folder, or on one that shall become it; children last. */
export function postgresOn(data: string, running: readonly Running[] = allProcesses()): ProcessMark[] {
  const found = running.filter((each) => worksOn(each, data));
  return marks([...found.filter((each) => !isChild(each)), ...found.filter(isChild)]);
}

/** By its arguments, or by its working folder: PostgreSQL's is the data folder, by whatever name it was told of it. */
function worksOn({ pid, args, line }: Running, data: string): boolean {
  if (args === undefined) return /(?:postgres|initdb) /.test(line) && ` ${line} `.includes(` ${data} `);
  if (!isChild({ args }) && !["postgres", "initdb"].includes(basename(args[0] ?? ""))) return false;
  return [...args, workingFolder(pid)].some((each) => each === data || each?.startsWith(`${data}${UNFINISHED}`));
}

/** A server's children name what they do instead of their arguments. */
function isChild({ args }: Pick<Running, "args">): boolean {
  return args?.[0]?.startsWith("postgres: ") ?? false;
}

function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function supervises({ args, line }: Running, program: string, root: string): boolean {
  if (args === undefined) return line.includes(`${program} ${root}`);
  const at = args.findIndex((each) => each.endsWith(program));
  return at > 0 && args[at + 1] === root;
}

function marks(running: readonly Running[]): ProcessMark[] {
  return running.flatMap(({ pid }) => markOf(pid) ?? []);
}

function allProcesses(): Running[] {
  if (!existsSync("/proc/self/cmdline")) return fromPs();
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
      return [{ pid, args, line: args.join(" ") }];
    } catch {
      return [];
    }
  });
}

function fromPs(): Running[] {
  const { stdout } = spawnSync("ps", ["-axww", "-o", "pid=,command="], { encoding: "utf8" });
  return [...(stdout ?? "").matchAll(/^\s*(\d+) (.*)$/gm)].map(([, pid, line = ""]) => ({
    pid: Number(pid),
    args: undefined,
    line,
  }));
}
