import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestServer } from "./minio.ts";
import { tool } from "./toolchain.ts";

const run = promisify(execFile);

/** Where the server is, and whose key is used. */
type Login = Pick<TestServer, "endpoint" | "user" | "password">;

/** MinIO's own client: what somebody would do by hand. The server's alias is `t`. */
export class Mc {
  readonly #server: Login;
  readonly #home = mkdtempSync(join(tmpdir(), "bucketworks-mc-"));

  /** Whose key is used. */
  get user(): string {
    return this.#server.user;
  }

  constructor(server: Login) {
    this.#server = server;
  }

  /** @returns what it prints */
  async run(...args: readonly string[]): Promise<string> {
    const { user, password, endpoint } = this.#server;
    const env = { ...process.env, MC_CONFIG_DIR: this.#home, MC_HOST_t: `http://${user}:${password}@${endpoint}` };
    return (await run(tool("mc"), ["--quiet", ...args], { env })).stdout;
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}
