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
