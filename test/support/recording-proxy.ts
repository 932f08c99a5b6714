import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** An HTTP proxy that writes down the first line of what it is asked, and answers 200 with an empty body. */
export class RecordingProxy {
  readonly asked: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("data", (data) => {
        this.asked.push(String(data).split("\r\n")[0] ?? "");
        socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      });
    });
  }

  static async start(): Promise<RecordingProxy> {
    const proxy = new RecordingProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Every variable by which a shell names a proxy, in both spellings. */
  get variables(): Record<string, string> {
    const names = ["http_proxy", "https_proxy", "all_proxy", "grpc_proxy"];
    const spelled = names.flatMap((name) => [name, name.toUpperCase()]);
    return { NODE_USE_ENV_PROXY: "1", ...Object.fromEntries(spelled.map((name) => [name, this.url])) };
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
