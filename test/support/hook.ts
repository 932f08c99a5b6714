import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Takes all that a server sends to a webhook, says yes to whatever a plugin is asked, and is an OpenID provider. */
export class Hook {
  /** host:port */
  readonly address: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<Hook> {
    const server = createServer((request, response) => {
      request.resume();
      const own = `http://${request.headers.host}/openid`;
      const provider = { issuer: own, authorization_endpoint: own, token_endpoint: own, jwks_uri: own, keys: [] };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(request.url?.startsWith("/openid") ? provider : { result: true }));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return new Hook(server);
  }

  get url(): string {
    return `http://${this.address}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
