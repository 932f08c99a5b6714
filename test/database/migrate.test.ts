import { renameSync, rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { DatabasePlan } from "../../builders/postgres/database-plan.ts";
import type { MigrateReport } from "../../database/migrate.ts";
import { PLAN, planOf, Shop } from "./shop.ts";

let shop: Shop;

beforeAll(async () => {
  shop = await Shop.start();
});
afterAll(() => shop?.stop());
beforeEach(() => shop.fill());
afterEach(() => shop.clear());

const applied = ({ databases }: MigrateReport): string[] =>
  databases.flatMap(({ platforms }) => platforms.flatMap((each) => each.applied));

/** Everything that a database holds, as text: tables with their rows, roles, rights. */
async function contents(): Promise<string> {
  const client = await shop.postgres.superuser("shop_db");
  const { rows } = await client.query(`
    SELECT 'class ' || relname AS line FROM pg_class WHERE relnamespace::regnamespace::text !~ '^pg_|information_schema'
    UNION ALL SELECT 'role ' || rolname FROM pg_roles
    UNION ALL SELECT 'rights ' || coalesce(datacl::text, '-') FROM pg_database WHERE datname = 'shop_db'
    UNION ALL SELECT 'orders ' || (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM orders', false, true, '')))[1]::text
      WHERE to_regclass('orders') IS NOT NULL
    ORDER BY line`);
  await client.end();
  return rows.map(({ line }) => line).join("\n");
}

test("a first run makes database, role, tables and password; a second one does nothing", async () => {
  const first = await shop.run();
  expect(first.databases[0]).toMatchObject({ name: "shop_db", made: true });
  expect(first.databases[0]?.platforms[0]).toMatchObject({ made: ["shop_reader"], applied: ["001.do.orders.sql"] });
  expect(first.passwords).toEqual(["shop_reader"]);
  const before = await contents();
  const second = await shop.run();
  expect(second).toEqual({
    databases: [
      {
        name: "shop_db",
        made: false,
        platforms: [{ platform: "shop", made: [], fixed: [], lockedOut: [], leftOver: [], applied: [] }],
      },
    ],
    passwords: [],
    lockedOut: [],
    leftOverRoles: [],
    leftOver: [],
    ownServer: true,
  });
  expect(await contents()).toBe(before);
});

test("a new migration is applied after the ones that were", async () => {
  await shop.run();
  shop.write("002.do.lines.sql", "ALTER TABLE orders ADD COLUMN lines int;");
  expect(applied(await shop.run())).toEqual(["002.do.lines.sql"]);
});

test("a run that fails half-way leaves everything as it was, and names file, line and reason", async () => {
  await shop.run();
  const before = await contents();
  shop.write("002.do.lines.sql", "CREATE TABLE lines (id int);\nINSERT INTO orders VALUES (2);\n");
  shop.write("003.do.wrong.sql", "DROP TABLE lines;\n\nINSERT INTO\n  nowhere VALUES (1);\n");
  await expect(shop.run(planOf("shop_reader", "shop_writer"))).rejects.toThrow(
    `${shop.at("003.do.wrong.sql")}:4: relation "nowhere" does not exist (42P01); nothing of platform shop was applied, correct it and run again`,
  );
  expect(await contents()).toBe(before);
});

test("a migration that was applied and is another one now is refused, with both checksums", async () => {
  await shop.run();
  shop.write("001.do.orders.sql", "CREATE TABLE orders (id bigint PRIMARY KEY);");
  await expect(shop.run()).rejects.toThrow(
    /001\.do\.orders\.sql: was applied on \d{4}-\d\d-\d\d with checksum [0-9a-f]{32}, has [0-9a-f]{32} now; put it back as it was, and write the change as a new migration$/,
  );
});

test("one whose line ends alone are others is the same one", async () => {
  await shop.run();
  shop.write("001.do.orders.sql", "CREATE TABLE orders (id int PRIMARY KEY);\r\nINSERT INTO orders VALUES (1);\r\n");
  expect(applied(await shop.run())).toEqual([]);
});

test("one that is gone, one that was renamed and one that comes too early are refused", async () => {
  shop.write("003.do.later.sql", "CREATE TABLE later (id int);");
  await shop.run();
  renameSync(shop.at("003.do.later.sql"), shop.at("003.do.renamed.sql"));
  await expect(shop.run()).rejects.toThrow(
    /003\.do\.later\.sql: was applied .* and is 3\.do\.renamed now; put it back/,
  );
  rmSync(shop.at("003.do.renamed.sql"));
  await expect(shop.run()).rejects.toThrow(/003\.do\.later\.sql: was applied .* and is gone; put it back/);
  shop.write("003.do.later.sql", "CREATE TABLE later (id int);");
  shop.write("002.do.between.sql", "CREATE TABLE between_them (id int);");
  await expect(shop.run()).rejects.toThrow(
    /002\.do\.between\.sql: comes before 003, which was applied already; number it 004/,
  );
});

test.each([
  ["2.do.short.sql", "SELECT 1;", /must be named NNN\.do\.<name>\.sql/],
  ["002.undo.back.sql", "SELECT 1;", /must be named NNN\.do\.<name>\.sql/],
  ["001.do.again.sql", "SELECT 1;", /another migration has number 1, too/],
  [
    "002.do.commits.sql",
    "CREATE TABLE a (b int);\nCOMMIT;\n",
    /002\.do\.commits\.sql:2: a migration can't begin or end/,
  ],
  ["002.do.same-line.sql", "SELECT 1; COMMIT; SELECT 2;", /:1: a migration can't begin or end a transaction/],
  [
    "002.do.quoted-name.sql",
    `CREATE TABLE q ("it's" int);\nCOMMIT;\nCREATE TABLE r (a text DEFAULT 'x'); SELECT 1/0;`,
    /:2: a migration can't begin or end a transaction/,
  ],
  ["002.do.escaped.sql", `SELECT 'ü', E'it\\'s';\nROLLBACK; SELECT 'it''s';`, /:2: a migration can't begin or end/],
  ["002.do.unicode-name.sql", `SELECT 1 AS U&"it's";\n/* ' */ ABORT;`, /:2: a migration can't begin or end/],
  ["002.do.nested.sql", "/* a /* b */ ' */ COMMIT AND CHAIN; SELECT ''", /:1: a migration can't begin or end/],
  ["002.do.dollars.sql", "SELECT $a$ $b$ $a$; END; SELECT $b$x$b$", /:1: a migration can't begin or end/],
  ["002.do.prepares.sql", "SELECT 1;\n\nPREPARE TRANSACTION 'x'", /:3: a migration can't begin or end/],
  [
    "002.do.no-sql.sql",
    "SELECT 'ü';\n\\connect shop_db",
    /:2: syntax error at or near "\\".*; nothing of it was applied/,
  ],
  ["002.do.begins.sql", "begin transaction;\nSELECT 1;\nend;", /:1: a migration can't begin or end a transaction/],
])("%s is refused before anything happens", async (file, sql, words) => {
  shop.write(file, sql);
  await expect(shop.run()).rejects.toThrow(words);
  const superuser = await shop.postgres.superuser();
  const { rowCount } = await superuser.query("SELECT FROM pg_class WHERE relname = 'orders'");
  await superuser.end();
  expect(rowCount).toBe(0);
});

test("a function's own BEGIN and END, a CASE, a savepoint, texts and comments are no end of a transaction", async () => {
  shop.write(
    "002.do.function.sql",
    "-- COMMIT;\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1;\nEND;\n$$;\nSELECT '\nCOMMIT;';\n",
  );
  shop.write(
    "004.do.hidden.sql",
    `SELECT E'it\\'s; COMMIT', U&'x; COMMIT', $a$; COMMIT; $b$; COMMIT $a$ AS "; COMMIT;"; /* a /* b */ ; COMMIT; */`,
  );
  shop.write(
    "003.do.ends.sql",
    "CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC\n  SELECT 1;\n  SELECT 2;\nEND;\nSELECT CASE\n  WHEN true THEN 1\nEND;\nSAVEPOINT a;\nROLLBACK TO a;\n",
  );
  expect(applied(await shop.run())).toEqual([
    "001.do.orders.sql",
    "002.do.function.sql",
    "003.do.ends.sql",
    "004.do.hidden.sql",
  ]);
});

test("a setting that one file leaves doesn't change how the next one's texts are read", async () => {
  shop.write("002.do.setting.sql", "SET standard_conforming_strings = off;");
  shop.write("003.do.text.sql", "SELECT 'a\\', '; COMMIT; SELECT '' --';\nSELECT 1/0;\n");
  await expect(shop.run()).rejects.toThrow(
    /003\.do\.text\.sql.*division by zero .*nothing of platform shop was applied/,
  );
  expect(await contents()).not.toContain("orders");
});

test("two runs at once don't collide: one does the work, the other finds it done", async () => {
  const runs = await Promise.all([shop.run(), shop.run(), shop.run()]);
  expect(runs.flatMap(applied)).toEqual(["001.do.orders.sql"]);
  expect(runs.flatMap(({ passwords }) => passwords)).toEqual(["shop_reader"]);
});

test("a role that is there already and isn't ours is left alone", async () => {
  const superuser = await shop.postgres.superuser();
  await superuser.query("CREATE ROLE shop_reader LOGIN");
  await superuser.end();
  await expect(shop.run()).rejects.toThrow(
    /^role shop_reader of the server exists and wasn't made for this platform; it is left alone/,
  );
});

test("a role that got more than a login is brought back, one that is in no spec any more is locked out", async () => {
  await shop.run(planOf("shop_reader", "shop_writer"));
  const superuser = await shop.postgres.superuser();
  await superuser.query("ALTER ROLE shop_reader CREATEDB");
  await superuser.end();
  const { databases } = await shop.run(planOf("shop_reader"));
  expect(databases[0]?.platforms[0]).toMatchObject({ fixed: ["shop_reader"], lockedOut: ["shop_writer"] });
  await expect(shop.postgres.as("shop_writer", "shop_db")).rejects.toThrow(/password authentication failed/);
});

test("a role that got what only a superuser can take is refused, with the words that take it", async () => {
  await shop.run();
  const superuser = await shop.postgres.superuser();
  await superuser.query("ALTER ROLE shop_reader BYPASSRLS");
  await superuser.end();
  await expect(shop.run()).rejects.toThrow(
    /as the superuser: ALTER ROLE shop_reader NOSUPERUSER NOREPLICATION NOBYPASSRLS$/,
  );
});

test("a migration that fails after another key was set locks no role out, of whichever platform", async () => {
  const [database] = PLAN.databases;
  const desk = { name: "desk", roles: [{ name: "shop_writer", description: "of the desk" }] };
  const both: DatabasePlan = {
    schemaVersion: 1,
    databases: [{ name: "shop_db", platforms: [...(database?.platforms ?? []), desk] }],
  };
  await shop.run(both);
  await shop.postgres.rotate();
  shop.write("002.do.wrong.sql", "INSERT INTO nowhere VALUES (1);");
  await expect(shop.run(both)).rejects.toThrow(/002\.do\.wrong\.sql:1: relation "nowhere" does not exist/);
  for (const role of ["shop_reader", "shop_writer"]) await (await shop.postgres.as(role, "shop_db")).end();
  shop.write("002.do.wrong.sql", "INSERT INTO orders VALUES (2);");
  expect(await shop.run(both)).toMatchObject({ passwords: [] });
});
