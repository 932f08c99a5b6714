import { existsSync, statSync } from "node:fs";
import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { type ProcessMark, signal } from "../../ending/processes.ts";
import { HOST } from "../service/local-service.ts";
import { lastLines } from "../service/log-file.ts";
import type { Given } from "./kinds/kind.ts";
import { localService } from "./local-service.ts";
import { writeDocuments } from "./settings.ts";

/** How long a program may take to read its settings, milliseconds. */
const DEADLINE = 10_000;

/** A program that runs, and where it listens. */
export interface Serving {
  readonly port: number;
  readonly server: ProcessMark;
}

/**
 * Has a program that runs take its settings, where they are others than before. One that refuses them goes on with those
 * it had, and its files are those again: so the next run tries anew, and a start after its death succeeds.
 * @throws CommandError with the last lines of its log
 */
export async function refreshSettings(checkout: Checkout, given: Given, serving: Serving): Promise<void> {
  const { name } = given.instance;
  const before = await lastReading(name, serving.port);
  const restore = await writeDocuments(checkout, given, `${HOST}:${serving.port}`);
  if (restore === undefined && before?.isTaken !== false) return;
  const { log, title, root } = localService(name, checkout);
  const from = existsSync(log) ? statSync(log).size : 0;
  if (await takes(name, serving, before)) return;
  const said = lastLines(log, from);
  const refused = await lastReading(name, serving.port);
  restore?.();
  await takes(name, serving, refused);
  throw new CommandError(
    `${title} refused its new settings and goes on with those before\nlast lines of ${relative(root, log)}:\n${said}`,
    EXIT.couldNotLook,
  );
}

/** What a program's metrics say of its settings: whether it took them, and when it last did, in seconds. */
interface Reading {
  readonly isTaken: boolean;
  readonly at: number;
}

/** Undefined where it doesn't tell. */
async function lastReading(name: string, port: number): Promise<Reading | undefined> {
  const answer = await fetch(`http://${HOST}:${port}/metrics`, { signal: AbortSignal.timeout(DEADLINE) });
  const metrics = await answer.text();
  const value = (metric: string) => new RegExp(`^${name}_config_last_reload_${metric} (\\S+)$`, "m").exec(metrics)?.[1];
  const [taken, at] = [value("successful"), value("success_timestamp_seconds")];
  return taken === undefined ? undefined : { isTaken: taken === "1", at: Number(at) };
}

/** Has it read its settings again. @returns false where it refuses them, or says nothing in time */
async function takes(name: string, { port, server }: Serving, before: Reading | undefined): Promise<boolean> {
  signal(server, "SIGHUP");
  for (const deadline = Date.now() + DEADLINE; Date.now() < deadline; await sleep(50)) {
    const now = await lastReading(name, port);
    if (now?.isTaken && now.at > (before?.at ?? 0)) return true;
    // One that had refused them before says the same until it takes some: then only time tells.
    if (now?.isTaken === false && before?.isTaken !== false) return false;
  }
  return false;
}
