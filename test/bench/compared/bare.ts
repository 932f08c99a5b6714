import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tool } from "../../support/toolchain.ts";
import type { Tool } from "./tool.ts";

/** The floor: the same by plain calls, with nothing read that needn't be. */
export function bareCalls(): Tool {
  return {
    name: "bare calls",
    version: "the provider's own, 16 workers",
    most: Number.POSITIVE_INFINITY,
    prepare: async (folder) => ({
      command: (step, { endpoint, user, password }, all) => {
        if (step !== "create" && step !== "refresh" && step !== "destroy") return undefined;
        const list = join(folder, "buckets.json");
        writeFileSync(list, JSON.stringify(all));
        const env = { MINIO_ENDPOINT: endpoint, MINIO_USER: user, MINIO_PASSWORD: password };
        return { words: [tool("node"), join(import.meta.dirname, "..", "bare-calls.ts"), step, list], env };
      },
      stateBytes: () => undefined,
      remove: async () => undefined,
    }),
  };
}
