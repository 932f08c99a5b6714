import { readdirSync, readFileSync } from "node:fs";

/** Whether a process of this machine has both in its command line: a checkout's folder, and for example a module of Python. */
export function runsIn(root: string, module: string): boolean {
  return readdirSync("/proc").some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, "utf8");
      return line.includes(module) && line.includes(root);
    } catch {
      return false;
    }
  });
}
