import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { PutObjectCommand, type S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LocalProject } from "../support/local-project.ts";
import { platformFile } from "../support/specs.ts";

let project: LocalProject;
let s3: S3;
const bucketworks = (...args: string[]) => project.own(...args);

beforeAll(async () => {
  project = await LocalProject.make();
  expect(bucketworks("up")).toMatchObject({ code: 0 });
  s3 = project.s3();
  await s3.putObject({ Bucket: "orders", Key: "2026/november", Body: "precious" });
});

afterAll(async () => {
  s3?.destroy();
  await project?.remove();
});

const body = async (Bucket: string, Key: string) => (await s3.getObject({ Bucket, Key })).Body?.transformToString();

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
  expect(project.deeds().slice(-2)).toMatchObject([
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
  expect(await listed()).toEqual(["kept/old", "used/young"]);
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
  expect(await project.buckets()).toEqual(expect.arrayContaining(["half-used"]));
  expect(await project.buckets()).not.toContain("half-made");
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
  expect(await project.buckets()).not.toContain("invoices");
  expect(await body("orders", "2026/november")).toBe("precious");
});

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
