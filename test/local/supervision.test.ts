import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commandLineOf, markOf } from "../../cli/ending/processes.ts";
import { isLive } from "../../cli/local/minio/health.ts";
import { minio } from "../../cli/local/minio/service.ts";
import { readRun, writeRun } from "../../cli/local/service/record.ts";
import { stopService } from "../../cli/local/service/start.ts";
import { eventually, LocalCheckout } from "../support/local-checkout.ts";

let local: LocalCheckout;
let bystander: ChildProcess | undefined;

beforeEach(async () => {
  local = await LocalCheckout.make();
});
afterEach(async () => {
  bystander?.kill("SIGKILL");
  bystander = undefined;
  await local.remove();
});

/** The process id of a server whose supervisor was killed. */
async function orphan(): Promise<number> {
  await local.start();
  const { supervisor, server } = local.pids;
  process.kill(supervisor, "SIGKILL");
  await eventually(() => markOf(supervisor) === undefined);
  return server;
}

test("a killed server is started again by its supervisor", async () => {
  await local.start();
  const { pids } = local;
  process.kill(pids.server, "SIGKILL");
  await eventually(async () => readRun(local.checkout.minio)?.deaths === 1 && (await isLive(local.port)));
  expect(local.pids.supervisor).toBe(pids.supervisor);
  expect(local.pids.server).not.toBe(pids.server);
  expect(readFileSync(local.checkout.minio.log, "utf8")).toContain("server ended unasked (signal SIGKILL)");
  expect((await local.start()).how).toBe("reused");
});

test("a server that keeps dying is given up with a clear line", async () => {
  await local.start();
  const { supervisor } = local.pids;
  for (let deaths = 0; markOf(supervisor) !== undefined; deaths++) {
    const server = readRun(local.checkout.minio)?.server;
    if (server && markOf(server.pid)) process.kill(server.pid, "SIGKILL");
    await eventually(() => readRun(local.checkout.minio)?.deaths !== deaths || markOf(supervisor) === undefined);
    await eventually(() => readRun(local.checkout.minio)?.server !== undefined || markOf(supervisor) === undefined);
  }
  const log = readFileSync(local.checkout.minio.log, "utf8");
  expect(log).toMatch(/server ended 6 times in a row within 10 s of its start \(signal SIGKILL\); giving up\n$/);
  expect(readRun(local.checkout.minio)).toBeUndefined();
  expect((await local.start()).how).toBe("started");
});

test("after its supervisor was killed, the next start takes over from the orphan", async () => {
  const server = await orphan();
  expect((await local.start()).how).toBe("restarted");
  expect(markOf(server)).toBeUndefined();
  expect(local.mc("ls", "dev")).toBe("");
});

test("after its supervisor was killed, stop still ends the server", async () => {
  const server = await orphan();
  expect(await stopService(minio(local.checkout))).toBe(true);
  expect(markOf(server)).toBeUndefined();
});

test("an orphan nothing is written about is found by its command line", async () => {
  const server = await orphan();
  rmSync(local.checkout.minio.run);
  expect((await local.start()).how).toBe("restarted");
  expect(markOf(server)).toBeUndefined();
});

test("the server outlives its supervisor and goes on with its log", async () => {
  const server = await orphan();
  await eventually(() => readFileSync(local.checkout.minio.log, "utf8").includes("Docs:"));
  expect(commandLineOf(server)).toContain(local.checkout.minio.data);
});

test("a record whose process ids belong to something else by now is neither trusted nor a reason to kill", async () => {
  await local.start();
  await stopService(minio(local.checkout));
  bystander = spawn("sleep", ["600"]);
  const pid = Number(bystander.pid);
  const stale = { pid, started: "1" };
  writeRun(local.checkout.minio, {
    supervisor: stale,
    server: stale,
    ports: { api: local.port, console: 1 },
    settings: {},
    deaths: 0,
  });
  expect(await stopService(minio(local.checkout))).toBe(false);
  writeRun(local.checkout.minio, {
    supervisor: stale,
    server: stale,
    ports: { api: local.port, console: 1 },
    settings: {},
    deaths: 0,
  });
  expect((await local.start()).how).toBe("started");
  expect(commandLineOf(pid)).toBe("sleep 600");
});

test("with its record lost or garbled, a running server and its supervisor are taken back, and stopped", async () => {
  await local.start();
  for (const lose of [
    () => rmSync(local.checkout.minio.run),
    () => writeFileSync(local.checkout.minio.run, '{"supervisor":{"pid":-1},"ports":"x"}'),
  ]) {
    const before = local.pids;
    lose();
    expect((await local.start()).how).toBe("restarted");
    for (const pid of Object.values(before)) expect(markOf(pid)).toBeUndefined();
  }
  const { supervisor, server } = local.pids;
  rmSync(local.checkout.minio.run);
  expect(await stopService(minio(local.checkout))).toBe(true);
  for (const pid of [supervisor, server]) expect(markOf(pid)).toBeUndefined();
});

test("a record that was cut off counts as none", async () => {
  await local.start();
  await stopService(minio(local.checkout));
  writeFileSync(local.checkout.minio.run, '{"supervisor":{"pid":');
  expect((await local.start()).how).toBe("started");
});

test("without its credential files a dying server isn't started again: it would take the default credentials", async () => {
  await local.start();
  const { pids } = local;
  const { rootPassword } = local.checkout.minio;
  renameSync(rootPassword, `${rootPassword}.away`);
  process.kill(pids.server, "SIGKILL");
  await eventually(() => markOf(pids.supervisor) === undefined);
  expect(await isLive(local.port)).toBe(false);
  expect(readFileSync(local.checkout.minio.log, "utf8")).toContain("not starting without");
  renameSync(`${rootPassword}.away`, rootPassword);
  expect((await local.start()).how).toBe("started");
});
