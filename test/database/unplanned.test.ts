import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { DatabasePlan } from "../../builders/postgres/database-plan.ts";
import { leftOverLines, migrationLines } from "../../cli/migrate.ts";
import { DESK, PLAN, planOf, Shop } from "./shop.ts";

let shop: Shop;

beforeAll(async () => {
  shop = await Shop.start();
});
afterAll(() => shop?.stop());
beforeEach(() => shop.fill());
afterEach(() => shop.clear());

test("the last platform taken out locks its roles out and keeps its rows; put back, they log in again", async () => {
  const none: DatabasePlan = { schemaVersion: 1, databases: [] };
  await shop.run();
  const report = await shop.run(none);
  expect(report).toMatchObject({ lockedOut: ["shop_reader"], leftOver: [{ name: "shop_db" }] });
  await expect(shop.postgres.as("shop_reader", "shop_db")).rejects.toThrow(
    /password authentication failed|not permitted/,
  );
  expect(migrationLines(report)).toEqual([expect.stringMatching(/^role shop_reader is in no spec: locked out/)]);
  expect(await shop.run(none)).toMatchObject({ lockedOut: [] });
  expect(await shop.run()).toMatchObject({ passwords: ["shop_reader"], leftOver: [] });
  await (await shop.postgres.as("shop_reader", "shop_db")).end();
});

test("two plans on one server leave each other's roles alone, and name them with the command that locks them out", async () => {
  const other: DatabasePlan = { schemaVersion: 1, databases: [{ name: "store_db", platforms: [DESK] }] };
  // A fork of the shop knows a role less.
  const fork = planOf("shop_reader");
  const superuser = await shop.postgres.superuser();
  try {
    await shop.run(planOf("shop_reader", "shop_writer"), false);
    const report = await shop.run(other, false);
    expect(report).toMatchObject({ lockedOut: [], leftOverRoles: ["shop_reader", "shop_writer"] });
    expect((await shop.run(fork, false)).databases[0]?.platforms[0]).toMatchObject({
      lockedOut: [],
      leftOver: ["shop_writer"],
    });
    for (const role of ["shop_reader", "shop_writer"]) await (await shop.postgres.as(role, "shop_db")).end();
    const lines = leftOverLines(report);
    expect(lines[2]).toMatch(/^database shop_db .* Another plan on this server may have it: look there first\./);
    const [, lockOut = ""] = /: (ALTER ROLE .*)$/.exec(lines[1] ?? "") ?? [];
    const owner = await shop.postgres.owner();
    await owner.query(lockOut);
    await owner.end();
    await expect(shop.postgres.as("shop_writer", "shop_db")).rejects.toThrow(
      /password authentication failed|not permitted/,
    );
    await (await shop.postgres.as("shop_reader", "shop_db")).end();
  } finally {
    await superuser.query("DROP DATABASE IF EXISTS store_db WITH (FORCE)");
    await superuser.query("DROP ROLE IF EXISTS desk_reader");
    await superuser.end();
  }
});

test("a role that migrations didn't make keeps its login, whatever the plan", async () => {
  const superuser = await shop.postgres.superuser();
  await superuser.query(
    "CREATE ROLE somebody LOGIN; COMMENT ON ROLE somebody IS 'of the bucketworks platform shop: x'",
  );
  await shop.run({ schemaVersion: 1, databases: [] });
  const { rows } = await superuser.query("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'somebody'");
  await superuser.query("DROP ROLE somebody");
  await superuser.end();
  expect(rows).toEqual([{ rolcanlogin: true }]);
});

test("a renamed database leaves no row behind in silence, and the way that is named brings them along", async () => {
  await shop.run();
  const [database] = PLAN.databases;
  const renamed: DatabasePlan = {
    schemaVersion: 1,
    databases: [{ name: "store_db", platforms: database?.platforms ?? [] }],
  };
  const superuser = await shop.postgres.superuser();
  try {
    const [line = ""] = leftOverLines(await shop.run(renamed));
    expect(line).toMatch(/^database shop_db \(\d+\.\d MiB\) is in no spec any more and stays with all its rows\. /);
    const [, rename = ""] = /then (ALTER DATABASE .*), and run/.exec(line) ?? [];
    await superuser.query("DROP DATABASE store_db");
    await superuser.query(rename.replace("NEW", "store_db"));
    expect(await shop.run(renamed)).toMatchObject({
      leftOver: [],
      databases: [{ made: false, platforms: [{ applied: [] }] }],
    });
    const client = await shop.postgres.superuser("store_db");
    const { rows } = await client.query("SELECT id FROM orders");
    await client.end();
    expect(rows).toEqual([{ id: 1 }]);
  } finally {
    await superuser.query("DROP DATABASE IF EXISTS store_db WITH (FORCE)");
    await superuser.end();
  }
});
