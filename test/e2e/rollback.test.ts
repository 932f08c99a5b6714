import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { PutObjectCommand, S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { liveBuckets } from "../../cli/local/minio/health.ts";
import { eventually } from "../support/local-checkout.ts";
import { LocalProject } from "../support/local-project.ts";
import { plainShell } from "../support/project-copy.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";

/** So many that a run which removes them can be killed between two. */
const MANY = 20;
/** The checkout's own backend and server: what a shell has that has sourced nothing. */
const OWN = { MINIO_ENDPOINT: undefined, PULUMI_BACKEND_URL: undefined };

let project: LocalProject;
let s3: S3;
const bucketworks = (...args: string[]) => project.run(OWN, ...args);

beforeAll(async () => {
  project = await LocalProject.make();
  expect(bucketworks("up")).toMatchObject({ code: 0 });
  const { minio } = project.checkout;
  const [accessKeyId = "", secretAccessKey = ""] = [minio.rootUser, minio.rootPassword].map((file) =>
    readFileSync(file, "utf8").trim(),
  );
  const endpoint = `http://127.0.0.1:${project.ports.BUCKETWORKS_PORT}`;
  s3 = new S3({ endpoint, region: "us-east-1", forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  await s3.putObject({ Bucket: "orders", Key: "2026/november", Body: "precious" });
});

afterAll(async () => {
  s3?.destroy();
  await project?.remove();
});

interface Entry {
  readonly number: number;
  readonly result: string;
  readonly message: string;
  readonly specDigest: string | null;
}

function updates(): Entry[] {
  const { code, out } = bucketworks("history", "--json");
  expect({ code, out }).toMatchObject({ code: 0 });
  return JSON.parse(out).updates;
}

const buckets = async () =>
  [...(await liveBuckets(project.checkout, Number(project.ports.BUCKETWORKS_PORT))).keys()].sort();
const expiry = async (Bucket: string) => {
  const { Rules = [] } = await s3.getBucketLifecycleConfiguration({ Bucket });
  return Rules.find(({ ID }) => ID === "retention")?.Expiration?.Days;
};
const body = async (Bucket: string, Key: string) => (await s3.getObject({ Bucket, Key })).Body?.transformToString();

const first = ["orders, versioning: true, on_delete: retain", "invoices, on_delete: retain", "scratch"];
const declare = (retention: number, more: string) => {
  const lines = first.map((each) => `      - {name: ${each}, description: d}`).join("\n");
  project.declare(platformFile(`${lines}\n${more}`).replace("retention_days: 90", `retention_days: ${retention}`));
};

test("a rollback that would delete a bucket with an object is refused before anything is changed, and the dry run says so", async () => {
  declare(30, "      - {name: ledger, description: d}");
  expect(bucketworks("up")).toMatchObject({ code: 0 });
  expect(await expiry("orders")).toBe(30);
  await s3.putObject({ Bucket: "ledger", Key: "page", Body: "1" });
  for (const how of ["--dry-run", "--yes-roll-back=1"]) {
    const { code, out } = bucketworks("rollback", "--to", "1", how);
    expect(out).toMatch(/bucket ledger would be deleted \(on_delete: delete_if_empty\) and holds 1 object, /);
    expect(out).toContain("### Look at these first");
    expect(out).toContain("nothing was changed");
    expect(code).toBe(1);
  }
  expect(await expiry("orders")).toBe(30);
  expect(await body("ledger", "page")).toBe("1");
  expect(updates()).toHaveLength(2);
});

test("a number that isn't consent, or that no update has, changes nothing", async () => {
  for (const [args, words] of [
    [["--to", "99"], /stack dev has no update 99, they are 1 to 2/],
    [["--to", "1", "--yes-roll-back", "2"], /--yes-roll-back names another update, 2/],
    [["--to", "one"], /must be the number of an update/],
  ] as const) {
    expect(bucketworks("rollback", ...args)).toMatchObject({ code: 2, out: expect.stringMatching(words) });
  }
  expect(bucketworks("history", "--stack", "nowhere")).toMatchObject({
    code: 2,
    out: expect.stringContaining("no stack"),
  });
  expect(updates()).toHaveLength(2);
});

test("up, another spec, up, rollback to the first: settings are the first's, objects are there, and the next up is the specs' again (U-003, U-092)", async () => {
  await s3.deleteObject({ Bucket: "ledger", Key: "page" });
  const { Versions = [], DeleteMarkers = [] } = await s3.listObjectVersions({ Bucket: "ledger" });
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers])
    await s3.deleteObject({ Bucket: "ledger", Key, VersionId });
  const unasked = bucketworks("rollback", "--to", "1");
  expect(unasked).toMatchObject({ code: 2, out: expect.stringContaining("standard input isn't a terminal") });
  expect(await expiry("orders")).toBe(30);

  const { code, out } = bucketworks("rollback", "--to", "1", "--yes-roll-back", "1");
  expect(out).toContain("`retentionDays`: `30` becomes `90`");
  expect(out).toContain(
    "an object deleted or overwritten since update 1 comes back from its versions or a backup alone",
  );
  expect(code).toBe(0);
  expect(await expiry("orders")).toBe(90);
  expect(await buckets()).toEqual(["invoices", "orders", "scratch"]);
  expect(await body("orders", "2026/november")).toBe("precious");

  const [last] = updates();
  const digests = new Map(updates().map(({ number, specDigest }) => [number, specDigest]));
  expect(last).toMatchObject({ result: "succeeded", message: "rollback to update 1", specDigest: digests.get(1) });
  expect(digests.get(2)).not.toBe(digests.get(1));
  expect(deeds()).toMatchObject([
    { action: "stack.rollback", object: "dev/update/1", outcome: "begun" },
    { outcome: "done" },
  ]);

  expect(bucketworks("rollback", "--to", "1", "--yes-roll-back", "1")).toMatchObject({
    code: 0,
    out: expect.stringContaining("stack dev is as update 1 left it; nothing to change"),
  });
  expect(bucketworks("up")).toMatchObject({ code: 0 });
  expect(await expiry("orders")).toBe(30);
});

test("updates of a backend in an S3 bucket are read as those of a folder", async () => {
  const folder = join(project.checkout.state, ".pulumi/history/bucketworks/dev");
  for (const name of readdirSync(folder)) {
    await s3.putObject({
      Bucket: "scratch",
      Key: `team/.pulumi/history/bucketworks/dev/${name}`,
      Body: readFileSync(join(folder, name)),
    });
  }
  const { accessKeyId, secretAccessKey } = await s3.config.credentials();
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const endpoint = `endpoint=http://127.0.0.1:${project.ports.BUCKETWORKS_PORT}&s3ForcePathStyle=true&region=us-east-1`;
  const listed = project.run({ ...env, PULUMI_BACKEND_URL: `s3://scratch/team?${endpoint}` }, "history", "--json");
  expect(listed).toMatchObject({ code: 0 });
  expect(JSON.parse(listed.out).updates).toEqual(updates());
  const wrong = project.run(
    { ...env, AWS_SECRET_ACCESS_KEY: "wrong", PULUMI_BACKEND_URL: `s3://scratch?${endpoint}` },
    "history",
  );
  expect(wrong).toMatchObject({
    code: 3,
    out: expect.stringContaining("the state's backend s3://scratch can't be read: "),
  });
});

test("killed in the middle, a second rollback ends it; nothing is lost", async () => {
  declare(30, manyBuckets(MANY, "more"));
  expect(bucketworks("up")).toMatchObject({ code: 0 });
  const before = updates().length;
  const command = join(project.checkout.root, "bin", "bucketworks");
  const env = { ...plainShell(), ...project.ports, ...OWN };
  const rollback = spawn(command, ["rollback", "--to", "1", "--yes-roll-back", "1"], {
    cwd: project.checkout.root,
    env,
  });
  const closed = once(rollback, "close");
  await eventually(async () => (await buckets()).filter((name) => name.startsWith("more")).length < MANY, 120_000);
  rollback.kill("SIGKILL");
  process.kill(engine(), "SIGKILL");
  await closed;
  expect(updates()).toHaveLength(before);
  const left = (await buckets()).length;
  expect(left).toBeGreaterThan(3);

  expect(bucketworks("rollback", "--to", "1", "--yes-roll-back", "1")).toMatchObject({ code: 0 });
  expect(await buckets()).toEqual(["invoices", "orders", "scratch"]);
  expect(await expiry("orders")).toBe(90);
  expect(await body("orders", "2026/november")).toBe("precious");
});

/** The names of a listing's leftovers, by kind. */
function leftovers(
  ...args: string[]
): { kind: string; bucket: string; count: number; bytes: number; stays: string | null }[] {
  const { code, out } = bucketworks("cleanup", "--json", ...args);
  expect({ code, out }).toMatchObject({ code: 0 });
  return JSON.parse(out).leftovers;
}

const UPLOADS = ["--delete", "uploads", "--yes-delete", "dev"];

test("cleanup lists an old upload and deletes nothing: not in a dry run, not with one key, and never a young one (U-054)", async () => {
  const { UploadId } = await s3.createMultipartUpload({ Bucket: "orders", Key: "half" });
  await s3.uploadPart({ Bucket: "orders", Key: "half", UploadId, PartNumber: 1, Body: "12345" });
  const uploads = async () => ((await s3.listMultipartUploads({ Bucket: "orders" })).Uploads ?? []).length;
  expect(leftovers()).toEqual([]);
  expect(bucketworks("cleanup", ...UPLOADS)).toMatchObject({
    code: 0,
    out: expect.stringContaining("nothing is left over"),
  });
  expect(await uploads()).toBe(1);

  expect(leftovers("--uploads-older-than", "1s")).toMatchObject([
    { kind: "uploads", bucket: "orders", count: 1, bytes: 5, stays: null },
  ]);
  for (const [args, words] of [
    [["--delete", "uploads"], /standard input isn't a terminal/],
    [["--yes-delete", "dev"], /--delete KINDS must say what goes/],
    [["--delete", "uploads", "--yes-delete", "production"], /names another stack, production/],
    [["--delete", "everything", "--yes-delete", "dev"], /"everything" is none of uploads, failed, released/],
  ] as const) {
    const { code, out } = bucketworks("cleanup", "--uploads-older-than", "1s", ...args);
    expect({ code, out }).toEqual({ code: 2, out: expect.stringMatching(words) });
  }
  expect(await uploads()).toBe(1);

  const { code, out } = bucketworks("cleanup", "--uploads-older-than", "1s", ...UPLOADS);
  expect(out).toContain("deleted: 1 upload (5 bytes)");
  expect(code).toBe(0);
  expect(await uploads()).toBe(0);
  expect(await body("orders", "2026/november")).toBe("precious");
  expect(deeds().slice(-2)).toMatchObject([
    { action: "cleanup.uploads", object: "dev/bucket/orders", outcome: "begun" },
    { outcome: "done" },
  ]);
});

test("an object that a rule of the spec has ended is the server's to remove, and gone from its lists at once; the rest stays", async () => {
  const rule = "lifecycle: [{id: drop-used, prefix: used/, expire_days: 30}]";
  project.declare(project.good.replace("name: scratch,", `name: scratch, ${rule},`));
  expect(bucketworks("up")).toMatchObject({ code: 0 });
  const days = (count: number) => new Date(Date.now() - count * 86_400_000);
  await putAsOf(days(40), "scratch", "used/old");
  await putAsOf(days(20), "scratch", "used/young");
  await putAsOf(days(40), "scratch", "kept/old");
  const listed = async () => ((await s3.listObjectsV2({ Bucket: "scratch" })).Contents ?? []).map(({ Key }) => Key);
  expect((await listed()).filter((key) => !key?.startsWith("team/"))).toEqual(["kept/old", "used/young"]);
  expect(leftovers()).toEqual([]);
});

/** Puts an object as one that was written then, as replication does. */
async function putAsOf(time: Date, Bucket: string, Key: string): Promise<void> {
  const command = new PutObjectCommand({ Bucket, Key, Body: "data" });
  command.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers["x-minio-source-mtime"] = time.toISOString();
      headers["x-minio-source-replication-request"] = "true";
      return next(args);
    },
    { step: "build" },
  );
  await s3.send(command);
}

test("of a killed creation the empty bucket goes and the one that holds an object stays", async () => {
  for (const Bucket of ["half-made", "half-used"]) await s3.createBucket({ Bucket });
  await s3.putObject({ Bucket: "half-used", Key: "early", Body: "x" });
  leaveKilledCreation(["half-made", "half-used", "never-made"]);
  const found = leftovers("--only", "failed");
  expect(found.map(({ bucket, stays }) => [bucket, stays === null])).toEqual([
    ["half-made", true],
    ["half-used", false],
  ]);
  const { code, out } = bucketworks("cleanup", "--delete", "failed", "--yes-delete", "dev");
  expect(out).toMatch(/stays: failed half-used: it holds 1 object, /);
  expect(code).toBe(1);
  expect(await buckets()).toEqual(expect.arrayContaining(["half-used"]));
  expect(await buckets()).not.toContain("half-made");
  expect(await body("half-used", "early")).toBe("x");
  await s3.deleteObject({ Bucket: "half-used", Key: "early" });
});

test("a bucket that left the stack goes when it is empty; with an object in it, it is only reported", async () => {
  expect(bucketworks("rollback", "--to", "1", "--yes-roll-back", "1")).toMatchObject({ code: 0 });
  project.declare(platformFile("      - {name: scratch, description: d}"));
  expect(bucketworks("up")).toMatchObject({ code: 0 });
  expect(leftovers("--only", "released")).toEqual([]);
  const listed = leftovers("--only", "released", "--released-before", "1s");
  expect(listed).toMatchObject([
    { bucket: "invoices", stays: null },
    { bucket: "orders", stays: expect.stringContaining("bucketworks purge orders") },
  ]);
  const { code } = bucketworks("cleanup", "--released-before", "1s", "--delete", "released", "--yes-delete", "dev");
  expect(code).toBe(1);
  expect(await buckets()).not.toContain("invoices");
  expect(await body("orders", "2026/november")).toBe("precious");
});

function deeds(): Record<string, unknown>[] {
  const lines = readFileSync(join(project.checkout.logs, "bucketworks.log"), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** What a run leaves that was killed while it made these buckets: their creation is pending, and the lock is a dead process's. */
function leaveKilledCreation(names: readonly string[]): void {
  const state = join(project.checkout.state, ".pulumi/stacks/bucketworks/dev.json");
  const text = JSON.parse(readFileSync(state, "utf8"));
  const { latest } = text.checkpoint;
  const scratch = latest.resources.find(({ id }: { id?: string }) => id === "scratch");
  latest.pending_operations = names.map((bucket) => {
    const { id: _, outputs: __, ...resource } = scratch;
    const urn = scratch.urn.replace("::scratch", `::${bucket}`);
    return { type: "creating", resource: { ...resource, urn, inputs: { ...resource.inputs, bucket } } };
  });
  writeFileSync(state, JSON.stringify(text));
  const locks = join(project.checkout.state, ".pulumi/locks/organization/bucketworks/dev");
  mkdirSync(locks, { recursive: true });
  const lock = { pid: 2 ** 22 + 1, username: "x", hostname: hostname(), timestamp: new Date() };
  writeFileSync(join(locks, "killed.json"), JSON.stringify(lock));
}

/** The process that holds the lock of the stack. */
function engine(): number {
  const locks = join(project.checkout.state, ".pulumi/locks/organization/bucketworks/dev");
  const [name = ""] = existsSync(locks) ? readdirSync(locks) : [];
  return JSON.parse(readFileSync(join(locks, name), "utf8")).pid;
}
