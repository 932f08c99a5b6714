import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Checkout, checkoutAt } from "../../cli/checkout.ts";
import { isAlive } from "../../cli/ending/processes.ts";
import { UNFINISHED } from "../../cli/local/postgres/processes.ts";
import { readRun } from "../../cli/local/service/record.ts";
import { stopServices } from "../../cli/local/service/start.ts";
import { eventually } from "../support/local-checkout.ts";
import { freePort } from "../support/minio.ts";
import { copyProject } from "../support/project-copy.ts";

let checkout: Checkout;
let ports: Record<string, string>;

beforeAll(async () => {
  checkout = checkoutAt(copyProject());
  const names = ["BUCKETWORKS_PORT", "BUCKETWORKS_CONSOLE_PORT", "BUCKETWORKS_POSTGRES_PORT"];
  ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, String(await freePort())])));
  const platforms = join(checkout.root, "config", "platforms");
  for (const name of readdirSync(platforms)) if (name !== "cybersec.yaml") rmSync(join(platforms, name));
  const spec = join(platforms, "cybersec.yaml");
  // Its MLflow has a database of its own: that is another test's.
  writeFileSync(spec, readFileSync(spec, "utf8").replace(/^services:[\s\S]*?(?=^environments:)/m, ""));
});
afterAll(async () => {
  await stopServices(checkout);
  rmSync(checkout.root, { recursive: true, force: true });
});

function bucketworks(...args: string[]): { code: number | null; out: string } {
  const found = spawnSync(join(checkout.root, "bin", "bucketworks"), args, {
    cwd: checkout.root,
    env: { ...process.env, ...ports, PGHOST: "nowhere.invalid", PGOPTIONS: "-c nonsense=1" },
    encoding: "utf8",
  });
  return { code: found.status, out: found.stdout + found.stderr };
}

/** What a role's file says, as a program would take it from its environment. */
function variables(role: string): Record<string, string> {
  const text = readFileSync(join(checkout.postgres.roles, `${role}.env`), "utf8");
  return Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));
}

async function as(role: string): Promise<pg.Client> {
  const { PG_HOST, PG_PORT, PG_USER, PG_PASSWORD, PG_DATABASE } = variables(role);
  const login = { host: PG_HOST, port: Number(PG_PORT), user: PG_USER, password: PG_PASSWORD, database: PG_DATABASE };
  const client = new pg.Client({ ...login, ssl: false });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/**
 * Kills a `bucketworks up` without warning (SIGKILL) while its initdb is at work.
 * @param whom `alone` leaves initdb running; `everything` ends it, too, with all that the command has started
 * @returns the half-made data folder that was left
 */
async function killedInInitdb(whom: "alone" | "everything"): Promise<string> {
  const child = spawn(join(checkout.root, "bin", "bucketworks"), ["up"], {
    cwd: checkout.root,
    detached: true,
    env: { ...process.env, ...ports },
    stdio: "ignore",
  });
  const ended = once(child, "close");
  const half = join(checkout.postgres.folder, `data${UNFINISHED}${child.pid}`);
  await eventually(() => existsSync(join(half, "PG_VERSION")) || child.exitCode !== null, 120_000);
  if (whom === "everything") {
    const { supervisor, server } = readRun(checkout.minio) ?? {};
    // The supervisor first, or it starts the server again.
    for (const mark of [supervisor, server]) if (mark) process.kill(mark.pid, "SIGKILL");
    process.kill(-Number(child.pid), "SIGKILL");
  } else child.kill("SIGKILL");
  expect((await ended)[1]).toBe("SIGKILL");
  expect(existsSync(join(checkout.postgres.folder, "data"))).toBe(false);
  return half;
}

/** Of the server that is written down. */
function pid(): number {
  const found = readRun(checkout.postgres)?.server?.pid;
  if (found === undefined) throw new Error("no PostgreSQL is recorded");
  return found;
}

async function events(): Promise<number> {
  const client = await as("cybersec_auditor");
  const { rows } = await client.query<{ n: number }>("SELECT count(*)::int AS n FROM ingestion_events");
  await client.end();
  return rows[0]?.n ?? -1;
}

async function addEvent(): Promise<void> {
  const client = await as("cybersec_ingestion");
  await client.query(
    "INSERT INTO ingestion_events (timestamp_ingesta, nombre_archivo, ruta_minio, num_registros, estado) VALUES (now(), 'f', 'p' || clock_timestamp(), 10, 'SUCCESS')",
  );
  await client.end();
}

test.each(["alone", "everything"] as const)(
  "a first up that is killed during initdb (%s) leaves no data folder that the next up would take for whole",
  async (whom) => expect(existsSync(await killedInInitdb(whom))).toBe(true),
);

test("up starts PostgreSQL, applies the migrations and says where it is and how to log in (CS-054, CS-055, CS-056, CS-057, CS-058, CS-059)", async () => {
  const { code, out } = bucketworks("up");
  expect(code, out).toBe(0);
  expect(out).toContain(`PostgreSQL started on 127.0.0.1:${ports.BUCKETWORKS_POSTGRES_PORT}`);
  expect(out).toContain("cybersec/001.do.ingestion-events.sql applied to mlops_db");
  expect(readdirSync(checkout.postgres.folder).filter((name) => name.includes(UNFINISHED))).toEqual([]);
  expect(out).toContain(`postgres   127.0.0.1:${ports.BUCKETWORKS_POSTGRES_PORT}: mlops_db`);
  const found = variables("cybersec_ingestion");
  expect(found).toMatchObject({ PG_HOST: "127.0.0.1", PG_USER: "cybersec_ingestion", PG_DATABASE: "mlops_db" });
  expect(found).toMatchObject({ PGUSER: found.PG_USER, PGPASSWORD: found.PG_PASSWORD, PGPORT: found.PG_PORT });
  expect(out).not.toContain(found.PG_PASSWORD);
  await addEvent();
  expect(await events()).toBe(1);
});

test("the stack answers where it is, and keeps the passwords secret", () => {
  const script = ". ./toolchain/env.sh && pulumi stack output databases --stack dev --json";
  const { stdout } = spawnSync("sh", ["-c", script], { cwd: checkout.root, encoding: "utf8" });
  expect(JSON.parse(stdout)).toEqual({
    host: "127.0.0.1",
    port: Number(ports.BUCKETWORKS_POSTGRES_PORT),
    names: ["mlops_db"],
    credentials: "[secret]",
  });
});

test("in the web console an auditor finds the four layers and nothing else (CS-066)", async () => {
  const console = `http://127.0.0.1:${ports.BUCKETWORKS_CONSOLE_PORT}`;
  const script = ". ./toolchain/env.sh && bin/bucketworks key show cybersec-audit --stdout --quiet";
  const { stdout } = spawnSync("sh", ["-c", script], { cwd: checkout.root, encoding: "utf8" });
  const said = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(stdout)?.[1] ?? "";
  const body = JSON.stringify({ accessKey: said("MINIO_ACCESS_KEY"), secretKey: said("MINIO_SECRET_KEY") });
  const headers = { "content-type": "application/json" };
  const login = await fetch(`${console}/api/v1/login`, { method: "POST", headers, body });
  expect(login.status).toBe(204);
  const cookie = login.headers
    .getSetCookie()
    .map((each) => each.split(";")[0])
    .join("; ");
  const answer = await fetch(`${console}/api/v1/buckets`, { headers: { cookie } });
  const { buckets } = (await answer.json()) as { buckets: { name: string }[] };
  expect(buckets.map(({ name }) => name).sort()).toEqual(
    ["eval", "models", "raw", "silver"].map((layer) => `cybersec-ml-${layer}`),
  );
  expect((await fetch(`${console}/api/v1/buckets`)).status).toBe(403);
});

test("nobody else can read what it keeps", () => {
  const { folder, key, roles } = checkout.postgres;
  for (const path of [folder, roles, join(folder, "data")]) expect(statSync(path).mode & 0o777).toBe(0o700);
  for (const path of [key, join(roles, "cybersec_auditor.env")]) expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a second up leaves it alone", () => {
  const before = readRun(checkout.postgres);
  const { code, out } = bucketworks("up");
  expect(code, out).toBe(0);
  expect(out).toMatch(/PostgreSQL reused on \S+/);
  expect(readRun(checkout.postgres)).toEqual(before);
});

test("migrate without PGHOST works on it", () => {
  const found = spawnSync(join(checkout.root, "bin", "bucketworks"), ["migrate"], {
    cwd: checkout.root,
    encoding: "utf8",
  });
  expect(found).toMatchObject({ status: 0, stdout: "nothing to do: 1 database as planned\n" });
});

test("killed, it comes back by itself with every committed row", async () => {
  const before = pid();
  process.kill(before, "SIGKILL");
  await eventually(async () => {
    const now = readRun(checkout.postgres)?.server?.pid ?? before;
    return now !== before && (await events().catch(() => -1)) === 1;
  });
});

test("with its run record lost, up takes its own server back, and one without a supervisor, too", async () => {
  const { supervisor, server } = readRun(checkout.postgres) ?? {};
  rmSync(checkout.postgres.run);
  const taken = bucketworks("up");
  expect(taken.code, taken.out).toBe(0);
  expect(taken.out).toContain(`PostgreSQL restarted on 127.0.0.1:${ports.BUCKETWORKS_POSTGRES_PORT}`);
  for (const mark of [supervisor, server]) expect(isAlive(mark)).toBe(false);
  process.kill(readRun(checkout.postgres)?.supervisor.pid ?? 0, "SIGKILL");
  rmSync(checkout.postgres.run);
  const again = bucketworks("up");
  expect(again.code, again.out).toBe(0);
  expect(again.out).toContain("PostgreSQL restarted");
  expect(await events()).toBe(1);
});

test("a lost key is made anew, and everybody has another password", async () => {
  const before = variables("cybersec_auditor").PG_PASSWORD;
  rmSync(checkout.postgres.key);
  const { code, out } = bucketworks("up");
  expect(code, out).toBe(0);
  expect(out).toContain("password of cybersec_auditor set");
  expect(variables("cybersec_auditor").PG_PASSWORD).not.toBe(before);
  expect(await events()).toBe(1);
});

test("the last platform without its database: no role comes in and no login is kept, the rows stay for its return", async () => {
  const spec = join(checkout.root, "config", "platforms", "cybersec.yaml");
  const text = readFileSync(spec, "utf8");
  const saved = await as("cybersec_auditor");
  const { host, port, user, password, database } = saved;
  await saved.end();
  writeFileSync(spec, text.replaceAll(/^(?:database|workloads):.*\n(?: .*\n|\n)+/gm, ""));
  const without = bucketworks("up");
  expect(without.code, without.out).toBe(0);
  expect(without.out).toContain("role cybersec_auditor is in no spec: locked out");
  expect(without.out).toMatch(/database mlops_db \(\S+ MiB\) is in no spec any more and stays with all its rows/);
  expect(readdirSync(checkout.postgres.roles)).toEqual([]);
  const again = new pg.Client({ host, port, user, password: String(password), database: String(database), ssl: false });
  await expect(again.connect()).rejects.toThrow(/pg_hba\.conf rejects|password authentication failed/);
  writeFileSync(spec, text);
  expect(bucketworks("up").code).toBe(0);
  expect(await events()).toBe(1);
});

test("down stops it, recorded or not; the next up has its rows; clean ends it before it deletes all of it", async () => {
  rmSync(checkout.postgres.run);
  expect(bucketworks("down").out).toContain("stopped the local server and PostgreSQL; their data stays");
  expect(readRun(checkout.postgres)).toBeUndefined();
  await expect(events()).rejects.toThrow(/ECONNREFUSED/);
  // As after a loss of power, when another program has the process id by now.
  writeFileSync(join(checkout.postgres.folder, "data", "postmaster.pid"), `${process.pid}\n`);
  const up = bucketworks("up");
  expect(up.code, up.out).toBe(0);
  expect(await events()).toBe(1);
  const before = pid();
  rmSync(checkout.postgres.run);
  expect(bucketworks("clean", "--yes").out).toContain("the local databases with all they hold");
  expect(existsSync(checkout.postgres.folder)).toBe(false);
  expect(() => process.kill(before, 0)).toThrow(/ESRCH/);
});
