import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveClient } from "../../live/client.ts";
import { ArgvWatch } from "../support/argv-watch.ts";
import { eventually } from "../support/local-checkout.ts";
import { LocalProject, type Ran } from "../support/local-project.ts";
import { freePort } from "../support/minio.ts";
import { TestPostgres } from "../support/postgres.ts";
import { platformFile } from "../support/specs.ts";

const TOKEN = "canary-token-4711";
/** Of what PostgreSQL's own strings and MinIO's files of variables could take for something else. */
const AWKWARD = `it's a "pass\\word" = $x`;

let project: LocalProject;
let postgres: TestPostgres;
let receiver: Receiver;
let port: number;

/** A webhook on loopback that keeps what it is told. */
class Receiver {
  /** `s3:ObjectCreated:Put orders/raw/a.csv`. */
  readonly told: string[] = [];
  readonly authorizations = new Set<string | undefined>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const body = await text(request);
      if (body !== "") {
        const { EventName, Key } = JSON.parse(body) as { EventName: string; Key: string };
        this.told.push(`${EventName} ${Key}`);
        this.authorizations.add(request.headers.authorization);
      }
      response.end();
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const bucketOf = (rules: string): string =>
  platformFile(
    `      - {name: orders, description: d, notifications: [${rules}]}\n      - {name: other, description: d}`,
  );
const RULES = `{target: "lake:webhook", events: [created, removed], prefix: raw/, suffix: .csv}, {target: "log:postgresql", events: [created]}`;

/** Without holding up what this test itself listens with. */
async function run(command: string, ...args: string[]): Promise<Ran> {
  const env = { ...process.env, ...project.ports };
  const child = spawn("sh", ["-c", '. ./toolchain/env.sh && exec "$@"', "sh", command, ...args], {
    cwd: project.checkout.root,
    env,
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, out: out + err };
}

async function must(command: string, ...args: string[]): Promise<string> {
  const { code, out } = await run(command, ...args);
  expect(code, out).toBe(0);
  return out;
}

const bucketworks = (...args: string[]) => run("bin/bucketworks", ...args);
const up = () => must("bin/bucketworks", "up");
const set = (key: string, value: string) =>
  must("pulumi", "config", "set", "--path", `bucketworks:notificationTargets.${key}`, value);

async function put(...keys: string[]): Promise<void> {
  const { minio } = project.checkout;
  const [accessKey = "", secretKey = ""] = [minio.rootUser, minio.rootPassword].map((path) =>
    readFileSync(path, "utf8").trim(),
  );
  const endpoint = `127.0.0.1:${project.ports.BUCKETWORKS_PORT}`;
  const client = new LiveClient({ endpoint, secure: false, region: "us-east-1", accessKey, secretKey });
  for (const key of keys) await client.put("orders", key, "rows");
  client.close();
}

/** Keys of which PostgreSQL was told, in their order. */
async function rows(): Promise<string[]> {
  const client = await postgres.superuser("told_db");
  // the server makes the table with the first event
  const there = await client.query("SELECT to_regclass('events') IS NOT NULL AS there");
  const answer = there.rows[0].there
    ? await client.query("SELECT event_data->'Records'->0->'s3'->'object'->>'key' AS key FROM events")
    : { rows: [] };
  await client.end();
  return answer.rows.map(({ key }) => decodeURIComponent(String(key)));
}

beforeAll(async () => {
  project = await LocalProject.make();
  project.declare(bucketOf(RULES));
  port = await freePort();
  receiver = new Receiver();
  await receiver.listen();
  // Whom the plan doesn't name the server lets in nowhere.
  const platforms = [{ name: "shop", roles: [{ name: "teller", description: "is told of objects" }] }];
  postgres = await TestPostgres.start({ schemaVersion: 1, databases: [{ name: "told_db", platforms }] });
  const client = await postgres.superuser();
  await client.query(`CREATE ROLE teller LOGIN PASSWORD '${AWKWARD.replaceAll("'", "''")}'`);
  await client.query("CREATE DATABASE told_db OWNER teller");
  await client.end();
});

afterAll(async () => {
  receiver.stop();
  await project?.remove();
  await postgres?.stop();
});

test("a target that the server wasn't started with is refused in one sentence, and nothing is made", async () => {
  const refused = await bucketworks("up");
  expect(refused).toEqual({
    code: 1,
    out: expect.stringMatching(
      /has no target lake:webhook for notifications \(it has none\), and bucket orders asks for it: .*; nothing was changed/,
    ),
  });
  expect(project.mc("ls", "dev")).toBe("");
});

test("up starts the server with the stack's targets; secrets are in no argument, no state and no record", async () => {
  await set("lake.type", "webhook");
  await set("lake.endpoint", `http://127.0.0.1:${port}/told`);
  const missing = await bucketworks("check", "--stage", "dev");
  expect(missing).toEqual({
    code: 1,
    out: expect.stringMatching(/no target "log:postgresql" in .*, it names lake:webhook/),
  });
  for (const [key, value] of Object.entries({ host: "127.0.0.1", port: postgres.place.port, database: "told_db" }))
    await set(`log.${key}`, String(value));
  for (const [key, value] of Object.entries({ type: "postgresql", user: "teller", table: "events", tls: "disable" }))
    await set(`log.${key}`, value);
  expect(await bucketworks("up")).toEqual({
    code: 2,
    out: expect.stringMatching(
      /target log of bucketworks:notificationTargets has no password .*notificationSecrets\.log\.password/,
    ),
  });
  for (const [key, value] of Object.entries({ "lake.token": TOKEN, "log.password": AWKWARD }))
    await must(
      "sh",
      "-c",
      `printf %s "$1" | pulumi config set --path --secret "bucketworks:notificationSecrets.$0"`,
      key,
      value,
    );
  const watch = new ArgvWatch();
  await up();
  const seen = watch.stop();
  const { minio, root } = project.checkout;
  const exported = await must("pulumi", "stack", "export");
  const kept = [minio.run, minio.log, join(root, "Pulumi.dev.yaml")].map((path) => readFileSync(path, "utf8"));
  for (const secret of [TOKEN, AWKWARD, "pass\\\\word"])
    expect([seen, exported, ...kept].filter((each) => each.includes(secret))).toEqual([]);
  const [file = ""] = readdirSync(minio.targets);
  expect(statSync(join(minio.targets, file)).mode & 0o777).toBe(0o600);
});

test("an object that is put is told to both receivers, and one that no rule is about to none", async () => {
  await put("raw/a.csv", "raw/a.txt");
  await eventually(() => receiver.told.length > 0);
  await eventually(async () => (await rows()).length > 1);
  expect(await rows()).toEqual(["raw/a.csv", "raw/a.txt"]);
  expect(receiver.told).toEqual(["s3:ObjectCreated:Put orders/raw/a.csv"]);
  expect([...receiver.authorizations]).toEqual([`Bearer ${TOKEN}`]);
});

test("what happens while both receivers are away is told when they are back", async () => {
  receiver.stop();
  await postgres.pause();
  await put("raw/b.csv");
  const { notifications } = project.checkout.minio;
  await eventually(
    () => readdirSync(notifications, { recursive: true }).filter((name) => /event/.test(String(name))).length > 1,
  );
  receiver = new Receiver();
  await receiver.listen();
  await postgres.resume();
  await eventually(() => receiver.told.includes("s3:ObjectCreated:Put orders/raw/b.csv"));
  await eventually(async () => (await rows()).includes("raw/b.csv"));
});

test("a second up changes nothing, and scan and verify find the server as it is declared", async () => {
  await must("pulumi", "preview", "--refresh", "--expect-no-changes");
  await must("bin/bucketworks", "scan", "--server-config");
  await must("bin/bucketworks", "verify", "--no-identities");
  expect(await must("bin/bucketworks", "explain", "--stage", "dev")).toContain(
    "orders tells lake:webhook (created, removed; keys raw/*.csv), log:postgresql (created)",
  );
});

test("rules that somebody changed are found by scan and verify, and up makes them right again", async () => {
  project.mc("event", "rm", "--force", "dev/orders");
  project.mc("event", "add", "dev/orders", "arn:minio:sqs::lake:webhook", "--event", "get");
  const scanned = await bucketworks("scan");
  expect(scanned.code).toBe(1);
  expect(scanned.out).toMatch(
    /notifications\["lake:webhook"\]: expected told of nothing, is told of s3:ObjectAccessed:\*/,
  );
  expect(scanned.out).toMatch(
    /notifications\["log:postgresql"\]: expected told of s3:ObjectCreated:\*, is told of nothing/,
  );
  expect((await bucketworks("verify", "--no-identities")).code).toBe(1);
  await up();
  expect((await bucketworks("scan")).code).toBe(0);
});

test("a bucket that was told of by hand is imported with its rules, and a preview has nothing to do", async () => {
  project.mc("mb", "dev/found");
  project.mc("event", "add", "dev/found", "arn:minio:sqs::lake:webhook", "--event", "delete", "--prefix", "in/");
  const found = `      - {name: found, description: d, notifications: [{target: "lake:webhook", events: [removed], prefix: in/}]}\n`;
  const group = "  found:\n    description: d\n    buckets:\n";
  project.declare(`${bucketOf(RULES)}${group}${found}`);
  const out = join(".bucketworks", "import");
  await must("bin/bucketworks", "import-server", "--missing-from-stack", "dev", "--out", out);
  const options = ["--yes", "--skip-preview", "--protect=false", "--generate-code=false"];
  await must("pulumi", "import", ...options, "--file", join(out, "import.json"));
  await must("pulumi", "preview", "--expect-no-changes");
  await must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("of a bucket whose spec says nothing they are left alone; those that the stack had set it takes away", async () => {
  project.mc("event", "add", "dev/other", "arn:minio:sqs::lake:webhook", "--event", "put");
  project.declare(bucketOf(RULES).replace("name: other, description: d", "name: other, description: d, tags: {a: b}"));
  await up();
  expect(project.mc("event", "ls", "--json", "dev/other")).toContain("lake:webhook");
  expect((await bucketworks("scan")).out).toMatch(/unmanaged\s+notification other/);
  project.mc("event", "rm", "--force", "dev/other");
  project.declare(bucketOf(RULES).replace(/, notifications: \[.*\]/, ""));
  await up();
  expect(project.mc("event", "ls", "--json", "dev/orders")).toBe("");
});
