import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { createInterface } from "node:readline";

/** A mail server on loopback that takes everything and keeps the subjects. */
export class MailServer {
  readonly subjects: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => {
      let isData = false;
      socket.write("220 here\r\n");
      createInterface(socket).on("line", (line) => {
        if (!isData) {
          isData = line === "DATA";
          socket.write(isData ? "354 go on\r\n" : "250 yes\r\n");
          if (line === "QUIT") socket.end();
        } else if (line === ".") {
          isData = false;
          socket.write("250 taken\r\n");
        } else if (line.startsWith("Subject: ")) this.subjects.push(line.slice("Subject: ".length));
      });
    });
  }

  static async start(): Promise<MailServer> {
    const made = new MailServer();
    made.#server.listen(0, "127.0.0.1");
    await once(made.#server, "listening");
    return made;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
  }
}
