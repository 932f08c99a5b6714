import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loginVariables } from "../../builders/services/mlflow-logins.ts";
import { minio } from "../../cli/local/minio/service.ts";
import { postgres } from "../../cli/local/postgres/service.ts";
import { readRun } from "../../cli/local/service/record.ts";
import { stopService } from "../../cli/local/service/start.ts";
import { localService } from "../../cli/local/services/local-service.ts";
import { connect } from "../../database/connection.ts";
import { ArgvWatch } from "../support/argv-watch.ts";
import { eventually } from "../support/local-checkout.ts";
import type { LocalProject } from "../support/local-project.ts";
import { NAME, TrackedProject, withLogins } from "../support/tracked-project.ts";

let tracked: TrackedProject;
let project: LocalProject;
/** What the first client left. */
let left: { run: string } | undefined;

beforeAll(async () => {
  tracked = await TrackedProject.make();
  ({ project } = tracked);
});
afterAll(() => tracked?.remove());

const url = (path?: string): string => tracked.url(path);
const log = (): string => tracked.log();
const client = (...args: string[]) => tracked.client(...args);
const folder = (): string => join(project.checkout.services, NAME);
const server = () => readRun(localService(NAME, project.checkout))?.server;
const experiments = () => tracked.api("mlflow/experiments/search?max_results=10");
/** Has the server end as by a fault, and waits until another one answers. */
async function killed(): Promise<void> {
  const before = server()?.pid ?? 0;
  process.kill(before, "SIGKILL");
  await eventually(() => (server()?.pid ?? before) !== before);
}
const answers = () =>
  eventually(async () => (await fetch(url("/health")).catch(() => undefined))?.ok === true, 120_000);

test("services up starts a platform's MLflow: its packages are got, its database is migrated, no secret is on a command line or in a file that others read", async () => {
  const watch = new ArgvWatch();
  // Beside us, so that the watch can look.
  const out = await tracked.inShell("bin/bucketworks services up");
  const seen = watch.stop();
  expect(out).toMatch(new RegExp(`^${NAME} +${url()}$`, "m"));
  const { PGPASSWORD, AWS_SECRET_ACCESS_KEY, PGDATABASE } = JSON.parse(
    readFileSync(join(folder(), "environment.json"), "utf8"),
  );
  expect([PGDATABASE, PGPASSWORD.length > 20, AWS_SECRET_ACCESS_KEY.length > 20]).toEqual(["shop_mlflow", true, true]);
  for (const secret of [PGPASSWORD, AWS_SECRET_ACCESS_KEY]) expect(`${seen}${log()}${out}`).not.toContain(secret);
  expect(seen).toContain("mlflow-server/listen.py");
  for (const name of readdirSync(folder())) {
    const { mode } = statSync(join(folder(), name));
    expect([name, mode & 0o077]).toEqual([name, 0]);
  }
  expect((await experiments()).status).toBe(200);
});

test("a client needs its address alone: parameters, metrics, 600 MB through the server and in parts with bounded memory, a model registered, aliased and loaded back", async () => {
  const peak = () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server()?.pid}/status`, "utf8"))?.[1]);
  const before = peak();
  const found = (await client("work", tracked.scratch)) as { run: string; digests: Record<string, string> };
  left = found;
  expect(found).toMatchObject({
    params: { seed: "7", depth: "3" },
    steps: [1, 1 / 2, 1 / 3],
    predicted: [2, 5],
  });
  const { written, through, parts } = found.digests;
  expect([through, parts]).toEqual([written, written]);
  // kB; a file of 600 MB twice, and downloads of both.
  expect(peak() - before).toBeLessThan(250_000);
  const stat = JSON.parse(project.mc("stat", "--json", `dev/orders/mlflow/1/${found.run}/artifacts/parts/weights.bin`));
  expect([stat.size, stat.etag]).toEqual([600 * 2 ** 20, expect.stringMatching(/-\d+$/)]);
});

test("nothing lies outside its prefix, and nothing waits on its disk any more", () => {
  const keys = project.mc("ls", "--recursive", "--json", "dev/orders").trim().split("\n");
  const names = keys.map((line) => String(JSON.parse(line).key));
  expect(names.length).toBeGreaterThan(4);
  expect(names.filter((name) => !name.startsWith("mlflow/"))).toEqual([]);
  expect(readdirSync(join(folder(), "scratch"))).toEqual([]);
});

test("two clients at once lose nothing of what each logs", async () => {
  const both = await Promise.all(["ada", "bob"].map((name) => client("many", name)));
  expect(both).toEqual(["ada", "bob"].map((text) => ({ steps: 100, text })));
});

test("each line of its log is JSON with time, level, service and platform; a request has the correlation id of its client", async () => {
  await fetch(url("/api/2.0/mlflow/experiments/search?max_results=1"), { headers: { "x-correlation-id": "run-4711" } });
  const lines = () => Array.from(log().trim().split("\n"), (line) => JSON.parse(line));
  // Its line is written once the answer is on its way.
  await expect
    .poll(() => lines().filter(({ correlation_id: id }) => id === "run-4711"), { timeout: 10_000 })
    .toEqual([expect.objectContaining({ method: "GET", path: "/api/2.0/mlflow/experiments/search", status: 200 })]);
  for (const line of lines())
    expect(line).toMatchObject({ service: "mlflow", platform: "shop", level: expect.any(String) });
});

test("it is asked under its own names alone, by its own pages alone, and tells Prometheus of its requests", async () => {
  const create = url("/api/2.0/mlflow/experiments/create");
  const answer = (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const asked = request(create, { method: "POST", headers }, ({ statusCode = 0 }) => resolve(statusCode));
      asked.on("error", reject).end("{}");
    });
  expect(await answer({ host: "rebound.example.org" })).toBe(403);
  expect(await answer({ origin: "https://evil.example.org" })).toBe(403);
  expect(await (await fetch(url("/metrics"))).text()).toMatch(/^mlflow_http_request_total\{.*status="200"\} \d/m);
});

test("killed, it is started again, and runs, models and artifacts are there", async () => {
  await killed();
  await answers();
  expect(await client("back", left?.run ?? "", "models:/doubler@production")).toMatchObject({
    params: { seed: "7", depth: "3" },
    predicted: [2, 5],
  });
});

const put = () =>
  tracked.api(`mlflow-artifacts/artifacts/1/${left?.run}/artifacts/note.txt`, {
    method: "PUT",
    body: "a note",
    headers: { connection: "close" },
  });

test("while the bucket server is down runs go on, and an artifact is answered with what is wrong, until it is back", async () => {
  await stopService(minio(project.checkout));
  expect(await put()).toMatchObject({
    status: 503,
    body: {
      error_code: "TEMPORARILY_UNAVAILABLE",
      message: expect.stringMatching(/bucket server .*s3:\/\/orders\/mlflow/),
    },
  });
  expect((await experiments()).status).toBe(200);
  const up = project.bucketworks("up");
  expect(up.code, up.out).toBe(0);
  expect((await put()).status).toBe(200);
});

test("a key that was changed is refused in one sentence, changes nothing, and services up hands over the new one", async () => {
  await tracked.inShell("bin/bucketworks key rotate shop-tracking-server --yes-rotate shop-tracking-server");
  expect(await put()).toMatchObject({
    status: 403,
    body: { error_code: "PERMISSION_DENIED", message: expect.stringMatching(/refuses the key .*services up/) },
  });
  const { code, out } = project.bucketworks("services", "up");
  expect(code, out).toBe(0);
  expect((await put()).status).toBe(200);
});

test("started while PostgreSQL is down it waits, says so, and serves once it is there", async () => {
  await stopService(postgres(project.checkout));
  expect((await experiments()).status).toBeGreaterThanOrEqual(500);
  await killed();
  await eventually(() => log().includes("waiting for PostgreSQL: "), 60_000);
  const up = project.bucketworks("up");
  expect(up.code, up.out).toBe(0);
  await answers();
  expect((await experiments()).status).toBe(200);
});

test("a database of a newer MLflow is refused with one sentence, and nothing in it changes", async () => {
  const { PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE } = JSON.parse(
    readFileSync(join(folder(), "environment.json"), "utf8"),
  );
  const login = { user: PGUSER, password: PGPASSWORD, database: PGDATABASE };
  const sql = await connect({ host: PGHOST, port: Number(PGPORT), ca: undefined }, login);
  try {
    const { rows } = await sql.query("SELECT version_num FROM alembic_version");
    const tables = "SELECT count(*)::int AS count FROM information_schema.columns WHERE table_schema = 'public'";
    const before = (await sql.query(tables)).rows;
    await sql.query("UPDATE alembic_version SET version_num = 'f00dfaceb00c'");
    const refused = project.bucketworks("services", "restart", NAME);
    expect(refused.code, refused.out).toBe(3);
    expect(refused.out).toMatch(
      /database shop_mlflow is of a newer MLflow: MLflow 3\.\S+ knows no revision f00dfaceb00c.*nothing was changed/,
    );
    expect((await sql.query(tables)).rows).toEqual(before);
    expect((await sql.query("SELECT version_num FROM alembic_version")).rows).toEqual([
      { version_num: "f00dfaceb00c" },
    ]);
    await sql.query("UPDATE alembic_version SET version_num = $1", [rows[0].version_num]);
  } finally {
    await sql.end();
  }
  const again = project.bucketworks("services", "up");
  expect(again.code, again.out).toBe(0);
  expect((await experiments()).status).toBe(200);
});

test("a port that somebody else has is named with its setting, and the one that runs goes on", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port: other } = taken.address() as { port: number };
  try {
    const { code, out } = project.run({ BUCKETWORKS_SHOP_MLFLOW_PORT: String(other) }, "services", "up");
    expect(code, out).toBe(3);
    expect(out).toMatch(new RegExp(`port ${other} for MLflow of shop \\(BUCKETWORKS_SHOP_MLFLOW_PORT\\) is in use`));
    expect((await experiments()).status).toBe(200);
  } finally {
    taken.close();
  }
});

const PEOPLE = { ana: "read", ben: "edit", cleo: "manage" };
const asked = async (user: string, password: string): Promise<number> => {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const path = "/api/2.0/mlflow/experiments/search?max_results=1";
  return (await fetch(url(path), { headers: { authorization, connection: "close" } })).status;
};
const loginOf = (...login: string[]) => project.bucketworks("services", "login", NAME, ...login);
const passwordOf = (name: string): string => /^password +(\S+)$/m.exec(loginOf(name).out)?.[1] ?? "";

test("without logins nobody gets in once the file names some; passwords were chosen by nobody, each is kept for its owner alone and stands in no log", async () => {
  expect(loginOf()).toMatchObject({ code: 2, out: expect.stringContaining("asks nobody to log in") });
  tracked.declare(withLogins(PEOPLE));
  const watch = new ArgvWatch();
  await tracked.inShell("bin/bucketworks services up");
  const seen = watch.stop();
  expect((await experiments()).status).toBe(401);
  // Prometheus has no login, and learns of counts alone.
  const metrics = await fetch(url("/metrics"));
  expect([metrics.status, await metrics.text()]).toEqual([200, expect.stringContaining("mlflow_http_request_")]);
  expect((await fetch(url("/metrics/"))).status).not.toBe(200);
  const admin = readFileSync(join(folder(), "auth", "admin-password"), "utf8").trim();
  expect(loginOf().out).toBe(`user      admin\npassword  ${admin}\n`);
  expect([await asked("admin", "password1234"), await asked("admin", admin)]).toEqual([401, 200]);
  const passwords = [admin, ...Object.keys(PEOPLE).map(passwordOf)];
  expect(new Set(passwords).size).toBe(4);
  for (const password of passwords) {
    expect(password.length).toBeGreaterThan(30);
    expect(`${seen}${log()}`).not.toContain(password);
  }
  for (const name of ["auth/admin-password", "logins.json", "logins/ana-password"])
    expect([name, statSync(join(folder(), name)).mode & 0o777]).toEqual([name, 0o600]);
  expect(loginOf("dora")).toMatchObject({ code: 2, out: expect.stringContaining("there are admin, ana, ben, cleo") });
});

test("a reader looks and changes nothing, an editor logs and makes, a manager deletes, too, and none of them makes users", async () => {
  const tried = await Promise.all(
    Object.keys(PEOPLE).map((name) => tracked.clientWith(loginVariables(name, passwordOf(name)), "may", name)),
  );
  const [ana, ben, cleo] = tried;
  const no = "PERMISSION_DENIED";
  const changes = ["log", "make an experiment", "make a model", "move an alias"];
  const all = (answer: string) => Object.fromEntries(changes.map((what) => [what, answer]));
  const manages = (answer: string) =>
    Object.fromEntries(["delete a run", "delete an experiment", "give a right"].map((what) => [what, answer]));
  expect(ana).toEqual({ look: "done", ...all(no), ...manages(no), "make a user": no });
  expect(ben).toEqual({ look: "done", ...all("done"), ...manages(no), "make a user": no });
  expect(cleo).toEqual({ look: "done", ...all("done"), ...manages("done"), "make a user": no });
});

test("commands of this checkout have a login of their own, and a wrong one is refused with what to set", () => {
  expect(project.bucketworks("models", "list").out).toMatch(/^doubler +1 .*production/m);
  const wrong = project.run({ MLFLOW_TRACKING_USERNAME: "ana", MLFLOW_TRACKING_PASSWORD: "x" }, "models", "list");
  expect([wrong.code, wrong.out]).toEqual([3, expect.stringContaining("wants a login; set MLFLOW_TRACKING_USERNAME")]);
});

test("a second run leaves everything as it is; one who is taken away doesn't get in any more, and the others' logins outlive the restart", async () => {
  const before = server()?.pid;
  const [ana, ben, cleo] = ["ana", "ben", "cleo"].map(passwordOf) as [string, string, string];
  expect(project.bucketworks("services", "up").code).toBe(0);
  expect(server()?.pid).toBe(before);
  tracked.declare(withLogins({ ben: "read", cleo: "edit" }));
  const { code, out } = project.bucketworks("services", "up");
  expect(code, out).toBe(0);
  expect([await asked("ana", ana), await asked("ben", ben), await asked("cleo", cleo)]).toEqual([401, 200, 200]);
  expect(loginOf("ana").code).toBe(2);
  const said = async (login: string, method: string, path: string, asks: object) => {
    const headers = { authorization: `Basic ${btoa(login)}`, "content-type": "application/json" };
    return (await tracked.api(`mlflow/${path}`, { method, body: JSON.stringify(asks), headers })).status;
  };
  expect([
    await said(`ben:${ben}`, "POST", "experiments/create", { name: "of-ben-again" }),
    await said(`ben:${ben}`, "POST", "registered-models/get-latest-versions", { name: "doubler" }),
    await said(`cleo:${cleo}`, "DELETE", "registered-models/delete", { name: "of-cleo" }), // made while she managed
  ]).toEqual([403, 200, 403]);
  const told = log().match(/login \w+ (?:is taken away|may \w+)/g);
  expect(told).toEqual(["login ana is taken away", "login ben may read", "login cleo may edit"]);
});

test("with every service down, up and verify are as they were", async () => {
  expect(project.bucketworks("services", "down").code).toBe(0);
  const up = project.bucketworks("up");
  expect(up.code, up.out).toBe(0);
  await expect(tracked.inShell("bin/bucketworks verify")).resolves.toMatch(/tries\): right /);
  const listed = project.bucketworks("models", "list");
  expect([listed.code, listed.out]).toEqual([
    3,
    expect.stringMatching(/doesn't answer \(ECONNREFUSED\); make services starts it/),
  ]);
});
