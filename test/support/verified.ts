import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { bucketInputs } from "../../builders/bucket-inputs.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { formatIssue, loadModel } from "../../config/spec.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import type { TestServer } from "./minio.ts";
import { Plugin } from "./plugin.ts";
import { ROOT } from "./toolchain.ts";

/** A platform file in a folder of its own. */
export class SpecFile {
  readonly path: string;
  readonly #dir = mkdtempSync(join(tmpdir(), "bucketworks-spec-"));

  constructor(yaml: string) {
    this.path = join(this.#dir, "trial.yaml");
    writeFileSync(this.path, yaml);
  }

  /** @throws naming every fault of the file */
  model(stage = "dev"): ResolvedModel {
    const loaded = loadModel({ files: [this.path], stage, env: {} });
    if (!loaded.ok) throw new Error(loaded.issues.map(formatIssue).join("\n"));
    return loaded.model;
  }

  remove(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

export function addressOf(server: TestServer, changes: Partial<ServerAddress> = {}): ServerAddress {
  const { endpoint, user, password } = server;
  return { endpoint, secure: false, region: "us-east-1", accessKey: user, secretKey: password, ...changes };
}

/** Makes every bucket of the model as `pulumi up` would: through the provider plugin. */
export async function make(model: ResolvedModel, server: TestServer): Promise<void> {
  const plugin = await Plugin.start();
  try {
    await plugin.configure({ endpoint: server.endpoint, rootUser: server.user, rootPassword: server.password });
    for (const bucket of model.platforms.flatMap((platform) => platform.buckets)) {
      await plugin.create({ ...bucketInputs(bucket, model.stage) });
    }
  } finally {
    await plugin.stop();
  }
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `bin/bucketworks` with only these variables beside PATH. */
export async function bucketworks(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn(`${ROOT}bin/bucketworks`, args, { env: { PATH: process.env.PATH, ...env } });
  child.stdin.end();
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

/** What `toolchain/env.sh` says about a server, for this one. */
export function environment(server: TestServer): Record<string, string> {
  return { MINIO_ENDPOINT: server.endpoint, MINIO_ROOT_USER: server.user, MINIO_ROOT_PASSWORD: server.password };
}
