import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { DatabasePlan } from "../../builders/postgres/plan.ts";
import { leftOverLines, migrationLines } from "../../cli/migrate.ts";
import { type MigrateReport, migrate } from "../../database/migrate.ts";
import { TestPostgres } from "../support/postgres.ts";

const planOf = (...roles: string[]): DatabasePlan => ({
  schemaVersion: 1,
  databases: [
    {
      name: "shop_db",
      platforms: [{ name: "shop", roles: roles.map((name) => ({ name, description: "of the shop" })) }],
    },
  ],
});
const plan = planOf("shop_reader");
/** Of another plan. */
const desk = { name: "desk", roles: [{ name: "desk_reader", description: "of the desk" }] };

let postgres: TestPostgres;
let folder: string;

beforeAll(async () => {
  const { schemaVersion, databases } = planOf("shop_reader", "shop_writer");
  // Who comes in where is said at the start: also under the name that the database gets.
  const renamed = databases.map(({ platforms }) => ({ name: "store_db", platforms: [...platforms, desk] }));
  postgres = await TestPostgres.start({ schemaVersion, databases: [...databases, ...renamed] });
});
afterAll(() => postgres?.stop());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks [migrations] "));
  mkdirSync(join(folder, "shop"));
  write("001.do.orders.sql", "CREATE TABLE orders (id int PRIMARY KEY);\nINSERT INTO orders VALUES (1);\n");
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  const superuser = await postgres.superuser();
  await superuser.query("DROP DATABASE IF EXISTS shop_db WITH (FORCE)");
  for (const role of ["shop_reader", "shop_writer"]) await superuser.query(`DROP ROLE IF EXISTS ${role}`);
  await superuser.end();
});

const at = (file: string): string => join(folder, "shop", file);
const write = (file: string, sql: string): void => writeFileSync(at(file), sql);
const run = (of: DatabasePlan = plan, ownServer = true): Promise<MigrateReport> =>
  migrate({ server: postgres.server, plan: of, folder, key: postgres.key, wait: 0, ownServer });
const applied = ({ databases }: MigrateReport): string[] =>
  databases.flatMap(({ platforms }) => platforms.flatMap((each) => each.applied));

/** Everything that a database holds, as text: tables with their rows, roles, rights. */
async function contents(): Promise<string> {
  const client = await postgres.superuser("shop_db");
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
  const first = await run();
  expect(first.databases[0]).toMatchObject({ name: "shop_db", made: true });
  expect(first.databases[0]?.platforms[0]).toMatchObject({ made: ["shop_reader"], applied: ["001.do.orders.sql"] });
  expect(first.passwords).toEqual(["shop_reader"]);
  const before = await contents();
  const second = await run();
  expect(second).toEqual({
    databases: [
      {
        name: "shop_db",
        made: false,
        platforms: [{ platform: "shop", made: [], mended: [], lockedOut: [], leftOver: [], applied: [] }],
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
  await run();
  write("002.do.lines.sql", "ALTER TABLE orders ADD COLUMN lines int;");
  expect(applied(await run())).toEqual(["002.do.lines.sql"]);
});

test("a run that fails half-way leaves everything as it was, and names file, line and reason", async () => {
  await run();
  const before = await contents();
  write("002.do.lines.sql", "CREATE TABLE lines (id int);\nINSERT INTO orders VALUES (2);\n");
  write("003.do.wrong.sql", "DROP TABLE lines;\n\nINSERT INTO\n  nowhere VALUES (1);\n");
  await expect(run(planOf("shop_reader", "shop_writer"))).rejects.toThrow(
    `${at("003.do.wrong.sql")}:4: relation "nowhere" does not exist (42P01); nothing of platform shop was applied, correct it and run again`,
  );
  expect(await contents()).toBe(before);
});

test("a migration that was applied and is another one now is refused, with both checksums", async () => {
  await run();
  write("001.do.orders.sql", "CREATE TABLE orders (id bigint PRIMARY KEY);");
  await expect(run()).rejects.toThrow(
    /001\.do\.orders\.sql: was applied on \d{4}-\d\d-\d\d with checksum [0-9a-f]{32}, has [0-9a-f]{32} now; put it back as it was, and write the change as a new migration$/,
  );
});

test("one whose line ends alone are others is the same one", async () => {
  await run();
  write("001.do.orders.sql", "CREATE TABLE orders (id int PRIMARY KEY);\r\nINSERT INTO orders VALUES (1);\r\n");
  expect(applied(await run())).toEqual([]);
});

test("one that is gone, one that was renamed and one that comes too early are refused", async () => {
  write("003.do.later.sql", "CREATE TABLE later (id int);");
  await run();
  renameSync(at("003.do.later.sql"), at("003.do.renamed.sql"));
  await expect(run()).rejects.toThrow(/003\.do\.later\.sql: was applied .* and is 3\.do\.renamed now; put it back/);
  rmSync(at("003.do.renamed.sql"));
  await expect(run()).rejects.toThrow(/003\.do\.later\.sql: was applied .* and is gone; put it back/);
  write("003.do.later.sql", "CREATE TABLE later (id int);");
  write("002.do.between.sql", "CREATE TABLE between_them (id int);");
  await expect(run()).rejects.toThrow(
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
  write(file, sql);
  await expect(run()).rejects.toThrow(words);
  const superuser = await postgres.superuser();
  const { rowCount } = await superuser.query("SELECT FROM pg_class WHERE relname = 'orders'");
  await superuser.end();
  expect(rowCount).toBe(0);
});

test("a function's own BEGIN and END, a CASE, a savepoint, texts and comments are no end of a transaction", async () => {
  write(
    "002.do.function.sql",
    "-- COMMIT;\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1;\nEND;\n$$;\nSELECT '\nCOMMIT;';\n",
  );
  write(
    "004.do.hidden.sql",
    `SELECT E'it\\'s; COMMIT', U&'x; COMMIT', $a$; COMMIT; $b$; COMMIT $a$ AS "; COMMIT;"; /* a /* b */ ; COMMIT; */`,
  );
  write(
    "003.do.ends.sql",
    "CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC\n  SELECT 1;\n  SELECT 2;\nEND;\nSELECT CASE\n  WHEN true THEN 1\nEND;\nSAVEPOINT a;\nROLLBACK TO a;\n",
  );
  expect(applied(await run())).toEqual([
    "001.do.orders.sql",
    "002.do.function.sql",
    "003.do.ends.sql",
    "004.do.hidden.sql",
  ]);
});

test("a setting that one file leaves doesn't change how the next one's texts are read", async () => {
  write("002.do.setting.sql", "SET standard_conforming_strings = off;");
  write("003.do.text.sql", "SELECT 'a\\', '; COMMIT; SELECT '' --';\nSELECT 1/0;\n");
  await expect(run()).rejects.toThrow(/003\.do\.text\.sql.*division by zero .*nothing of platform shop was applied/);
  expect(await contents()).not.toContain("orders");
});

test("two runs at once don't collide: one does the work, the other finds it done", async () => {
  const runs = await Promise.all([run(), run(), run()]);
  expect(runs.flatMap(applied)).toEqual(["001.do.orders.sql"]);
  expect(runs.flatMap(({ passwords }) => passwords)).toEqual(["shop_reader"]);
});

test("a role that is there already and isn't ours is left alone", async () => {
  const superuser = await postgres.superuser();
  await superuser.query("CREATE ROLE shop_reader LOGIN");
  await superuser.end();
  await expect(run()).rejects.toThrow(
    /^role shop_reader of the server exists and wasn't made for this platform; it is left alone/,
  );
});

test("a role that got more than a login is brought back, one that is in no spec any more is locked out", async () => {
  await run(planOf("shop_reader", "shop_writer"));
  const superuser = await postgres.superuser();
  await superuser.query("ALTER ROLE shop_reader CREATEDB");
  await superuser.end();
  const { databases } = await run(planOf("shop_reader"));
  expect(databases[0]?.platforms[0]).toMatchObject({ mended: ["shop_reader"], lockedOut: ["shop_writer"] });
  await expect(postgres.as("shop_writer", "shop_db")).rejects.toThrow(/password authentication failed/);
});

test("a role that got what only a superuser can take is refused, with the words that take it", async () => {
  await run();
  const superuser = await postgres.superuser();
  await superuser.query("ALTER ROLE shop_reader BYPASSRLS");
  await superuser.end();
  await expect(run()).rejects.toThrow(
    /as the superuser: ALTER ROLE shop_reader NOSUPERUSER NOREPLICATION NOBYPASSRLS$/,
  );
});

test("a migration that fails after another key was set locks no role out, of whichever platform", async () => {
  const [database] = plan.databases;
  const desk = { name: "desk", roles: [{ name: "shop_writer", description: "of the desk" }] };
  const both: DatabasePlan = {
    schemaVersion: 1,
    databases: [{ name: "shop_db", platforms: [...(database?.platforms ?? []), desk] }],
  };
  await run(both);
  await postgres.rotate();
  write("002.do.wrong.sql", "INSERT INTO nowhere VALUES (1);");
  await expect(run(both)).rejects.toThrow(/002\.do\.wrong\.sql:1: relation "nowhere" does not exist/);
  for (const role of ["shop_reader", "shop_writer"]) await (await postgres.as(role, "shop_db")).end();
  write("002.do.wrong.sql", "INSERT INTO orders VALUES (2);");
  expect(await run(both)).toMatchObject({ passwords: [] });
});

test("the last platform taken out locks its roles out and keeps its rows; put back, they log in again", async () => {
  const none: DatabasePlan = { schemaVersion: 1, databases: [] };
  await run();
  const report = await run(none);
  expect(report).toMatchObject({ lockedOut: ["shop_reader"], leftOver: [{ name: "shop_db" }] });
  await expect(postgres.as("shop_reader", "shop_db")).rejects.toThrow(/password authentication failed|not permitted/);
  expect(migrationLines(report)).toEqual([expect.stringMatching(/^role shop_reader is in no spec: locked out/)]);
  expect(await run(none)).toMatchObject({ lockedOut: [] });
  expect(await run()).toMatchObject({ passwords: ["shop_reader"], leftOver: [] });
  await (await postgres.as("shop_reader", "shop_db")).end();
});

test("two plans on one server leave each other's roles alone, and name them with the command that locks them out", async () => {
  const other: DatabasePlan = { schemaVersion: 1, databases: [{ name: "store_db", platforms: [desk] }] };
  // A fork of the shop knows a role less.
  const fork = planOf("shop_reader");
  const superuser = await postgres.superuser();
  try {
    await run(planOf("shop_reader", "shop_writer"), false);
    const report = await run(other, false);
    expect(report).toMatchObject({ lockedOut: [], leftOverRoles: ["shop_reader", "shop_writer"] });
    expect((await run(fork, false)).databases[0]?.platforms[0]).toMatchObject({
      lockedOut: [],
      leftOver: ["shop_writer"],
    });
    for (const role of ["shop_reader", "shop_writer"]) await (await postgres.as(role, "shop_db")).end();
    const lines = leftOverLines(report);
    expect(lines[2]).toMatch(/^database shop_db .* Another plan on this server may have it: look there first\./);
    const [, lockOut = ""] = /: (ALTER ROLE .*)$/.exec(lines[1] ?? "") ?? [];
    const owner = await postgres.owner();
    await owner.query(lockOut);
    await owner.end();
    await expect(postgres.as("shop_writer", "shop_db")).rejects.toThrow(/password authentication failed|not permitted/);
    await (await postgres.as("shop_reader", "shop_db")).end();
  } finally {
    await superuser.query("DROP DATABASE IF EXISTS store_db WITH (FORCE)");
    await superuser.query("DROP ROLE IF EXISTS desk_reader");
    await superuser.end();
  }
});

test("a role that migrations didn't make keeps its login, whatever the plan", async () => {
  const superuser = await postgres.superuser();
  await superuser.query(
    "CREATE ROLE somebody LOGIN; COMMENT ON ROLE somebody IS 'of the bucketworks platform shop: x'",
  );
  await run({ schemaVersion: 1, databases: [] });
  const { rows } = await superuser.query("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'somebody'");
  await superuser.query("DROP ROLE somebody");
  await superuser.end();
  expect(rows).toEqual([{ rolcanlogin: true }]);
});

test("a renamed database leaves no row behind in silence, and the way that is named brings them along", async () => {
  await run();
  const [database] = plan.databases;
  const renamed: DatabasePlan = {
    schemaVersion: 1,
    databases: [{ name: "store_db", platforms: database?.platforms ?? [] }],
  };
  const superuser = await postgres.superuser();
  try {
    const [line = ""] = leftOverLines(await run(renamed));
    expect(line).toMatch(/^database shop_db \(\d+\.\d MiB\) is in no spec any more and stays with all its rows\. /);
    const [, rename = ""] = /then (ALTER DATABASE .*), and run/.exec(line) ?? [];
    await superuser.query("DROP DATABASE store_db");
    await superuser.query(rename.replace("NEW", "store_db"));
    expect(await run(renamed)).toMatchObject({
      leftOver: [],
      databases: [{ made: false, platforms: [{ applied: [] }] }],
    });
    const client = await postgres.superuser("store_db");
    const { rows } = await client.query("SELECT id FROM orders");
    await client.end();
    expect(rows).toEqual([{ id: 1 }]);
  } finally {
    await superuser.query("DROP DATABASE IF EXISTS store_db WITH (FORCE)");
    await superuser.end();
  }
});
