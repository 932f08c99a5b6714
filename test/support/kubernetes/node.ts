import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { componentGroups, type Hierarchies, membersOf } from "./cgroups.ts";
import type { Parts } from "./parts.ts";
import type { Place } from "./place.ts";

/** Counts itself among the components, then becomes the command: groups before the `--`, command after it. */
const COUNTED = `for group; do shift; [ "$group" != -- ] || break; echo $$ >"$group"; done; exec "$@"`;

/** Of everything inside: no secret and no proxy of the shell gets in. */
const ENVIRONMENT = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

function counted(hierarchies: Hierarchies, place: Place, command: readonly string[]): string[] {
  return ["-c", COUNTED, "sh", ...componentGroups(hierarchies, place.cgroup), "--", ...command];
}

/** Starts the node's namespaces with node.sh as their first process; lives on when this process ends. */
export function startNode(hierarchies: Hierarchies, place: Place, parts: Parts): ChildProcess {
  mkdirSync(place.logs, { recursive: true });
  const log = openSync(join(place.logs, "node.log"), "a");
  const namespaces = ["--mount", "--net", "--pid", "--ipc", "--fork", "--kill-child=SIGKILL", "--mount-proc"];
  const script = join(import.meta.dirname, "node.sh");
  const command = ["unshare", ...namespaces, "sh", script, place.state, place.logs, parts.kubernetes, parts.packages];
  const words = counted(hierarchies, place, command);
  const node = spawn("sh", words, { env: ENVIRONMENT, detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  node.unref();
  return node;
}

/** The host's id of the node's first process; undefined when no node runs. */
export function findNode(hierarchies: Hierarchies, place: Place): number | undefined {
  // Its ids are one of the host's and 1 in its own process namespace; the first process of a container has three.
  return membersOf(hierarchies, place.cgroup).find((pid) => /^NSpid:\s+\d+\s+1$/m.test(statusOf(pid)));
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

/** Command line that runs a program inside all of the node's namespaces, with the node's programs on PATH. */
export function insideNode(node: number, command: readonly string[]): [string, string[]] {
  const path =
    "PATH=/run/bin:/run/kubernetes:/run/packages/usr/bin:/run/packages/usr/sbin:/usr/sbin:/usr/bin:/sbin:/bin";
  return ["nsenter", ["-t", String(node), "-m", "-n", "-p", "-i", "--wd=/", "env", path, ...command]];
}

/** Opens a port of the host's loopback to the API server inside the node; answers the port. */
export async function startRelay(hierarchies: Hierarchies, place: Place, node: number): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the relay has no port");
  const inside = ["nsenter", "-t", String(node), "-n", "-p", process.execPath];
  const [, ...words] = ["sh", ...counted(hierarchies, place, inside)];
  const log = openSync(join(place.logs, "relay.log"), "a");
  const relay = fork(join(import.meta.dirname, "relay.ts"), [], {
    execPath: "sh",
    execArgv: words,
    detached: true,
    env: ENVIRONMENT,
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  relay.send("serve", server);
  const [outcome] = await Promise.race([once(relay, "message"), once(relay, "exit")]);
  server.close();
  relay.unref();
  if (outcome !== "ready")
    throw new Error(`the relay ended with exit code ${outcome}; ${place.logs}/relay.log says why`);
  return address.port;
}
