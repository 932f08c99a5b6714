import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pMap from "p-map";
import { TestServer } from "../support/minio.ts";
import { rootClient } from "../support/state.ts";
import { tool } from "../support/toolchain.ts";
import { peakMemory } from "./memory.ts";

/**
 * A backup of a bucket with so many objects, first and again, beside `mc mirror` and `rclone sync` of the same data on the same
 * server. rclone is taken from RCLONE, the path of its program, and left out without.
 */
const OBJECTS = Number(process.argv[2] ?? 20_000);
const CHANGED = 100;
const BYTES = 1024;
const ROOT = join(import.meta.dirname, "../..");

const server = await TestServer.start();
const s3 = rootClient(server);
const folder = mkdtempSync(join(tmpdir(), "bucketworks-bench-backup-"));
try {
  await s3.createBucket({ Bucket: "shop-raw" });
  await s3.putBucketVersioning({ Bucket: "shop-raw", VersioningConfiguration: { Status: "Enabled" } });
  await s3.createBucket({ Bucket: "shop-backups", ObjectLockEnabledForBucket: true });
  const Rule = { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } } as const;
  const ObjectLockConfiguration = { ObjectLockEnabled: "Enabled", Rule } as const;
  await s3.putObjectLockConfiguration({ Bucket: "shop-backups", ObjectLockConfiguration });
  for (const Bucket of ["by-mc", "by-rclone"]) await s3.createBucket({ Bucket });
  const put = (index: number) =>
    s3.putObject({
      Bucket: "shop-raw",
      Key: `date=${index % 365}/part-${index}`,
      Body: Buffer.alloc(BYTES, index % 251),
    });
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
  await pMap(numbers(OBJECTS), put, { concurrency: 32 });
  for (const [run, before] of [
    ["first", async () => undefined],
    ["nothing changed", async () => undefined],
    [`${CHANGED} written over`, async () => pMap(numbers(CHANGED), put, { concurrency: 32 })],
  ] as const) {
    await before();
    await measure(`${run}: bucketworks`, ...ours());
    await measure(`${run}: mc mirror`, tool("mc"), ...mc());
    if (process.env.RCLONE) await measure(`${run}: rclone sync`, process.env.RCLONE, ...rclone());
  }
} finally {
  s3.destroy();
  await server.stop();
  rmSync(folder, { recursive: true });
}

function ours(): [string, ...string[]] {
  const file = join(folder, "shop.yaml");
  const target = "{name: shop-backups, description: d, object_lock: {mode: compliance, days: 1}}";
  writeFileSync(
    file,
    `bucket_groups: {all: {versioning: true, buckets: [{name: shop-raw, description: d}, ${target}]}}
backup: {bucket: shop-backups, schedule: "17 2 * * *", keep: 1, buckets: [{name: shop-raw}]}
`,
  );
  return [process.execPath, join(ROOT, "cli/main.ts"), "backup", "run", file, "--server", server.url];
}

function mc(): string[] {
  const dev = { url: server.url, accessKey: server.user, secretKey: server.password, api: "S3v4", path: "auto" };
  writeFileSync(join(folder, "config.json"), JSON.stringify({ version: "10", aliases: { dev } }), { mode: 0o600 });
  return ["--config-dir", folder, "mirror", "--overwrite", "--quiet", "dev/shop-raw", "dev/by-mc"];
}

function rclone(): string[] {
  const more = ["--checksum", "--transfers", "32", "--checkers", "32", "--fast-list", "--s3-no-check-bucket"];
  return ["sync", "bench:shop-raw", "bench:by-rclone", ...more];
}

async function measure(name: string, program: string, ...args: string[]): Promise<void> {
  const began = performance.now();
  const child = spawn(program, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      ...{ MINIO_ACCESS_KEY: server.user, MINIO_SECRET_KEY: server.password, RCLONE_CONFIG: "/dev/null" },
      ...{
        RCLONE_CONFIG_BENCH_TYPE: "s3",
        RCLONE_CONFIG_BENCH_PROVIDER: "Minio",
        RCLONE_CONFIG_BENCH_ENDPOINT: server.url,
      },
      ...{ RCLONE_CONFIG_BENCH_ACCESS_KEY_ID: server.user, RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY: server.password },
    },
  });
  const peak = peakMemory(child.pid ?? 0);
  const code = await new Promise((resolve) => child.once("exit", resolve));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${name.padEnd(40)} ${seconds.padStart(7)} s  ${peak().toFixed(0).padStart(5)} MiB peak`);
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
}
