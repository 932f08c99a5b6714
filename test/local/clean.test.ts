import { existsSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cleanCommand } from "../../cli/clean.ts";
import { markOf } from "../../cli/ending/processes.ts";
import { minio } from "../../cli/local/minio/service.ts";
import { stopService } from "../../cli/local/service/start.ts";
import { LocalCheckout } from "../support/local-checkout.ts";

let local: LocalCheckout;
beforeEach(async () => {
  local = await LocalCheckout.make();
  await local.start();
  local.mc("mb", "dev/first", "dev/second");
  local.mc("version", "enable", "dev/first");
  for (const _ of [1, 2]) local.mc("cp", local.checkout.minio.endpoint, "dev/first/object");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await local.remove();
});

const clean = (...args: string[]) => cleanCommand(local.checkout).parseAsync(args, { from: "user" });
const bytes = () => 2 * (local.text(local.checkout.minio.endpoint).length + 1);

test("without a terminal to ask at and without --yes nothing is deleted, and what would be is counted", async () => {
  const error = await clean().catch((thrown) => thrown);
  expect(error).toMatchObject({ name: "CommandError", exitCode: 2 });
  expect(error.message).toContain(`2 buckets with 1 object and 1 older version (${bytes()} bytes)`);
  expect(error.message).toContain("bucketworks clean --yes");
  expect(local.mc("ls", "dev/first")).toContain("object");
});

test("with --yes everything but the toolchain goes, the server first", async () => {
  const { pids } = local;
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await clean("--yes");
  expect(said).toHaveBeenCalledWith(expect.stringContaining("deleted 2 buckets with 1 object"));
  expect([markOf(pids.server), markOf(pids.supervisor)]).toEqual([undefined, undefined]);
  expect(readdirSync(local.checkout.home)).toEqual(["toolchain"]);
  expect(existsSync(local.checkout.toolchain)).toBe(true);
});

test("while the server is stopped the buckets are still counted", async () => {
  await stopService(minio(local.checkout));
  await expect(clean()).rejects.toThrow("2 buckets with all they hold (not counted: the server isn't running)");
});

test("--quiet says nothing", async () => {
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await clean("--yes", "--quiet");
  await clean("--yes", "--quiet");
  expect(said).not.toHaveBeenCalled();
});
