import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkoutAt } from "../../../cli/checkout.ts";
import { endAll, markOf, type ProcessMark } from "../../../cli/ending/processes.ts";
import type { Given } from "../../../cli/local/services/kinds/kind.ts";
import { NO_LOGINS } from "../../../cli/local/services/logins.ts";
import { refreshSettings } from "../../../cli/local/services/refresh.ts";
import { writeDocuments } from "../../../cli/local/services/settings.ts";
import { NO_SERVICES } from "../../../config/model.ts";
import { freePort } from "../../support/minio.ts";
import { platform } from "../../support/platforms.ts";

const checkout = checkoutAt(mkdtempSync(join(tmpdir(), "bucketworks settings ")));
const file = join(checkout.services, "alertmanager", "alertmanager.yml");
let server: ProcessMark | undefined;
let port: number;

/** As Alertmanager answers: it takes settings at its start and some time after SIGHUP, and refuses those with a receiver `bad`. */
const PROGRAM = `
const [file, log, port] = process.argv.slice(1);
const { appendFileSync, readFileSync } = require("node:fs");
let [taken, at, times] = [0, 0, 0];
const read = () => {
  times++;
  taken = readFileSync(file, "utf8").includes("name: bad") ? 0 : 1;
  if (taken) at = Date.now() / 1000;
  else appendFileSync(log, "level=error err=refused " + times + "\\n");
};
read();
process.on("SIGHUP", () => setTimeout(read, 300));
const lines = () => ["successful " + taken, "success_timestamp_seconds " + at];
require("node:http")
  .createServer((_, answer) =>
    answer.end(lines().map((each) => "alertmanager_config_last_reload_" + each + "\\n").join("") + "times " + times + "\\n"))
  .listen(port, "127.0.0.1", () => console.log("ready"));
`;

const given = (...names: string[]): Given => ({
  folder: join(checkout.services, "alertmanager"),
  instance: { name: "alertmanager", kind: "alertmanager", platform: null, port: 1 },
  shared: {
    ...NO_SERVICES,
    alertmanager: { port: 1, groupWaitSeconds: 1, groupIntervalSeconds: 1, repeatSeconds: 1 },
  },
  platforms: [],
  isJudged: true,
  alerts: { receivers: Object.fromEntries(names.map((name) => [name, { webhook: `http://127.0.0.1:1/${name}` }])) },
  peers: { minio: undefined, services: {} },
  logins: NO_LOGINS,
});
const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

async function refreshed(...names: string[]): Promise<void> {
  if (server === undefined) throw new Error("nothing runs");
  await refreshSettings(checkout, given(...names), { port, server });
}

test("the alerts of the platforms are loaded also while the local server doesn't run and has no token: its silence is one", async () => {
  const prometheus = { port: 1, retentionDays: 1, maxBytes: 2 ** 20, scrapeSeconds: 15 };
  const before = given();
  await writeDocuments(
    checkout,
    {
      ...before,
      instance: { name: "prometheus", kind: "prometheus", platform: null, port: 1 },
      shared: { ...before.shared, prometheus },
      platforms: [platform("mlops")],
    },
    "127.0.0.1:1",
  );
  const rules = readFileSync(join(checkout.services, "prometheus", "rules.yml"), "utf8");
  expect(rules).toContain("alert: ObjectStorageSilent");
});

beforeAll(async () => {
  port = await freePort();
  await writeDocuments(checkout, given("first"), `127.0.0.1:${port}`);
  const log = join(checkout.services, "alertmanager", "alertmanager.log");
  writeFileSync(log, "level=info msg=before\n");
  const child = spawn(process.execPath, ["-e", PROGRAM, file, log, String(port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  server = markOf(Number(child.pid));
});

afterAll(async () => {
  if (server !== undefined) await endAll([server], 5000, "SIGTERM");
  rmSync(checkout.root, { recursive: true });
});

test("a program that runs takes other settings, and isn't asked to where they are the same", async () => {
  await refreshed("first");
  expect(await metrics()).toContain("times 1\n");
  await refreshed("second");
  expect(await metrics()).toContain("times 2\n");
  expect(readFileSync(file, "utf8")).toContain("name: second");
});

test("one that refuses its settings is told of, each time, and goes on with those before, which are in its file again", async () => {
  const before = readFileSync(file, "utf8");
  for (const _ of [1, 2]) {
    await expect(refreshed("bad")).rejects.toThrow(
      /^Alertmanager refused its new settings and goes on with those before\nlast lines of \S+:\n {2}level=error err=refused \d$/,
    );
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(await metrics()).toContain("successful 1\n");
  }
});

test("settings that were written and not taken, as by a run that was killed, are taken by the next run", async () => {
  await writeDocuments(checkout, given("bad"), `127.0.0.1:${port}`);
  process.kill(Number(server?.pid), "SIGHUP");
  await expect.poll(metrics).toContain("successful 0\n");
  await writeDocuments(checkout, given("third"), `127.0.0.1:${port}`);
  await refreshed("third");
  expect(await metrics()).toContain("successful 1\n");
});
