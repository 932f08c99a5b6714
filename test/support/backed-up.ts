import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { S3 } from "@aws-sdk/client-s3";
import { versionsOf } from "../../backup/run/listing.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { connect } from "../../provider/server/connection.ts";
import { TestServer } from "./minio.ts";
import { rootClient } from "./state.ts";
import { ROOT } from "./toolchain.ts";
import { bucketworks, make, type Ran, SpecFile } from "./verified.ts";

const SPEC = `
bucket_groups:
  all:
    versioning: true
    buckets:
      - {name: data}
      - {name: plain, versioning: false}
      - {name: other}
      - {name: odd, object_lock: {mode: governance, days: 1}}
      - {name: backups, object_lock: {mode: compliance, days: 1}}
backup:
  bucket: backups
  prefix: kept/
  schedule: "17 2 * * *"
  keep: 1
  buckets:
    - {name: data}
    - {name: plain}
    - {name: other, prefixes: [in/]}
    - {name: odd}
`;

/** A server with the buckets of a spec that has a backup. Commands use root's key. */
export class BackedUp {
  readonly server: TestServer;
  readonly s3: S3;
  readonly spec: SpecFile;
  readonly model: ResolvedModel;
  readonly #folder = mkdtempSync(join(tmpdir(), "bucketworks-backed-up-"));

  private constructor(server: TestServer, spec: SpecFile) {
    this.server = server;
    this.spec = spec;
    this.model = spec.model();
    this.s3 = rootClient(server);
  }

  static async start(): Promise<BackedUp> {
    const server = await TestServer.start();
    const made = new BackedUp(server, new SpecFile(SPEC));
    await make(made.model, server);
    // On the server alone: tests damage what a spec's lock lets nobody touch.
    await made.s3.putObjectLockConfiguration({
      Bucket: "backups",
      ObjectLockConfiguration: {
        ObjectLockEnabled: "Enabled",
        Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } },
      },
    });
    return made;
  }

  /** Puts another file in the place of a manifest of `data`, the lock notwithstanding, and takes it away again. */
  async instead(moment: string, bytes: (now: Buffer) => Buffer, work: () => Promise<void>): Promise<void> {
    const id = { Bucket: "backups", Key: this.manifest("data", moment) };
    const { Body, Metadata, VersionId } = await this.s3.getObject(id);
    const now = Buffer.from((await Body?.transformToByteArray()) ?? []);
    const bypass = { BypassGovernanceRetention: true };
    await this.s3.deleteObject({ ...id, VersionId, ...bypass });
    const put = await this.s3.putObject({ ...id, Body: bytes(now), ...(Metadata && { Metadata }) });
    await work();
    await this.s3.deleteObject({ ...id, VersionId: put.VersionId, ...bypass });
    await this.s3.putObject({ ...id, Body: now, ...(Metadata && { Metadata }) });
  }

  async remove(): Promise<void> {
    this.s3.destroy();
    this.spec.remove();
    rmSync(this.#folder, { recursive: true, force: true });
    await this.server.stop();
  }

  /** Where drills are kept. */
  get history(): string {
    return join(this.#folder, "history.sqlite");
  }

  get env(): Record<string, string> {
    return {
      MINIO_ACCESS_KEY: this.server.user,
      MINIO_SECRET_KEY: this.server.password,
      BUCKETWORKS_HISTORY: this.history,
    };
  }

  /** A command with the platform's file at its end. */
  run(...args: readonly string[]): Promise<Ran> {
    return bucketworks([...args, "--server", this.server.url, this.spec.path], this.env);
  }

  /** As `run`, and kills it after some milliseconds, where it isn't through by then. @returns whether it was killed */
  async killed(milliseconds: number, ...args: readonly string[]): Promise<boolean> {
    const child = spawn(`${ROOT}bin/bucketworks`, [...args, "--server", this.server.url, this.spec.path], {
      env: { PATH: process.env.PATH, ...this.env },
      stdio: "ignore",
      detached: true,
    });
    const end = new Promise<NodeJS.Signals | null>((resolve) => child.once("close", (_, signal) => resolve(signal)));
    const timer = setTimeout(() => {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, milliseconds);
    const signal = await end;
    clearTimeout(timer);
    return signal !== null;
  }

  /** As `run`, and fails the test with the output where the command fails. */
  async must(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Makes a backup of a bucket, of all that was done before. @returns its moment */
  async backUp(bucket: string): Promise<string> {
    // Manifests have whole seconds.
    await sleep(1100);
    const out = await this.must("backup", "run", "--bucket", bucket, "--format", "json");
    const moment: string = JSON.parse(out).backups[0].instant;
    await sleep(1100);
    return moment;
  }

  async put(Bucket: string, Key: string, Body: string, more: Partial<Parameters<S3["putObject"]>[0]> = {}) {
    return this.s3.putObject({ Bucket, Key, Body, ...more });
  }

  /** Current objects with all that a program sees of them. */
  async contents(Bucket: string): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    for (const { key: Key, latest, marker } of await this.versions(Bucket)) {
      if (!latest || marker) continue;
      const { Body, Metadata, ContentType, CacheControl } = await this.s3.getObject({ Bucket, Key });
      const { TagSet } = await this.s3.getObjectTagging({ Bucket, Key });
      found[Key] = { body: await Body?.transformToString(), Metadata, ContentType, CacheControl, TagSet };
    }
    return found;
  }

  /** Every version and delete marker, as the server lists them. */
  async versions(bucket: string) {
    const { endpoint, user: accessKey, password: secretKey } = this.server;
    const config = { endpoint, secure: false, region: "us-east-1", accessKey, secretKey };
    const connection = connect(config, new AbortController().signal);
    const all = [];
    for await (const page of versionsOf(connection, bucket, "")) all.push(...page);
    connection.s3.destroy();
    return all;
  }

  /** Of a manifest's file, or of one that is to be: its key in the target. */
  manifest(bucket: string, moment: string): string {
    return `kept/manifests/${bucket}/${moment.slice(0, 19).replaceAll(/[-:]/g, "")}Z.ndjson.gz`;
  }

  async buckets(): Promise<string[]> {
    return ((await this.s3.listBuckets({})).Buckets ?? []).map(({ Name = "" }) => Name).sort();
  }
}
