import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { isTaken, listenerOn } from "./listener.ts";
import { readText } from "./private-files.ts";
import { HOST, type Ports } from "./run-record.ts";

/** The two settings, from the environment or as `make up NAME=value`. */
const PORT_SETTINGS = { api: "BUCKETWORKS_PORT", console: "BUCKETWORKS_CONSOLE_PORT" } as const;
/** How long a process may take to let go of its port once it ends, milliseconds. */
const ENDING = 2000;
const DEFAULT_PORTS: Ports = { api: 9000, console: 9001 };

/**
 * Chooses the ports: the settings win, then what this checkout used last, then 9000 and 9001.
 * @throws CommandError when a setting isn't a port or both are the same
 */
export function choosePorts(checkout: Checkout, env: NodeJS.ProcessEnv): Ports {
  const ports = {
    api: portFrom(env, PORT_SETTINGS.api) ?? rememberedPort(checkout.minio.endpoint) ?? DEFAULT_PORTS.api,
    console: portFrom(env, PORT_SETTINGS.console) ?? rememberedPort(checkout.minio.console) ?? DEFAULT_PORTS.console,
  };
  if (ports.api !== ports.console) return ports;
  throw new CommandError(
    `${PORT_SETTINGS.api} and ${PORT_SETTINGS.console}: both are ${ports.api}; the S3 API and the console need a port each, ` +
      `for example make up ${PORT_SETTINGS.api}=${ports.api} ${PORT_SETTINGS.console}=${besides(ports.api)}`,
    EXIT.wrongUse,
  );
}

/**
 * Makes sure nothing else listens where the server shall.
 * @param own ports that our own server holds at the moment
 * @throws CommandError that names each port in use, who listens there, and the settings with ports that are free
 */
export async function requireFreePorts(checkout: Checkout, ports: Ports, own: readonly number[]): Promise<void> {
  const taken: string[] = [];
  for (const key of ["api", "console"] as const) {
    const port = ports[key];
    if (own.includes(port) || !(await staysTaken(port))) continue;
    const purpose = key === "api" ? "the S3 API" : "the console";
    taken.push(`port ${port} for ${purpose} (${PORT_SETTINGS[key]}) is in use${byWhom(checkout, port)}`);
  }
  if (taken.length === 0) return;
  const free = await freePair(ports.api);
  throw new CommandError(
    `${taken.join("\n")}\nchoose other ports, for example: ` +
      `make up ${PORT_SETTINGS.api}=${free.api} ${PORT_SETTINGS.console}=${free.console}`,
    EXIT.couldNotLook,
  );
}

/** A process that is ending can't be named any more, but holds its port a moment longer. */
async function staysTaken(port: number): Promise<boolean> {
  for (const deadline = Date.now() + ENDING; await isTaken(port); await sleep(100)) {
    if (listenerOn(port) !== undefined || Date.now() > deadline) return true;
  }
  return false;
}

function portFrom(env: NodeJS.ProcessEnv, setting: string): number | undefined {
  const text = env[setting]?.trim();
  if (!text) return undefined;
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65535) return port;
  throw new CommandError(
    `${setting}: must be a port number from 1 to 65535, got ${JSON.stringify(text)}; for example ${setting}=9100`,
    EXIT.wrongUse,
  );
}

function rememberedPort(file: string): number | undefined {
  const port = Number(readText(file)?.replace(`${HOST}:`, ""));
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? port : undefined;
}

function byWhom(checkout: Checkout, port: number): string {
  const listener = listenerOn(port);
  if (listener === undefined) return " by another process";
  const other = /--certs-dir (.*)\/\.bucketworks\/minio\/certs /.exec(listener.command)?.[1];
  if (other !== undefined && other !== checkout.root) {
    return ` by the server of another checkout, ${relative(process.cwd(), other) || other} (pid ${listener.pid})`;
  }
  return ` by ${listener.command.split(" ")[0]} (pid ${listener.pid})`;
}

async function freePair(taken: number): Promise<Ports> {
  for (let api = besides(taken) + 99; api < 65000; api += 100) {
    if (!(await isTaken(api)) && !(await isTaken(api + 1))) return { api, console: api + 1 };
  }
  return { api: besides(taken), console: besides(taken) + 1 };
}

function besides(port: number): number {
  return port < 65000 ? port + 1 : port - 2;
}
