import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dashboards } from "../../builders/services/dashboards/dashboards.ts";
import { readRun } from "../../cli/local/service/record.ts";
import { eventually } from "../support/local-checkout.ts";
import { MailServer } from "../support/mail-server.ts";
import { MessageReceiver } from "../support/message-receiver.ts";
import { freePort } from "../support/minio.ts";
import { modelSeries } from "../support/model-series.ts";
import { ROOT } from "../support/toolchain.ts";
import { WatchedProject } from "../support/watched-project.ts";

const ALL = ["cybersec", "dataops", "ml-security", "mlops", "usdcop"];
const WITH_DATABASE = ["cybersec", "dataops", "mlops"];

let watched: WatchedProject;
let mail: MailServer;
let webhook: number;
const receiver = new MessageReceiver();

beforeAll(async () => {
  watched = await WatchedProject.make();
  const up = watched.project.bucketworks("up");
  expect(up.code, up.out).toBe(0);
  mail = await MailServer.start();
  webhook = await freePort();
  watched.set({
    "receivers.on-call.webhook": `secret:http://127.0.0.1:${webhook}/`,
    "receivers.people.email": "secret:people@example.org",
    "smtp.server": `127.0.0.1:${mail.port}`,
    "smtp.from": "alerts@example.org",
    "smtp.tls": "false",
  });
});

afterAll(async () => {
  receiver.stop();
  mail?.stop();
  await watched?.remove();
});

/** A process and its children: they stand still until they are told to go on. */
function family(pid: number): number[] {
  const { stdout } = spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" });
  return [pid, ...stdout.split("\n").filter(Boolean).map(Number)];
}

function processes(): number[] {
  const { minio, postgres } = watched.project.checkout;
  return [minio, postgres].flatMap((server) => {
    const pid = readRun(server)?.server?.pid;
    if (pid === undefined) throw new Error("no server is recorded");
    return family(pid);
  });
}

const mailed = (status: string, alert: string): string[] => {
  const end = `: ${alert}`;
  const found = mail.subjects.filter((each) => each.startsWith(`${status} `) && each.endsWith(end));
  return [...new Set(found.map((each) => each.slice(status.length + 1, -end.length)))].sort();
};

test("ML-023, ML-081: the five platforms' services start; where no Grafana is on PATH one line says so, and its dashboards, data source and settings are files", () => {
  const { code, out } = watched.project.run({ PATH: withoutGrafana() }, "services", "up");
  expect(out).toContain("Grafana isn't on PATH, so none runs; its files are in .bucketworks/services/grafana");
  expect(code, out).toBe(0);
  // What people open, and no program that others alone speak with.
  expect([...out.matchAll(/^(\S+) +http:\/\/127\.0\.0\.1:\d+$/gm)].map(([, name]) => name)).toEqual([
    ...["alertmanager", "logs", "prometheus"],
  ]);
  const folder = join(watched.project.checkout.services, "grafana");
  for (const [file, dashboard] of Object.entries(dashboards()))
    expect(JSON.parse(readFileSync(join(folder, "dashboards", file), "utf8")), file).toEqual(
      JSON.parse(JSON.stringify(dashboard)),
    );
  const source = readFileSync(join(folder, "provisioning", "datasources", "prometheus.yml"), "utf8");
  expect(source).toContain(`url: http://127.0.0.1:${watched.ports.prometheus}\n`);
  const [, file = ""] = /\$__file\{(.+)\}/.exec(readFileSync(join(folder, "grafana.ini"), "utf8")) ?? [];
  const password = readFileSync(file, "utf8");
  expect(password.length).toBeGreaterThan(20);
  expect(watched.project.bucketworks("services", "login", "grafana").out).toContain(password);
});

test("a Grafana that isn't on PATH is no finding of status, and its log says why there is none", () => {
  const without = (...args: string[]) => watched.project.run({ PATH: withoutGrafana() }, "services", ...args);
  const status = without("status");
  expect(status.out).toMatch(/^grafana +not on PATH +- +-$/m);
  expect(status.out).toMatch(/^log_shipper +running +http/m);
  expect(status.code, status.out).toBe(0);
  const logs = without("logs", "grafana");
  expect(logs.out).toContain("Grafana isn't on PATH, so none runs here; install it, then run make services");
  expect(logs.code).toBe(3);
});

test("ML-065: Prometheus reads all that runs: server, machine, PostgreSQL, the store of logs, its shipper and its search, Alertmanager and itself", async () => {
  const jobs = ["alertmanager", "log-shipper", "log-store", "logs", "node", "postgres", "prometheus"];
  const expected = jobs.length + ["minio-cluster", "minio-bucket"].length;
  await eventually(async () => (await watched.query("up == 1")).series === expected);
  for (const job of jobs) expect((await watched.query(`up{job="${job}"} == 1`)).series, job).toBe(1);
  expect((await watched.query('up{job="minio"} == 1')).series).toBe(2);
  expect((await watched.query("up == 0")).series).toBe(0);
});

function withoutGrafana(): string {
  const { PATH = "" } = process.env;
  return PATH.split(":")
    .filter((folder) => spawnSync("test", ["-e", join(folder, "grafana")]).status !== 0)
    .join(":");
}

/** Of a busy machine: how long scrapes, judgements and messages may take together, milliseconds. */
const PATIENCE = 90_000;

test("U-085, U-106, ML-020, ML-022, M-008: every platform's people are told by mail and webhook when its storage and its database fall silent, also by a webhook that was away, and when they are back", async () => {
  await eventually(
    async () => (await watched.query("min(pg_up) == 1 and min(minio_cluster_health_status) == 1")).series === 1,
    PATIENCE,
  );
  const stopped = processes();
  for (const pid of stopped) process.kill(pid, "SIGSTOP");
  try {
    // Nobody listens yet.
    await eventually(async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${watched.ports.alertmanager}/metrics`)).text();
      return /^alertmanager_notification_requests_failed_total\{integration="webhook"\} [1-9]/m.test(metrics);
    }, PATIENCE);
    await receiver.listen(webhook);
    await eventually(() => receiver.said("firing", "ObjectStorageSilent").length === ALL.length, PATIENCE);
    await eventually(() => receiver.said("firing", "DatabaseSilent").length === WITH_DATABASE.length, PATIENCE);
  } finally {
    for (const pid of stopped) process.kill(pid, "SIGCONT");
  }
  const silent = { ObjectStorageSilent: ALL, DatabaseSilent: WITH_DATABASE };
  for (const [alert, platforms] of Object.entries(silent)) {
    await eventually(() => receiver.said("resolved", alert).length === platforms.length, PATIENCE);
    await eventually(() => mailed("RESOLVED", alert).length === platforms.length, PATIENCE);
    for (const status of ["firing", "resolved"] as const) {
      expect(receiver.said(status, alert)).toEqual(platforms);
      expect(mailed(status.toUpperCase(), alert)).toEqual(platforms);
    }
  }
});

/** Runs the ingestion of cybersec as `make pipelines` does, with these variables instead. */
function ingest(env: Readonly<Record<string, string>>): { readonly status: number | null; readonly stderr: string } {
  const { project, textfiles } = watched;
  const key = watched.shell("bin/bucketworks key show cybersec-ingestion-job --stdout --quiet");
  const role = readFileSync(join(project.checkout.postgres.roles, "cybersec_ingestion.env"), "utf8");
  const settings = `${key}\n${role}`.split("\n").filter((line) => /^[A-Z_]+=/.test(line));
  const login = Object.fromEntries(settings.map((line) => line.split(/=(.*)/s).slice(0, 2)));
  const program = join(ROOT, ".bucketworks", "pipelines", "venv", "bin", "ingest");
  const { status, stderr } = spawnSync(program, ["--rows", "7", "--data", join(project.checkout.root, "data")], {
    env: { PATH: process.env.PATH, ...login, PIPELINE_METRICS_FOLDER: textfiles, ...env },
    encoding: "utf8",
  });
  return { status, stderr };
}

test("a step of a pipeline that fails is told to its platform's people, and its next success ends it", async () => {
  const refused = ingest({ MINIO_SECRET_KEY: "another" });
  expect(refused.status, refused.stderr).toBe(1);
  await eventually(() => receiver.said("firing", "PipelineFailed").length === 1);
  expect(receiver.said("firing", "PipelineFailed")).toEqual(["cybersec"]);
  const [message] = receiver.messages.filter(({ groupLabels }) => groupLabels.alertname === "PipelineFailed");
  expect(message?.alerts[0]?.annotations.summary).toBe("The last run of step ingest of cybersec failed.");
  const done = ingest({});
  expect(done.status, done.stderr).toBe(0);
  await eventually(() => receiver.said("resolved", "PipelineFailed").length === 1);
  await eventually(() => mailed("RESOLVED", "PipelineFailed").length === 1);
  const rows = 'pipeline_last_rows{platform="cybersec",step="ingest",what="ingested"}';
  expect((await watched.query(rows)).value).toBe(7);
});

/** What Grafana puts in for what a reader chooses. */
const CHOSEN: readonly (readonly [string, string])[] = [
  ["$__rate_interval", "15s"],
  ["$__range", "10m"],
  ["$platform", ".*"],
  ["$model", ".*"],
  ["$experiment", "colour"],
  ["$control", "control"],
  ["$exposure", "view"],
  ["$conversion", "purchase"],
];

test("ML-025, ML-026, ML-027, ML-028, ML-029: every panel of every dashboard has series in the Prometheus that runs", async () => {
  // Some request that is refused: the server counts none before the first.
  await fetch(`http://127.0.0.1:${watched.project.ports.BUCKETWORKS_PORT}/mlops-artifacts`);
  const stop = modelSeries(watched.textfiles);
  try {
    const asked = Object.entries(dashboards()).flatMap(([file, { panels = [] }]) =>
      (panels as unknown as { title: string; targets?: { expr: string }[] }[]).flatMap(({ title, targets = [] }) =>
        targets.flatMap(({ expr }) => {
          // Nothing is copied to another server here, and MinIO has no series of that then (e2e/replication).
          if (expr.includes("minio_bucket_replication_")) return [];
          const chosen = CHOSEN.reduce((text, [name, value]) => text.replaceAll(name, value), expr);
          return { place: `${file}: ${title}`, chosen };
        }),
      ),
    );
    const empty = async (): Promise<string[]> => {
      const all = asked.map(async ({ place, chosen }) => ((await watched.query(chosen)).series > 0 ? [] : [place]));
      return (await Promise.all(all)).flat();
    };
    let left = await empty();
    // MinIO has figures of use once it has looked at all objects, which it does in its own time.
    for (let tries = 0; left.length > 0 && tries < 240; tries++) {
      await sleep(500);
      left = await empty();
    }
    expect(left).toEqual([]);
    expect(asked.length).toBeGreaterThan(60);
  } finally {
    stop();
  }
});
