import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkoutEnv } from "./compiled.ts";
import { TestServer } from "./minio.ts";
import { copyProject } from "./project-copy.ts";

export interface Outcome {
  /** Exit code; -1 where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly outcome: Promise<Outcome>;
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
}

/** A checkout of its own in a temporary folder, with a state of its own, on a server of its own. */
export class TestCheckout {
  readonly root: string;
  readonly server: TestServer;

  private constructor(root: string, server: TestServer) {
    this.root = root;
    this.server = server;
  }

  /**
   * @param platforms name of each platform file -> its text; absent keeps the project's own
   * @param server its server, removed with it; absent is a plain one
   */
  static async make(platforms?: Readonly<Record<string, string>>, server?: TestServer): Promise<TestCheckout> {
    const root = copyProject();
    const checkout = new TestCheckout(root, server ?? (await TestServer.start()));
    checkout.#connect();
    if (platforms) checkout.writePlatforms(platforms);
    return checkout;
  }

  /** Replaces all platform files. */
  writePlatforms(platforms: Readonly<Record<string, string>>): void {
    const folder = join(this.root, "config", "platforms");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const [name, text] of Object.entries(platforms)) writeFileSync(join(folder, `${name}.yaml`), text);
  }

  /** What `bucketworks up` writes for its own server, for the test's server instead. */
  #connect(): void {
    const folder = join(this.root, ".bucketworks", "minio");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "endpoint"), this.server.endpoint);
    this.writeCredentials(this.server.user, this.server.password);
  }

  /** For pulumi, and for `mc` as alias dev. */
  writeCredentials(user: string, password: string): void {
    const mc = join(this.root, ".bucketworks", "mc");
    mkdirSync(mc, { recursive: true });
    const dev = { url: this.server.url, accessKey: user, secretKey: password, api: "S3v4", path: "auto" };
    writeFileSync(join(mc, "config.json"), JSON.stringify({ version: "10", aliases: { dev } }), { mode: 0o600 });
    writeFileSync(join(this.root, ".bucketworks", "minio", "root-user"), user, { mode: 0o600 });
    writeFileSync(join(this.root, ".bucketworks", "minio", "root-password"), password, { mode: 0o600 });
  }

  /** Runs a command as a person would who has sourced `toolchain/env.sh`. */
  run(command: string, ...args: string[]): Promise<Outcome> {
    return this.start(command, ...args).outcome;
  }

  /** As `run`, with the process to end it. */
  start(command: string, ...args: string[]): Running {
    const child = spawn("sh", ["-c", '. ./toolchain/env.sh && exec "$@"', "sh", command, ...args], {
      cwd: this.root,
      stdio: ["ignore", "pipe", "pipe"],
      env: checkoutEnv(),
    });
    const text = { stdout: "", stderr: "" };
    child.stdout.on("data", (data) => {
      text.stdout += data;
    });
    child.stderr.on("data", (data) => {
      text.stderr += data;
    });
    const outcome = new Promise<Outcome>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? -1, ...text }));
    });
    return { outcome, pid: child.pid ?? 0, kill: (signal) => child.kill(signal) };
  }

  /** As `run`, and fails the test with the output when the command fails. */
  async must(command: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, ...args);
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  async remove(): Promise<void> {
    await this.server.stop();
    rmSync(this.root, { recursive: true, force: true });
  }
}
