/**
 * The supervisor of the local server, a program of its own: `node supervise.ts ROOT API_PORT CONSOLE_PORT`.
 * It keeps MinIO running until it is told to end, and writes down which processes serve the checkout.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { checkoutAt } from "./checkout.ts";
import { note, openLog, rotate } from "./log-file.ts";
import { findBinary, missingSecrets, serverArguments, serverEnvironment } from "./minio.ts";
import { markOf, type ProcessMark } from "./processes.ts";
import { forgetRun, type Ports, readRun, writeRun } from "./run-record.ts";

/** A server that lived shorter than this died quickly, milliseconds. */
const QUICK = 10_000;
/** Waits before restarts after quick deaths, milliseconds; when they are used up the supervisor gives up. */
const WAITS = [200, 500, 1000, 2000, 5000];
/** How often the size of the log is looked at, milliseconds. */
const ROTATION = 10_000;
/** How long the server gets to end by itself, milliseconds. */
const GRACE = 15_000;

async function supervise(root: string, ports: Ports): Promise<number> {
  const checkout = checkoutAt(root);
  const { log } = checkout.minio;
  const rotation = setInterval(() => rotate(log), ROTATION);
  const self = ownMark();
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stop.abort());
  process.on("SIGHUP", () => undefined);
  const record = (deaths: number, server?: ProcessMark) =>
    writeRun(checkout, { supervisor: self, ports, deaths, ...(server && { server }) });

  let quick = 0;
  for (let deaths = 0; ; deaths++) {
    const missing = missingSecrets(checkout);
    if (missing.length > 0) {
      note(log, `not starting without ${missing.join(", ")}: the server would come up with default credentials`);
      break;
    }
    const began = Date.now();
    const output = openLog(log);
    const server = spawn(findBinary(checkout, "minio"), serverArguments(checkout, ports), {
      env: serverEnvironment(checkout, process.env),
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    if (server.pid !== undefined) record(deaths, markOf(server.pid));
    const how = await untilEnded(server, stop.signal);
    if (stop.signal.aborted) {
      note(log, `server ended on request (${how})`);
      break;
    }
    record(deaths + 1);
    quick = Date.now() - began < QUICK ? quick + 1 : 0;
    const wait = WAITS[Math.max(quick - 1, 0)];
    if (wait === undefined) {
      note(log, `server ended ${quick} times in a row within ${QUICK / 1000} s of its start (${how}); giving up`);
      break;
    }
    note(log, `server ended unasked (${how}); starting it again in ${wait} ms`);
    if (await stoppedWithin(wait, stop.signal)) break;
  }
  clearInterval(rotation);
  if (readRun(checkout)?.supervisor.pid === self.pid) forgetRun(checkout);
  return stop.signal.aborted ? 0 : 1;
}

/** Waits for the end of the server; on request asks it to end, and ends it when it doesn't within the grace time. */
function untilEnded(server: ChildProcess, stop: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    let force: NodeJS.Timeout | undefined;
    const end = () => {
      server.kill("SIGTERM");
      force = setTimeout(() => server.kill("SIGKILL"), GRACE);
    };
    const settle = (how: string) => {
      clearTimeout(force);
      stop.removeEventListener("abort", end);
      resolve(how);
    };
    server.once("error", (error) => settle(error.message));
    server.once("exit", (code, name) => settle(name === null ? `exit code ${code}` : `signal ${name}`));
    if (stop.aborted) end();
    else stop.addEventListener("abort", end, { once: true });
  });
}

function stoppedWithin(milliseconds: number, stop: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(stop.aborted), milliseconds);
    stop.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

function ownMark(): ProcessMark {
  const mark = markOf(process.pid);
  if (mark === undefined) throw new Error("the system does not tell when this process started (no /proc, no ps)");
  return mark;
}

const [root, api, console_] = process.argv.slice(2);
if (root === undefined || api === undefined || console_ === undefined) {
  process.stderr.write("supervise.ts: needs ROOT API_PORT CONSOLE_PORT; it is started by bucketworks up\n");
  process.exitCode = 2;
} else {
  process.exitCode = await supervise(root, { api: Number(api), console: Number(console_) });
}
