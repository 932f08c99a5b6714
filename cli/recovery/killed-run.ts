import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readFileText } from "../../config/system-fault.ts";
import type { StatePlaces } from "../../toolchain/state/state-files.ts";
import type { KilledRun } from "./accounts.ts";
import type { Deployment } from "./recovery-plan.ts";

/**
 * The state in the checkout's own backend, read again, where it is surely the one that a killed run wrote last. Not so
 * where it is older than the run, or the same as Pulumi's copy of the state before, or where that copy is gone: then
 * somebody has put a copy in its place, and what it has pending may have come to its end since.
 * @param began when the killed run began, by the lock that it left
 */
export function killedRun(places: StatePlaces, began: Date): KilledRun | undefined {
  const before = `${places.file}.bak`;
  if (!existsSync(places.file) || !existsSync(before)) return undefined;
  const text = readFileText(places.file);
  const deployment = deploymentIn(text);
  const written = Date.parse(String(deployment?.manifest?.time));
  if (deployment === undefined || text === readFileText(before) || !(written >= began.getTime())) return undefined;
  return { deployment, isKnown: (accessKey) => isMentioned(accessKey, join(places.root, ".bucketworks")) };
}

type Written = Deployment & { manifest?: { time?: unknown } };

function deploymentIn(text: string): Written | undefined {
  try {
    const { checkpoint } = JSON.parse(text) as { checkpoint?: { latest?: Written | null } };
    return checkpoint?.latest ?? undefined;
  } catch {
    return undefined;
  }
}

/** Looked for in every stack's state and history, and in every copy: `state`, and what begins with it. */
function isMentioned(accessKey: string, own: string): boolean {
  const folders = readdirSync(own).filter((name) => name.startsWith("state"));
  return folders.some((name) => {
    const folder = join(own, name);
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).some((file) => {
      const path = join(folder, file);
      return statSync(path, { throwIfNoEntry: false })?.isFile() && readFileText(path).includes(accessKey);
    });
  });
}
