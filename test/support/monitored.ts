import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Mc } from "./mc.ts";
import { freePort, TestServer } from "./minio.ts";
import { ROOT } from "./toolchain.ts";
import { bucketworks, environment, make, type Ran, SpecFile } from "./verified.ts";

const SPEC = `
minio_config: {endpoint: "\${MINIO_ENDPOINT:-localhost:9000}", secure: false}
bucket_groups:
  all:
    versioning: true
    buckets: [{name: orders}, {name: invoices}]
alerting:
  monitor: {latency_ms: 60000, score_drop: 5}
`;

/** A server with two buckets of one platform, and monitors of it that share a folder. */
export class Monitored {
  readonly server: TestServer;
  readonly mc: Mc;
  readonly spec = new SpecFile(SPEC);
  readonly folder = mkdtempSync(join(tmpdir(), "monitored-"));
  readonly #running: ChildProcess[] = [];

  private constructor(server: TestServer) {
    this.server = server;
    this.mc = new Mc(server);
  }

  static async start(): Promise<Monitored> {
    const monitored = new Monitored(await TestServer.start());
    await make(monitored.spec.model(), monitored.server);
    return monitored;
  }

  /** A file with the receivers, and where the history of a test is. */
  env(
    history: string,
    alerts: object | undefined,
    more: Readonly<Record<string, string>> = {},
  ): Record<string, string> {
    const file = join(this.folder, `${history}.alerts.json`);
    if (alerts !== undefined) writeFileSync(file, JSON.stringify(alerts));
    return {
      ...environment(this.server),
      BUCKETWORKS_HISTORY: join(this.folder, `${history}.sqlite`),
      ...(alerts !== undefined && { BUCKETWORKS_ALERTS_FILE: file }),
      ...more,
    };
  }

  /** Runs a command to its end. */
  run(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ran> {
    return bucketworks([...args, "--no-identities", this.spec.path], env);
  }

  /** One run of a monitor. */
  once(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ran> {
    return this.run(env, "monitor", "--once", ...args);
  }

  /** A monitor that goes on; `metrics` reads what it serves. */
  async watch(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Watching> {
    const port = await freePort();
    const words = ["monitor", "--no-identities", "--metrics-port", String(port), ...args, this.spec.path];
    const child = spawn(join(ROOT, "bin", "bucketworks"), words, { env: { PATH: process.env.PATH, ...env } });
    this.#running.push(child);
    const said = { out: "", err: "" };
    child.stdout.on("data", (chunk) => (said.out += chunk));
    child.stderr.on("data", (chunk) => (said.err += chunk));
    const ended = once(child, "close").then(([code]) => code as number | null);
    return {
      said,
      metric: async (name) => {
        const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text().catch(() => "");
        const found = new RegExp(`^bucketworks_${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text);
        return found === null ? undefined : Number(found[1]);
      },
      health: async () => (await fetch(`http://127.0.0.1:${port}/health`)).status,
      end: async (signal = "SIGTERM") => {
        child.kill(signal);
        return ended;
      },
    };
  }

  async stop(): Promise<void> {
    for (const child of this.#running) if (child.exitCode === null) child.kill("SIGKILL");
    this.mc.remove();
    this.spec.remove();
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Watching {
  readonly said: { readonly out: string; readonly err: string };
  /** The first sample of a metric; undefined where there is none. */
  metric(name: string): Promise<number | undefined>;
  health(): Promise<number>;
  /** @returns the exit code */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}
