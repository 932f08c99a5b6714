import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { minio } from "../../cli/local/minio/service.ts";
import { startMinio } from "../../cli/local/minio/start.ts";
import { stopService } from "../../cli/local/service/start.ts";
import { ArgvWatch } from "../support/argv-watch.ts";
import { BackedUpProject } from "../support/backed-up-project.ts";
import { eventually } from "../support/local-checkout.ts";
import { runsIn } from "../support/runs-in.ts";

let project: BackedUpProject;
let scratch: string;
let argv: ArgvWatch;
/** Between the first order and the second. */
let between: Date;
/** Name of the server in the store. */
let server: string;

beforeAll(async () => {
  project = await BackedUpProject.make();
  scratch = mkdtempSync(join(tmpdir(), "bucketworks restored "));
  argv = new ArgvWatch();
});
afterAll(async () => {
  await project.remove();
  rmSync(scratch, { recursive: true, force: true });
});

interface Listed {
  readonly place: string;
  readonly backups: readonly { readonly id: string; readonly end: string }[];
  readonly archive: { readonly isFailing: boolean } | null;
}

async function list(): Promise<Listed> {
  const { code, text, out } = await project.bucketworks("database", "list", "--json");
  expect(code, out).toBe(0);
  return JSON.parse(text);
}

/** Orders of the databases as they were at a moment, by the restored server's own port and the live server's passwords. */
async function ordersAt(moment: string, into: string, ...more: string[]): Promise<unknown[]> {
  const child = project.start("database", "restore", "--to", moment, "--into", into, "--serve", "--json", ...more);
  let [text, said] = ["", ""];
  child.stdout?.on("data", (part) => (text += part));
  child.stderr?.on("data", (part) => (said += part));
  const ended = once(child, "close");
  await eventually(() => text.trim().endsWith("}") || child.exitCode !== null, 120_000);
  expect(child.exitCode, said).toBeNull();
  const { port } = JSON.parse(text) as { port: number };
  try {
    return await project.ask("SELECT item FROM orders ORDER BY id", port);
  } finally {
    child.kill("SIGINT");
    expect(await ended, said).toEqual([0, null]);
  }
}

/** Rows of all tables: the orders, and two in the history of migrations. */
async function rows(): Promise<number> {
  const [orders] = await project.ask("SELECT count(*)::int FROM orders");
  return Number(orders) + 2;
}

function key(): { accessKeyId: string; secretAccessKey: string } {
  const text = readFileSync(join(project.checkout.postgres.backup, "credentials"), "utf8");
  const value = (name: string): string => new RegExp(`^${name} = (.*)$`, "m").exec(text)?.[1] ?? "";
  return { accessKeyId: value("aws_access_key_id"), secretAccessKey: value("aws_secret_access_key") };
}

test("where a spec asks for it, up has PostgreSQL archive its log, and a base backup goes into the bucket (ML-011)", async () => {
  const { code, out } = await project.bucketworks("up");
  expect(code, out).toBe(0);
  expect(out).toContain("PostgreSQL archives its log in bucket shop-backups");
  expect((await project.bucketworks("database", "list")).out).toContain(
    "no base backup in s3://shop-backups/databases/local-",
  );
  const made = await project.bucketworks("database", "backup");
  expect(made.code, made.out).toBe(0);
  expect(made.text).toMatch(
    /^base backup \w+ of \S+ \S+ in s3:\/\/shop-backups\/databases\/local-\d+; every moment from /,
  );
  const { backups, place, archive } = await list();
  expect([backups.length, archive?.isFailing]).toEqual([1, false]);
  server = place.split("/").at(-1) ?? "";
});

test("a row of before the moment is restored, one of after it isn't, and the live server keeps both (ML-012)", async () => {
  between = await project.order("first");
  await project.order("second");
  expect(await ordersAt(between.toISOString(), join(scratch, "between"))).toEqual(["first"]);
  expect(await project.ask("SELECT item FROM orders ORDER BY id")).toEqual(["first", "second"]);
});

test("a drill restores up to now, reads every row, says duration and loss, and leaves nothing behind (U-107)", async () => {
  const since = await project.order("third");
  const before = readdirSync(tmpdir()).filter((name) => /^bucketworks-(?:drill|restored)-/.test(name));
  const { code, text, out } = await project.bucketworks("database", "drill", "--json");
  expect(code, out).toBe(0);
  const drill = JSON.parse(text);
  expect(drill).toMatchObject({
    tables: 2,
    rows: await rows(),
    lossSeconds: expect.any(Number),
    seconds: expect.any(Number),
  });
  expect(new Date(drill.moment).getTime()).toBeGreaterThan(since.getTime());
  expect(readdirSync(tmpdir()).filter((name) => /^bucketworks-(?:drill|restored)-/.test(name))).toEqual(before);
  const kept = readFileSync(join(project.checkout.logs, "database-drills.ndjson"), "utf8").trim().split("\n");
  expect(kept.map((line) => JSON.parse(line))).toEqual([drill]);
});

test("the report tells of the last base backup, until when the server can be recovered, and of the drill", async () => {
  const { text, out } = await project.bucketworks("report", "--no-identities", "--json");
  const { backups } = await list();
  const { database_backups: found } = JSON.parse(text);
  expect(found, out).toMatchObject({
    entries: [
      {
        ...{ server: expect.stringMatching(/^local-\d+$/), platform: "shop", is_current: true, max_age_hours: 26 },
        drill: { tables: 2, gaps: 0, loss_seconds: expect.any(Number), restore_seconds: expect.any(Number) },
      },
    ],
  });
  const [{ last_base_at: base, recoverable_from: from, recoverable_until: until }] = found.entries;
  // Barman's catalogue has no microseconds.
  const near = (one: string, other: string | undefined) => Math.abs(Date.parse(one) - Date.parse(other ?? "")) < 1000;
  expect([near(base, backups.at(-1)?.end), near(from, backups[0]?.end)]).toEqual([true, true]);
  expect(Date.parse(until)).toBeGreaterThan(Date.parse(base));
  expect(Date.now() - Date.parse(until)).toBeLessThan(120_000);
});

test.each([
  ["2026-11-20T10:00", "has no time zone; write 2026-11-20T10:00Z for UTC"],
  ["yesterday", "must be a moment like 2026-11-20T10:00Z, or latest"],
  ["2999-01-01T00:00Z", "lies in the future"],
])("the moment %s is refused, with what to write", async (moment, reason) => {
  const { code, out } = await project.bucketworks("database", "restore", "--to", moment);
  expect([code, out]).toEqual([2, expect.stringContaining(reason)]);
});

test("a moment before the first base backup is refused with the first one that can be had", async () => {
  const { code, out } = await project.bucketworks(
    "database",
    "restore",
    "--to",
    "2020-01-01T00:00Z",
    "--into",
    join(scratch, "a"),
  );
  expect([code, out]).toEqual([1, expect.stringContaining("the first moment that can be restored is 20")]);
});

test("nothing is restored over a folder that holds anything", async () => {
  const full = join(scratch, "full");
  mkdirSync(full);
  writeFileSync(join(full, "rows"), "somebody's");
  const { code, out } = await project.bucketworks("database", "restore", "--to", "latest", "--into", full);
  expect([code, out]).toEqual([2, expect.stringContaining("isn't empty, and nothing is restored over what is there")]);
  expect(readFileSync(join(full, "rows"), "utf8")).toBe("somebody's");
  const live = await project.bucketworks(
    "database",
    "restore",
    "--to",
    "latest",
    "--into",
    project.checkout.postgres.folder,
  );
  expect(live.code).toBe(2);
});

test("a base backup that was killed isn't offered for restore, and the next one works", async () => {
  const child = project.start("database", "backup");
  const ended = once(child, "close");
  await eventually(() => runsIn(project.checkout.root, "barman.clients.cloud_backup"), 60_000);
  process.kill(-Number(child.pid), "SIGKILL");
  await ended;
  expect((await list()).backups).toHaveLength(1);
  const next = await project.bucketworks("database", "backup");
  expect(next.code, next.out).toBe(0);
  expect((await list()).backups).toHaveLength(2);
});

test("the key adds and reads below its prefix: it deletes nothing, and reaches no other place", async () => {
  const endpoint = `http://${readFileSync(project.checkout.minio.endpoint, "utf8").trim()}`;
  const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials: key() });
  const found = await client.send(new ListObjectsV2Command({ Bucket: "shop-backups", Prefix: `databases/${server}/` }));
  const [Key] = (found.Contents ?? []).map((each) => each.Key);
  expect(Key).toContain(server);
  const Bucket = "shop-backups";
  const denied = { name: "AccessDenied" };
  await expect(client.send(new DeleteObjectCommand({ Bucket, Key }))).rejects.toMatchObject(denied);
  await expect(client.send(new PutObjectCommand({ Bucket, Key: "elsewhere", Body: "x" }))).rejects.toMatchObject(
    denied,
  );
  client.destroy();
});

test("while the store is away writes go on, it is told, and nothing is lost once it is back", async () => {
  await stopService(minio(project.checkout));
  await project.order("while the store was away");
  const away = await project.bucketworks("database", "list");
  expect([away.code, away.out]).toEqual([3, expect.stringContaining("the store doesn't answer")]);
  const restore = await project.bucketworks("database", "restore", "--to", "latest", "--into", join(scratch, "away"));
  expect([restore.code, restore.out]).toEqual([
    3,
    expect.stringContaining("the live server can't archive its log now"),
  ]);
  expect(readdirSync(scratch)).not.toContain("away");
  const told = await project.bucketworks("database", "list");
  expect(told.out).toMatch(/the log is NOT archived: \d+ failures?, the last at /);
  await startMinio(project.checkout, project.ports);
  const { code, text, out } = await project.bucketworks("database", "drill", "--json");
  expect(code, out).toBe(0);
  expect(JSON.parse(text).rows).toBe(await rows());
});

test("a wrong key is refused in one sentence, and writes go on", async () => {
  const file = join(project.checkout.postgres.backup, "credentials");
  const right = readFileSync(file, "utf8");
  writeFileSync(file, right.replace(/^(aws_secret_access_key = ).*$/m, "$1wrong"));
  const { code, out } = await project.bucketworks("database", "backup");
  writeFileSync(file, right);
  expect(code, out).toBe(3);
  expect(out.trim().split("\n")).toHaveLength(1);
  expect(out).toContain("the base backup failed: the store refuses the key; run make up");
  await project.order("after the wrong key");
});

test("a server whose data are lost comes back from the store alone, as it was at a moment", async () => {
  const { backup, folder } = project.checkout.postgres;
  expect((await project.bucketworks("database", "drill", "--quiet")).code).toBe(0);
  expect((await project.bucketworks("down")).code).toBe(0);
  rmSync(join(folder, "data"), { recursive: true });
  rmSync(backup, { recursive: true });
  await startMinio(project.checkout, project.ports);
  const into = join(scratch, "lost");
  // Before the second base backup, which is of a time that is undone then.
  const named = ["--to", between.toISOString(), "--server", server];
  const found = await project.bucketworks("database", "restore", ...named, "--into", into);
  expect(found.code, found.out).toBe(0);
  renameSync(join(into, "data"), join(folder, "data"));
  const up = await project.bucketworks("up");
  expect(up.code, up.out).toBe(0);
  expect(await project.ask("SELECT item FROM orders ORDER BY id")).toEqual(["first"]);
});

test("restored data that took the live server's place go on being backed up as the same server, on their new timeline, and no base backup of the time that was undone is taken", async () => {
  const before = await rows();
  await project.order("after the loss");
  const drill = await project.bucketworks("database", "drill", "--json");
  expect(drill.code, drill.out).toBe(0);
  expect(JSON.parse(drill.text)).toMatchObject({ rows: before + 1, place: expect.stringContaining(server) });
  const again = await project.bucketworks("database", "backup");
  expect(again.code, again.out).toBe(0);
});

test("a segment that the archive lacks is named, by list and by a drill", async () => {
  expect((await list()).backups).toHaveLength(3);
  const { rootUser, rootPassword, endpoint } = project.checkout.minio;
  const [accessKeyId, secretAccessKey, host] = [rootUser, rootPassword, endpoint].map((file) =>
    readFileSync(file, "utf8").trim(),
  );
  const credentials = { accessKeyId: accessKeyId ?? "", secretAccessKey: secretAccessKey ?? "" };
  const root = new S3Client({ endpoint: `http://${host}`, region: "us-east-1", forcePathStyle: true, credentials });
  const Bucket = "shop-backups";
  const found = await root.send(new ListObjectsV2Command({ Bucket, Prefix: `databases/${server}/wals/00000002` }));
  // The first one of the new timeline; what follows it is there.
  const Key =
    (found.Contents ?? []).map((each) => each.Key ?? "").find((each) => /\/[0-9A-F]{24}\.gz$/.test(each)) ?? "";
  await root.send(new DeleteObjectCommand({ Bucket, Key }));
  root.destroy();
  const words = `the archived log lacks 1 segment: ${Key.slice(-27, -3)}; a moment behind a gap`;
  const listed = await project.bucketworks("database", "list");
  expect([listed.code, listed.out]).toEqual([1, expect.stringContaining(words)]);
  const drill = await project.bucketworks("database", "drill");
  expect([drill.code, drill.out]).toEqual([1, expect.stringContaining(words)]);
});

test("neither the key nor a password stood in arguments or logs", () => {
  const seen = argv.stop() + readFileSync(project.checkout.postgres.log, "utf8");
  const passwords = readFileSync(join(project.checkout.postgres.backup, "pgpass"), "utf8").trim().split("\n");
  const secrets = [key().secretAccessKey, ...passwords.map((line) => line.split(":").at(-1) ?? "")];
  expect(seen).toContain("barman.clients.cloud_walarchive");
  expect(secrets.filter((secret) => secret === "" || seen.includes(secret))).toEqual([]);
});
