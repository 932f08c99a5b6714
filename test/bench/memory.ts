import { readdirSync, readFileSync } from "node:fs";

/** Samples the resident memory of a process and all below it. @returns a function that ends it and answers MiB */
export function peakMemory(pid: number): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentBytes(pid));
  }, 200);
  return () => {
    clearInterval(timer);
    return peak / 2 ** 20;
  };
}

function residentBytes(root: number): number {
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
      bytes += Number(fields[21]) * 4096;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" && (error as NodeJS.ErrnoException).code !== "ESRCH")
        throw error;
    }
  }
  return bytes;
}
