import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { promisify } from "node:util";

/** A TLS end before a server on loopback that speaks none, with a private authority. */
export class TlsFront {
  /** PEM file of the authority. */
  readonly caFile: string;
  readonly #folder: string;
  readonly #server: Server;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.caFile = join(folder, "authority.pem");
    const files = { key: readFileSync(join(folder, "key.pem")), cert: readFileSync(this.caFile) };
    this.#server = createServer(files, (socket) => {
      const behind = connect(port, "127.0.0.1");
      for (const each of [socket, behind]) each.on("error", () => each.destroy());
      socket.on("close", () => behind.destroy());
      behind.on("close", () => socket.destroy());
      socket.pipe(behind).pipe(socket);
    });
    this.#server.on("tlsClientError", () => undefined);
  }

  /** @param endpoint host:port of the server behind */
  static async before(endpoint: string): Promise<TlsFront> {
    const folder = mkdtempSync(join(tmpdir(), "bucketworks-tls-"));
    const subject = ["-subj", "/CN=private authority", "-addext", "subjectAltName=IP:127.0.0.1"];
    const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "authority.pem")];
    await promisify(execFile)("openssl", [...made, ...subject, ...files]);
    const front = new TlsFront(folder, Number(endpoint.split(":")[1]));
    front.#server.listen(0, "127.0.0.1");
    await once(front.#server, "listening");
    return front;
  }

  get endpoint(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
