import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { LOG_STORE } from "../../builders/services/logs.ts";
import { ownRoot } from "../../cli/checkout.ts";
import { readText } from "../../cli/local/private-files.ts";
import { readRun } from "../../cli/local/service/record.ts";
import { localService } from "../../cli/local/services/local-service.ts";
import { readerLogin } from "../../cli/logs/reader-login.ts";
import { search } from "../../cli/logs/search.ts";
import { eventually } from "./local-checkout.ts";
import { LocalProject, type Ran } from "./local-project.ts";
import { Mc } from "./mc.ts";
import { freePort } from "./minio.ts";

const SERVICES = ["log_store", "log_shipper", "logs"] as const;
/** Bucket of the audit trail. */
export const TRAIL = "shop-audit-trail";

/** What the audit says of the trail. */
export interface Trail {
  readonly lines: number;
  readonly findings: readonly string[];
}

/** A local project whose platform asks for logs and a trail; its server and its services of logs run. */
export class LoggedProject {
  readonly project: LocalProject;
  /** The server's root, and the key that adds to the trail. */
  readonly root: Mc;
  readonly writer: Mc;

  private constructor(project: LocalProject, root: Mc, writer: Mc) {
    this.project = project;
    this.root = root;
    this.writer = writer;
  }

  static async make(): Promise<LoggedProject> {
    const project = await LocalProject.make();
    project.declare(withLogs(project.good));
    for (const name of SERVICES) project.ports[`BUCKETWORKS_${name.toUpperCase()}_PORT`] = String(await freePort());
    for (const command of [["up"], ["services", "up"]]) {
      const { code, out } = project.bucketworks(...command);
      expect(code, out).toBe(0);
    }
    const endpoint = readText(project.checkout.minio.endpoint) ?? "";
    const { rootUser, rootPassword } = project.checkout.minio;
    const root = new Mc({ endpoint, user: readText(rootUser) ?? "", password: readText(rootPassword) ?? "" });
    const settings = readText(join(project.checkout.services, "log_shipper", "settings.json")) ?? "null";
    const { accessKey, secretKey } = (JSON.parse(settings) as { audit: { accessKey: string; secretKey: string } })
      .audit;
    return new LoggedProject(project, root, new Mc({ endpoint, user: accessKey, password: secretKey }));
  }

  async remove(): Promise<void> {
    this.root.remove();
    this.writer.remove();
    this.project.bucketworks("services", "down");
    await this.project.remove();
  }

  /** `bucketworks logs`. */
  logs(...args: string[]): Ran {
    return this.project.bucketworks("logs", ...args);
  }

  /** Kills a service of the logs, and waits until it was started again. */
  async killed(name: (typeof SERVICES)[number]): Promise<void> {
    const pidOf = () => readRun(localService(name, this.project.checkout))?.server?.pid;
    const pid = pidOf();
    process.kill(Number(pid), "SIGKILL");
    await eventually(() => pidOf() !== pid && pidOf() !== undefined);
  }

  /** Ends a service of the logs, so that nobody starts it again but `services up`. */
  async stopped(name: (typeof SERVICES)[number]): Promise<void> {
    const service = localService(name, this.project.checkout);
    process.kill(Number(readRun(service)?.supervisor.pid), "SIGTERM");
    await eventually(() => readRun(service) === undefined);
  }

  /** `bucketworks logs audit`. */
  audit(...args: string[]): Ran {
    const { checkout } = this.project;
    return this.project.run({ MINIO_ENDPOINT: readText(checkout.minio.endpoint) }, "logs", "audit", ...args);
  }

  /** Keys of the trail's objects. */
  async trailKeys(): Promise<string[]> {
    const list = await this.root.run("ls", "--json", "--recursive", `t/${TRAIL}`);
    const lines = list.trim().split("\n");
    return lines.map((line) => (JSON.parse(line) as { key: string }).key);
  }

  /** A data program writes these texts as lines of a run to its log: it masks by itself. */
  writtenByProgram(texts: readonly string[], run: string): void {
    const program = `import json, sys, structlog
from pipeline_shared.log import configure_log
configure_log(sys.argv[1], service="program", platform="shop")
for text in json.load(sys.stdin): structlog.get_logger().error(text, deep={"said": [text], "password": text})`;
    const python = join(ownRoot(), ".bucketworks", "pipelines", "venv", "bin", "python");
    const env = { PATH: process.env.PATH, LOG_FOLDER: this.project.checkout.logs };
    const ran = spawnSync(python, ["-c", program, run], { env, input: JSON.stringify(texts), encoding: "utf8" });
    expect(ran.status, ran.stderr).toBe(0);
  }

  /** What the store says that some of its settings are. */
  async storeFlags(...names: readonly string[]): Promise<(string | undefined)[]> {
    const own = (file: string) => readText(join(this.project.checkout.services, "log_store", file))?.trim();
    const login = Buffer.from(`${LOG_STORE.writer}:${own(LOG_STORE.writerPassword)}`).toString("base64");
    const answer = await fetch(`http://${own("endpoint")}/metrics`, { headers: { authorization: `Basic ${login}` } });
    const said = await answer.text();
    return names.map((name) => new RegExp(`^flag\\{name="${name}", value="([^"]*)"`, "m").exec(said)?.[1]);
  }

  /** Adds lines to the log of a program of ours. */
  write(...lines: readonly (object | string)[]): void {
    mkdirSync(this.project.checkout.logs, { recursive: true });
    const text = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
    appendFileSync(join(this.project.checkout.logs, "shop-orders.log"), text);
  }

  found(query: string, limit = 5000): ReturnType<typeof search> {
    return search(
      readerLogin(this.project.checkout),
      { query, sinceSeconds: 3600, service: undefined, correlation: undefined },
      limit,
      new AbortController().signal,
    );
  }
}

/** What the platform of the test says: one bucket for its trail, and a key that adds to it. */
function withLogs(platform: string): string {
  const bucket = `      - name: ${TRAIL}
        description: d
        versioning: true
        object_lock: {mode: compliance, days: 1}
`;
  const buckets = platform.replace(/( +buckets:\n)/, `$1${bucket}`);
  return `${buckets}
access:
  policies:
    audit-writer: {grants: [{role: write, bucket: ${TRAIL}}]}
  users:
    shop-logging: {policies: [audit-writer]}
  service_accounts:
    shop-audit-log: {user: shop-logging, policies: [audit-writer]}
services:
  logs: {max_size: 100MiB, server_requests: true, audit: {bucket: ${TRAIL}, service_account: shop-audit-log}}
`;
}
