import { basename, dirname, join } from "node:path";
import type { Running } from "../service/running.ts";

/** Follows the name of a data folder that initdb is still making. */
export const UNFINISHED = ".making-";

/**
 * PostgreSQL's processes on exactly this data folder, or on one that shall become it: also an initdb that outlived who
 * started it, and last the server's children, which outlive one that was killed by a moment.
 */
export function postgresOn(data: string, running: readonly Running[]): Running[] {
  const found = running.filter((each) => worksOn(each, data));
  return [...found.filter((each) => !isChild(each)), ...found.filter(isChild)];
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
