import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { readFileText } from "../../config/system-fault.ts";
import { Fault } from "../fault.ts";
import { judgeCheckpoint } from "./checkpoint.ts";

/** Where the state of one stack lies in a checkout's own backend, and where copies of it do. */
export interface StatePlaces {
  readonly root: string;
  readonly stack: string;
  readonly file: string;
  /** Our copies, where no run of the engine writes. */
  readonly kept: string;
  /** Pulumi's copies, one for each update. */
  readonly backups: string;
}

/** A whole copy of a state. */
export interface StateCopy {
  readonly file: string;
  /** When it was the state. */
  readonly taken: Date;
  /** How many resources it knows, without the stack itself. */
  readonly resources: number;
}

/** Names the places; touches nothing. @param project its name in Pulumi.yaml */
export function statePlaces(root: string, project: string, stack: string): StatePlaces {
  const own = join(root, ".bucketworks");
  const pulumi = join(own, "state", ".pulumi");
  return {
    root,
    stack,
    file: join(pulumi, "stacks", project, `${stack}.json`),
    kept: join(own, "state-kept", stack),
    backups: join(pulumi, "backups", project, stack),
  };
}

/** The project's name in Pulumi.yaml. */
export function projectName(root: string): string {
  const file = join(root, "Pulumi.yaml");
  const name = /^name:\s*["']?([^\s"']+)/m.exec(readFileText(file))?.[1];
  if (!name) throw new Fault(`${file}: has no name`);
  return name;
}

/** Our copies, the newest first; their names are `<milliseconds since 1970>.json`. */
export function keptCopies({ kept }: StatePlaces): string[] {
  const copies = filesIn(kept).filter((file) => /^\d+\.json$/.test(basename(file)));
  return copies.sort((a, b) => timeOf(b) - timeOf(a));
}

/** When one of our copies was made, milliseconds since 1970. */
export function timeOf(copy: string): number {
  return Number(basename(copy, ".json"));
}

/** The newest whole copy, ours or Pulumi's own; those that were cut off themselves are passed over. */
export function newestCopy(places: StatePlaces): StateCopy | undefined {
  const { file, backups, stack } = places;
  const before = `${file}.bak`;
  const found = [
    ...keptCopies(places).map((each) => ({ file: each, time: timeOf(each) })),
    // <stack>.<nanoseconds since 1970>.json
    ...filesIn(backups).flatMap((each) => {
      const name = basename(each);
      const time = name.startsWith(`${stack}.`) ? /^(\d+)\.json$/.exec(name.slice(stack.length + 1))?.[1] : undefined;
      return time === undefined ? [] : [{ file: each, time: Number(time) / 1e6 }];
    }),
    ...(existsSync(before) ? [{ file: before, time: statSync(before).mtimeMs }] : []),
  ];
  for (const each of found.sort((a, b) => b.time - a.time)) {
    const verdict = judgeCheckpoint(readFileText(each.file));
    if (verdict.kind === "whole") return { file: each.file, taken: new Date(each.time), resources: verdict.resources };
  }
  return undefined;
}

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}
