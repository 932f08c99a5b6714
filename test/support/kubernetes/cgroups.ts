import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, markOf, type ProcessMark, signal } from "../../../cli/ending/processes.ts";

/** The control group hierarchies of a machine, by mount point. */
export interface Hierarchies {
  readonly version: 1 | 2;
  readonly mounts: readonly string[];
}

/** The controllers a kubelet accounts with. */
export const NEEDED = ["cpu", "cpuset", "memory", "pids"];
/** The group of the node's own components; pods get theirs beside it. */
const COMPONENTS = "components";
const KILL_MS = 20_000;

/**
 * Tells the hierarchies from `/proc/self/mountinfo`: version 1 when a memory controller is mounted alone, with version 2
 * beside it or not. Undefined when there are none.
 */
export function findHierarchies(mountinfo: string): Hierarchies | undefined {
  const mounts = mountinfo
    .split("\n")
    .map((line) => /^\d+ \d+ \S+ \S+ (\S+) .* - (cgroup2?) \S+ (\S+)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, at = "", type = "", options = ""]) => ({ at, type, options: options.split(",") }));
  const first = mounts.filter(({ type }) => type === "cgroup");
  if (first.some(({ options }) => options.includes("memory"))) {
    return { version: 1, mounts: mounts.map(({ at }) => at) };
  }
  const second = mounts.find(({ type }) => type === "cgroup2");
  return second && { version: 2, mounts: [second.at] };
}

/** Makes the group `name` and its part for components everywhere. @throws the system's error where that is refused */
export function makeGroups({ version, mounts }: Hierarchies, name: string): void {
  for (const mount of mounts) {
    const group = join(mount, name);
    const components = join(group, COMPONENTS);
    mkdirSync(components, { recursive: true });
    if (version === 2) for (const from of [mount, group]) passControllers(from);
    for (const made of existsSync(join(group, "cpuset.mems")) && version === 1 ? [group, components] : []) {
      for (const file of ["cpuset.cpus", "cpuset.mems"]) {
        writeFileSync(join(made, file), readFileSync(join(made, "..", file), "utf8"));
      }
    }
  }
}

/** Version 2 gives a controller to a group only when its parent says so. */
function passControllers(group: string): void {
  const passed = readFileSync(join(group, "cgroup.subtree_control"), "utf8").trim().split(" ");
  const missing = NEEDED.filter((controller) => !passed.includes(controller));
  if (missing.length > 0) {
    writeFileSync(join(group, "cgroup.subtree_control"), missing.map((controller) => `+${controller}`).join(" "));
  }
}

/** The files into which a component writes its process id to be counted. */
export function componentGroups({ mounts }: Hierarchies, name: string): string[] {
  return mounts.map((mount) => join(mount, name, COMPONENTS, "cgroup.procs"));
}

/** Every group of that name with those below it, deepest first. */
export function groupsOf({ mounts }: Hierarchies, name: string): string[] {
  return mounts.map((mount) => join(mount, name)).flatMap(deepestFirst);
}

function deepestFirst(group: string): string[] {
  if (!existsSync(group)) return [];
  const below = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap(({ name }) => deepestFirst(join(group, name))), group];
}

/** The processes in the groups of that name. */
export function membersOf(hierarchies: Hierarchies, name: string): number[] {
  const found = new Set<number>();
  for (const group of groupsOf(hierarchies, name)) {
    for (const pid of readIfThere(join(group, "cgroup.procs")).split("\n")) if (pid !== "") found.add(Number(pid));
  }
  return [...found];
}

/** A group that is gone by now has no members. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ENODEV"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}

/**
 * Ends every process in the groups of that name and removes the groups. A process leaves its group while it still ends:
 * it is waited for too.
 * @throws Error naming what is left when the system takes longer than 20 s
 */
export async function clearGroups(hierarchies: Hierarchies, name: string): Promise<void> {
  const deadline = Date.now() + KILL_MS;
  const killed = new Map<number, ProcessMark>();
  for (;;) {
    for (const pid of membersOf(hierarchies, name)) {
      const mark = markOf(pid);
      if (mark === undefined) continue;
      killed.set(pid, mark);
      signal(mark, "SIGKILL");
    }
    const ending = [...killed.values()].filter(isAlive).map(({ pid }) => pid);
    const left = ending.length > 0 ? ending : groupsOf(hierarchies, name).filter((group) => !removed(group));
    if (left.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`cgroup ${name}: still there after ${KILL_MS / 1000} s: ${left.join(" ")}`);
    await sleep(20);
  }
}

/** False while the system still counts a process that has just ended. */
function removed(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "ENOENT") return true;
    if (["EBUSY", "ENOTEMPTY"].includes(code)) return false;
    throw error;
  }
}
