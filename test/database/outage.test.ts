import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DatabasePlan } from "../../builders/postgres/database-plan.ts";
import { rolePassword } from "../../builders/postgres/passwords.ts";
import { migrate } from "../../database/migrate.ts";
import { bucketworks } from "../support/cli.ts";
import { freePort } from "../support/minio.ts";
import { TestPostgres } from "../support/postgres.ts";

const plan: DatabasePlan = {
  schemaVersion: 1,
  databases: [
    { name: "shop_db", platforms: [{ name: "shop", roles: [{ name: "shop_writer", description: "adds orders" }] }] },
  ],
};

let postgres: TestPostgres;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks-migrations-"));
  mkdirSync(join(folder, "shop"));
  writeFileSync(
    join(folder, "shop", "001.do.orders.sql"),
    "CREATE TABLE orders (id int PRIMARY KEY);\nGRANT USAGE ON SCHEMA public TO shop_writer;\nGRANT SELECT, INSERT ON orders TO shop_writer;\n",
  );
  writeFileSync(join(folder, "databases.json"), JSON.stringify(plan));
  postgres = await TestPostgres.start(plan);
  await run();
});
afterAll(async () => {
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = () => migrate({ server: postgres.server, plan, folder, key: postgres.key, wait: 0, ownServer: true });

/** `bucketworks migrate` with the key in a file, against a port of this machine. */
function command(port: number, key: string, ...more: string[]) {
  const file = join(folder, "key");
  writeFileSync(file, key, { mode: 0o600 });
  const env = { PGHOST: "127.0.0.1", PGPORT: String(port), BUCKETWORKS_DATABASE_KEY_FILE: file };
  return bucketworks(["migrate", "--plan", folder, ...more], { env });
}

test("the command says what it did, and exits with 0", async () => {
  expect(await command(postgres.place.port, postgres.key)).toEqual({
    code: 0,
    stdout: "nothing to do: 1 database as planned\n",
    stderr: "",
  });
});

test("a named server may be others', too: their roles log in as before, unless it is said to be these platforms' alone", async () => {
  const owner = await postgres.owner();
  try {
    await owner.query("CREATE ROLE desk_reader LOGIN; COMMENT ON ROLE desk_reader IS 'bucketworks platform desk: x'");
    const { code, stdout } = await command(postgres.place.port, postgres.key);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^role desk_reader .* as before: /m) });
    const said = await command(postgres.place.port, postgres.key, "--own-server");
    expect(said.stdout).toMatch(/^role desk_reader is in no spec: locked out/);
  } finally {
    await owner.query("DROP ROLE IF EXISTS desk_reader");
    await owner.end();
  }
});

test("a server that isn't there is told in one sentence, with exit code 3", async () => {
  const port = await freePort();
  expect(await command(port, postgres.key)).toEqual({
    code: 3,
    stdout: "",
    stderr: `PostgreSQL at 127.0.0.1:${port} doesn't answer: connect ECONNREFUSED 127.0.0.1:${port}; start it, or fix PGHOST and PGPORT\n`,
  });
});

test("another key is told as such, with exit code 3", async () => {
  const { code, stderr } = await command(postgres.place.port, Buffer.alloc(32, 1).toString("base64"));
  expect(stderr).toMatch(
    /^PostgreSQL refuses bucketworks_owner in database postgres: its password is another one: .*\n$/,
  );
  expect(code).toBe(3);
});

test("a migration that fails is exit code 1, a missing key or a weak one 2", async () => {
  const wrong = join(folder, "shop", "002.do.wrong.sql");
  writeFileSync(wrong, "SELECT nothing FROM nowhere;");
  const failed = await command(postgres.place.port, postgres.key);
  rmSync(wrong);
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  expect(failed.stderr).toMatch(/002\.do\.wrong\.sql:1: relation "nowhere" does not exist/);
  const weak = await command(postgres.place.port, "short");
  expect(weak).toMatchObject({ code: 2 });
  expect(weak.stderr).toMatch(/must be base64 of 32 random bytes or more/);
  expect(weak.stderr).not.toContain("short");
});

test("a run waits for a server that is about to start", async () => {
  await postgres.pause();
  const waiting = migrate({ server: postgres.server, plan, folder, key: postgres.key, wait: 30, ownServer: true });
  await postgres.resume();
  expect((await waiting).databases).toHaveLength(1);
});

test("a server killed in a transaction keeps every committed row, and none of the others", {
  timeout: 60_000,
}, async () => {
  const client = await postgres.as("shop_writer", "shop_db");
  let committed = 0;
  const writing = (async () => {
    for (let id = 1; ; id++) {
      await client.query("INSERT INTO orders VALUES ($1)", [id]);
      committed = id;
    }
  })().catch(() => undefined);
  const open = await postgres.as("shop_writer", "shop_db");
  await open.query("BEGIN");
  await open.query("INSERT INTO orders VALUES (-1)");
  while (committed < 200) await new Promise((resolve) => setTimeout(resolve, 10));
  await postgres.pause("SIGKILL");
  await writing;
  await postgres.resume();
  const after = await postgres.as("shop_writer", "shop_db");
  const { rows } = await after.query("SELECT count(*)::int AS n, max(id) AS last, min(id) AS first FROM orders");
  await after.end();
  // The last statement may have been committed without its answer having come through.
  expect(rows[0].first).toBe(1);
  expect(rows[0].n).toBe(rows[0].last);
  expect([committed, committed + 1]).toContain(rows[0].n);
});

test("a password rotated under load: writers with the new one go on, the old one is refused, no row is lost", {
  timeout: 60_000,
}, async () => {
  const before = postgres.key;
  let written = 100_000;
  let stop = false;
  let failures = 0;
  // As a workload does: a connection for each row, the password as it stands now, another try when it is refused.
  const writer = async (): Promise<void> => {
    while (!stop) {
      const client = await postgres.as("shop_writer", "shop_db").catch(() => undefined);
      const done = await client?.query("INSERT INTO orders VALUES ($1)", [written + 1]).catch(() => undefined);
      await client?.end().catch(() => undefined);
      if (done === undefined) failures++;
      else written++;
    }
  };
  const load = writer();
  while (written < 100_010) await new Promise((resolve) => setTimeout(resolve, 10));
  await postgres.rotate();
  expect((await run()).passwords).toEqual(["shop_writer"]);
  const rotated = written;
  while (written < rotated + 10) await new Promise((resolve) => setTimeout(resolve, 10));
  stop = true;
  await load;
  expect(failures).toBeGreaterThan(0);
  await expect(postgres.as("shop_writer", "shop_db", rolePassword(before, "shop_writer", "shop_db"))).rejects.toThrow(
    /password authentication failed/,
  );
  const client = await postgres.as("shop_writer", "shop_db");
  const { rows } = await client.query("SELECT count(*)::int AS n FROM orders WHERE id > 100000");
  await client.end();
  expect(rows[0].n).toBe(written - 100_000);
});

test("no password stands in the server's log, even where it logs every statement", async () => {
  const superuser = await postgres.superuser();
  await superuser.query("ALTER SYSTEM SET log_statement = 'all'");
  await superuser.query("SELECT pg_reload_conf()");
  await superuser.query("ALTER ROLE shop_writer PASSWORD NULL");
  expect((await run()).passwords).toEqual(["shop_writer"]);
  await superuser.query("ALTER SYSTEM RESET log_statement");
  await superuser.query("SELECT pg_reload_conf()");
  await superuser.end();
  expect(postgres.log).toMatch(/ALTER ROLE "shop_writer" PASSWORD/);
  expect(postgres.log).not.toContain(rolePassword(postgres.key, "shop_writer", "shop_db"));
  expect(postgres.log).not.toContain(postgres.key);
});
