import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { endAll, isAlive, markOf, type ProcessMark } from "../../ending/processes.ts";
import { attended, Interrupted, stopIfInterrupted } from "../../ending/signals.ts";
import { readText, writePrivate } from "../private-files.ts";
import { HOST, type LocalService, type Ports, type PortUse, type Settings, type StartedWith } from "./local-service.ts";
import { lastLines } from "./log-file.ts";
import { ownProcesses } from "./own-processes.ts";
import { freePorts, wantedPorts } from "./ports.ts";
import { forgetRun, type RunRecord, readRun } from "./record.ts";
import { allServices } from "./services.ts";

/** How long a server may take until it answers, milliseconds, unless it says another time. */
const START_DEADLINE = 60_000;
/** How long the supervisor may take to end the server, milliseconds; above its own grace time. */
const STOP_DEADLINE = 20_000;

export interface Started<Use extends string = string> {
  readonly ports: Ports<Use>;
  /** `started`: there was none; `reused`: it ran already; `restarted`: it ran, but on other ports, with other settings or unsupervised. */
  readonly how: "started" | "reused" | "restarted";
  /** What a person should know, a line each. */
  readonly notes: readonly string[];
}

export interface StartOptions<Use extends string> {
  readonly settings?: Settings;
  /** Makes what the server needs; nothing runs then. */
  readonly prepare?: (ports: Ports<Use>) => void | Promise<void>;
  /** Brings a server up to date that runs and stays. */
  readonly refresh?: (ports: Ports<Use>, server: ProcessMark) => void | Promise<void>;
}

/**
 * Has a service of the checkout running, healthy and ours. Starting twice is as good as once. The caller holds the lock.
 * @throws CommandError when a port that is asked for is in use, or the server doesn't come up: then nothing is left running
 */
export async function startService<Use extends string>(
  service: LocalService<Use>,
  env: NodeJS.ProcessEnv,
  { settings = {}, prepare, refresh }: StartOptions<Use> = {},
): Promise<Started<Use>> {
  const wanted = wantedPorts(service, env);
  const run = readRun(service);
  const isSame = isDeepStrictEqual([run?.ports, run?.settings], [wanted.ports, settings]);
  if (isSame && (await isServing(service, run))) {
    if (run?.server) await refresh?.(wanted.ports, run.server);
    remember(service, wanted.ports);
    return { ports: wanted.ports, how: "reused", notes: [] };
  }
  const strays = ownProcesses(service);
  // Refused before the server that runs is ended, and looked at again once it has.
  const held = strays.length > 0 ? Object.values<number>({ ...wanted.ports, ...run?.ports }) : [];
  await freePorts(service, wanted, held);
  await endAll(strays, STOP_DEADLINE, service.endSignal);
  forgetRun(service);
  const { ports, notes } = await freePorts(service, wanted, []);
  await prepare?.(ports);
  await launch(service, { ports, settings });
  remember(service, ports);
  return { ports, how: strays.length > 0 ? "restarted" : "started", notes };
}

/** Ends a service and its supervisor; false when neither ran. The caller holds the lock. */
export async function stopService(service: LocalService): Promise<boolean> {
  const own = ownProcesses(service);
  await endAll(own, STOP_DEADLINE, service.endSignal);
  forgetRun(service);
  return own.length > 0;
}

/** Ends every service of a checkout, the last one that was started first. @returns titles of those that ran */
export async function stopServices(checkout: Checkout): Promise<string[]> {
  const titles: string[] = [];
  for (const service of (await allServices(checkout)).reverse()) {
    if (await stopService(service)) titles.unshift(service.title);
  }
  return titles;
}

/** Its ports when it runs and answers; undefined otherwise. */
export async function runningPorts<Use extends string>(service: LocalService<Use>): Promise<Ports<Use> | undefined> {
  const run = readRun(service);
  return (await isServing(service, run)) ? (run?.ports as Ports<Use>) : undefined;
}

async function isServing(service: LocalService, run: RunRecord | undefined): Promise<boolean> {
  return run !== undefined && isAlive(run.supervisor) && isAlive(run.server) && (await service.answers(run.ports));
}

async function launch(service: LocalService, how: StartedWith): Promise<void> {
  const { root, log, name, title } = service;
  const before = existsSync(log) ? statSync(log).size : 0;
  const program = fileURLToPath(new URL("supervise.ts", import.meta.url));
  const supervisor = spawn(process.execPath, [program, root, name, JSON.stringify(how)], {
    // Which tells it from that of a checkout that had this path before.
    cwd: root,
    detached: true,
    stdio: "ignore",
  });
  supervisor.unref();
  const mark = supervisor.pid === undefined ? undefined : markOf(supervisor.pid);
  try {
    await attended(() => untilHealthy(service, how.ports, mark));
    stopIfInterrupted();
  } catch (error) {
    await endAll([...(mark ? [mark] : []), ...ownProcesses(service)], STOP_DEADLINE, service.endSignal);
    forgetRun(service);
    if (error instanceof Interrupted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `${title} did not start: ${reason}\nlast lines of ${relative(root, log)}:\n${lastLines(log, before)}`,
      EXIT.couldNotLook,
    );
  }
}

async function untilHealthy(service: LocalService, ports: Ports, supervisor: ProcessMark | undefined): Promise<void> {
  const patience = service.patience ?? START_DEADLINE;
  for (const deadline = Date.now() + patience; ; await sleep(50)) {
    stopIfInterrupted();
    if (!isAlive(supervisor)) throw new Error("its supervisor ended");
    const run = readRun(service);
    const ours = run !== undefined && run.supervisor.pid === supervisor?.pid;
    if (ours && run.deaths > 1) throw new Error("it ended by itself, twice");
    if (ours && isAlive(run.server) && (await service.answers(ports))) return;
    if (Date.now() > deadline) throw new Error(`no answer within ${patience / 1000} s`);
  }
}

/** Writes down the ports, for scripts and the next start. */
function remember<Use extends string>(service: LocalService<Use>, ports: Ports<Use>): void {
  for (const [use, { file }] of Object.entries<PortUse>(service.ports)) {
    const text = `${HOST}:${ports[use as Use]}`;
    if (readText(file) !== text) writePrivate(file, text);
  }
}
