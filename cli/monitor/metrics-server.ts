import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CommandError, EXIT } from "../ending/exit.ts";

export interface MetricsServer {
  /** host:port by which this machine asks it. */
  readonly at: string;
  close(): void;
}

export interface Served {
  readonly metrics: () => string;
  /** Why the monitor isn't well; undefined where it is. */
  readonly complaint: () => string | undefined;
}

/**
 * Serves `/metrics` to Prometheus and `/health` to who keeps the monitor running. It can be asked for nothing else.
 * @param port 0 is any that is free
 * @throws CommandError where the port can't be had
 */
export async function serveMetrics(host: string, port: number, { metrics, complaint }: Served): Promise<MetricsServer> {
  const server = createServer(({ method, url = "" }, response) => {
    const answer = (status: number, type: string, text: string) =>
      response.writeHead(status, { "content-type": `${type}; charset=utf-8` }).end(method === "HEAD" ? "" : text);
    const [path] = url.split("?");
    if (method !== "GET" && method !== "HEAD") return answer(405, "text/plain", "GET alone\n");
    if (path === "/metrics") return answer(200, "text/plain; version=0.0.4", metrics());
    if (path !== "/health") return answer(404, "text/plain", "/metrics and /health\n");
    const problem = complaint();
    return problem === undefined ? answer(200, "text/plain", "ok\n") : answer(503, "text/plain", `${problem}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    const message = `monitor: --metrics-port ${port} can't be had at ${host} (${error.code}); name another one`;
    throw new CommandError(message, EXIT.wrongUse);
  });
  return {
    at: hostAndPort(server.address() as AddressInfo),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** All addresses of the machine, loopback among them, aren't one that can be asked. */
function hostAndPort({ address, port }: AddressInfo): string {
  if (address === "0.0.0.0" || address === "::") return `127.0.0.1:${port}`;
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}
