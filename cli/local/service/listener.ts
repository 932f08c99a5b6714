import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import { commandLineOf } from "../../ending/processes.ts";
import { HOST } from "./local-service.ts";

/** A process that listens on a port, as far as the system tells. */
export interface Listener {
  readonly pid: number;
  readonly command: string;
}

/** True when something listens on this port of loopback, or something else keeps us from listening there. */
export async function isTaken(port: number): Promise<boolean> {
  return (await answers(port)) || !(await canListen(port));
}

/** Who listens on a port; undefined where that can't be found out (another user's process, no lsof). */
export function listenerOn(port: number): Listener | undefined {
  const pid = existsSync("/proc/net/tcp") ? pidFromProc(port) : pidFromLsof(port);
  const command = pid === undefined ? undefined : commandLineOf(pid);
  return pid === undefined || command === undefined ? undefined : { pid, command };
}

/** Binding alone is not enough: some systems let us bind one address beside a listener on all addresses. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: HOST });
    const answer = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
    socket.setTimeout(1000, () => answer(true));
  });
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: HOST }, () => server.close(() => resolve(true)));
  });
}

function pidFromProc(port: number): number | undefined {
  const sockets = new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listeningSockets(table, port)));
  for (const pid of readdirSync("/proc")) {
    if (/^\d+$/.test(pid) && holdsOneOf(pid, sockets)) return Number(pid);
  }
  return undefined;
}

/** Rows of proc(5) net/tcp: local address as hex:port, state (0A is LISTEN), and the socket's inode. */
function listeningSockets(table: string, port: number): string[] {
  if (!existsSync(table)) return [];
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = readFileSync(table, "utf8").split("\n").slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(wanted) && fields[3] === "0A")
    .map((fields) => `socket:[${fields[9]}]`);
}

function holdsOneOf(pid: string, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

function pidFromLsof(port: number): number | undefined {
  const found = spawnSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"], { encoding: "utf8" });
  const pid = Number(found.stdout?.trim().split("\n")[0]);
  return found.status === 0 && pid > 0 ? pid : undefined;
}
