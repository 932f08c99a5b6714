import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { endAll, isAlive, markOf, type ProcessMark } from "../ending/processes.ts";
import { attended, Interrupted, stopIfInterrupted } from "../ending/signals.ts";
import { hasStackFile, readStackFile } from "../stack-file.ts";
import { isLive, liveBuckets } from "./health.ts";
import { lastLines } from "./log-file.ts";
import { writeAlias } from "./mc-alias.ts";
import { findBinary, prepareFolders } from "./minio.ts";
import { ownMinio } from "./own-processes.ts";
import { choosePorts, requireFreePorts } from "./ports.ts";
import { readText, writePrivate } from "./private-files.ts";
import { forgetRun, HOST, liveProcesses, type Ports, type RunRecord, readRun } from "./run-record.ts";
import { ensureSecrets } from "./secrets.ts";
import { STACK } from "./stack-name.ts";

/** How long a server may take until it answers, milliseconds. */
const START_DEADLINE = 60_000;
/** How long the supervisor may take to end the server, milliseconds; above its own grace time. */
const STOP_DEADLINE = 20_000;

export interface Started {
  readonly ports: Ports;
  /** `started`: there was none; `reused`: it ran already; `restarted`: it ran, but on other ports, of another region or unsupervised. */
  readonly how: "started" | "reused" | "restarted";
  /** What a person should know: generated secrets, files that were open to others. */
  readonly notes: readonly string[];
}

/**
 * Has the server of this checkout running, healthy and ours. Starting twice is as good as once. The caller holds the lock.
 * @throws CommandError when a secret is lost, a port is in use, or the server doesn't come up: then nothing is left running
 */
export async function startServer(checkout: Checkout, env: NodeJS.ProcessEnv): Promise<Started> {
  const notes = ensureSecrets(checkout);
  const ports = choosePorts(checkout, env);
  findBinary(checkout, "minio");
  prepareFolders(checkout);
  const region = localRegion(checkout);
  const run = readRun(checkout);
  if (run?.region === region && (await isServing(run, ports))) {
    await liveBuckets(checkout, ports.api);
    remember(checkout, ports);
    return { ports, how: "reused", notes };
  }
  const strays = straysOf(checkout, run);
  await requireFreePorts(checkout, ports, strays.length > 0 ? ownPorts(run, ports) : []);
  await endAll(strays, STOP_DEADLINE);
  forgetRun(checkout);
  await requireFreePorts(checkout, ports, []);
  await launch(checkout, ports, region);
  remember(checkout, ports);
  return { ports, how: strays.length > 0 ? "restarted" : "started", notes };
}

/** Ends the server of this checkout and its supervisor; false when neither ran. The caller holds the lock. */
export async function stopServer(checkout: Checkout): Promise<boolean> {
  const run = readRun(checkout);
  const strays = straysOf(checkout, run);
  await endAll(strays, STOP_DEADLINE);
  forgetRun(checkout);
  return strays.length > 0;
}

/** Ports of the server when it runs and answers; undefined otherwise. */
export async function runningServer(checkout: Checkout): Promise<Ports | undefined> {
  const run = readRun(checkout);
  return run !== undefined && (await isServing(run, run.ports)) ? run.ports : undefined;
}

/** The region that the stack dev names for the server. @throws CommandError when its settings can't be read */
function localRegion({ root }: Checkout): string | undefined {
  return hasStackFile(root, STACK) ? readStackFile(root, STACK).region : undefined;
}

async function isServing(run: RunRecord | undefined, ports: Ports): Promise<boolean> {
  if (run === undefined || run.ports.api !== ports.api || run.ports.console !== ports.console) return false;
  return isAlive(run.supervisor) && isAlive(run.server) && (await isLive(ports.api));
}

/** Every live process that serves this checkout: the recorded ones, and those whose record is gone. */
function straysOf(checkout: Checkout, run: RunRecord | undefined): ProcessMark[] {
  const recorded = liveProcesses(run);
  return [...recorded, ...ownMinio(checkout).filter(({ pid }) => recorded.every((mark) => mark.pid !== pid))];
}

function ownPorts(run: RunRecord | undefined, ports: Ports): number[] {
  return Object.values(run !== undefined && liveProcesses(run).length > 0 ? run.ports : ports);
}

async function launch(checkout: Checkout, ports: Ports, region: string | undefined): Promise<void> {
  const before = existsSync(checkout.minio.log) ? statSync(checkout.minio.log).size : 0;
  const program = fileURLToPath(new URL("supervise.ts", import.meta.url));
  const args = [checkout.root, String(ports.api), String(ports.console), ...(region === undefined ? [] : [region])];
  const supervisor = spawn(process.execPath, [program, ...args], {
    cwd: checkout.root,
    detached: true,
    stdio: "ignore",
  });
  supervisor.unref();
  const mark = supervisor.pid === undefined ? undefined : markOf(supervisor.pid);
  try {
    await attended(() => untilHealthy(checkout, ports, mark));
    stopIfInterrupted();
    await liveBuckets(checkout, ports.api);
  } catch (error) {
    const run = readRun(checkout);
    await endAll([...(mark === undefined ? [] : [mark]), ...liveProcesses(run)], STOP_DEADLINE);
    forgetRun(checkout);
    if (error instanceof Interrupted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const place = relative(checkout.root, checkout.minio.log);
    throw new CommandError(
      `the local server did not start: ${reason}\nlast lines of ${place}:\n${lastLines(checkout.minio.log, before)}`,
      EXIT.couldNotLook,
    );
  }
}

async function untilHealthy(checkout: Checkout, ports: Ports, supervisor: ProcessMark | undefined): Promise<void> {
  const deadline = Date.now() + START_DEADLINE;
  for (;;) {
    stopIfInterrupted();
    if (!isAlive(supervisor)) throw new Error("its supervisor ended");
    const run = readRun(checkout);
    const ours = run !== undefined && run.supervisor.pid === supervisor?.pid;
    if (ours && run.deaths > 1) throw new Error("the server ended by itself, twice");
    if (ours && isAlive(run.server) && (await isLive(ports.api))) return;
    if (Date.now() > deadline) throw new Error(`no answer within ${START_DEADLINE / 1000} s`);
    await sleep(50);
  }
}

/** Writes down what others read: the endpoints for scripts and the next start, the alias for `mc`. */
function remember(checkout: Checkout, ports: Ports): void {
  const texts = { endpoint: `${HOST}:${ports.api}`, console: `${HOST}:${ports.console}` };
  for (const key of ["endpoint", "console"] as const) {
    if (readText(checkout.minio[key]) !== texts[key]) writePrivate(checkout.minio[key], texts[key]);
  }
  writeAlias(checkout, texts.endpoint);
}
