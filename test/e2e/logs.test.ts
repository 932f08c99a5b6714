import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LOG_STORE } from "../../builders/services/logs.ts";
import { ownRoot } from "../../cli/checkout.ts";
import { minio } from "../../cli/local/minio/service.ts";
import { readText } from "../../cli/local/private-files.ts";
import { rotate } from "../../cli/local/service/log-file.ts";
import { readRun } from "../../cli/local/service/record.ts";
import { eventually } from "../support/local-checkout.ts";
import type { LocalProject, Ran } from "../support/local-project.ts";
import { LoggedProject, TRAIL, type Trail } from "../support/logged-project.ts";
import type { Mc } from "../support/mc.ts";
import { plainShell } from "../support/project-copy.ts";

let logged: LoggedProject;
let project: LocalProject;
let root: Mc;
let writer: Mc;
beforeAll(async () => {
  logged = await LoggedProject.make();
  ({ project, root, writer } = logged);
});
afterAll(() => logged?.remove());

const logs = (...args: string[]): Ran => logged.logs(...args);
const write = (...lines: readonly (object | string)[]): void => logged.write(...lines);
const found = (query: string, limit?: number) => logged.found(query, limit);
const count = async (query: string): Promise<number> => (await found(query)).length;

test("lines of servers, services and data programs are found by words, program and run", async () => {
  const line = { time: new Date().toISOString(), level: "warning", message: "too few rows", correlation_id: "run-7" };
  write({ ...line, rows: 3 }, { ...line, correlation_id: "run-8" }, "Traceback: of no form at all");
  await eventually(async () => (await count("service:=orders")) === 3);
  const one = logs("--query", "rows", "--correlation", "run-7", "--service", "orders");
  expect(one.out).toMatch(/^\S+Z warning shop\/orders \[run-7\] too few rows rows=3\n$/);
  const json = JSON.parse(logs("--correlation", "run-8", "--format", "json").out);
  expect(json).toMatchObject({ schemaVersion: 1, lines: [{ correlation_id: "run-8", platform: "shop" }] });
  expect(logs("--query", '"no form"').out).toContain(" unknown shop/orders Traceback: of no form at all");
  const services = logs("--query", "* | stats by (service) count() n | sort by (service)").out;
  for (const name of ["bucketworks", "log_store", "logs", "minio", "orders"])
    expect(services).toMatch(new RegExp(`^${name} n=`, "m"));
});

test("no line, a query that can't be read and a limit are told in words", () => {
  expect(logs("--query", "nobodywrotethis", "--since", "2d")).toEqual({
    code: 0,
    out: "no line of the last 2d matches\n",
  });
  const wrong = logs("--query", "rows and (");
  expect(wrong.code).toBe(2);
  expect(wrong.out).toMatch(/^logs --query: character 10: unexpected end of query.*\n {2}rows and \(\n {11}\^\n/);
  expect(logs("--since", "yesterday").out).toContain("must be a whole number with s, m, h or d, like 1h.");
  expect(logs("--limit", "1").out).toContain("the newest 1 lines; --limit shows more");
  for (const help of [logs("--help"), project.bucketworks("services", "logs", "--help")])
    expect(help.out).toMatch(/bucketworks (services )?logs/);
});

test("lines that come are followed until Ctrl-C", async () => {
  const args = ["logs", "--follow", "--query", "followed", "--since", "1m"];
  const child = spawn(join(project.checkout.root, "bin", "bucketworks"), args, {
    cwd: project.checkout.root,
    env: plainShell(),
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  write({ time: new Date().toISOString(), level: "info", message: "followed one" });
  await eventually(() => said.includes("followed one"));
  write({ time: new Date().toISOString(), level: "info", message: "followed two" });
  await eventually(() => said.includes("followed two"));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  expect(await ended).toBe(130);
});

/** The same cases hold for the masking of programs. */
const cases = JSON.parse(
  readFileSync(join(ownRoot(), "pipelines", "shared", "tests", "masking-cases.json"), "utf8"),
) as { readonly hidden: readonly (readonly [string, string, string])[] };

test("no canary of a secret gets into the store, neither from a program's log nor past it", async () => {
  const { checkout } = project;
  const password = readText(checkout.minio.rootPassword) ?? "";
  const texts = cases.hidden.map(([, text]) => text.replaceAll("\n", "\\n"));
  logged.writtenByProgram(texts, "canaries");
  const own = readFileSync(join(checkout.logs, "shop-program.log"), "utf8");
  // What doesn't: a server's text, and JSON of somebody else.
  const all = [...texts, `root logs in as ${password}`];
  appendFileSync(checkout.minio.log, `${[...all, "the canaries' end"].join("\n")}\n`);
  write(...all.map((text) => ({ message: text, deep: { said: [text], secret_key: text }, mark: "past" })));
  await eventually(async () => (await count("mark:=past")) === all.length);
  await eventually(async () => (await count('"canaries\' end" service:=minio')) === 1);
  await eventually(async () => (await count("correlation_id:=canaries")) === texts.length);
  const stored = JSON.stringify(await found("*"));
  const files = readdirSync(checkout.services, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && each.parentPath.includes("/log"))
    .map((each) => readFileSync(join(each.parentPath, each.name), "latin1"))
    .join("\n");
  for (const canary of [...cases.hidden.map(([, , each]) => each), password]) {
    expect(stored).not.toContain(canary);
    expect(own).not.toContain(canary);
    expect(files).not.toContain(canary);
  }
});

test("requests to the local server are lines: a GET and a refused PUT of a known key are found, and no secret of them is", async () => {
  const { checkout } = project;
  const [file, object] = [join(checkout.home, "asked-for.txt"), "t/orders/asked-for.txt"];
  writeFileSync(file, "asked for\n");
  await root.run("cp", "--disable-multipart", file, object);
  await root.run("cat", object);
  await expect(writer.run("cp", "--disable-multipart", file, "t/invoices/x")).rejects.toThrow();
  // Who has the whole of such an address may use it.
  const shared = (await root.run("share", "download", "--json", object)).trim();
  const address = new URL((JSON.parse(shared) as { share: string }).share);
  const canaries = ["canary-session-0123456789", "canary-customer-key-0123"];
  const headers = { "x-session": canaries[0] ?? "", "x-customer-key": canaries[1] ?? "" };
  expect((await fetch(address, { headers })).status).toBe(200);
  const asked = (query: string): Promise<number> => count(`service:=minio-requests ${query}`);
  const [owner, adder] = [root.user, writer.user];
  await eventually(async () => (await asked(`actor:=${owner} api:=GetObject object:="asked-for.txt"`)) >= 2);
  await eventually(async () => (await asked(`actor:=${adder} api:=PutObject bucket:="invoices" status:=403`)) === 1);
  const { out } = logs("--query", `actor:=${adder} api:=PutObject status:=403`, "--service", "minio-requests");
  expect(out).toMatch(/ warning minio-requests \[\w+\] PutObject invoices\/x 403 .*actor=/);
  const token = readText(join(checkout.services, "log_shipper", "requests-token")) ?? "";
  const stored = JSON.stringify(await found("service:=minio-requests"));
  const log = readFileSync(join(checkout.logs, "minio-requests.log"), "utf8");
  expect(token).toMatch(/^\w{48}$/);
  const secrets = [address.searchParams.get("X-Amz-Signature") ?? "none", ...canaries, token];
  for (const secret of secrets) for (const text of [stored, log]) expect(text).not.toContain(secret);
  const run = JSON.stringify(readRun(minio(checkout)));
  expect(run).toContain("/server-requests");
  expect(run).not.toContain(token);
});

test("a stranger can neither read nor write logs, a reader can't write, and files are their owner's alone", async () => {
  const { checkout } = project;
  const address = (name: string) => readText(join(checkout.services, name, "endpoint"));
  const basic = (user: string, password = "") =>
    `Basic ${Buffer.from(`${user}:${password.trim()}`).toString("base64")}`;
  const passwordOf = (name: string, file: string) => readText(join(checkout.services, name, file));
  const reader = basic(LOG_STORE.reader, passwordOf("logs", LOG_STORE.readerPassword));
  const status = async (name: string, path: string, authorization?: string, body?: string) => {
    const headers = { ...(authorization && { authorization }), "Content-Type": "application/stream+json" };
    const request = { headers, ...(body !== undefined && { method: "POST", body }) };
    return (await fetch(`http://${address(name)}${path}`, request)).status;
  };
  const query = "/select/logsql/query?query=*&limit=1";
  const line = '{"_msg":"forged"}';
  for (const name of ["logs", "log_store"]) {
    for (const path of [
      query,
      "/select/logsql/tail?query=*",
      "/select/vmui/",
      "/metrics",
      "/flags",
      "/internal/partition/list",
    ]) {
      expect(await status(name, path), path).toBe(401);
      expect(await status(name, path, basic("reader", "wrong")), path).toBe(401);
    }
    expect(await status(name, "/insert/jsonline", undefined, line)).toBe(401);
    expect(await status(name, "/insert/loki/api/v1/push", undefined, line)).toBe(401);
  }
  expect(await status("logs", query, reader)).toBe(200);
  expect(await status("log_store", query, reader)).toBe(401);
  for (const path of [
    "/insert/jsonline",
    "/internal/insert",
    "/insert/elasticsearch/_bulk",
    "/delete/run_task?filter=*",
  ])
    expect(await status("logs", path, reader, line), path).toBeGreaterThanOrEqual(400);
  expect(await count("forged")).toBe(0);
  const mode = (...path: string[]) => (statSync(join(...path)).mode & 0o777).toString(8);
  expect(mode(checkout.services, "log_store", LOG_STORE.writerPassword)).toBe("600");
  expect(mode(checkout.services, "logs", LOG_STORE.readerPassword)).toBe("600");
  expect(mode(checkout.services, "log_shipper", "settings.json")).toBe("600");
  expect(mode(checkout.logs, "bucketworks.log")).toBe("600");
  expect([mode(checkout.services, "log_store", "data"), mode(checkout.logs)]).toEqual(["700", "700"]);
  const { stdout } = spawnSync("ps", ["-axww", "-o", "command="], { encoding: "utf8" });
  expect(stdout).not.toContain(passwordOf("log_store", LOG_STORE.writerPassword));
});

test("lines older than the days that lines are kept aren't taken, and the store has the room that was asked for", async () => {
  const at = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  write(...[30, 2].map((days) => ({ time: at(days), message: "aged", days })));
  const shown = () => logs("--query", "aged", "--since", "60d").out;
  await eventually(() => shown().includes("days=2"));
  expect(shown()).not.toContain("days=30");
  expect(await logged.storeFlags("retentionPeriod", "retention.maxDiskSpaceUsageBytes")).toEqual(["7d", "104857600"]);
});

test("store and shipper are killed while lines come, and each line is there", async () => {
  const lines = 1500;
  for (let line = 0; line < lines; line++) {
    write({ time: new Date().toISOString(), level: "info", message: "numbered", line });
    if (line % 500 === 250) await logged.killed("log_store");
    if (line % 500 === 400) await logged.killed("log_shipper");
  }
  const distinct = async () => (await found("numbered | stats count_uniq(line) n"))[0]?.n;
  await eventually(async () => (await distinct()) === String(lines), 60_000);
});

test("while the store is away lines wait in the logs, also in one that is moved away meanwhile; requests wait at the server while the shipper is", async () => {
  await logged.stopped("log_store");
  const asked = logs("--query", "waits");
  expect(asked.code).toBe(3);
  expect(asked.out).toMatch(/^logs: .*; run make services\n$/s);
  const log = join(project.checkout.logs, "shop-orders.log");
  write({ time: new Date().toISOString(), message: "waits before" });
  rotate(log, 0);
  expect(readFileSync(log, "utf8")).toBe("");
  write({ time: new Date().toISOString(), message: "waits after" });
  await eventually(() =>
    readFileSync(join(project.checkout.services, "log_shipper", "log_shipper.log"), "utf8").includes(
      "lines wait in the logs",
    ),
  );
  await logged.stopped("log_shipper");
  await root.run("tag", "set", "t/orders", "while=away");
  const { code, out } = project.bucketworks("services", "up");
  expect(code, out).toBe(0);
  await eventually(async () => (await count("waits service:=orders")) === 2);
  await eventually(async () => (await count("service:=minio-requests api:=PutBucketTagging")) === 1);
});

const audit = (...args: string[]): Ran => logged.audit(...args);
const trail = (): Trail => JSON.parse(audit("--format", "json").out) as Trail;

test("audit lines of commands and programs are in the trail, each once, also where the shipper is killed", async () => {
  const before = trail().lines;
  const sale = { message: "m", audit: true, actor: "a", action: "sold" };
  for (let line = 0; line < 40; line++) {
    write({ time: new Date().toISOString(), ...sale, object: `o-${line}` });
    if (line % 20 === 10) await logged.killed("log_shipper");
  }
  // As the model API writes it, and whatever else masks the address of a person.
  const reload = { audit: true, actor: "ana@example.org", action: "model reload", object: "POST /model/reload" };
  write({ time: new Date().toISOString(), message: "request", ...reload, outcome: "done", said: reload.actor });
  await eventually(() => trail().lines >= before + 41);
  expect(project.bucketworks("services", "restart", "logs").code).toBe(0);
  await eventually(() => trail().lines >= before + 43);
  expect(trail()).toMatchObject({ lines: before + 43, findings: [] });
  expect(audit().out).toMatch(/^the audit trail in shop-audit-trail is whole: \d+ lines in \d+ objects, 1 chain\n$/);
  const objects = await root.run("cat", ...(await logged.trailKeys()).map((key) => `t/${TRAIL}/${key}`));
  const lines = Array.from(objects.trim().split("\n"), (line) => JSON.parse(line));
  expect(lines.filter(({ action }) => action === "services.restart").map(({ outcome }) => outcome)).toEqual([
    "begun",
    "done",
  ]);
  expect(lines.find(({ action }) => action === reload.action)).toMatchObject({
    ...reload,
    outcome: "done",
    said: "***",
  });
  expect(new Set(lines.filter(({ action }) => action === "sold").map(({ object }) => object)).size).toBe(40);
});

test("the key that adds to the trail reads, lists and deletes nothing, and its own administrator deletes no version", async () => {
  const [key = ""] = await logged.trailKeys();
  const object = `t/${TRAIL}/${key}`;
  for (const args of [
    ["cat", object],
    ["stat", object],
    ["ls", `t/${TRAIL}`],
    ["rm", object],
    ["rm", "--bypass", object],
  ])
    await expect(writer.run(...args), args.join(" ")).rejects.toThrow(/denied|Insufficient permissions/i);
  const versions = await root.run("ls", "--json", "--versions", object);
  const { versionId = "" } = JSON.parse(versions.trim()) as { versionId?: string };
  await expect(root.run("rm", "--version-id", versionId, "--bypass", object)).rejects.toThrow(/WORM|locked|retention/i);
  expect(await root.run("cat", "--version-id", versionId, object)).toContain('"sequence":1,"previous":null');
});

test("an object that is written over, deleted or put beside the trail is found, and the first version is there", async () => {
  const [first = "", second = ""] = await logged.trailKeys();
  const body = await root.run("cat", `t/${TRAIL}/${first}`);
  const forged = join(project.checkout.home, "forged.jsonl");
  writeFileSync(forged, body.replace('"lines":', '"lines": '));
  await writer.run("cp", "--disable-multipart", forged, `t/${TRAIL}/${first}`);
  await writer.run("cp", "--disable-multipart", forged, `t/${TRAIL}/date=2026-01-01/other.jsonl`);
  await root.run("rm", `t/${TRAIL}/${second}`);
  const judged = audit();
  expect(judged.code).toBe(1);
  expect(judged.out).toContain(`${first}: somebody wrote over it; its first version is there`);
  expect(judged.out).toContain(`${second}: somebody deleted it; its version is there`);
  expect(judged.out).toContain("date=2026-01-01/other.jsonl: another object has its place, 1");
});

test("without a platform that asks for them no log is searched, and no trail judged", () => {
  project.declare();
  expect(audit()).toMatchObject({ code: 2, out: expect.stringContaining("no platform asks for a trail") });
});
