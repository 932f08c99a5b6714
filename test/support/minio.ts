import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answersOk, type Certificate } from "./tls.ts";
import { tool } from "./toolchain.ts";

/** Name of the one static KMS key of a test server. */
export const KMS_KEY = "test-key";

const READY_SECONDS = 30;

/** Words put before the server's command line, e.g. `unshare`; they must end in exec. Given the data folder. */
export type Launcher = (data: string) => readonly string[];

/** A throw-away MinIO on loopback with its own data and root credentials. */
export class TestServer {
  readonly endpoint: string;
  readonly user = `test-${randomBytes(4).toString("hex")}`;
  /** Changed by `rotate`. */
  password = randomBytes(20).toString("hex");
  readonly #data = mkdtempSync(join(tmpdir(), "bucketworks-minio-"));
  readonly tls: Certificate | undefined;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #launcher: Launcher;
  #process: ChildProcess | undefined;

  private constructor(
    port: number,
    env: Readonly<Record<string, string | undefined>>,
    tls: Certificate | undefined,
    launcher: Launcher,
  ) {
    this.tls = tls;
    this.#launcher = launcher;
    this.#env = { MINIO_KMS_SECRET_KEY: `${KMS_KEY}:${randomBytes(32).toString("base64")}`, ...env };
    this.endpoint = `127.0.0.1:${port}`;
  }

  /**
   * @param env undefined takes a variable away, `MINIO_KMS_SECRET_KEY` for example
   * @param tls the certificate it serves, see tls.ts; absent is a server without TLS
   * @param launcher what starts the server's command line
   */
  static async start(
    env: Readonly<Record<string, string | undefined>> = {},
    tls?: Certificate,
    launcher: Launcher = () => [],
  ): Promise<TestServer> {
    const server = new TestServer(await freePort(), env, tls, launcher);
    await server.resume();
    return server;
  }

  /** 0 while it isn't running. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get url(): string {
    return `${this.tls ? "https" : "http"}://${this.endpoint}`;
  }

  /** Starts the server again on the same port with the same data, waits until it is healthy. */
  async resume(): Promise<void> {
    const certs = this.tls ? ["--certs-dir", this.tls.folder] : [];
    const addresses = ["--address", this.endpoint, "--console-address", "127.0.0.1:0"];
    const args = ["server", "--quiet", ...addresses, ...certs, this.#data];
    const [program = "", ...rest] = [...this.#launcher(this.#data), tool("minio"), ...args];
    this.#process = spawn(program, rest, {
      env: {
        PATH: process.env.PATH,
        HOME: this.#data,
        MINIO_ROOT_USER: this.user,
        MINIO_ROOT_PASSWORD: this.password,
        MINIO_BROWSER: "off",
        MINIO_UPDATE: "off",
        ...this.#env,
      },
      stdio: "ignore",
    });
    const deadline = Date.now() + READY_SECONDS * 1000;
    while (!(await this.#healthy())) {
      if (Date.now() > deadline) throw new Error(`MinIO on ${this.endpoint} isn't healthy after ${READY_SECONDS} s`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Restarts with another root password, as an operator rotates it. */
  async rotate(): Promise<void> {
    await this.pause();
    this.password = randomBytes(20).toString("hex");
    await this.resume();
  }

  /** Ends the process and keeps the data. */
  async pause(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (!running || running.exitCode !== null) return;
    const exit = once(running, "exit");
    running.kill(signal);
    await exit;
  }

  /** Freezes the process: connections are taken, nothing is answered. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.pause();
    rmSync(this.#data, { recursive: true, force: true });
  }

  async #healthy(): Promise<boolean> {
    try {
      const path = `${this.url}/minio/health/cluster`;
      return await (this.tls ? answersOk(path, this.tls.caFile) : fetch(path).then(({ ok }) => ok));
    } catch {
      return false;
    }
  }
}

/**
 * A port of loopback on which nothing listens. Each worker has a range of its own, below the ones the system gives to
 * connections: two tests at the same time never get the same.
 */
export async function freePort(): Promise<number> {
  const first = LOWEST_PORT + (Number(process.env.VITEST_POOL_ID ?? 0) % RANGES) * RANGE;
  for (;;) {
    const port = first + randomInt(RANGE);
    if (await isFree(port)) return port;
  }
}

const LOWEST_PORT = 12_000;
const RANGE = 4_000;
const RANGES = 5;

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, "127.0.0.1");
  const free = await once(probe, "listening").then(
    () => true,
    () => false,
  );
  probe.close();
  return free;
}
