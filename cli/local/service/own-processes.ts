import { basename } from "node:path";
import { markOf, type ProcessMark } from "../../ending/processes.ts";
import type { LocalService } from "./local-service.ts";
import { liveProcesses, readRun } from "./record.ts";
import { allProcesses, type Running } from "./running.ts";

const SUPERVISOR = "cli/local/service/supervise.ts";
/** Options of Node that have their value in the next argument. */
const WITH_VALUE = new Set(["-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions"]);
/** Options with which Node runs no program of a file. */
const WITHOUT_PROGRAM = /^(?:-[a-z]*[cep]|--(?:check|eval|print)(?:=.*)?)$/;

/**
 * Live processes that serve a checkout, the supervisor first: the recorded ones, and those that are found by what they are.
 * A record may be lost, while the server goes on writing into the data folder.
 */
export function ownProcesses(service: LocalService): ProcessMark[] {
  const recorded = liveProcesses(readRun(service));
  const running = allProcesses();
  const found = marks([...running.filter((each) => supervises(each, service)), ...service.processes(running)]);
  return [...recorded, ...found.filter(({ pid }) => recorded.every((mark) => mark.pid !== pid))];
}

/** Whether it is the supervisor of this service, also one that the version before has begun. */
export function supervises(running: Running, { name, root, formerSupervisor: former }: LocalService): boolean {
  const isFormer = former !== undefined && runs(running, { ...former, root });
  return isFormer || runs(running, { program: SUPERVISOR, root, name, rest: new RegExp(` ${name} \\{.*\\}`) });
}

interface Supervision {
  readonly program: string;
  readonly root: string;
  /** What stands behind the root; undefined where anything may. */
  readonly name?: string;
  /** What follows the root where all arguments are one line. */
  readonly rest: RegExp;
}

function runs(running: Running, { program, root, name, rest }: Supervision): boolean {
  const { args, line } = running;
  if (args === undefined) {
    const at = line.indexOf(`${program} ${root}`);
    const before = /^(?:\/.*\/)?node(?: -\S+)* (?:\/.*\/)?$/;
    const after = new RegExp(`^${rest.source}$`);
    return at > 0 && before.test(line.slice(0, at)) && after.test(line.slice(at + `${program} ${root}`.length));
  }
  const at = programAt(args);
  if (at === undefined || !`/${args[at]}`.endsWith(`/${program}`)) return false;
  if (name !== undefined && args[at + 2] !== name) return false;
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
 * Supervisors and most servers work in the root of their checkout, which tells them apart where a checkout was renamed and
 * another one has its path now. Undefined where it can't be told, or where they work in no checkout (any more).
 */
export function worksIn({ cwd }: Running, root: string): boolean | undefined {
  return cwd?.holds(".bucketworks") ? cwd.is(root) : undefined;
}

function marks(running: readonly Running[]): ProcessMark[] {
  return running.flatMap(({ pid }) => markOf(pid) ?? []);
}
