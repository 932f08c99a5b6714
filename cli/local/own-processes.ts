import { basename, dirname, join } from "node:path";
import type { Checkout } from "../checkout.ts";
import { markOf, type ProcessMark } from "../ending/processes.ts";
import { allProcesses, type Running } from "./running.ts";

/** Follows the name of a data folder that initdb is still making. */
export const UNFINISHED = ".making-";

const MINIO_SUPERVISOR = "cli/local/supervise.ts";
const POSTGRES_SUPERVISOR = "cli/local/postgres/supervise.ts";
/** Options of Node that have their value in the next argument. */
const WITH_VALUE = new Set(["-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions"]);
/** Options with which Node runs no program of a file. */
const WITHOUT_PROGRAM = /^(?:-[a-z]*[cep]|--(?:check|eval|print)(?:=.*)?)$/;

/**
 * Live processes that serve this checkout's MinIO, found by what they are and not by what was written down: a record may
 * be lost, while the server goes on writing into the data folder. The supervisor comes first.
 */
export function ownMinio(checkout: Checkout): ProcessMark[] {
  const running = allProcesses();
  const supervisors = running.filter((each) => supervisesMinio(each, checkout));
  return marks([...supervisors, ...running.filter((each) => servesMinio(each, checkout))]);
}

/**
 * As `ownMinio`, for PostgreSQL: its supervisor, its server, an initdb that outlived who started it, and last the
 * server's children, which outlive one that was killed by a moment.
 */
export function ownPostgres(checkout: Checkout): ProcessMark[] {
  const running = allProcesses();
  const supervisors = running.filter((each) => supervisesPostgres(each, checkout));
  return [...marks(supervisors), ...postgresOn(join(checkout.postgres.folder, "data"), running)];
}

/** PostgreSQL's processes on exactly this data folder, or on one that shall become it; children last. */
export function postgresOn(data: string, running: readonly Running[] = allProcesses()): ProcessMark[] {
  const found = running.filter((each) => worksOn(each, data));
  return marks([...found.filter((each) => !isChild(each)), ...found.filter(isChild)]);
}

/** Whether it is the supervisor of this checkout's MinIO: `node supervise.ts ROOT API_PORT CONSOLE_PORT [REGION]`. */
export function supervisesMinio(running: Running, { root }: Pick<Checkout, "root">): boolean {
  return supervises(running, MINIO_SUPERVISOR, root, / \d+ \d+(?: (?!\d+$)\S+)?/);
}

/** Whether it is the supervisor of this checkout's PostgreSQL: `node supervise.ts ROOT`. */
export function supervisesPostgres(running: Running, { root }: Pick<Checkout, "root">): boolean {
  return supervises(running, POSTGRES_SUPERVISOR, root, /(?:)/);
}

/** Whether it is a MinIO on this checkout's data folder. */
export function servesMinio(running: Running, { root, minio }: Pick<Checkout, "root" | "minio">): boolean {
  const { args, line } = running;
  if (args === undefined) {
    return /^(?:\/.*\/)?minio server /.test(line) && line.endsWith(` --certs-dir ${minio.certs} ${minio.data}`);
  }
  if (basename(args[0] ?? "") !== "minio" || args[1] !== "server") return false;
  const data = args.at(-1) ?? "";
  const ours = data.endsWith(minio.data.slice(root.length)) ? worksIn(running, root) : undefined;
  return ours ?? (data === minio.data && running.sees(data));
}

/** Whether it is a process of PostgreSQL on this data folder, or on one that shall become it. */
export function worksOn(running: Running, data: string): boolean {
  const { args, line, cwd } = running;
  if (args === undefined) {
    const isPostgres = /^(?:\/.*\/)?(?:postgres|initdb) /.test(line);
    return isPostgres && [" ", UNFINISHED].some((end) => `${line} `.includes(` ${data}${end}`));
  }
  if (!isChild(running) && !["postgres", "initdb"].includes(basename(args[0] ?? ""))) return false;
  // A server works in its data folder, which may have another path by now than it was told.
  if (cwd?.holds("PG_VERSION")) {
    const name = basename(cwd.path);
    return cwd.is(data) || (name.startsWith(basename(data) + UNFINISHED) && cwd.is(join(dirname(data), name)));
  }
  return args.some((each) => (each === data || each.startsWith(data + UNFINISHED)) && running.sees(each));
}

/** A server's children name what they do instead of their arguments. */
function isChild({ args }: Pick<Running, "args">): boolean {
  return args?.[0]?.startsWith("postgres: ") ?? false;
}

/** @param rest what follows the root where all arguments are one line */
function supervises(running: Running, program: string, root: string, rest: RegExp): boolean {
  const { args, line } = running;
  if (args === undefined) {
    const at = line.indexOf(`${program} ${root}`);
    const before = /^(?:\/.*\/)?node(?: -\S+)* (?:\/.*\/)?$/;
    const after = new RegExp(`^${rest.source}$`);
    return at > 0 && before.test(line.slice(0, at)) && after.test(line.slice(at + `${program} ${root}`.length));
  }
  const at = programAt(args);
  if (at === undefined || !`/${args[at]}`.endsWith(`/${program}`)) return false;
  return worksIn(running, root) ?? (args[at + 1] === root && running.sees(root));
}

/** At which argument the program stands that a Node runs; undefined where it is no Node, or runs no file. */
function programAt(args: readonly string[]): number | undefined {
  if (!/^node(?:js)?$/.test(basename(args[0] ?? ""))) return undefined;
  let at = 1;
  for (let each = args[at]; each?.startsWith("-"); each = args[at]) {
    if (WITHOUT_PROGRAM.test(each)) return undefined;
    at += WITH_VALUE.has(each) ? 2 : 1;
  }
  return at;
}

/**
 * Supervisors and MinIO work in the root of their checkout, which tells them apart where a checkout was renamed and
 * another one has its path now. Undefined where it can't be told, or where they work in no checkout (any more).
 */
function worksIn({ cwd }: Running, root: string): boolean | undefined {
  return cwd?.holds(".bucketworks") ? cwd.is(root) : undefined;
}

function marks(running: readonly Running[]): ProcessMark[] {
  return running.flatMap(({ pid }) => markOf(pid) ?? []);
}
