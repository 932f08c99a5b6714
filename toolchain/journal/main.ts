/**
 * Keeps the state of one stack while a CLI updates it: `node main.ts`, with a Stack and its lock as a message; answers
 * with the port it listens on, and ends with that CLI. A signal is for the CLI, not for it.
 */
import { rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { isRunning } from "./processes.ts";
import { serve } from "./service.ts";
import { releaseLock } from "./stack-lock.ts";
import { type Stack, StackUpdates } from "./update.ts";

/** How often it looks whether its CLI lives, milliseconds. */
const LOOK_MS = 100;

export interface Assignment {
  readonly stack: Stack;
  readonly lock: string;
  /** Where the CLI keeps the token of this run. */
  readonly login: string;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

process.once("message", async ({ stack, lock, login }: Assignment) => {
  const updates = new StackUpdates(stack, () => releaseLock(lock));
  const server = await serve(stack.token, (request) => updates.answer(request));
  process.send?.((server.address() as AddressInfo).port, () => process.disconnect());
  const look = setInterval(() => {
    if (isRunning(stack.cli)) return;
    clearInterval(look);
    server.close();
    server.closeAllConnections();
    // Where something had begun and has no end, the lock tells so, and whose it was: recover reads it.
    const wasKilled = updates.isRunning;
    updates.end();
    if (!wasKilled) releaseLock(lock);
    rmSync(login, { recursive: true, force: true });
  }, LOOK_MS);
});
