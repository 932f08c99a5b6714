import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import { markOf, type ProcessMark } from "../../ending/processes.ts";
import type { LocalService, StartedWith } from "./local-service.ts";
import { note, openLog, rotate } from "./log-file.ts";
import { forgetRun, readRun, writeRun } from "./record.ts";

/** A server that lived shorter than this died quickly, milliseconds. */
const QUICK = 10_000;
/** Waits before restarts after quick deaths, milliseconds; when they are used up the supervisor gives up. */
const WAITS = [200, 500, 1000, 2000, 5000];
/** How often the size of the log is looked at, milliseconds. */
const ROTATION = 10_000;
/** How long the server gets to end by itself, milliseconds. */
const GRACE = 15_000;

/** Keeps a server running until SIGTERM or SIGINT. @returns the exit code of the supervisor */
export async function keepRunning(service: LocalService, how: StartedWith): Promise<number> {
  const { log, endSignal } = service;
  const supervisor = ownMark();
  const record = (deaths: number, server?: ProcessMark): void =>
    writeRun(service, { supervisor, ...how, deaths, ...(server && { server }) });
  const rotation = setInterval(() => rotate(log), ROTATION);
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stop.abort());
  process.on("SIGHUP", () => undefined);

  let quick = 0;
  for (let deaths = 0; ; deaths++) {
    const began = Date.now();
    const output = openLog(log);
    const server = service.spawn(how, output);
    closeSync(output);
    if (typeof server === "string") {
      note(log, `not starting ${server}`);
      break;
    }
    if (server.pid !== undefined) record(deaths, markOf(server.pid));
    const end = await untilEnded(server, endSignal, stop.signal);
    if (stop.signal.aborted) {
      note(log, `server ended on request (${end})`);
      break;
    }
    record(deaths + 1);
    quick = Date.now() - began < QUICK ? quick + 1 : 0;
    const wait = WAITS[Math.max(quick - 1, 0)];
    if (wait === undefined) {
      note(log, `server ended ${quick} times in a row within ${QUICK / 1000} s of its start (${end}); giving up`);
      break;
    }
    note(log, `server ended unasked (${end}); starting it again in ${wait} ms`);
    if (await stoppedWithin(wait, stop.signal)) break;
  }
  clearInterval(rotation);
  if (readRun(service)?.supervisor.pid === supervisor.pid) forgetRun(service);
  return stop.signal.aborted ? 0 : 1;
}

/** Waits for the end of the server; on request asks it to end, and ends it when it doesn't within the grace time. */
function untilEnded(server: ChildProcess, endSignal: NodeJS.Signals, stop: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    let force: NodeJS.Timeout | undefined;
    const end = () => {
      server.kill(endSignal);
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

/** The supervisor's own mark, to be written down. */
function ownMark(): ProcessMark {
  const mark = markOf(process.pid);
  if (mark === undefined) throw new Error("the system does not tell when this process started (no /proc, no ps)");
  return mark;
}
