import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bootstrap, fakeCheckout } from "./checkout.ts";

it("the linter of workflows is made when it is asked for, once, and stays where it was made", () => {
  const checkout = fakeCheckout();
  const linter = join(checkout.root, ".bucketworks/toolchain/bin/actionlint");
  expect(bootstrap(checkout)).toMatchObject({ code: 0 });
  expect(existsSync(linter)).toBe(false);
  expect(checkout.notes()).not.toContain("build actionlint");

  expect(bootstrap(checkout, {}, ["--lint"])).toMatchObject({ code: 0 });
  expect(bootstrap(checkout, {}, ["--lint"]).stderr).toBe("");
  expect(checkout.notes().filter((note) => note === "build actionlint")).toHaveLength(1);
  expect(bootstrap(checkout)).toMatchObject({ code: 0 });
  expect(readdirSync(join(checkout.root, ".bucketworks/toolchain/bin"))).toContain("actionlint");
});

it("a linter of another version than the pinned one is refused", () => {
  const checkout = fakeCheckout();
  const { code, stderr } = bootstrap(checkout, { FAKE_LINTER_VERSION: "v1.0.0" }, ["--lint"]);
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("reports v1.0.0, not v1.7.12") });
});
