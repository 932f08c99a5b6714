import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { S3 } from "@aws-sdk/client-s3";
import pMap from "p-map";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { TestServer } from "../support/minio.ts";
import { rootClient } from "../support/state.ts";
import { ROOT, tool } from "../support/toolchain.ts";
import { type Measured, measured, middle } from "./measured.ts";

/**
 * Backups of a bucket with so many objects, the first one, further ones and the way back, beside `mc mirror` and `rclone sync` of
 * the same data on the same server, one after the other and as often. rclone is taken from RCLONE, the path of its program, and left
 * out without; TOOLS=bucketworks leaves both out.
 */
const OBJECTS = Number(process.argv[2] ?? 20_000);
const ROUNDS = Number(process.argv[3] ?? 5);
const CHANGED = Math.ceil(OBJECTS / 100);
const BYTES = 1024;

interface Tool {
  readonly name: string;
  /** The command, of a server's address: a backup, and the way back into an empty bucket. */
  backUp(url: string): readonly string[];
  restore(url: string): readonly string[];
  /** A look at all that is stored; absent where it has none. */
  verify?(url: string): readonly string[];
}

const server = await TestServer.start();
const s3 = rootClient(server);
const folder = mkdtempSync(join(tmpdir(), "bucketworks-bench-backup-"));
const env = {
  ...{ MINIO_ACCESS_KEY: server.user, MINIO_SECRET_KEY: server.password, RCLONE_CONFIG: "/dev/null" },
  ...{ RCLONE_CONFIG_BENCH_TYPE: "s3", RCLONE_CONFIG_BENCH_PROVIDER: "Minio" },
  ...{ RCLONE_CONFIG_BENCH_ACCESS_KEY_ID: server.user, RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY: server.password },
};
const tools = [ours(), mc(), rclone()].filter(
  ({ name }) => (name !== "rclone sync" || process.env.RCLONE) && (process.env.TOOLS ?? name).includes(name),
);
try {
  await fill(s3);
  console.log(`${OBJECTS} objects of ${BYTES} bytes, the middle of ${ROUNDS} where a step was repeated\n`);
  console.log(
    "| | | seconds | CPU | of the server | peak MiB | objects/s | requests |\n|---|---|--:|--:|--:|--:|--:|--:|",
  );
  await step("first", 1, (each) => each.backUp(server.url));
  await step("nothing changed", ROUNDS, (each) => each.backUp(server.url));
  await step(
    "1 % written over",
    ROUNDS,
    (each) => each.backUp(server.url),
    () => put(s3, CHANGED),
  );
  await step("back into an empty bucket", 1, (each) => each.restore(server.url));
  await step("verify", 1, (each) => each.verify?.(server.url));
} finally {
  s3.destroy();
  await server.stop();
  rmSync(folder, { recursive: true });
}

/** Each round has each tool once, another one first each time. */
async function step(
  name: string,
  rounds: number,
  command: (each: Tool) => readonly string[] | undefined,
  before: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  const all = new Map<string, Measured[]>();
  for (let round = 0; round < rounds; round += 1) {
    await before();
    const order = [...tools.slice(round % tools.length), ...tools.slice(0, round % tools.length)];
    for (const each of order) {
      const words = command(each);
      if (words === undefined) continue;
      const took = await measured(server.pid, { env: { ...env, ...at(server.url) }, words });
      all.set(each.name, [...(all.get(each.name) ?? []), took]);
    }
  }
  if (rounds > 1) await before();
  for (const each of tools.filter(({ name: tool }) => all.has(tool))) {
    const took = middle(all.get(each.name) ?? []);
    const requests = rounds > 1 ? String(await counted(each)) : "";
    const cells = [
      ...[took.seconds, took.cpuSeconds, took.serverSeconds].map((seconds) => seconds.toFixed(2)),
      ...[took.peak.toFixed(0), (OBJECTS / took.seconds).toFixed(0), requests],
    ];
    console.log(`| ${[name, each.name, ...cells].join(" | ")} |`);
  }
}

/** How many requests one more run makes, through a proxy that counts them. */
async function counted(each: Tool): Promise<number> {
  const proxy = await CuttingProxy.before(server.url);
  let requests = 0;
  proxy.cut = () => {
    requests += 1;
    return undefined;
  };
  const url = `http://${proxy.endpoint}`;
  await measured(server.pid, { env: { ...env, ...at(url) }, words: each.backUp(url) });
  proxy.stop();
  return requests;
}

function at(url: string): Record<string, string> {
  return { RCLONE_CONFIG_BENCH_ENDPOINT: url };
}

async function fill(client: S3): Promise<void> {
  await client.createBucket({ Bucket: "shop-raw" });
  await client.putBucketVersioning({ Bucket: "shop-raw", VersioningConfiguration: { Status: "Enabled" } });
  await client.createBucket({ Bucket: "shop-backups", ObjectLockEnabledForBucket: true });
  const Rule = { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } } as const;
  const ObjectLockConfiguration = { ObjectLockEnabled: "Enabled", Rule } as const;
  await client.putObjectLockConfiguration({ Bucket: "shop-backups", ObjectLockConfiguration });
  for (const Bucket of ["by-mc", "by-rclone", "back-by-mc", "back-by-rclone"]) await client.createBucket({ Bucket });
  await put(client, OBJECTS);
}

/** Writes the first of all objects, or writes over them. */
async function put(client: S3, count: number): Promise<void> {
  const one = (index: number) =>
    client.putObject({
      ...{ Bucket: "shop-raw", Key: `date=${index % 365}/part-${index}` },
      Body: Buffer.alloc(BYTES, Math.floor(Math.random() * 251)),
    });
  await pMap(Array.from({ length: count }).keys(), one, { concurrency: 32 });
}

function ours(): Tool {
  const file = join(folder, "shop.yaml");
  const target = "{name: shop-backups, description: d, object_lock: {mode: compliance, days: 1}}";
  writeFileSync(
    file,
    `bucket_groups: {all: {versioning: true, buckets: [{name: shop-raw, description: d}, ${target}]}}
backup: {bucket: shop-backups, schedule: "17 2 * * *", keep: 1, buckets: [{name: shop-raw}]}
`,
  );
  const program = join(ROOT, "bin/bucketworks");
  return {
    name: "bucketworks",
    backUp: (url) => [program, "backup", "run", file, "--server", url],
    restore: (url) => [program, "restore", "shop-raw", file, "--to", "latest", "--into", "back", "--server", url],
    verify: (url) => [program, "backup", "verify", file, "--server", url],
  };
}

function mc(): Tool {
  const mirror = (url: string, from: string, to: string): string[] => {
    const dev = { url, accessKey: server.user, secretKey: server.password, api: "S3v4", path: "auto" };
    writeFileSync(join(folder, "config.json"), JSON.stringify({ version: "10", aliases: { dev } }), { mode: 0o600 });
    return [tool("mc"), "--config-dir", folder, "mirror", "--overwrite", "--quiet", `dev/${from}`, `dev/${to}`];
  };
  return {
    name: "mc mirror",
    backUp: (url) => mirror(url, "shop-raw", "by-mc"),
    restore: (url) => mirror(url, "by-mc", "back-by-mc"),
  };
}

function rclone(): Tool {
  const more = ["--checksum", "--transfers", "32", "--checkers", "32", "--fast-list", "--s3-no-check-bucket"];
  const sync = (from: string, to: string) => [
    process.env.RCLONE ?? "",
    "sync",
    `bench:${from}`,
    `bench:${to}`,
    ...more,
  ];
  return {
    name: "rclone sync",
    backUp: () => sync("shop-raw", "by-rclone"),
    restore: () => sync("by-rclone", "back-by-rclone"),
  };
}
