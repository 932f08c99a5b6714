import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { S3, type S3ClientConfig } from "@aws-sdk/client-s3";
import pMap from "p-map";
import { expect } from "vitest";
import { openManifest } from "../../backup/manifest/read.ts";
import type { ManifestHeader, ManifestTrailer, VersionEntry } from "../../backup/manifest/schema.ts";
import { type Outcome, TestCheckout } from "./checkout.ts";
import { CuttingProxy } from "./cutting-proxy.ts";
import { sendInParts } from "./objects.ts";
import { rootClient } from "./state.ts";

/** Of objects in `shop-raw`: signs that sort, encode or split otherwise than letters. */
export const KEYS = [
  ...[
    "a b+c/ü&<>\u0001\"'%25?#.txt",
    "dir!y",
    "dir-y",
    "dir/x",
    "dir/",
    "empty",
    "\uff5e",
    "\u{1f600}",
    "t~(i)'*;:@,$=",
  ],
  ..."|^`[]{}".split("").map((each) => `odd/${each}`),
  "k".repeat(200).concat("/", "ü".repeat(100), "/", "k".repeat(200), "/", "k".repeat(220)),
];
/** How many the object `often` has: more than a page of a listing. */
export const VERSIONS = 1010;

const spec = (keep: number): string => `metadata: {version: v1, description: test platform}
bucket_groups:
  all:
    versioning: true
    encryption: sse-s3
    buckets:
      - {name: shop-raw, description: d}
      - {name: shop-many, description: d}
      - {name: shop-plain, description: d, versioning: false}
      - {name: shop-locked, description: d, object_lock: {mode: governance, days: 1}}
      - {name: shop-backups, description: d, object_lock: {mode: compliance, days: ${keep}}}
backup:
  bucket: shop-backups
  prefix: daily/
  schedule: "17 2 * * *"
  keep: ${keep}
  drill: {schedule: "47 4 * * 0", sample: 15}
  buckets:
    - {name: shop-raw}
    - {name: shop-many, prefixes: [b/, a/, a/1]}
    - {name: shop-plain}
    - {name: shop-locked}
`;

interface Read {
  readonly header: ManifestHeader;
  readonly entries: VersionEntry[];
  readonly trailer: ManifestTrailer;
}

/** A checkout whose platform `shop` is backed up by the key that is made for it, and its buckets with something of each kind. */
export class BackedUpShop {
  readonly checkout: TestCheckout;
  /** Between the command and the server. */
  readonly proxy: CuttingProxy;
  /** With root's key. */
  readonly s3: S3;
  /** With the key that makes the backups. */
  readonly own: S3;

  private constructor(checkout: TestCheckout, proxy: CuttingProxy, s3: S3, own: S3) {
    this.checkout = checkout;
    this.proxy = proxy;
    this.s3 = s3;
    this.own = own;
  }

  static async start(): Promise<BackedUpShop> {
    const checkout = await TestCheckout.make({ shop: spec(1) });
    const proxy = await CuttingProxy.before(checkout.server.url);
    writeFileSync(join(checkout.root, ".bucketworks/minio/endpoint"), proxy.endpoint);
    const s3 = rootClient(checkout.server);
    await checkout.must("pulumi", "up", "--yes", "--skip-preview");
    await fill(s3);
    return new BackedUpShop(checkout, proxy, s3, await clientOf(checkout, "shop-bucket-backup-job"));
  }

  async remove(): Promise<void> {
    this.s3.destroy();
    this.own.destroy();
    this.proxy.stop();
    await this.checkout.remove();
  }

  /** Has the spec keep backups for so many days. */
  keep(days: number): void {
    this.checkout.writePlatforms({ shop: spec(days) });
  }

  backup(...args: string[]): Promise<Outcome> {
    return this.checkout.run("bin/bucketworks", "backup", ...args);
  }

  run(bucket: string, ...more: string[]): Promise<Outcome> {
    return this.backup("run", "--bucket", bucket, ...more);
  }

  /** Nothing is recorded, and it is said in one sentence. @param env variables of the command */
  async refuses(bucket: string, words: RegExp, env: readonly string[] = []): Promise<void> {
    const before = await this.names(bucket);
    const command = ["bin/bucketworks", "backup", "run", "--bucket", bucket];
    const { code, stdout, stderr } = await this.checkout.run("env", ...env, ...command);
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: "", stderr: expect.stringMatching(words) });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(await this.names(bucket)).toEqual(before);
  }

  /** Of the bucket's manifests, the oldest first. */
  async names(bucket: string): Promise<string[]> {
    const Prefix = `daily/manifests/${bucket}/`;
    const { Contents = [] } = await this.s3.listObjectsV2({ Bucket: "shop-backups", Prefix });
    return Contents.map(({ Key = "" }) => Key.slice(Prefix.length));
  }

  async lastManifest(bucket: string): Promise<Read> {
    const name = (await this.names(bucket)).at(-1) ?? "none";
    const { Body } = await this.s3.getObject({ Bucket: "shop-backups", Key: `daily/manifests/${bucket}/${name}` });
    const manifest = await openManifest(name, Body as Readable);
    const versions = manifest.versions();
    const entries: VersionEntry[] = [];
    for (;;) {
      const next = await versions.next();
      if (next.done) return { header: manifest.header, entries, trailer: next.value };
      entries.push(next.value);
    }
  }

  async contentOf({ stored }: VersionEntry): Promise<Buffer> {
    const at = { Bucket: "shop-backups", Key: stored?.key, VersionId: stored?.version };
    const { Body } = await this.s3.getObject(at);
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  /** Objects and former versions below `objects/` of the target. */
  async storedVersions(): Promise<string[]> {
    const found: string[] = [];
    let next: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (;;) {
      const page = await this.s3.listObjectVersions({ Bucket: "shop-backups", Prefix: "daily/objects/", ...next });
      found.push(...(page.Versions ?? []).map(({ Key, VersionId }) => `${Key} ${VersionId}`));
      if (!page.IsTruncated) return found;
      next = { KeyMarker: page.NextKeyMarker ?? "", VersionIdMarker: page.NextVersionIdMarker ?? "" };
    }
  }
}

/** With the key of a service account. */
export async function clientOf(checkout: TestCheckout, account: string): Promise<S3> {
  const { accessKey, secretKey } = await keyOf(checkout, account);
  const config: S3ClientConfig = { endpoint: checkout.server.url, region: "us-east-1", forcePathStyle: true };
  return new S3({ ...config, credentials: { accessKeyId: accessKey, secretAccessKey: secretKey } });
}

export async function keyOf(
  checkout: TestCheckout,
  account: string,
): Promise<{ accessKey: string; secretKey: string }> {
  const outputs = await checkout.must("pulumi", "stack", "output", "--json", "--show-secrets");
  return JSON.parse(outputs).credentials[account];
}

async function fill(s3: S3): Promise<void> {
  const raw = (Key: string, Body: string) => s3.putObject({ Bucket: "shop-raw", Key, Body });
  await pMap(KEYS, (key) => raw(key, key.endsWith("/") || key === "empty" ? "" : `content of ${key}`), {
    concurrency: 8,
  });
  await s3.putObject({
    ...{ Bucket: "shop-raw", Key: "told", Body: "told", ContentType: "text/csv", CacheControl: "no-store" },
    ...{ Metadata: { owner: "Ann" }, Tagging: "kind=raw&a%20b=c%2Bd", ChecksumAlgorithm: "SHA256" },
  });
  await raw("gone", "deleted, and here still");
  await s3.deleteObject({ Bucket: "shop-raw", Key: "gone" });
  await pMap(Array.from({ length: VERSIONS }), (_, index) => raw("often", `version ${index}`), { concurrency: 16 });
  await sendInParts(s3, "shop-raw", "parts");
  await s3.putObject({ Bucket: "shop-locked", Key: "held", Body: "held", ObjectLockLegalHoldStatus: "ON" });
  await s3.putObject({ Bucket: "shop-locked", Key: "kept", Body: "kept" });
  await s3.putObject({ Bucket: "shop-plain", Key: "a", Body: "one" });
}
