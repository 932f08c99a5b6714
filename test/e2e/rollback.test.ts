import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/local-checkout.ts";
import { LocalProject } from "../support/local-project.ts";
import { plainShell } from "../support/project-copy.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";

/** So many that a run which removes them can be killed between two. */
const MANY = 80;
/** The checkout's own backend and server: what a shell has that has sourced nothing. */
const OWN = { MINIO_ENDPOINT: undefined, PULUMI_BACKEND_URL: undefined };

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

interface Entry {
  readonly number: number;
  readonly id: string;
  readonly result: string;
  readonly message: string;
  readonly specDigest: string | null;
}

function updates(): Entry[] {
  const { code, out } = bucketworks("history", "--json");
  expect({ code, out }).toMatchObject({ code: 0 });
  return JSON.parse(out).updates;
}

const buckets = () => project.buckets();
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
    [["--to", "one"], /must be the number or the id of an update/],
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
  const { id } = updates().at(-1) as Entry;
  expect(last).toMatchObject({ result: "succeeded", message: `rollback to update ${id}`, specDigest: digests.get(1) });
  expect(digests.get(2)).not.toBe(digests.get(1));
  expect(project.deeds()).toMatchObject([
    { action: "stack.rollback", object: `dev/update/${id}`, outcome: "begun" },
    { outcome: "done" },
  ]);

  expect(bucketworks("rollback", "--to", id, "--yes-roll-back", id)).toMatchObject({
    code: 0,
    out: expect.stringContaining(`stack dev is as update ${id} left it; nothing to change`),
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

/** The process that holds the lock of the stack. */
function engine(): number {
  const locks = join(project.checkout.state, ".pulumi/locks/organization/bucketworks/dev");
  const [name = ""] = existsSync(locks) ? readdirSync(locks) : [];
  return JSON.parse(readFileSync(join(locks, name), "utf8")).pid;
}
