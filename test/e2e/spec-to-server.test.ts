import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { platformFile } from "../support/specs.ts";
import { bucketsIn, dumpOf, stateOf } from "../support/state.ts";

const HEAD = "metadata: {version: v1, description: d}";
const ONE = "      - {name: one, description: d}";

let checkout: TestCheckout;

beforeAll(async () => {
  checkout = await TestCheckout.make({ base: platformFile(ONE) });
  await up();
});

afterAll(() => checkout.remove());

const up = () => checkout.must("pulumi", "up", "--yes", "--skip-preview");
const onServer = async () => Object.keys(await dumpOf(checkout.server)).sort();
const inState = async () => bucketsIn(await stateOf(checkout));

test("a file with three buckets is all it takes, and each bucket taken out goes as its on_delete says", async () => {
  const added = (on: string) => `${HEAD}
bucket_groups:
  g:
    description: d
    on_delete: ${on}
    buckets:
      - {name: stays, description: d, on_delete: retain}
      - {name: goes, description: d}
      - {name: goes-too, description: d, on_delete: purge}
`;
  checkout.writePlatforms({ base: platformFile(ONE), added: added("delete_if_empty") });
  await up();
  expect(await onServer()).toEqual(["goes", "goes-too", "one", "stays"]);

  checkout.writePlatforms({ base: platformFile(ONE) });
  expect(await up()).toMatch(/bucket stays stays on the server \(on_delete: retain\)/);
  expect(await onServer()).toEqual(["one", "stays"]);
  expect(await inState()).toEqual(["one"]);
});

test("what counts is the on_delete of the last update, not the one written with the removal", async () => {
  const file = (on: string) => platformFile(ONE).replace("on_delete: delete_if_empty", `on_delete: ${on}`);
  const other = (on: string) => file(on).replace("name: one", "name: judged");
  checkout.writePlatforms({ base: platformFile(ONE), other: other("retain") });
  await up();
  checkout.writePlatforms({ base: platformFile(ONE), other: other("purge").replace("name: judged", "name: new") });
  await up();
  expect(await onServer()).toContain("judged");
});

test("moving a bucket to another group or file of the spec changes nothing", async () => {
  const two = "      - {name: two, description: d}";
  const three = "      - {name: three, description: d}";
  checkout.writePlatforms({ base: platformFile(`${ONE}\n${two}`), other: platformFile(three) });
  await up();
  checkout.writePlatforms({
    base: platformFile(ONE).replace("  all:", "  renamed_group:"),
    other: platformFile(`${three}\n${two}`),
  });
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
  await up();
  expect(await inState()).toEqual(["one", "three", "two"]);
});

test("pulumi import brings a bucket that exists into the state with all its settings", async () => {
  await checkout.must("mc", "mb", "dev/imported");
  await checkout.must("mc", "version", "enable", "dev/imported");
  await checkout.must("mc", "tag", "set", "dev/imported", "owner=somebody");
  await checkout.must("mc", "quota", "set", "dev/imported", "--size", "3GiB");
  const before = await dumpOf(checkout.server);
  await checkout.must(
    "pulumi",
    "import",
    "--yes",
    "--protect=false",
    "bucketworks:index:Bucket",
    "imported",
    "imported",
  );
  const resource = (await stateOf(checkout)).find(({ id }) => id === "imported");
  expect(resource?.inputs).toMatchObject({ versioning: true, tags: { owner: "somebody" }, quota: 3 * 2 ** 30 });
  expect(await dumpOf(checkout.server)).toEqual(before);
});
