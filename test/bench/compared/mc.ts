import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tool } from "../../support/toolchain.ts";
import type { Tool } from "./tool.ts";

/**
 * A loop of MinIO's client, as it stands in many a repository: a process for each call. It has no second run, as `ilm rule add`
 * adds the same rule again.
 */
export function mcLoop(): Tool {
  const mc = tool("mc");
  return {
    name: "mc loop",
    version: (execFileSync(mc, ["--version"], { encoding: "utf8" }).split(" (")[0] ?? "").trim(),
    most: 100,
    prepare: async (folder) => {
      const documents = join(folder, "policies");
      mkdirSync(documents);
      return {
        command: (step, { endpoint, user, password }, all) => {
          if (step !== "create" && step !== "destroy") return undefined;
          for (const { policy, document } of all) writeFileSync(join(documents, `${policy}.json`), document);
          const list = join(folder, "buckets");
          writeFileSync(
            list,
            all.map(({ bucket, policy, expireDays }) => `${bucket} ${policy} ${expireDays}\n`).join(""),
          );
          const env = {
            MC_HOST_bench: `http://${user}:${password}@${endpoint}`,
            MC_CONFIG_DIR: join(folder, "mc"),
            MC: mc,
          };
          return { words: ["sh", join(import.meta.dirname, "mc-loop.sh"), step, list, documents], env };
        },
        stateBytes: () => undefined,
        remove: async () => undefined,
      };
    },
  };
}
