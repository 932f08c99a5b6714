import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { isAlive, markOf } from "../../cli/ending/processes.ts";
import { readRun } from "../../cli/local/service/record.ts";
import { stopService } from "../../cli/local/service/start.ts";
import { declaredServices } from "../../cli/local/services/declared.ts";
import { localService } from "../../cli/local/services/local-service.ts";
import { NO_LOGINS } from "../../cli/local/services/logins.ts";
import { refreshSettings } from "../../cli/local/services/refresh.ts";
import { alertmanagerUrl, firingAlerts } from "../../cli/report/alerts.ts";
import { eventually } from "../support/local-checkout.ts";
import { LocalProject } from "../support/local-project.ts";
import { MailServer } from "../support/mail-server.ts";
import { MessageReceiver } from "../support/message-receiver.ts";
import { freePort } from "../support/minio.ts";

const SETTINGS = `
alerting: {failures: {for_minutes: 0}, machine: {free_percent: 1}}
services:
  prometheus: {scrape_interval: 1s}
  alertmanager: {group_wait: 1s, group_interval: 1s}
  node_exporter: {}
`;

let project: LocalProject;
let mailServer: MailServer;
let webhook: number;
const receiver = new MessageReceiver();
const { messages } = receiver;
const ports: Record<string, number> = {};
const services = (...args: string[]) => project.bucketworks("services", ...args);

beforeAll(async () => {
  project = await LocalProject.make();
  project.declare(project.good + SETTINGS);
  webhook = await freePort();
  for (const name of PROGRAMS) ports[name] = await freePort();
  for (const name of PROGRAMS) project.ports[`BUCKETWORKS_${name.toUpperCase()}_PORT`] = String(ports[name]);
  const up = project.bucketworks("up");
  expect(up.code, up.out).toBe(0);
  mailServer = await MailServer.start();
  const setting = (path: string, value: string, how = "secret") => `--${how} 'alerts.${path}=${value}'`;
  const settings = [
    setting("receivers.on-call.webhook", `http://127.0.0.1:${webhook}/canary`),
    setting("receivers.chat.slack", "https://hooks.invalid/canary"),
    setting("receivers.chat.severity", "warning", "plaintext"),
    setting("receivers.people.email", "canary@example.org"),
    setting("receivers.people.platforms[0]", "shop", "plaintext"),
    setting("smtp.server", `127.0.0.1:${mailServer.port}`, "plaintext"),
    setting("smtp.from", "alerts@example.org", "plaintext"),
    setting("smtp.tls", "false", "plaintext"),
  ];
  const set = `. toolchain/env.sh && pulumi config set-all --stack dev --path ${settings.join(" ")}`;
  const { status, stderr } = spawnSync("sh", ["-c", set], { cwd: project.checkout.root, encoding: "utf8" });
  expect(status, stderr).toBe(0);
});

afterAll(async () => {
  receiver.stop();
  mailServer?.stop();
  if (project !== undefined) services("down");
  await project?.remove();
});

const PROGRAMS = ["node_exporter", "alertmanager", "prometheus"] as const;
const pids = () => PROGRAMS.map((name) => readRun(localService(name, project.checkout))?.server?.pid);

async function ask<T>(name: (typeof PROGRAMS)[number], path: string): Promise<T> {
  return (await (await fetch(`http://127.0.0.1:${ports[name]}${path}`)).json()) as T;
}

interface Vector {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}
const query = async (text: string, time = ""): Promise<number | undefined> => {
  const { data } = await ask<Vector>("prometheus", `/api/v1/query?query=${encodeURIComponent(text)}${time}`);
  return data.result[0] === undefined ? undefined : Number(data.result[0].value[1]);
};

test("up starts what the platform asks for, says where, and Prometheus reads the server, the machine, Alertmanager and itself (ML-065)", async () => {
  const { code, out } = services("up");
  expect(code, out).toBe(0);
  for (const name of ["alertmanager", "prometheus"] as const)
    expect(out).toMatch(new RegExp(`^${name} +http://127\\.0\\.0\\.1:${ports[name]}$`, "m"));
  // Nobody opens it.
  expect(out).not.toMatch(/^node_exporter +http/m);
  const { out: status } = services("status");
  for (const name of PROGRAMS)
    expect(status).toMatch(new RegExp(`^${name} +running +http://127\\.0\\.0\\.1:${ports[name]} `, "m"));
  interface Targets {
    readonly data: {
      readonly activeTargets: readonly { readonly scrapePool: string; readonly health: string }[];
    };
  }
  const healthy = async (): Promise<string[]> => {
    const { data } = await ask<Targets>("prometheus", "/api/v1/targets");
    return data.activeTargets.filter(({ health }) => health === "up").map(({ scrapePool }) => scrapePool);
  };
  const all = ["alertmanager", "minio-bucket", "minio-cluster", "node", "prometheus"];
  await eventually(async () => (await healthy()).sort().join() === all.join());
  expect(await query("minio_cluster_health_status")).toBe(1);
  for (const metric of ["node_cpu_seconds_total", "node_memory_MemTotal_bytes", "node_filesystem_avail_bytes"])
    await eventually(async () => ((await query(`count(${metric})`)) ?? 0) > 0);
});

test("the alerts of the platform are loaded, and Prometheus finds no fault in them", async () => {
  interface Rules {
    readonly data: { readonly groups: readonly { readonly rules: readonly { name: string; health: string }[] }[] };
  }
  const rules = async () =>
    (await ask<Rules>("prometheus", "/api/v1/rules")).data.groups.flatMap((group) => group.rules);
  await eventually(async () => (await rules()).every(({ health }) => health === "ok"));
  expect((await rules()).map(({ name }) => name).sort()).toEqual([
    "BucketNearQuota",
    "BucketsMissing",
    "DrivesOffline",
    "MachineDiskNearlyFull",
    "MachineMemoryNearlyFull",
    "MachineProcessorsBusy",
    "ObjectStorageSilent",
    "ObjectStorageUnhealthy",
    "PipelineFailed",
    "PipelineLate",
    "RequestsFail",
    "ServerNearlyFull",
    "ServersOffline",
  ]);
});

test("no secret is on a command line or in a file that others may read; all listen to this machine alone", () => {
  const folder = project.checkout.services;
  const token = readFileSync(join(folder, "prometheus", "minio-token"), "utf8").trim();
  for (const pid of pids()) {
    const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    expect(line).not.toContain(token);
    expect(line).not.toContain("canary");
    expect(line).toContain("--web.listen-address=127.0.0.1:");
  }
  const open = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.parentPath.includes("/data"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => (statSync(path).mode & 0o077) !== 0);
  expect(open).toEqual([]);
  expect(readFileSync(join(folder, "alertmanager", "alertmanager.yml"), "utf8")).toContain("/canary");
});

test("a second up changes nothing; scan finds nothing on the server that a spec lacks", () => {
  const before = pids();
  const { code, out } = services("up");
  expect(out.match(/ reused on /g)).toHaveLength(3);
  expect(out).not.toContain("made user");
  expect(code).toBe(0);
  expect(pids()).toEqual(before);
  const scan = project.run({ MINIO_ENDPOINT: "" }, "scan");
  expect(scan.code, scan.out).toBe(0);
});

test("U-106, ML-020, ML-022: a server that falls silent is told by mail and to a webhook, also to one that was down when the alert began and answers before it ends; then that it is back", async () => {
  const server = readRun(project.checkout.minio)?.server?.pid;
  if (server === undefined) throw new Error("no server is recorded");
  process.kill(server, "SIGSTOP");
  try {
    // Nobody listens yet.
    await eventually(async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${ports.alertmanager}/metrics`)).text();
      return /^alertmanager_notification_requests_failed_total\{integration="webhook"\} [1-9]/m.test(metrics);
    });
    expect(messages).toEqual([]);
    await receiver.listen(webhook);
    await eventually(() => messages.some(({ status }) => status === "firing"));
    const alerts = await firingAlerts(alertmanagerUrl(project.checkout.root, true, {}));
    expect("entries" in alerts && alerts.entries.filter(({ name }) => name === "ObjectStorageSilent")).toMatchObject([
      { platform: "shop", summary: expect.stringContaining("object storage of shop isn't known") },
    ]);
  } finally {
    process.kill(server, "SIGCONT");
  }
  expect(messages[0]).toMatchObject({
    groupLabels: { alertname: "ObjectStorageSilent", platform: "shop" },
    alerts: [{ annotations: { summary: expect.stringContaining("object storage of shop isn't known") } }],
  });
  await eventually(() => messages.at(-1)?.status === "resolved");
  await eventually(() => mailServer.subjects.length === 2);
  expect(mailServer.subjects).toEqual(["FIRING shop: ObjectStorageSilent", "RESOLVED shop: ObjectStorageSilent"]);
});

test("one that is killed is started again, with all it knew", async () => {
  const [, , prometheus] = pids();
  const before = Date.now() / 1000;
  await eventually(async () => (await query("up{job='node'}", `&time=${before}`)) === 1);
  process.kill(Number(prometheus), "SIGKILL");
  await eventually(() => pids()[2] !== undefined && pids()[2] !== prometheus);
  await eventually(() => localService("prometheus", project.checkout).answers({ http: Number(ports.prometheus) }));
  expect(await query("up{job='node'}", `&time=${before}`)).toBe(1);
  const { services: found } = JSON.parse(services("status", "--format", "json").out);
  expect(found).toEqual(
    PROGRAMS.map((name) => ({
      name,
      declared: true,
      state: "running",
      url: `http://127.0.0.1:${ports[name]}`,
      pid: expect.any(Number),
      restarts: name === "prometheus" ? 1 : 0,
    })),
  );
  expect(services("logs", "prometheus").out).toContain("server ended unasked (signal SIGKILL)");
});

async function listenOn(port: number): Promise<Server> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const ofPrometheus = () => parse(readFileSync(join(project.checkout.services, "prometheus", "prometheus.yml"), "utf8"));

test("a port in use is named with who has it and the setting, and the others go on", async () => {
  const taken = await listenOn(0);
  const { port } = taken.address() as AddressInfo;
  const { code, out } = project.run({ BUCKETWORKS_ALERTMANAGER_PORT: String(port) }, "services", "up");
  taken.close();
  expect(out).toContain(`port ${port} for Alertmanager (BUCKETWORKS_ALERTMANAGER_PORT) is in use by `);
  expect(out).toMatch(/choose other ports, for example: make services BUCKETWORKS_ALERTMANAGER_PORT=\d+/);
  expect(out).toContain("Prometheus reused");
  expect(code).toBe(3);
  // The one that ran goes on, so it is told of alerts as before.
  expect(out).toMatch(new RegExp(`^alertmanager +http://127\\.0\\.0\\.1:${ports.alertmanager}$`, "m"));
  const targets = [`127.0.0.1:${ports.alertmanager}`];
  expect(ofPrometheus().alerting).toEqual({ alertmanagers: [{ static_configs: [{ targets }] }] });
});

test("one that can't start now stays known to Prometheus, so its silence is seen", async () => {
  await stopService(localService("node_exporter", project.checkout));
  const taken = await listenOn(Number(ports.node_exporter));
  expect(services("up").code).toBe(3);
  taken.close();
  const targets = [`127.0.0.1:${ports.node_exporter}`];
  expect(ofPrometheus().scrape_configs).toContainEqual(
    expect.objectContaining({ job_name: "node", static_configs: [{ targets }] }),
  );
  expect(services("up").code).toBe(0);
});

test("settings that Alertmanager refuses are told with its reason, and it goes on with those before", async () => {
  const { shared, platforms, instances } = declaredServices(project.checkout);
  const instance = instances.find(({ name }) => name === "alertmanager");
  const server = readRun(localService("alertmanager", project.checkout))?.server;
  if (server === undefined || instance === undefined) throw new Error("no Alertmanager is recorded");
  const alerts = { receivers: { pager: { webhook: "https://pager.example.org:PORT/" } } };
  const peers = { minio: undefined, services: {} };
  const folder = join(project.checkout.services, instance.name);
  const given = { folder, instance, shared, platforms, isJudged: true, alerts, peers, logins: NO_LOGINS };
  const refused = refreshSettings(project.checkout, given, { port: Number(ports.alertmanager), server });
  await expect(refused).rejects.toThrow(/^Alertmanager refused its new settings[\s\S]*invalid port/);
  expect(readFileSync(join(project.checkout.services, "alertmanager", "alertmanager.yml"), "utf8")).toContain(
    "/canary",
  );
});

test("restart starts one again, and refuses a name that is none", () => {
  const before = pids();
  expect(services("restart", "node_exporter").code).toBe(0);
  const after = pids();
  expect(after[0]).not.toBe(before[0]);
  expect(after.slice(1)).toEqual(before.slice(1));
  const { code, out } = services("restart", "nod_exporter");
  expect(out).toContain('no service "nod_exporter", there are node_exporter, alertmanager, prometheus');
  expect(out).toContain("; did you mean node_exporter?");
  expect(code).toBe(2);
});

test("one that no platform asks for any more is ended", () => {
  project.declare(`${project.good}${SETTINGS.replace("node_exporter: {}", "node_exporter: {enabled: false}")}`);
  const [before] = pids();
  expect(services("up").out).toContain("node_exporter stopped: no platform asks for it any more");
  expect(isAlive(markOf(Number(before)))).toBe(false);
});

test("down leaves nothing running; what they keep stays", () => {
  const running = PROGRAMS.flatMap((name) => {
    const run = readRun(localService(name, project.checkout));
    return [run?.supervisor, run?.server];
  });
  expect(running.filter(isAlive)).toHaveLength(4);
  expect(services("down").out).toContain("stopped Alertmanager, Prometheus; what they keep stays");
  expect(running.filter(isAlive)).toEqual([]);
  expect(services("down").out).toContain("no service is running");
  const { code, out } = services("status");
  expect(out).toMatch(/^prometheus +stopped +- +-$/m);
  expect(code).toBe(1);
  expect(readdirSync(join(project.checkout.services, "prometheus", "data"))).toContain("wal");
});
