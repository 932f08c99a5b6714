import http from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";
import { agentFor } from "../../live/agent.ts";
import { type Answer, DEADLINE_MS, hostAndPort, type ServerAddress } from "../../live/client.ts";
import { networkFault } from "../../live/faults.ts";
import type { RawRequest } from "./requests.ts";

/** Sends requests as they are: unlike `Wire` it signs nothing. */
export class Sender {
  readonly #server: ServerAddress;
  readonly #agent: http.Agent;

  /** @throws when `caFile` can't be read */
  constructor(server: ServerAddress) {
    this.#server = server;
    // A socket each: a server that refuses a request before it has read it closes the connection.
    this.#agent = agentFor(server, { keepAlive: false });
  }

  /** @throws ReadError where no answer comes */
  async send({ method, path, headers, body }: RawRequest): Promise<Answer> {
    const { hostname, port } = hostAndPort(this.#server.endpoint);
    const where = { hostname, port, path, method, headers: { host: this.#server.endpoint, ...headers } };
    const options = { ...where, agent: this.#agent, signal: AbortSignal.timeout(DEADLINE_MS) };
    try {
      const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
        const sent = (this.#server.secure ? https : http).request(options, resolve);
        sent.on("error", reject);
        sent.end(body);
      });
      const version = response.headers["x-amz-version-id"]?.toString();
      return { status: response.statusCode ?? 0, body: await text(response), version };
    } catch (error) {
      throw networkFault(error, this.#server);
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}
