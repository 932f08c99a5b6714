import { existsSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { markOf } from "../../cli/ending/processes.ts";
import { listenerOn } from "../../cli/local/service/listener.ts";
import { readRun } from "../../cli/local/service/record.ts";
import { eventually, LocalCheckout } from "../support/local-checkout.ts";

let local: LocalCheckout;
let other: Server | undefined;

beforeEach(async () => {
  local = await LocalCheckout.make();
});
afterEach(async () => {
  other?.close();
  other = undefined;
  await local.remove();
});

async function listen(setting: "BUCKETWORKS_PORT" | "BUCKETWORKS_CONSOLE_PORT", host: string): Promise<void> {
  other = createServer();
  await new Promise<void>((resolve) => other?.listen(Number(local.env[setting]), host, resolve));
}

test.for([
  ["BUCKETWORKS_PORT", "127.0.0.1", "the S3 API"],
  ["BUCKETWORKS_PORT", "0.0.0.0", "the S3 API"],
  ["BUCKETWORKS_PORT", "::", "the S3 API"],
  ["BUCKETWORKS_CONSOLE_PORT", "127.0.0.1", "the console"],
] as const)(
  "%s in use on %s: one error that names the setting, nothing left running",
  async ([setting, host, what], { skip }) => {
    skip(host === "::" && !existsSync("/proc/net/if_inet6"), "this machine has no IPv6");
    await listen(setting, host);
    const error = await local.start().catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "CommandError", exitCode: 3 });
    const port = local.env[setting];
    expect(error.message).toContain(
      `port ${port} for ${what} (${setting}) is in use by ${process.execPath} (pid ${process.pid})`,
    );
    expect(error.message).toMatch(/for example: make up BUCKETWORKS_PORT=\d+ BUCKETWORKS_CONSOLE_PORT=\d+$/);
    expect(readRun(local.checkout.minio)).toBeUndefined();
    // ports that never worked are not the ones to remember
    expect(existsSync(local.checkout.minio.endpoint)).toBe(false);
  },
);

test("the server of another checkout is named by its folder, and goes on", async () => {
  const neighbour = await LocalCheckout.make();
  try {
    await neighbour.start();
    const { pids } = neighbour;
    // MinIO serves S3 a moment before it opens its console.
    await eventually(() => listenerOn(Number(neighbour.env.BUCKETWORKS_CONSOLE_PORT)) !== undefined);
    const error = await local.start(neighbour.env).catch((thrown) => thrown);
    expect(error.message).toContain("by the server of another checkout");
    expect(error.message).toContain(neighbour.checkout.root.split("/").at(-1));
    expect(error.message.match(/is in use/g)).toHaveLength(2);
    expect(markOf(pids.server)).toBeDefined();
    // the ports it proposes work
    const [api, console] = error.message.match(/(?<=PORT=)\d+/g);
    await local.start({ BUCKETWORKS_PORT: api, BUCKETWORKS_CONSOLE_PORT: console });
  } finally {
    await neighbour.remove();
  }
});

test("a running server stays where it is when the new port is in use", async () => {
  await local.start();
  const { pids } = local;
  const before = { ...local.env };
  other = createServer();
  await new Promise<void>((resolve) => other?.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = typeof address === "object" && address !== null ? String(address.port) : "";
  await expect(local.start({ ...before, BUCKETWORKS_PORT: port })).rejects.toThrow(`port ${port} for the S3 API`);
  expect(local.pids).toEqual(pids);
  expect((await local.start({})).how).toBe("reused");
});
