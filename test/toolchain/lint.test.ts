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

it("the checker of alerts is made when it is asked for, once, from the release that its module is", () => {
  const checkout = fakeCheckout();
  const checker = join(checkout.root, ".bucketworks/toolchain/promtool/promtool");
  expect(bootstrap(checkout)).toMatchObject({ code: 0 });
  expect(existsSync(checker)).toBe(false);
  for (const _ of ["made", "there"]) expect(bootstrap(checkout, {}, ["--rule-checker"])).toMatchObject({ code: 0 });
  expect(existsSync(checker)).toBe(true);
  expect(checkout.notes().filter((note) => note === "build promtool")).toHaveLength(1);

  const other = bootstrap(fakeCheckout(), { FAKE_CHECKER_VERSION: "3.0.0" }, ["--rule-checker"]);
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("reports 3.0.0, not 3.13.5") });
});

it("the reader of compose.yaml is made when it is asked for, once, and another version of its library is refused", () => {
  const checkout = fakeCheckout();
  for (const _ of ["made", "there"]) expect(bootstrap(checkout, {}, ["--compose-config"])).toMatchObject({ code: 0 });
  expect(existsSync(join(checkout.root, ".bucketworks/toolchain/compose-config/compose-config"))).toBe(true);
  expect(checkout.notes().filter((note) => note === "build compose-config")).toHaveLength(1);

  const other = bootstrap(fakeCheckout(), { FAKE_COMPOSE_VERSION: "v2.0.0" }, ["--compose-config"]);
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("v2.0.0, not v2.16.2") });
});

it("what deploys on a server that is there comes without a server", () => {
  const checkout = fakeCheckout();
  expect(bootstrap(checkout, {}, ["--engine"])).toMatchObject({ code: 0 });
  const bin = join(checkout.root, ".bucketworks/toolchain/bin");
  expect(readdirSync(bin).sort()).toEqual(["bucketworks", "mc", "node", "pulumi"]);
  expect(checkout.notes()).not.toContain("build minio");
  expect(existsSync(join(checkout.root, ".bucketworks/state"))).toBe(true);
});
