import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { markOf, type ProcessMark, signal } from "../ending/processes.ts";

/**
 * Ends what is left of a session once its leader has ended: an engine that was killed leaves plugins, each the leader of
 * a process group of its own. Where there is no proc(5), they notice by themselves.
 * @param leader pid of the process that began the session
 * @param milliseconds what the rest gets to end by itself
 */
export async function endRest(leader: number, milliseconds: number): Promise<void> {
  for (const deadline = Date.now() + milliseconds; restOf(leader).length > 0; await sleep(50)) {
    if (Date.now() < deadline) continue;
    for (const mark of restOf(leader)) signal(mark, "SIGKILL");
    return;
  }
}

/** Ends a whole session at once. */
export function killSession(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // it has ended
  }
  for (const mark of restOf(leader)) signal(mark, "SIGKILL");
}

function restOf(leader: number): ProcessMark[] {
  return pids().flatMap((pid) => (sessionOf(pid) === leader ? (markOf(pid) ?? []) : []));
}

function pids(): number[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** Field 6 of stat(5), counted after the command name, which may itself hold spaces and brackets. */
function sessionOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]);
  } catch {
    return undefined;
  }
}
