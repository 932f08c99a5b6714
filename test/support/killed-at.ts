import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import type { TestCheckout } from "./checkout.ts";
import { checkoutEnv } from "./compiled.ts";
import type { CuttingProxy } from "./cutting-proxy.ts";

/** Every process that works in the checkout: of a killed engine, its plugins may be in groups of their own. */
function processesIn(folder: string): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "utf8");
      const line = readFileSync(`/proc/${name}/cmdline`, "utf8");
      return environment.includes(`${folder}/`) || line.includes(`${folder}/`) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/**
 * Runs a command until the server has carried out a call whose answer never arrives, then kills all of it at once.
 * @param proxy between all commands of the checkout and the server
 */
export async function killedAt(
  checkout: TestCheckout,
  proxy: CuttingProxy,
  call: RegExp,
  ...command: string[]
): Promise<void> {
  const made = new Promise<void>((resolve) => {
    proxy.cut = (request) => (call.test(request) ? "hold" : undefined);
    proxy.held = resolve;
  });
  const child = spawn("sh", ["-c", '. ./toolchain/env.sh && "$@"', "sh", ...command], {
    cwd: checkout.root,
    detached: true,
    env: checkoutEnv(),
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  try {
    const early = ended.then(([code]) => Promise.reject(new Error(`ended with ${code} before`)));
    await Promise.race([made, early]);
    for (const pid of [-Number(child.pid), ...processesIn(checkout.root)]) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // gone with its group
      }
    }
    await ended;
  } finally {
    proxy.cut = () => undefined;
  }
}
