import { lookup } from "node:dns/promises";
import { connect, isIP } from "node:net";
import { NETWORK_WORDS } from "../../../config/values/network-words.ts";
import { type Context, hostAndPort, serverOf } from "../context.ts";
import { right, type Seen, wrong } from "../finding.ts";
import { proxyOf } from "./proxies.ts";

const TIMEOUT_MS = 5000;

/** Whether the server's name is known. */
export async function lookAtName(at: Context): Promise<Seen[]> {
  const server = serverOf(at);
  const { host } = hostAndPort(server);
  if (isIP(host) !== 0) return [right(`${host} is an address, and needs no look-up`)];
  if (proxyOf(at) !== undefined) return [right(`${host} is looked up by the proxy`)];
  try {
    const found = await lookup(host, { all: true });
    return [right(`${host} is ${found.map(({ address }) => address).join(", ")}`)];
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const from = server.endpointFrom ?? "the settings";
    const cure = `fix the host in the endpoint of ${from}; inside a cluster and in Compose names are others than on this machine`;
    return [wrong(`${host}: ${NETWORK_WORDS[code] ?? code}`, cure)];
  }
}

/** Whether something listens where the server shall be. */
export async function lookAtPort(at: Context): Promise<Seen[]> {
  const server = serverOf(at);
  const { host, port } = hostAndPort(server);
  if (proxyOf(at) !== undefined) return [right(`${host}:${port} is reached through the proxy`)];
  const code = await connection(host, port);
  if (code === undefined) return [right(`something listens at ${host}:${port}`)];
  const usual = `start the server, or fix the endpoint of ${server.endpointFrom ?? "the settings"}`;
  const cure = (code === "ECONNREFUSED" ? server.wayIn : undefined) ?? usual;
  return [wrong(`${host}:${port}: ${NETWORK_WORDS[code] ?? code}`, cure)];
}

/** The code of what went wrong; undefined where nothing did. */
function connection(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (code: string | undefined): void => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(TIMEOUT_MS, () => end("ETIMEDOUT"));
    socket.once("connect", () => end(undefined));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
