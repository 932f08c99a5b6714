import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Where a request's connection is cut: before it reaches the server, after the server has carried it out, or within the answer;
 * held, its answer never comes; refused, it is answered as by a server whose credentials may no longer do that.
 */
export type Cut = "before" | "after" | "within" | "hold" | "refuse";

/** Stands between a client and a server and loses what it is told to lose. */
export class CuttingProxy {
  readonly #server: Server;
  /** Asked for each request, e.g. `PUT /bucket`, which waits for the answer: something can happen before the server has it. */
  cut: (request: string) => Cut | undefined | Promise<Cut | undefined> = () => undefined;

  /** Told when the server has carried out a request that is held. */
  held: () => void = () => undefined;

  private constructor(upstream: string) {
    this.#server = createServer(async (incoming, answer) => {
      const cut = await this.cut(`${incoming.method} ${incoming.url}`);
      if (cut === "before") {
        incoming.socket.destroy();
        return;
      }
      if (cut === "refuse") {
        incoming.resume();
        answer.writeHead(403, { "content-type": "application/json" });
        answer.end(JSON.stringify({ Code: "AccessDenied", Message: "Access Denied." }));
        return;
      }
      const { method, headers, url = "/" } = incoming;
      const outgoing = request(new URL(url, upstream), { method, headers }, (response) => {
        if (cut === "after") {
          incoming.socket.destroy();
          response.resume();
          return;
        }
        if (cut === "hold") {
          response.resume().once("end", this.held);
          return;
        }
        answer.writeHead(response.statusCode ?? 500, response.headers);
        if (cut === "within") {
          response.once("data", (chunk: Buffer) => answer.write(chunk, () => incoming.socket.destroy()));
          return;
        }
        response.pipe(answer);
      });
      outgoing.on("error", () => incoming.socket.destroy());
      incoming.pipe(outgoing);
    });
  }

  static async before(upstream: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(upstream);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get endpoint(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
