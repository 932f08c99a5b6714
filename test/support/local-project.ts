import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { type Checkout, checkoutAt } from "../../cli/checkout.ts";
import { liveBuckets } from "../../cli/local/minio/health.ts";
import { minio } from "../../cli/local/minio/service.ts";
import { stopService } from "../../cli/local/service/start.ts";
import { freePort } from "./minio.ts";
import { copyProject, plainShell } from "./project-copy.ts";
import { platformFile } from "./specs.ts";
import { tool } from "./toolchain.ts";

export interface Ran {
  readonly code: number | null;
  /** Both streams. */
  readonly out: string;
}

/** A copy of the project with a platform of three buckets, for what `make up` and its fellows do with a server of their own. */
export class LocalProject {
  readonly checkout: Checkout;
  /** Path of the one platform file. */
  readonly spec: string;
  /** What the platform file says at first. */
  readonly good: string;
  /** Where the servers shall be; empty leaves it to what the project remembers. */
  ports: Record<string, string>;

  private constructor(checkout: Checkout, spec: string, good: string, ports: Record<string, string>) {
    this.checkout = checkout;
    this.spec = spec;
    this.good = good;
    this.ports = ports;
  }

  static async make(): Promise<LocalProject> {
    const checkout = checkoutAt(copyProject());
    const ports = { BUCKETWORKS_PORT: String(await freePort()), BUCKETWORKS_CONSOLE_PORT: String(await freePort()) };
    const platforms = join(checkout.root, "config", "platforms");
    for (const name of readdirSync(platforms)) rmSync(join(platforms, name), { recursive: true });
    const buckets = ["orders, versioning: true, on_delete: retain", "invoices, on_delete: retain", "scratch"];
    const good = platformFile(buckets.map((each) => `      - {name: ${each}, description: d}`).join("\n"));
    const project = new LocalProject(checkout, join(platforms, "shop.yaml"), good, ports);
    project.declare(good);
    return project;
  }

  /** Replaces the platform file; without a text by what it said at first. */
  declare(text = this.good): void {
    writeFileSync(this.spec, text);
  }

  bucketworks(...args: string[]): Ran {
    return this.run({}, ...args);
  }

  /** With the checkout's own backend and server: what a shell has that has sourced nothing. */
  own(...args: string[]): Ran {
    return this.run({ MINIO_ENDPOINT: undefined, PULUMI_BACKEND_URL: undefined }, ...args);
  }

  /** Of the local server, with root's key. */
  s3(): S3 {
    const { rootUser, rootPassword } = this.checkout.minio;
    const [accessKeyId = "", secretAccessKey = ""] = [rootUser, rootPassword].map((file) =>
      readFileSync(file, "utf8").trim(),
    );
    const endpoint = `http://127.0.0.1:${this.ports.BUCKETWORKS_PORT}`;
    return new S3({
      endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
  }

  /** Names of the buckets that the local server has. */
  async buckets(): Promise<string[]> {
    return [...(await liveBuckets(this.checkout, Number(this.ports.BUCKETWORKS_PORT))).keys()].sort();
  }

  /** Lines of the audit trail, the oldest first. */
  deeds(): Record<string, unknown>[] {
    const lines = readFileSync(join(this.checkout.logs, "bucketworks.log"), "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line));
  }

  /** @param env on top of what `bucketworks` is given */
  run(env: NodeJS.ProcessEnv, ...args: string[]): Ran {
    const elsewhere = { MINIO_ENDPOINT: "127.0.0.1:1", PULUMI_BACKEND_URL: "file:///nowhere" };
    const found = spawnSync(join(this.checkout.root, "bin", "bucketworks"), args, {
      cwd: this.checkout.root,
      env: { ...plainShell(), ...this.ports, ...elsewhere, ...env },
      encoding: "utf8",
    });
    return { code: found.status, out: found.stdout + found.stderr };
  }

  /** Runs `mc`, whatever its exit code; answers what it wrote. */
  mc(...args: string[]): string {
    const env = { ...process.env, MC_CONFIG_DIR: this.checkout.mc.folder };
    return spawnSync(tool("mc"), args, { env, encoding: "utf8" }).stdout;
  }

  async remove(): Promise<void> {
    await stopService(minio(this.checkout));
    rmSync(this.checkout.root, { recursive: true, force: true });
  }
}
