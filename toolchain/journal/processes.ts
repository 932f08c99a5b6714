import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** Whether a process of this number lives; one that has ended and that nobody has waited for doesn't. */
export function isRunning(pid: number): boolean {
  if (!existsSync("/proc/self/stat")) {
    const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
    return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
  }
  try {
    // PID (NAME) STATE ...; the name may hold anything.
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/^[ZX]/.test(text.slice(text.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

/** The command line of a process, its words parted by blanks; empty where there is none. */
export function commandLine(pid: number): string {
  if (!existsSync("/proc/self/stat")) {
    return spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
