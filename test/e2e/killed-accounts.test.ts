import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { killedAt } from "../support/killed-at.ts";
import { ACCESS, peopleSpec, UPDATE } from "../support/people.ts";
import { stateOf } from "../support/state.ts";

const WITHOUT_ACCOUNTS = ACCESS.replace(/ {2}service_accounts:[\s\S]*/, "");
const ADD = /^PUT \/minio\/admin\/v\d\/add-service-account/;
const ROTATE = ["bin/bucketworks", "key", "rotate", "cleaning-job", "--yes-rotate", "cleaning-job"] as const;

let checkout: TestCheckout;
/** Between all commands and the server. */
let proxy: CuttingProxy;

beforeAll(async () => {
  checkout = await TestCheckout.make({ people: peopleSpec(WITHOUT_ACCOUNTS) });
  proxy = await CuttingProxy.before(checkout.server.url);
  writeFileSync(join(checkout.root, ".bucketworks/minio/endpoint"), proxy.endpoint);
  await checkout.must("pulumi", ...UPDATE);
});
afterAll(async () => {
  proxy?.stop();
  await checkout?.remove();
});

/** Access keys of `cleaning`, as the server has them. */
async function accounts(): Promise<string[]> {
  const listed = await checkout.must("mc", "admin", "user", "svcacct", "ls", "dev", "cleaning", "--json");
  return [...listed.matchAll(/"accessKey":"([^"]+)"/g)].map(([, key = ""]) => key);
}

/** The access key that the state has. */
async function known(): Promise<string | undefined> {
  return (await stateOf(checkout)).find(({ type }) => type.endsWith("IamServiceAccount"))?.id;
}

test("kill -9 while a service account is made leaves one that verify names, and recover ends it: its secret is nobody's", async () => {
  checkout.writePlatforms({ people: peopleSpec() });
  await killedAt(checkout, proxy, ADD, "pulumi", ...UPDATE);
  const [left = "none", ...more] = await accounts();
  expect(more).toEqual([]);

  const named = await checkout.run("bin/bucketworks", "verify");
  expect(named.code).toBe(1);
  expect(named.stdout).toMatch(new RegExp(`${left}: acts for cleaning and isn't .*svcacct rm ALIAS ${left}`));

  const recovered = await checkout.must("bin/bucketworks", "recover");
  expect(recovered).toMatch(new RegExp(`1 service account made by the killed run.*removed: ${left}`));
  expect(await accounts()).toEqual([]);

  await checkout.must("pulumi", ...UPDATE);
  expect(await accounts()).toEqual([await known()]);
  await checkout.must("bin/bucketworks", "verify");
});

test("kill -9 while a user is made leaves one without rights, and recover removes it; one that has got rights since stays and is named", async () => {
  const more = ACCESS.replace("  users:\n", "  users:\n    grace: {policies: [reader]}\n");
  checkout.writePlatforms({ people: peopleSpec(more) });
  await killedAt(checkout, proxy, /^PUT \/minio\/admin\/v\d\/add-user/, "pulumi", ...UPDATE);
  expect(await checkout.must("mc", "admin", "user", "ls", "dev")).toMatch(/grace/);

  await checkout.must("mc", "admin", "policy", "attach", "dev", "readwrite", "--user", "grace");
  const kept = await checkout.run("bin/bucketworks", "recover");
  expect(kept).toMatchObject({ code: 1, stderr: expect.stringMatching(/1 user \(grace\) .* left alone: with rights/) });
  expect(await checkout.must("mc", "admin", "user", "ls", "dev")).toMatch(/grace/);
  await checkout.must("mc", "admin", "user", "rm", "dev", "grace");

  await killedAt(checkout, proxy, /^PUT \/minio\/admin\/v\d\/add-user/, "pulumi", ...UPDATE);
  expect(await checkout.must("bin/bucketworks", "recover")).toMatch(
    /1 user half-made by the killed run, removed.*: grace/,
  );
  await checkout.must("pulumi", ...UPDATE);
  await checkout.must("bin/bucketworks", "verify");
});

test("a rotation of a key that is killed half-way: the next one settles it, the account has one working key and no other", async () => {
  const before = await known();
  await killedAt(checkout, proxy, ADD, ...ROTATE);
  expect(await accounts()).toHaveLength(2);
  await checkout.must(...ROTATE);
  const [now, ...more] = await accounts();
  expect(more).toEqual([]);
  expect(now).not.toBe(before);
  expect(now).toBe(await known());
  await checkout.must("bin/bucketworks", "verify");
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("a rotation of a user's secret that is killed before its answer arrives: the next one ends it, the secret in the stack works", async () => {
  const rotate = ["bin/bucketworks", "key", "rotate", "cleaning", "--yes-rotate", "cleaning"] as const;
  const add = /^PUT \/minio\/admin\/v\d\/add-user/;
  await killedAt(checkout, proxy, add, ...rotate);
  await checkout.must(...rotate);
  await checkout.must("bin/bucketworks", "verify");
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});
