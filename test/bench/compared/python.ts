import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tool } from "../../support/toolchain.ts";
import type { Tool } from "./tool.ts";

/** MinIO's own SDK. */
const SDK = "minio==7.2.20";

/**
 * A program on MinIO's Python SDK, which sets what is wanted whatever there is, with so many threads.
 * @param python of an environment that has the SDK
 */
export function pythonSdk(python: string, workers: number): Tool {
  return {
    name: `Python SDK with ${workers} ${workers === 1 ? "worker" : "workers"}`,
    version: SDK.replace("==", " "),
    most: Number.POSITIVE_INFINITY,
    prepare: async (folder) => ({
      command: (step, { endpoint, user, password }, all) => {
        if (step === "preview" || step === "scan") return undefined;
        const list = join(folder, "buckets.json");
        writeFileSync(list, JSON.stringify(all.map((each) => ({ ...each, document: JSON.parse(each.document) }))));
        const env = { MINIO_ENDPOINT: endpoint, MINIO_USER: user, MINIO_PASSWORD: password };
        return { words: [python, join(import.meta.dirname, "provision.py"), step, list, String(workers)], env };
      },
      stateBytes: () => undefined,
      remove: async () => undefined,
    }),
  };
}

/** @returns the Python of a new environment with the SDK; undefined where it can't be had */
export function pythonWithSdk(folder: string): string | undefined {
  const python = join(folder, "bin", "python");
  const uv = tool("uv");
  try {
    execFileSync(uv, ["venv", "--quiet", "--no-project", "--python", ">=3.11", folder], { stdio: "inherit" });
    execFileSync(uv, ["pip", "install", "--quiet", "--python", python, SDK], { stdio: "inherit" });
    return python;
  } catch {
    return undefined;
  }
}
