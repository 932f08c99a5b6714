import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestCheckout } from "../../support/checkout.ts";
import { checkoutEnv } from "../../support/compiled.ts";
import type { TestServer } from "../../support/minio.ts";
import { wantedFile } from "./platform.ts";
import type { Step, Tool } from "./tool.ts";

const WORDS: Readonly<Record<Step, readonly string[]>> = {
  create: ["pulumi", "up", "--yes", "--skip-preview"],
  preview: ["pulumi", "preview", "--expect-no-changes"],
  refresh: ["pulumi", "preview", "--refresh", "--expect-no-changes"],
  scan: ["bucketworks", "scan", "--quiet"],
  change: ["pulumi", "up", "--yes", "--skip-preview"],
  destroy: ["pulumi", "destroy", "--yes", "--skip-preview"],
};

/** This project in a checkout of its own. */
export function ours(server: TestServer, version: string): Tool {
  return {
    name: "bucketworks",
    version,
    most: Number.POSITIVE_INFINITY,
    prepare: async () => {
      const checkout = await TestCheckout.make({}, server);
      const stacks = join(checkout.root, ".bucketworks", "state", ".pulumi", "stacks");
      return {
        command: (step, { endpoint }, all) => {
          checkout.writePlatforms({ many: wantedFile(all) });
          writeFileSync(join(checkout.root, ".bucketworks", "minio", "endpoint"), endpoint);
          const words = ["sh", "-c", '. ./toolchain/env.sh && exec "$@"', "sh", ...WORDS[step]];
          return { words, cwd: checkout.root, env: checkoutEnv() };
        },
        stateBytes: () => bytesBelow(stacks),
        // The server isn't its own alone.
        remove: async () => rmSync(checkout.root, { recursive: true, force: true }),
      };
    },
  };
}

/** Of the states in it, without the copies that Pulumi keeps beside one. */
function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
