import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import type { Certificate } from "./tls.ts";

/** A receiver on loopback that takes JSON over https, and keeps it. */
export class TlsReceiver {
  readonly bodies: unknown[] = [];
  readonly #server: Server;

  private constructor({ folder }: Certificate) {
    const [key, cert] = ["private.key", "public.crt"].map((name) => readFileSync(join(folder, name)));
    this.#server = createServer({ key, cert }, async (request, response) => {
      this.bodies.push(await json(request));
      response.end("ok");
    });
  }

  static async start(certificate: Certificate): Promise<TlsReceiver> {
    const made = new TlsReceiver(certificate);
    await once(made.#server.listen(0, "127.0.0.1"), "listening");
    return made;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
  }
}
