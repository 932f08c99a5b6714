import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { platformFile } from "../support/specs.ts";
import { bucketsIn, dumpOf, stateOf } from "../support/state.ts";

const SPEC = `${platformFile("      - {name: raw-data, description: d}")}access:
  policies:
    cleaner: {grants: [{role: write, bucket: raw-data}]}
  users:
    cleaning: {policies: [cleaner]}
`;
const UP = ["up", "--yes", "--skip-preview"];

let checkout: TestCheckout;

beforeAll(async () => {
  checkout = await TestCheckout.make({ shop: SPEC });
  await checkout.must("pulumi", ...UP);
  await checkout.must("pulumi", "stack", "init", "second", "--no-select");
  await checkout.must("pulumi", "config", "set", "--stack", "second", "bucketworks:stage", "dev");
});

afterAll(() => checkout.remove());

test("a second stack on the same server is refused what the first has there, and the first is untouched", async () => {
  const before = { server: await dumpOf(checkout.server), state: bucketsIn(await stateOf(checkout)) };
  const { code, stdout } = await checkout.run("pulumi", ...UP, "--stack", "second");
  expect(code).not.toBe(0);
  expect(stdout).toMatch(/bucket raw-data exists already on http\S+ and isn't in this stack/);
  expect({ server: await dumpOf(checkout.server), state: bucketsIn(await stateOf(checkout)) }).toEqual(before);
});

test("removing the refused stack takes nothing from the first", async () => {
  await checkout.run("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "second");
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
  await checkout.must("bin/bucketworks", "verify");
});
