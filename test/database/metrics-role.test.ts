import { afterAll, beforeAll, expect, test } from "vitest";
import { METRICS_ROLE } from "../../config/values/database-names.ts";
import { Shop } from "./shop.ts";

let shop: Shop;

beforeAll(async () => {
  shop = await Shop.start();
  shop.fill();
  await shop.run();
});

afterAll(async () => {
  await shop?.clear();
  await shop?.stop();
});

const codeOf = async (statement: Promise<unknown>): Promise<string> =>
  statement.then(
    () => "ok",
    (error: { code?: string }) => String(error.code),
  );

test("the role that reads metrics sees what others do, their databases' sizes and the server's limits", async () => {
  const client = await shop.postgres.as(METRICS_ROLE, "postgres");
  const owner = await shop.postgres.owner("shop_db");
  await owner.query("SELECT 'seen by whom'");
  const { rows } = await client.query<{ query: string }>(
    "SELECT query FROM pg_stat_activity WHERE datname = 'shop_db'",
  );
  expect(rows.map(({ query }) => query)).toContain("SELECT 'seen by whom'");
  for (const each of [
    "SELECT pg_database_size('shop_db')",
    "SELECT setting FROM pg_settings WHERE name = 'data_directory'",
  ])
    expect((await client.query(each)).rows).toHaveLength(1);
  await owner.end();
  await client.end();
});

test("it comes into no database of a platform, makes nothing, and the owner can't give its rights away", async () => {
  expect(await codeOf(shop.postgres.as(METRICS_ROLE, "shop_db"))).toBe("28000");
  const client = await shop.postgres.as(METRICS_ROLE, "postgres");
  for (const each of ["CREATE TABLE t (i int)", "CREATE DATABASE d", "CREATE ROLE r", "ALTER SYSTEM SET port = 1"])
    expect(await codeOf(client.query(each)), each).toBe("42501");
  const { rows } = await client.query<{ name: string }>(
    "SELECT role.rolname AS name FROM pg_auth_members JOIN pg_roles role ON role.oid = roleid WHERE member = current_user::regrole",
  );
  expect(rows.map(({ name }) => name)).toEqual(["pg_monitor"]);
  await client.end();
  const owner = await shop.postgres.owner();
  expect(await codeOf(owner.query("GRANT pg_monitor TO bucketworks_owner"))).toBe("42501");
  await owner.end();
});

test("its password is another one after the key of the stack was", async () => {
  const before = shop.postgres.key;
  await shop.postgres.rotate();
  expect(shop.postgres.key).not.toBe(before);
  const client = await shop.postgres.as(METRICS_ROLE, "postgres");
  await client.end();
  expect(await codeOf(shop.postgres.as(METRICS_ROLE, "postgres", "of before"))).toBe("28P01");
});
