import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DatabasePlan } from "../../builders/postgres/database-plan.ts";
import { type MigrateReport, migrate } from "../../database/migrate.ts";
import { PLAN_FILE, readPlan } from "../../database/plan-file.ts";
import { TestPostgres } from "../support/postgres.ts";
import { planOf } from "./shop.ts";

/** A program that makes its tables itself, in a database of its own beside the shop's. */
const TRACKER = { name: "shop_tracker", description: "keeps runs", makesTables: true } as const;
const PLAN: DatabasePlan = {
  schemaVersion: 1,
  databases: [
    ...planOf("shop_reader").databases,
    { name: "shop_tracker", platforms: [{ name: "shop-tracker", roles: [TRACKER] }] },
  ],
};

let postgres: TestPostgres;
const folder = mkdtempSync(join(tmpdir(), "bucketworks-no-migrations-"));

beforeAll(async () => {
  postgres = await TestPostgres.start(PLAN);
  await run();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await postgres?.stop();
});

function run(plan = PLAN): Promise<MigrateReport> {
  return migrate({ server: postgres.server, plan, folder, key: postgres.key, wait: 0, ownServer: true });
}

/** What the server answers to a statement: "ok", or its error code. */
async function answer(role: string, database: string, statement: string): Promise<string> {
  const client = await postgres.as(role, database);
  try {
    return await client.query(statement).then(
      () => "ok",
      (error: { code?: string }) => String(error.code),
    );
  } finally {
    await client.end();
  }
}

test("a program that migrates itself makes tables in its own database, changes and drops them", async () => {
  for (const statement of [
    "CREATE TABLE runs (id int PRIMARY KEY)",
    "INSERT INTO runs VALUES (1)",
    "ALTER TABLE runs ADD COLUMN name text",
    "CREATE TABLE left_over (id int)",
    "DROP TABLE left_over",
  ]) {
    expect([statement, await answer("shop_tracker", "shop_tracker", statement)]).toEqual([statement, "ok"]);
  }
});

test.each([
  ["makes no schema", "CREATE SCHEMA mine"],
  ["makes no role", "CREATE ROLE mine"],
  ["makes no database", "CREATE DATABASE mine"],
  ["gives its schema to nobody", "ALTER SCHEMA public OWNER TO shop_reader"],
  ["runs no program on the machine of the server", "COPY (SELECT 1) TO PROGRAM 'id'"],
])("a program that migrates itself %s", async (_, statement) => {
  expect(await answer("shop_tracker", "shop_tracker", statement)).toBe("42501");
});

test("neither enters the other's database, and a role that migrations serve still makes no table", async () => {
  await expect(postgres.as("shop_tracker", "shop_db")).rejects.toThrow(/pg_hba.conf rejects/);
  await expect(postgres.as("shop_reader", "shop_tracker")).rejects.toThrow(/pg_hba.conf rejects/);
  expect(await answer("shop_reader", "shop_db", "CREATE TABLE public.mine (id int)")).toBe("42501");
});

test("a second run changes nothing there, and a right to make tables that was taken away is given again", async () => {
  const tracker = async () => (await run()).databases.find(({ name }) => name === "shop_tracker");
  const same = { made: false, platforms: [{ made: [], fixed: [], lockedOut: [], applied: [] }] };
  expect(await tracker()).toMatchObject(same);
  const owner = await postgres.superuser("shop_tracker");
  await owner.query("REVOKE CREATE ON SCHEMA public FROM shop_tracker");
  await owner.end();
  expect(await answer("shop_tracker", "shop_tracker", "CREATE TABLE more (id int)")).toBe("42501");
  await tracker();
  expect(await answer("shop_tracker", "shop_tracker", "CREATE TABLE more (id int)")).toBe("ok");
});

test("without the program its role alone is locked out and its tables stay; asked for again, it finds them", async () => {
  await answer("shop_tracker", "shop_tracker", "CREATE TABLE IF NOT EXISTS kept (id int)");
  const report = await run(planOf("shop_reader"));
  expect(report).toMatchObject({ lockedOut: ["shop_tracker"], leftOver: [{ name: "shop_tracker" }] });
  await expect(postgres.as("shop_tracker", "shop_tracker")).rejects.toThrow(/password authentication failed/);
  await (await postgres.as("shop_reader", "shop_db")).end();
  expect(await run()).toMatchObject({ lockedOut: [], passwords: ["shop_tracker"], leftOver: [] });
  expect(await answer("shop_tracker", "shop_tracker", "INSERT INTO kept VALUES (1)")).toBe("ok");
});

test("a cluster's Job reads from its file which program makes its own tables, and no other word there", () => {
  const file = join(folder, PLAN_FILE);
  writeFileSync(file, JSON.stringify(PLAN));
  expect(readPlan(file)).toEqual(PLAN);
  writeFileSync(file, JSON.stringify(PLAN).replace('"makesTables":true', '"makesTables":"yes"'));
  expect(() => readPlan(file)).toThrow(/makesTables/);
  rmSync(file);
});
