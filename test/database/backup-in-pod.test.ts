import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { OneBackup } from "../../builders/postgres/kubernetes/backup-pods.ts";
import type { PostgresServerInput } from "../../config/postgres-server/schema.ts";
import { eventually } from "../support/local-checkout.ts";
import { TestServer } from "../support/minio.ts";
import { PodProcesses } from "../support/pod-processes.ts";
import { ROOT } from "../support/toolchain.ts";

const BUCKET = "vault";

let folder: string;
let store: TestServer;
let s3: S3Client;
let first: PodProcesses;
let second: PodProcesses;
const pods: PodProcesses[] = [];
/** Of the first server in the store, and a moment between its two rows. */
let name: string;
let between: string;

beforeAll(async () => {
  execFileSync("sh", ["toolchain/pipelines.sh", "--database-backup"], { cwd: ROOT, stdio: "ignore" });
  folder = mkdtempSync("/tmp/pods-");
  store = await TestServer.start();
  const { user: accessKeyId, password: secretAccessKey } = store;
  const credentials = { accessKeyId, secretAccessKey };
  s3 = new S3Client({ endpoint: `http://${store.endpoint}`, region: "us-east-1", forcePathStyle: true, credentials });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const lines = ["[default]", `aws_access_key_id = ${accessKeyId}`, `aws_secret_access_key = ${secretAccessKey}`];
  writeFileSync(join(folder, "credentials"), `${lines.join("\n")}\n`, { mode: 0o600 });
  first = pod("first");
  first.start("archiver.sh");
  first.start("start.sh");
  await serves(first);
});

afterAll(async () => {
  for (const each of pods) await each.stop();
  s3?.destroy();
  await store?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function pod(called: string, restore?: Extract<PostgresServerInput, { restore?: unknown }>["restore"]): PodProcesses {
  const place = { bucket: BUCKET, prefix: "databases/", serviceAccount: "x" };
  const backup: OneBackup = {
    declared: { ...place, archiveTimeoutSeconds: 60, schedule: "11 1 * * *" },
    image: "none",
    endpoint: `http://${store.endpoint}`,
    region: "us-east-1",
    caSecret: undefined,
  };
  const given: PostgresServerInput = { kind: "statefulset", name: called, restore };
  const made = new PodProcesses(join(folder, called), given, backup, join(folder, "credentials"));
  pods.push(made);
  return made;
}

async function serves(of: PodProcesses): Promise<void> {
  await eventually(() => answers(of, "SELECT true"), 60_000);
}

function answers(of: PodProcesses, question: string): boolean {
  try {
    return of.ask(question) === "t";
  } catch {
    return false;
  }
}

async function stored(prefix: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
  return Contents.map(({ Key = "" }) => Key);
}

const inStore = (): string =>
  `SELECT last_archived_wal >= '${first.ask("SELECT pg_walfile_name(pg_switch_wal())")}' FROM pg_stat_archiver`;

test("the archiver beside the server stores its log, and the scheduled job's script a base backup, below the data's own number", async () => {
  first.ask("CREATE TABLE seen (name text)");
  expect(await first.run("base-backup.sh"), first.log).toBe(0);
  first.ask("INSERT INTO seen VALUES ('early')");
  between = new Date(
    Number(first.ask("SELECT extract(epoch FROM clock_timestamp() + interval '1 second') * 1000")),
  ).toISOString();
  await eventually(() => answers(first, `SELECT clock_timestamp() > '${between}'`));
  first.ask("INSERT INTO seen VALUES ('late')");
  const archived = inStore();
  await eventually(() => answers(first, archived), 60_000);
  name = `first-${first.ask("SELECT system_identifier FROM pg_control_system()")}`;
  const keys = await stored(`databases/${name}/`);
  expect(keys).toContainEqual(expect.stringMatching(/\/base\/\w+\/backup\.info$/));
  expect(keys).toContainEqual(expect.stringMatching(/\/wals\/\w+\/[0-9A-F]{24}\.gz$/));
});

test("another server begins with the data of a moment: the row of before, not the one of after; it goes on below its own name (ML-012)", async () => {
  second = pod("second", { server: name, to: between });
  second.start("archiver.sh");
  expect([await second.run("fetch.sh"), await second.run("recover.sh")], second.log).toEqual([0, 0]);
  second.start("start.sh");
  await serves(second);
  expect(second.ask("SELECT string_agg(name, ',') FROM seen")).toBe("early");
  await eventually(async () => (await stored(`databases/second-${name.split("-")[1]}/wals/`)).length > 0, 60_000);
  expect(first.ask("SELECT string_agg(name, ',' ORDER BY name) FROM seen")).toBe("early,late");
});

test("nothing is restored over data", async () => {
  second.ask("INSERT INTO seen VALUES ('since')");
  expect([await second.run("fetch.sh"), await second.run("recover.sh")], second.log).toEqual([0, 0]);
  expect(second.ask("SELECT string_agg(name, ',' ORDER BY name) FROM seen")).toBe("early,since");
});

test.each([
  ["before the first base backup", "2020-01-01T00:00:00Z", "fetch.sh", /no base backup of first-\d+ was whole at 2020/],
  [
    "that the archive has nothing of",
    "2999-01-01T00:00:00Z",
    "recover.sh",
    /recovery ended before configured recovery target was reached/,
  ],
])("a moment %s starts no server", async (_, to, failing, words) => {
  const none = pod(`none-${to.slice(0, 4)}`, { server: name, to });
  none.start("archiver.sh");
  const codes = [await none.run("fetch.sh")];
  if (codes[0] === 0) codes.push(await none.run("recover.sh"));
  expect([codes.at(-1), codes.length], none.log).toEqual([1, failing === "fetch.sh" ? 1 : 2]);
  expect(none.log).toMatch(words);
  expect(existsSync(join(folder, `none-${to.slice(0, 4)}`, "volume/data"))).toBe(false);
});

test("while the store is away the log waits, and is archived once it is back", async () => {
  await store.pause();
  first.ask("INSERT INTO seen VALUES ('away')");
  const archived = inStore();
  await eventually(() => answers(first, "SELECT failed_count > 0 FROM pg_stat_archiver"), 60_000);
  expect(answers(first, archived)).toBe(false);
  await store.resume();
  await eventually(() => answers(first, archived), 90_000);
});
