import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestCheckout } from "../support/checkout.ts";
import { checkoutOf, importState, OLD_STATES, rebuild } from "../support/old-state.ts";

describe.each(readdirSync(OLD_STATES))("the state that version %s left", (version) => {
  let checkout: TestCheckout;

  beforeAll(async () => {
    checkout = await checkoutOf(version);
    await importState(checkout, version);
    await rebuild(checkout);
  });

  afterAll(() => checkout.remove());

  test("asks for no change by today's code", async () => {
    await checkout.must("pulumi", "preview", "--expect-no-changes");
  });

  test("is what today's code reads back from the server", async () => {
    await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
    await checkout.must("bin/bucketworks", "verify", "--no-identities");
  });

  test("is kept without a secret in clear and without a path of a machine", () => {
    const text = readFileSync(join(OLD_STATES, version, "state.json"), "utf8");
    expect(text).not.toMatch(/"plaintext"|password-of-old-states|root-of-old-states/);
    expect(text).not.toMatch(/\/(home|root|tmp|Users|work)\//);
  });
});
