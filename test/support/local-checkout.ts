import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Checkout, checkoutAt } from "../../cli/checkout.ts";
import { type MinioPorts, minio } from "../../cli/local/minio/service.ts";
import { startMinio } from "../../cli/local/minio/start.ts";
import { readRun } from "../../cli/local/service/record.ts";
import { type Started, stopService } from "../../cli/local/service/start.ts";
import { freePort } from "./minio.ts";
import { ROOT, tool } from "./toolchain.ts";

/** A checkout root in a temporary folder (its name has a blank in it), for everything that `cli/local` does. */
export class LocalCheckout {
  readonly checkout: Checkout;
  readonly env: Record<string, string>;

  private constructor(checkout: Checkout, env: Record<string, string>) {
    this.checkout = checkout;
    this.env = env;
  }

  static async make(): Promise<LocalCheckout> {
    tool("minio");
    const checkout = checkoutAt(mkdtempSync(join(tmpdir(), "bucketworks local ")));
    mkdirSync(dirname(dirname(checkout.toolchain)), { mode: 0o700 });
    symlinkSync(join(ROOT, ".bucketworks", "toolchain"), dirname(checkout.toolchain));
    const [api, console] = [await freePort(), await freePort()];
    return new LocalCheckout(checkout, { BUCKETWORKS_PORT: String(api), BUCKETWORKS_CONSOLE_PORT: String(console) });
  }

  start(env: Readonly<Record<string, string>> = this.env): Promise<Started<keyof MinioPorts>> {
    return startMinio(this.checkout, env);
  }

  get port(): number {
    return Number(this.env.BUCKETWORKS_PORT);
  }

  text(path: string): string {
    return readFileSync(path, "utf8").trim();
  }

  /** The process ids the supervisor wrote down. */
  get pids(): { supervisor: number; server: number } {
    const run = readRun(this.checkout.minio);
    if (run?.server === undefined) throw new Error("no server is recorded");
    return { supervisor: run.supervisor.pid, server: run.server.pid };
  }

  /** Runs `mc` with the alias that the start wrote. */
  mc(...args: string[]): string {
    const env = { ...process.env, MC_CONFIG_DIR: this.checkout.mc.folder };
    return execFileSync(tool("mc"), args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  async remove(): Promise<void> {
    await stopService(minio(this.checkout));
    rmSync(this.checkout.root, { recursive: true, force: true });
  }
}

/** Waits until `claim` holds. @throws when it doesn't within `milliseconds` */
export async function eventually(claim: () => boolean | Promise<boolean>, milliseconds = 30_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await claim())) {
    if (Date.now() > deadline) throw new Error(`still not so after ${milliseconds / 1000} s: ${claim}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
