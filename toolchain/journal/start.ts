import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { writePrivate } from "../private-file.ts";
import type { Assignment } from "./main.ts";
import { releaseLock, takeLock } from "./stack-lock.ts";

/** How long the process that kept the journal before may take to end, milliseconds. */
const ENDING_MS = 1000;
const STEP_MS = 20;

/**
 * Takes the lock of a stack and starts the process that keeps its state while a CLI updates it.
 * @param backend the folder of the file backend
 * @param cli the process that becomes the CLI
 * @returns what the CLI is to be told by its environment
 * @throws Fault where somebody else has the stack
 */
export async function startJournal(
  backend: string,
  project: string,
  stack: string,
  cli: number,
): Promise<Readonly<Record<string, string>>> {
  const folder = join(backend, ".pulumi");
  const login = join(folder, "journals", project, `${stack}.login`);
  // The keeper of a run that has just ended in its preview gives the lock back within a moment.
  for (let waited = 0; existsSync(login) && waited < ENDING_MS; waited += STEP_MS) await sleep(STEP_MS);
  const lock = takeLock(join(folder, "locks", "organization", project, stack), cli);
  try {
    const token = randomBytes(24).toString("hex");
    mkdirSync(login, { recursive: true, mode: 0o700 });
    const child = spawn(execPath, [join(import.meta.dirname, "main.ts")], {
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    child.send({ stack: { folder, project, stack, cli, token }, lock, login } satisfies Assignment);
    const [port] = await Promise.race([
      once(child, "message"),
      once(child, "exit").then(([code]) => Promise.reject(new Error(`the journal of the state ended with ${code}`))),
    ]);
    child.disconnect();
    child.unref();
    const url = `http://127.0.0.1:${port}`;
    writePrivate(join(login, "credentials.json"), credentials(url, token));
    return {
      PULUMI_BACKEND_URL: url,
      PULUMI_CREDENTIALS_PATH: login,
      // One for Pulumi's own service would be shown here, and refused.
      PULUMI_ACCESS_TOKEN: "",
      // Which stack is selected the CLI keeps for each backend.
      PULUMI_STACK: stack,
      // Where nothing was configured the CLI prints the address of this service as a page for people.
      PULUMI_OPTION_SUPPRESS_PERMALINK: "true",
      // Steps wait for their lines to be on the disk; by default the CLI collects them for 50 ms first.
      PULUMI_JOURNALING_BATCH_PERIOD: "10",
    };
  } catch (error) {
    releaseLock(lock);
    throw error;
  }
}

/** As the CLI keeps them after a login; the token is in no variable that programs and plugins get. */
function credentials(url: string, accessToken: string): string {
  const account = { accessToken, username: "organization", lastValidatedAt: new Date().toISOString() };
  return JSON.stringify({ current: url, accessTokens: { [url]: accessToken }, accounts: { [url]: account } });
}
