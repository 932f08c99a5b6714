import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { buffer } from "node:stream/consumers";
import { proxyEnvironment } from "../config/values/proxy.ts";
import { networkFault } from "./faults.ts";
import type { RawAnswer, RawRequest } from "./request.ts";
import { type ServerAddress, urlOf } from "./server-address.ts";

/** From the request to the end of the answer, where nobody says otherwise. */
const DEADLINE_SECONDS = 15;

/**
 * Sends requests to one server as they are, and has each answer whole. It trusts `caFile`, and goes through the proxy of
 * the environment, never for loopback.
 */
export class Sender {
  readonly #server: ServerAddress;
  readonly #url: URL;
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;

  /** @throws when `caFile` can't be read or the endpoint is no host:port */
  constructor(server: ServerAddress, pool: http.AgentOptions) {
    const proxyEnv = proxyEnvironment(process.env);
    const options = { ...pool, ...(proxyEnv && { proxyEnv }) };
    const ca = server.caFile === undefined ? {} : { ca: readFileSync(server.caFile) };
    this.#server = server;
    this.#url = new URL(urlOf(server));
    this.#agent = server.secure ? new https.Agent({ ...options, ...ca }) : new http.Agent(options);
    this.#request = server.secure ? https.request : http.request;
  }

  /** @throws ReadError where no answer comes; its cause is the error of the connection */
  async send({ method, path, headers, body }: RawRequest): Promise<RawAnswer> {
    const { host, hostname, port } = this.#url;
    // an IPv6 address stands in brackets in a URL alone
    const where = { hostname: hostname.replace(/^\[(.*)\]$/, "$1"), port, path, method, headers: { host, ...headers } };
    const { answerSeconds = DEADLINE_SECONDS, onRequest } = this.#server;
    const options = { ...where, agent: this.#agent, signal: AbortSignal.timeout(answerSeconds * 1000) };
    const began = performance.now();
    let status: number | undefined;
    try {
      const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
        const sent = this.#request(options, resolve);
        sent.on("error", reject);
        sent.end(body);
      });
      status = response.statusCode;
      const version = response.headers["x-amz-version-id"]?.toString();
      const requestId = response.headers["x-amz-request-id"]?.toString();
      const { date } = response.headers;
      return { status: status ?? 0, body: await buffer(response), version, requestId, date };
    } catch (error) {
      throw networkFault(error, this.#server);
    } finally {
      onRequest?.({ method, path: shownPath(path), status, milliseconds: performance.now() - began });
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Values of a query may be a signature. */
function shownPath(path: string): string {
  const [before = "", query = ""] = path.split("?");
  const names = query.split("&").map((each) => each.split("=")[0] ?? "");
  const shown = names.filter((name) => name !== "" && !/^x-amz-/i.test(name));
  return shown.length === 0 ? before : `${before}?${shown.join("&")}`;
}
