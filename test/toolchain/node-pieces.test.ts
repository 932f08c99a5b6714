import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bootstrap, fakeCheckout } from "./checkout.ts";

it("nothing of a Kubernetes node is made until it is asked for", () => {
  const checkout = fakeCheckout();
  expect(bootstrap(checkout)).toMatchObject({ code: 0 });
  expect(checkout.notes().filter((note) => /kube|coredns/.test(note))).toEqual([]);
  expect(existsSync(join(checkout.root, ".bucketworks/toolchain/kubernetes"))).toBe(false);
});

it("a machine without apt is told in one sentence what a node's packages need, before anything is compiled", () => {
  const checkout = fakeCheckout();
  const { code, stderr } = bootstrap(checkout, {}, ["--kubernetes"]);
  expect(code).toBe(1);
  expect(stderr.trim().split("\n").at(-1)).toBe(
    "toolchain: Debian's packages are needed, and there is no apt-get on PATH; use a Debian or Ubuntu machine",
  );
  expect(checkout.notes()).toEqual([]);
});
