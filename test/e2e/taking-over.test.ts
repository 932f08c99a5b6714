import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Outcome, TestCheckout } from "../support/checkout.ts";
import { platformFile } from "../support/specs.ts";
import { bucketsIn, dumpOf, rootClient, stateOf } from "../support/state.ts";

const OWN = platformFile("      - {name: own, description: d}");
const UP = ["up", "--yes", "--skip-preview"];

let checkout: TestCheckout;

beforeAll(async () => {
  checkout = await TestCheckout.make({ base: OWN });
  await checkout.must("pulumi", ...UP);
});

afterAll(() => checkout.remove());

async function put(bucket: string): Promise<void> {
  const client = rootClient(checkout.server);
  await client.putObject({ Bucket: bucket, Key: "precious", Body: "data" });
  client.destroy();
}

function declare(buckets: string): void {
  checkout.writePlatforms({ base: OWN, more: platformFile(buckets) });
}

interface Held {
  readonly settings: object;
  readonly objects: readonly string[];
}

const held = async () => (await dumpOf(checkout.server)) as Record<string, Held>;
const known = async () => bucketsIn(await stateOf(checkout));

test("a bucket that isn't ours is left as it is without adopt; with it, its settings change and its objects don't", async () => {
  await checkout.must("mc", "mb", "dev/foreign");
  await checkout.must("mc", "tag", "set", "dev/foreign", "owner=somebody");
  await put("foreign");
  const before = await held();
  declare("      - {name: foreign, description: d, tags: {owner: us}}");
  const { code, stdout } = await checkout.run("pulumi", ...UP);
  expect(code).not.toBe(0);
  expect(stdout).toMatch(/bucket foreign exists already on http:\S+ and isn't in this stack; .* set adopt: true/);
  expect(await held()).toEqual(before);
  expect(await known()).toEqual(["own"]);

  declare("      - {name: foreign, description: d, tags: {owner: us}, adopt: true}");
  await checkout.must("pulumi", ...UP);
  const after = await held();
  expect(after.foreign).toMatchObject({ settings: { versioning: true, tags: { owner: "us" }, quota: 2 ** 30 } });
  expect(after.foreign?.objects).toEqual(before.foreign?.objects);
  expect(await known()).toEqual(["foreign", "own"]);
});

test("an adopted bucket with objects that is taken out again is refused like any other", async () => {
  const before = await held();
  checkout.writePlatforms({ base: OWN });
  const { code, stdout } = await checkout.run("pulumi", ...UP);
  expect(code).not.toBe(0);
  expect(stdout).toMatch(/bucket foreign isn't empty: 1 object versions/);
  expect(await held()).toEqual(before);
  declare("      - {name: foreign, description: d, tags: {owner: us}}");
  await checkout.must("pulumi", "preview", "--expect-no-changes");
});

test("object lock can't be added by adoption: it says new bucket and copy, and leaves the bucket to its owner", async () => {
  await checkout.must("mc", "mb", "dev/unlocked");
  const before = await held();
  const lock = "object_lock: {mode: governance, days: 1}";
  const foreign = "      - {name: foreign, description: d, tags: {owner: us}}\n";
  declare(`${foreign}      - {name: unlocked, description: d, adopt: true, ${lock}}`);
  const { code, stdout } = await checkout.run("pulumi", ...UP);
  expect(code).not.toBe(0);
  expect(stdout).toMatch(
    /bucket unlocked exists without object lock, which can't be added later; declare a new bucket/,
  );
  expect(await held()).toEqual(before);
  expect(await known()).not.toContain("unlocked");
  declare(foreign);
  await checkout.must("pulumi", ...UP);
  expect(await held()).toEqual(before);
});

test("a platform file that is removed loses no object: each bucket goes as its on_delete says, other files' stay", async () => {
  declare(`      - {name: foreign, description: d, tags: {owner: us}, on_delete: retain}
      - {name: kept, description: d, on_delete: retain}
      - {name: empty, description: d}
      - {name: full, description: d}`);
  await checkout.must("pulumi", ...UP);
  for (const bucket of ["kept", "full"]) await put(bucket);
  const before = await held();
  const removal = await removeFile();
  expect(removal.code).not.toBe(0);
  expect(removal.stdout).toMatch(/bucket full isn't empty: 1 object versions/);
  const { empty: _, ...others } = before;
  expect(await held()).toEqual(others);
  expect(await known()).toEqual(["full", "own"]);

  const client = rootClient(checkout.server);
  await client.deleteObject({ Bucket: "full", Key: "precious", VersionId: before.full?.objects[0]?.split("@")[1] });
  client.destroy();
  expect((await removeFile()).code).toBe(0);
  expect(Object.keys(await held()).sort()).toEqual(["foreign", "kept", "own", "unlocked"]);
  expect((await held()).kept).toEqual(before.kept);
});

function removeFile(): Promise<Outcome> {
  checkout.writePlatforms({ base: OWN });
  return checkout.run("pulumi", ...UP, "--continue-on-error");
}

const REPLACED = `      - {name: foreign, description: d, adopt: true, on_delete: retain}
      - {name: hollow, description: d, adopt: true}
      - {name: plain, description: d}`;

test("a replacement of a bucket is refused no matter who asks for it, empty or full, and nothing has changed", async () => {
  declare(REPLACED);
  await checkout.must("pulumi", ...UP);
  await put("plain");
  const before = await held();
  const state = await stateOf(checkout);
  const urnOf = (bucket: string) => state.find(({ id }) => id === bucket)?.urn ?? "";
  const refused = async (bucket: string, ...flags: string[]): Promise<void> => {
    const { code, stdout } = await checkout.run("pulumi", ...UP, ...flags);
    expect(code, bucket).not.toBe(0);
    expect(stdout).toContain(`bucket ${bucket} is declared, so it is not deleted`);
    expect(await held()).toEqual(before);
    expect(await stateOf(checkout)).toEqual(state);
  };
  for (const bucket of ["hollow", "foreign", "plain"]) await refused(bucket, "--replace", urnOf(bucket));
  await refused("hollow", "--target-replace", urnOf("hollow"));
  await checkout.must("pulumi", "state", "taint", "--yes", urnOf("hollow"));
  await refused("hollow");
  await checkout.must("pulumi", "state", "untaint", "--yes", urnOf("hollow"));
  await checkout.must("pulumi", "preview", "--expect-no-changes");
});

test("a pending deletion that an earlier version left deletes no bucket, and recover takes it out of the state", async () => {
  const before = await held();
  const state = await stateOf(checkout);
  const file = join(checkout.root, ".bucketworks", "pending.json");
  const exported = JSON.parse(await checkout.must("pulumi", "stack", "export"));
  const hollow = exported.deployment.resources.find(({ id }: { id?: string }) => id === "hollow");
  exported.deployment.resources.push({ ...hollow, delete: true });
  writeFileSync(file, JSON.stringify(exported));
  await checkout.must("pulumi", "stack", "import", "--file", file);
  const { code, stdout } = await checkout.run("pulumi", ...UP);
  expect(code).not.toBe(0);
  expect(stdout).toMatch(/bucket hollow is declared, so it is not deleted.*pending delete: bucketworks recover/);
  expect(await held()).toEqual(before);
  expect(await checkout.must("bin/bucketworks", "recover")).toBe(
    "1 bucket in the state without a pending deletion now: hollow\n",
  );
  expect(await stateOf(checkout)).toEqual(state);
  await checkout.must("pulumi", ...UP, "--expect-no-changes");
  expect(await held()).toEqual(before);
});

test("an upload in progress is content: the bucket stays with it, purge shows it and ends it with both keys", async () => {
  const PARTS = `${REPLACED}\n      - {name: parts, description: d, on_delete: purge}`;
  declare(PARTS);
  await checkout.must("pulumi", ...UP);
  const client = rootClient(checkout.server);
  const part = { Bucket: "parts", Key: "deep/big.bin" };
  const { UploadId = "" } = await client.createMultipartUpload(part);
  const { ETag } = await client.uploadPart({ ...part, UploadId, PartNumber: 1, Body: "half of it" });
  const parts = async () => (await client.listParts({ ...part, UploadId })).Parts?.map((each) => each.ETag);
  declare(REPLACED);
  const { code, stdout } = await checkout.run("pulumi", ...UP);
  expect(code).not.toBe(0);
  expect(stdout).toContain("0 object versions and 0 delete markers and 1 uploads in progress; nothing was deleted");
  expect(await parts()).toEqual([ETag]);

  declare(PARTS);
  const purge = () => checkout.run("bin/bucketworks", "purge", "parts", "--yes-delete", "parts");
  expect((await purge()).stderr).toMatch(/doesn't name parts in bucketworks:allowPurge/);
  expect(await parts()).toEqual([ETag]);
  await checkout.must("pulumi", "config", "set", "--path", "bucketworks:allowPurge[0]", "parts");
  const done = await purge();
  expect(done.stderr).toMatch(/bucket parts on http:\S+ .*, 0 bytes, 1 upload in progress\n/);
  expect(done).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("and 1 upload in progress ended; it is empty"),
  });
  await expect(parts()).rejects.toThrow(/upload does not exist/i);
  client.destroy();
  declare(REPLACED);
  await checkout.must("pulumi", ...UP);
  expect(Object.keys(await held())).not.toContain("parts");
});
