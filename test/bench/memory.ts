import { readdirSync, readFileSync } from "node:fs";

/**
 * Samples the resident memory of a process and all below it.
 * @param root whether the process itself counts
 * @returns a function that ends it and answers MiB
 */
export function peakMemory(pid: number, root: "counted" | "left out" = "counted"): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentBytes(pid, root === "counted"));
  }, 200);
  return () => {
    clearInterval(timer);
    return peak / 2 ** 20;
  };
}

function residentBytes(root: number, counted: boolean): number {
  const family = new Set([root]);
  let bytes = 0;
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
  for (const pid of all) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (!family.has(pid) && !family.has(Number(fields[1]))) continue;
      family.add(pid);
      if (pid !== root || counted) bytes += Number(fields[21]) * 4096;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" && (error as NodeJS.ErrnoException).code !== "ESRCH")
        throw error;
    }
  }
  return bytes;
}
