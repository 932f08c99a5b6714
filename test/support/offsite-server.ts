import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { Mc } from "./mc.ts";
import { TestServer } from "./minio.ts";
import { plainShell } from "./project-copy.ts";
import { rootClient } from "./state.ts";
import { ROOT } from "./toolchain.ts";

export const OFFSITE = "offsite-backups";

/** A second server for backups, with a key that has what docs/backup-target-policy.json says and no bucket yet. */
export class OffsiteServer {
  readonly server: TestServer;
  readonly key = { accessKey: "shop-backups", secretKey: randomBytes(20).toString("hex") };
  /** With root's key, and with the other. */
  readonly root: S3;
  readonly own: S3;
  readonly #mc: Mc;
  readonly #folder = mkdtempSync(join(tmpdir(), "bucketworks-offsite-"));

  private constructor(server: TestServer) {
    this.server = server;
    this.#mc = new Mc(server);
    this.root = rootClient(server);
    const credentials = { accessKeyId: this.key.accessKey, secretAccessKey: this.key.secretKey };
    this.own = new S3({ endpoint: server.url, region: "us-east-1", forcePathStyle: true, credentials });
  }

  /** @param days that its backups are kept */
  static async start(days: number): Promise<OffsiteServer> {
    const made = new OffsiteServer(await TestServer.start());
    const policy = join(made.#folder, "policy.json");
    const longest = String(days + Math.ceil(days / 4) + 1);
    const text = readFileSync(join(ROOT, "docs/backup-target-policy.json"), "utf8").replace('"114"', `"${longest}"`);
    writeFileSync(policy, text);
    await made.mc("admin", "policy", "create", "t", "backups", policy);
    await made.mc("admin", "user", "add", "t", made.key.accessKey, made.key.secretKey);
    await made.mc("admin", "policy", "attach", "t", "backups", "--user", made.key.accessKey);
    return made;
  }

  mc(...args: string[]): Promise<string> {
    return this.#mc.run(...args);
  }

  /** Has stack dev of a checkout back up to it; its key by standard input: an argument could be seen by everybody on the machine. */
  declareIn(root: string): void {
    const typed = join(this.#folder, "typed");
    writeFileSync(typed, this.key.secretKey, { mode: 0o600 });
    const set = "pulumi config set --path";
    const credential = "bucketworks:backupTargetCredentials.offsite";
    const script = [
      ". ./toolchain/env.sh && pulumi stack select --create dev",
      `${set} bucketworks:backupTargets.offsite.endpoint ${this.server.url}`,
      `${set} --secret ${credential}.accessKey ${this.key.accessKey}`,
      `${set} --secret ${credential}.secretKey <"$0"`,
    ].join(" && ");
    const how = { cwd: root, env: plainShell(), encoding: "utf8" } as const;
    const { status, stderr } = spawnSync("sh", ["-c", script, typed], how);
    if (status !== 0) throw new Error(stderr);
  }

  /** What a command is told that knows no stack. */
  variables(key = this.key): Record<string, string> {
    return {
      BACKUP_TARGET_URL: this.server.url,
      BACKUP_TARGET_ACCESS_KEY: key.accessKey,
      BACKUP_TARGET_SECRET_KEY: key.secretKey,
    };
  }

  async remove(): Promise<void> {
    for (const client of [this.root, this.own]) client.destroy();
    this.#mc.remove();
    rmSync(this.#folder, { recursive: true, force: true });
    await this.server.stop();
  }
}
