import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { readText } from "../private-files.ts";
import { isTaken, listenerOn } from "./listener.ts";
import { HOST, type LocalService, type Ports, type PortUse } from "./local-service.ts";

/** How long a process may take to let go of its port once it ends, milliseconds. */
const ENDING = 2000;
const HIGHEST = 65535;
/** Ports below are the system's. */
const LOWEST = 1024;

/** The ports of a service, and those of their uses that a setting asks for: these are not chosen otherwise. */
export interface WantedPorts<Use extends string> {
  readonly ports: Ports<Use>;
  readonly asked: readonly Use[];
}

/**
 * The ports that a service shall have: the settings win, then what this checkout used last, then the first ones.
 * @throws CommandError when a setting isn't a port or two are the same
 */
export function wantedPorts<Use extends string>(service: LocalService<Use>, env: NodeJS.ProcessEnv): WantedPorts<Use> {
  const uses = usesOf(service);
  const asked = uses.filter(([, { setting }]) => env[setting]?.trim()).map(([use]) => use);
  const ports = uses.map(
    ([use, each]) => [use, portFrom(env, each) ?? rememberedPort(each.file) ?? each.first] as const,
  );
  for (const [index, [use, port]] of ports.entries()) {
    const same = ports.slice(0, index).find(([, other]) => other === port)?.[0];
    if (same === undefined) continue;
    const [one, other] = [service.ports[same], service.ports[use]];
    throw new CommandError(
      `${one.setting} and ${other.setting}: both are ${port}; ${one.purpose} and ${other.purpose} need a port each, ` +
        `for example ${service.startedBy} ${one.setting}=${port} ${other.setting}=${after(port, 1)}`,
      EXIT.wrongUse,
    );
  }
  return { ports: Object.fromEntries(ports) as Ports<Use>, asked };
}

export interface FreePorts<Use extends string> {
  readonly ports: Ports<Use>;
  /** Why a port is another one than before, a line each. */
  readonly notes: readonly string[];
}

/**
 * Makes sure nothing else listens where the server shall. A port that no setting asks for moves on.
 * @param own ports that our own server holds at the moment
 * @throws CommandError that names each port in use, who listens there, and the settings with ports that are free
 */
export async function freePorts<Use extends string>(
  service: LocalService<Use>,
  { ports, asked }: WantedPorts<Use>,
  own: readonly number[],
): Promise<FreePorts<Use>> {
  const [refused, notes]: [string[], string[]] = [[], []];
  const chosen: Record<string, number> = { ...ports };
  for (const [use, { purpose, setting, step }] of usesOf(service)) {
    const port = ports[use];
    const other = promisedToOther(port, service);
    if (own.includes(port) || (other === undefined && !(await staysTaken(port)))) continue;
    if (other === undefined) promised.delete(port);
    const user = other === undefined ? byWhom(service.root, port) : `${other}, which starts now`;
    const what = `port ${port} for ${purpose} (${setting}) is in use by ${user}`;
    const next = await nextFree(port, step, [...Object.values(chosen), ...promised.keys()]);
    if (asked.includes(use)) refused.push(what);
    else notes.push(`${what}: ${next} is taken instead`);
    chosen[use] = next;
    promised.set(next, service.title);
  }
  if (refused.length === 0) return { ports: chosen as Ports<Use>, notes };
  const others = usesOf(service).map(([use, { setting }]) => `${setting}=${chosen[use]}`);
  throw new CommandError(
    `${refused.join("\n")}\nchoose other ports, for example: ${service.startedBy} ${others.join(" ")}`,
    EXIT.couldNotLook,
  );
}

/** Ports of services that this run starts, by whose they are: of two that start at once none listens yet. */
const promised = new Map<number, string>();

/** Promises a port to a service; the title of the one that it is promised to already, if that is another. */
function promisedToOther(port: number, { title }: LocalService): string | undefined {
  const first = promised.get(port) ?? title;
  promised.set(port, first);
  return first === title ? undefined : first;
}

/** The port that a file remembers. */
function rememberedPort(file: string): number | undefined {
  return portIn(readText(file)?.replace(`${HOST}:`, ""));
}

function usesOf<Use extends string>({ ports }: LocalService<Use>): [Use, PortUse][] {
  return Object.entries(ports) as [Use, PortUse][];
}

/** A process that is ending can't be named any more, but holds its port a moment longer. */
async function staysTaken(port: number): Promise<boolean> {
  for (const deadline = Date.now() + ENDING; await isTaken(port); await sleep(100)) {
    if (listenerOn(port) !== undefined || Date.now() > deadline) return true;
  }
  return false;
}

function portFrom(env: NodeJS.ProcessEnv, { setting, first }: PortUse): number | undefined {
  const text = env[setting]?.trim();
  const port = portIn(text);
  if (!text || port !== undefined) return port;
  throw new CommandError(
    `${setting}: must be a port number from 1 to ${HIGHEST}, got ${JSON.stringify(text)}; for example ${setting}=${first}`,
    EXIT.wrongUse,
  );
}

function portIn(text: string | undefined): number | undefined {
  const port = /^\d+$/.test(text ?? "") ? Number(text) : 0;
  return port >= 1 && port <= HIGHEST ? port : undefined;
}

function byWhom(root: string, port: number): string {
  const listener = listenerOn(port);
  if (listener === undefined) return "another process";
  const other = / (?:--certs-dir |-D |--config\.file=|--collector\.textfile\.directory=)(.*?)\/\.bucketworks\//.exec(
    listener.command,
  )?.[1];
  if (other !== undefined && other !== root) {
    return `the server of another checkout, ${relative(process.cwd(), other) || other} (pid ${listener.pid})`;
  }
  return `${listener.command.split(" ")[0]} (pid ${listener.pid})`;
}

async function nextFree(taken: number, step: number, chosen: readonly number[]): Promise<number> {
  let port = taken;
  for (let tries = 0; tries < 100; tries++) {
    port = after(port, step);
    if (!chosen.includes(port) && !(await isTaken(port))) return port;
  }
  throw new CommandError(`no port beside ${taken} is free; set one`, EXIT.couldNotLook);
}

function after(port: number, step: number): number {
  return port + step <= HIGHEST ? port + step : LOWEST + step;
}
